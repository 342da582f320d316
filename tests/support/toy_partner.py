"""Connectors of the tests' own that are told of things: a warehouse by HTTP, one by files, and a shop."""

import json
from typing import Any

from connectors.frame.answers import undone
from connectors.frame.declaration import Connector, Direction, Limits, Party, Sending, Transport
from connectors.frame.documents import FileDocument, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import get_request, json_request
from connectors.frame.message import Account
from tests.support.toy import toy

_NOT_FOUND = 404
_CONFLICT = 409
_KINDS = OccasionKind


def _content(occasion: Occasion) -> dict[str, Any]:
    part, address = occasion.fulfillment, occasion.address
    lines = [] if part is None else [[line.sku, line.allocated] for line in part.lines]
    return {
        "delivery": occasion.delivery_id,
        "number": occasion.number,
        "kind": occasion.kind,
        "fulfillment": None if part is None else part.fulfillment_id,
        "lines": lines,
        "name": "" if address is None else address.name,
        "city": "" if address is None else address.city,
        "street": [] if address is None else list(address.lines),
        "parcel": None if occasion.parcel is None else occasion.parcel.tracking_number,
    }


def _send(occasion: Occasion, account: Account) -> Sending:
    """Look whether it is there, and put it there if not."""
    url = f"{account.settings['address']}/deliveries/{occasion.delivery_id}"
    there = yield get_request(url)
    if there.ok:
        return Sent(outcome=Outcome.DONE, note="it was there", reference=occasion.delivery_id)
    if there.status != _NOT_FOUND:
        return undone(there)
    answer = yield json_request("PUT", url, _content(occasion))
    return Sent(outcome=Outcome.DONE, reference=occasion.delivery_id) if answer.ok else undone(answer)


def _shop_send(occasion: Occasion, account: Account) -> Sending:
    if occasion.kind is not _KINDS.AVAILABILITY:
        return (yield from _send(occasion, account))
    told = {one.sku: [one.quantity, one.last_sent] for one in occasion.available}
    answer = yield json_request("POST", f"{account.settings['address']}/stock", told)
    if not answer.ok:
        return undone(answer)
    return Sent(outcome=Outcome.DONE, observed=json.loads(answer.body).get("observed", {}))


def _document(occasion: Occasion, _: Account) -> FileDocument:
    return FileDocument(name=f"{occasion.kind}-{occasion.number}.json", body=json.dumps(_content(occasion)).encode())


def _out(name: str, **more: Any) -> Connector:
    return toy(name, polls=(), direction=Direction.BOTH, limits=Limits(requests_per_second=1000, concurrency=4), **more)


_TO_PARTNERS = frozenset({_KINDS.FULFILLMENT_REQUESTED, _KINDS.CANCELLATION_REQUESTED})
_TO_SHOPS = frozenset({_KINDS.PARCEL_SHIPPED, _KINDS.PARCEL_TRACKED, _KINDS.UNITS_CANCELLED, _KINDS.AVAILABILITY})

OUT_TOYS = {
    "warehouse-toy": _out("warehouse-toy", party=Party.PARTNER, wants=_TO_PARTNERS, send=_send),
    "folder-toy": _out(
        "folder-toy", party=Party.PARTNER, wants=_TO_PARTNERS, document=_document, transports=(Transport.FILE,)
    ),
    "shop-toy": _out("shop-toy", wants=_TO_SHOPS, send=_shop_send),
    "polled-toy": toy("polled-toy", direction=Direction.BOTH, wants=_TO_SHOPS, send=_shop_send),
    "amazon-toy": _out("amazon-toy", forbids_mails=True),
}
