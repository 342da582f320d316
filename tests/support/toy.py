"""A connector of the tests' own: a shop that sends signed JSON, is polled, and leaves files."""

import base64
import hashlib
import hmac
import json
from typing import Any

from connectors.frame import facts as f
from connectors.frame.declaration import Connector, Direction, Limits, Page, Party, Poll, Setting, Transport, Tried
from connectors.frame.http import HttpRequest, get_request
from connectors.frame.message import Account, Fetch, Message, Refusal, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, read_json
from connectors.frame.signatures import hmac_signature
from models.records.fulfillment import CarrierStatus

SIGNATURE = "x-toy-signature"


class _Line(Given):
    sku: str
    quantity: int


class _Said(Given):
    kind: str
    id: str = ""
    version: int = 1
    lines: list[_Line] = []  # noqa: RUF012 # A fresh copy each.
    email: str = ""
    tracking: str = ""
    url: str = ""
    complete: bool = False
    orders: list[dict[str, Any]] = []  # noqa: RUF012 # As above.


def _translate(message: Message, _: Account) -> Translation:
    said = read_json(message.body, _Said)
    match said.kind:
        case "order":
            return Translation(facts=(_order(said),))
        case "orders":
            return _orders(said)
        case "parcel":
            return Translation(
                facts=(f.ParcelStated(parcel_id=f"P-{said.id}", at_ms=2, external_id=said.id, tracking_number="T1"),)
            )
        case "scan":
            return Translation(
                facts=(f.ParcelScanned(tracking_number=said.tracking, status=CarrierStatus.IN_TRANSIT, at_ms=3),)
            )
        case "stock":
            lines = tuple(f.StockLine(line=line.sku, sku=line.sku, quantity=line.quantity) for line in said.lines)
            fact = f.StockCounted(
                document=said.id, location="", as_of_ms=message.received_at_ms, lines=lines, complete=said.complete
            )
            return Translation(facts=(fact,))
        case "pointer":
            told = (_order(said),) if said.id else ()
            return Translation(facts=told, fetch=(Fetch(url=said.url, topic="fetched"),))
        case "crash":
            raise ZeroDivisionError
        case "product":
            return ignored("a product moves no order")
    raise UnreadableError("kind", f"{said.kind} is unknown")


def _order(said: _Said) -> f.OrderStated:
    return f.OrderStated(
        external_id=said.id,
        source_version=said.version,
        placed_at_ms=1,
        currency="EUR",
        lines=tuple(
            f.LineStated(line_id=str(number), sku=line.sku, quantity=line.quantity, ordered=line.quantity)
            for number, line in enumerate(said.lines, start=1)
        ),
        destination=f.Address(country="DE", postcode="10115", latitude=52.53, longitude=13.38, lines=("Musterweg 1",)),
        buyer=f.Buyer(email=said.email, name="Ada Muster", locale="de-AT") if said.email else None,
    )


def _orders(said: _Said) -> Translation:
    facts, refused = [], []
    for given in said.orders:
        try:
            facts.append(_order(read_json(json.dumps({"kind": "order"} | given).encode(), _Said)))
        except UnreadableError as error:
            refused.append(Refusal(field=error.field, reason=error.reason, entry=str(given.get("id", ""))))
    return Translation(facts=tuple(facts), refused=tuple(refused))


def _poll(account: Account, cursor: str, now_ms: int) -> Any:
    """Pages of orders from a number on; the answer is {"orders": [...], "next": NUMBER, "more": BOOL}."""
    del now_ms
    while True:
        answer = yield get_request(f"{account.settings['address']}/orders?from={cursor or '0'}")
        page = json.loads(answer.body)
        cursor = str(page["next"])
        messages = tuple(Message(body=json.dumps(one).encode(), topic="order") for one in page["orders"])
        yield Page(messages=messages, cursor=cursor)
        if not page["more"]:
            return


def _authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    del account
    headers = request.headers | {"authorization": f"Bearer {secrets.get('api_token', '')}"}
    return HttpRequest(method=request.method, url=request.url, headers=headers, body=request.body)


def _hosts(account: Account) -> tuple[str, ...]:
    return ("127.0.0.1", "localhost", "shop.example") if account.settings.get("address") else ()


def toy(name: str = "toy", **more: Any) -> Connector:
    """Give the connector; `more` changes its declaration."""
    declared: dict[str, Any] = {
        "name": name,
        "title": "Toy shop",
        "party": Party.CHANNEL,
        "direction": Direction.IN,
        "transports": (Transport.WEBHOOK, Transport.POLL, Transport.FILE),
        "tried": Tried.LIVE,
        "dedup": "x-toy-id, else its content",
        "versions": "version",
        "moves_stock": "none",
        "translate": _translate,
        "recognise": lambda message: b'"kind"' in message.body,
        "message_id": lambda message: message.headers.get("x-toy-id", ""),
        "topic_of": lambda message: message.headers.get("x-toy-topic", ""),
        "signature": hmac_signature(SIGNATURE, encoding="base64"),
        "settings": (
            Setting(name="address", what="where the shop answers", required=False),
            Setting(name="api_token", what="opens its API", secret=True, required=False),
        ),
        "limits": Limits(body_bytes=200_000, requests_per_second=1000),
        "polls": (Poll(topic="orders", every_seconds=1, overlap_ms=0, run=_poll),),
        "authorise": _authorise,
        "hosts": _hosts,
    }
    return Connector(**declared | more)


TOYS = {"toy": toy(), "bare-toy": toy("bare-toy", signature=None)}


def signed(body: bytes, secret: str) -> dict[str, str]:
    """Give the headers of a body that a secret signed."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {SIGNATURE: base64.b64encode(digest).decode(), "content-type": "application/json"}


def order_said(external_id: str, sku: str, quantity: int = 1, **more: Any) -> bytes:
    """Write an order as the shop sends it."""
    said = {"kind": "order", "id": external_id, "lines": [{"sku": sku, "quantity": quantity}]}
    return json.dumps(said | more).encode()
