"""What EasyPost is asked: to follow our parcels, and for its trackers again."""

import base64
from datetime import UTC, datetime, timedelta

import msgspec

from connectors.frame.answers import undone
from connectors.frame.declaration import (
    Page,
    Polling,
    Sending,
)
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, get_request, json_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, read_json
from connectors.systems.easypost.reading import Named

BASE = "https://api.easypost.com/v2"
_UNPROCESSABLE = 422
_POLLED_DAYS = 30

_CARRIERS = {
    "usps": "USPS",
    "stamps_com": "USPS",
    "ups": "UPS",
    "fedex": "FedEx",
    "dhl": "DHLExpress",
    "dhl_express": "DHLExpress",
    "dhl_ecommerce": "DhlEcs",
    "canada_post": "CanadaPost",
    "royal_mail": "RoyalMail",
}
"""How EasyPost writes carriers that others write in small letters; any other name is sent as it is."""


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Put the API key in, as the user of a request without password."""
    del account
    key = base64.b64encode(f"{secrets['api_key']}:".encode()).decode()
    return msgspec.structs.replace(request, headers=request.headers | {"authorization": f"Basic {key}"})


def send(occasion: Occasion, account: Account) -> Sending:
    """Let EasyPost follow a parcel. It gives the tracker that is there already for the same number and carrier."""
    del account
    parcel = occasion.parcel
    if parcel is None or not parcel.tracking_number:
        return Sent(outcome=Outcome.DONE, note="the parcel has no tracking number, so there is nothing to follow")
    tracker = {"tracking_code": parcel.tracking_number}
    carrier = _CARRIERS.get(parcel.carrier.lower().replace(" ", "_"), parcel.carrier)
    if carrier:
        response = yield json_request("POST", f"{BASE}/trackers", {"tracker": tracker | {"carrier": carrier}})
        if response.ok or response.status != _UNPROCESSABLE:
            return _followed(response.body) if response.ok else undone(response)
    # It knows no carrier of that name, and finds one by the form of the number.
    response = yield json_request("POST", f"{BASE}/trackers", {"tracker": tracker})
    return _followed(response.body) if response.ok else undone(response)


def _followed(body: bytes) -> Sent:
    return Sent(outcome=Outcome.DONE, reference=read_json(body, Named).id or "")


class _TrackerPage(Given):
    trackers: list[Named] = []
    has_more: bool = False


def poll_trackers(account: Account, cursor: str, now_ms: int) -> Polling:
    """Read all trackers of the last weeks again, since a list of those that changed cannot be asked for."""
    del account
    since = datetime.fromtimestamp(now_ms / 1000, UTC) - timedelta(days=_POLLED_DAYS)
    first_page = f"{BASE}/trackers?page_size=100&start_datetime={since:%Y-%m-%dT%H:%M:%SZ}"
    url = first_page
    while url:
        response = yield get_request(url)
        if response is None or not response.ok:
            return
        page = read_json(response.body, _TrackerPage)
        last = page.trackers[-1].id if page.trackers else None
        url = f"{first_page}&before_id={last}" if page.has_more and last else ""
        message = Message(body=response.body, topic="trackers", received_at_ms=now_ms)
        yield Page(messages=(message,), cursor=cursor if url else str(now_ms))
