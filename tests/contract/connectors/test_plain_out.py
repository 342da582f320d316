"""The plain webhook: signatures both ways, what is told, files of orders, and the schema that is published."""

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome
from connectors.frame.facts import Address, Buyer, LineStated, OrderStated
from connectors.frame.http import HttpResponse
from connectors.frame.message import Account, Alias, Message
from connectors.frame.reading import UnreadableError
from connectors.frame.signatures import standard_signature
from connectors.frame.translating import translate
from connectors.systems.plain import CONNECTOR
from connectors.systems.plain.schema import schema
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Parcel, ParcelStatus
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.support.scripted_peer import answer, deliver

NOW_MS = 1_788_532_200_000
DOCS = Path(__file__).parents[3] / "docs"
SECRET, NEXT = ("whsec_" + base64.b64encode(letter * 24).decode() for letter in (b"a", b"b"))
ACCOUNT = Account(
    name="b2b",
    connector="plain",
    pool="p",
    channel="b2b",
    currency="EUR",
    settings={"url": "https://partner.example/hooks"},
    aliases={"TP-1": Alias(sku="MUG")},
)


def occasion(kind: OccasionKind, **fields: Any) -> Occasion:
    order = Order(
        order_id="o1",
        pool="p",
        channel="b2b",
        external_id="1001",
        currency="EUR",
        status=OrderStatus.ROUTED,
        lines=(Line(line_id="l1", sku="MUG", quantity=3, allocated=3),),
        destination=Destination(country="DE"),
        placed_at_ms=NOW_MS,
        version=1,
        offset=1,
        index=0,
        updated_at_ms=NOW_MS,
        promise_by_ms=NOW_MS + 86_400_000,
    )
    part = Fulfillment(
        fulfillment_id="o1-1",
        location_id="east",
        status=FulfillmentStatus.ALLOCATED,
        lines=(FulfillmentLine(line_id="l1", sku="MUG", allocated=3),),
        routed_at_ms=NOW_MS,
    )
    parcel = Parcel(
        parcel_id="P1",
        fulfillment_id="o1-1",
        units=(UnitsOfLine(line_id="l1", quantity=2),),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=NOW_MS,
        carrier="DHL",
        tracking_number="JD1",
    )
    given: dict[str, Any] = {"order": order, "fulfillment": part, "parcel": parcel, "titles": {"MUG": "Clay mug"}}
    return Occasion(delivery_id="d-1", kind=kind, at_ms=NOW_MS, number=1, **given | fields)


UNITS = [{"line_id": "l1", "quantity": 3, "sku": "TP-1", "title": "Clay mug"}]
PARCEL = {
    "parcel_id": "P1",
    "units": [{"line_id": "l1", "quantity": 2, "sku": "TP-1", "title": "Clay mug"}],
    "carrier": "DHL",
    "tracking_number": "JD1",
    "status": "in_transit",
}


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (
            occasion(
                OccasionKind.FULFILLMENT_REQUESTED,
                address=Address(country="DE", name="Ada", lines=("Weg 1",), city="Berlin"),
                buyer=Buyer(phone="+49 30"),
            ),
            {
                "type": "fulfillment.requested",
                "fulfillment_id": "o1-1",
                "external_id": "1001",
                "units": UNITS,
                "destination": {
                    "country": "DE",
                    "name": "Ada",
                    "lines": ["Weg 1"],
                    "city": "Berlin",
                    "phone": "+49 30",
                },
                "promise_by": "2026-09-05T14:30:00.000Z",
            },
        ),
        (
            occasion(
                OccasionKind.CANCELLATION_REQUESTED, units=(UnitsOfLine(line_id="l1", quantity=3),), cause="customer"
            ),
            {
                "type": "cancellation.requested",
                "fulfillment_id": "o1-1",
                "external_id": "1001",
                "units": UNITS,
                "cause": "customer",
            },
        ),
        (occasion(OccasionKind.PARCEL_SHIPPED), {"type": "parcel.shipped", "external_id": "1001", "parcel": PARCEL}),
        (occasion(OccasionKind.PARCEL_TRACKED), {"type": "parcel.tracked", "external_id": "1001", "parcel": PARCEL}),
        (
            occasion(OccasionKind.PARCEL_DELIVERED),
            {"type": "parcel.delivered", "external_id": "1001", "parcel": PARCEL},
        ),
        (
            occasion(OccasionKind.UNITS_CANCELLED, units=(UnitsOfLine(line_id="l1", quantity=3),), cause="stock"),
            {"type": "units.cancelled", "external_id": "1001", "units": UNITS, "cause": "stock"},
        ),
        (
            occasion(OccasionKind.AVAILABILITY, order=None, available=(Available(sku="TP-1", quantity=0),)),
            {"type": "availability.changed", "available": [{"sku": "TP-1", "quantity": 0}]},
        ),
    ],
    ids=lambda given: given.kind if isinstance(given, Occasion) else "",
)
def test_what_happened_is_posted_with_the_id_of_the_delivery(what: Occasion, told: dict[str, object]) -> None:
    assert CONNECTOR.send is not None
    (request,), sent = deliver(CONNECTOR.send(what, ACCOUNT), answer(status=202))

    assert (request.method, request.url) == ("POST", "https://partner.example/hooks")
    assert json.loads(request.body) == told | {"id": "d-1", "at": "2026-09-04T14:30:00.000Z"}
    assert sent.outcome is Outcome.DONE
    assert CONNECTOR.hosts(ACCOUNT) == ("partner.example",)


@pytest.mark.parametrize(
    ("script", "outcome", "wait_seconds"),
    [
        (answer(status=409), Outcome.DONE, None),
        (answer(status=429, retry_after="30"), Outcome.LATER, 30),
        (answer(status=503), Outcome.LATER, None),
        (answer(status=401), Outcome.LATER, None),
        (answer({"error": "unknown SKU"}, 422), Outcome.REFUSED, None),
    ],
)
def test_an_answer_says_whether_it_is_tried_again(
    script: HttpResponse, outcome: Outcome, wait_seconds: int | None
) -> None:
    assert CONNECTOR.send is not None
    _, sent = deliver(CONNECTOR.send(occasion(OccasionKind.PARCEL_SHIPPED), ACCOUNT), script)

    assert (sent.outcome, sent.retry_after_seconds) == (outcome, wait_seconds)


def test_a_repeat_whose_answer_was_lost_is_the_same_message_under_the_same_id_signed_for_its_own_time() -> None:
    assert CONNECTOR.send is not None
    assert CONNECTOR.sign is not None
    requests = []
    for at_ms in (NOW_MS, NOW_MS + 14 * 86_400_000):
        (request,), _ = deliver(CONNECTOR.send(occasion(OccasionKind.PARCEL_SHIPPED), ACCOUNT), answer())
        requests.append(CONNECTOR.sign(request, ACCOUNT, {"sending_secret": SECRET}, at_ms))
    first, second = requests

    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert CONNECTOR.signature is not None
    for request, at_ms in ((first, NOW_MS), (second, NOW_MS + 14 * 86_400_000)):
        got = Message(body=request.body, headers=request.headers, received_at_ms=at_ms)
        assert CONNECTOR.signature(got, (SECRET,))
        assert not CONNECTOR.signature(got, (NEXT,))


def test_nothing_is_sent_unsigned() -> None:
    assert CONNECTOR.send is not None
    assert CONNECTOR.sign is not None
    (request,), _ = deliver(CONNECTOR.send(occasion(OccasionKind.PARCEL_SHIPPED), ACCOUNT), answer())
    with pytest.raises(UnreadableError) as refused:
        CONNECTOR.sign(request, ACCOUNT, {}, NOW_MS)
    assert refused.value.field == "sending_secret"


def test_messages_are_let_in_by_their_signature_alone() -> None:
    body = b"{}"
    at_seconds = NOW_MS // 1000
    assert CONNECTOR.signature is not None

    def is_let_in(signature: str, *secrets: str, stamp: int = at_seconds, changed: bytes = body) -> bool:
        headers = {"webhook-id": "m1", "webhook-timestamp": str(stamp), "webhook-signature": signature}
        assert CONNECTOR.signature is not None
        return CONNECTOR.signature(Message(body=changed, headers=headers, received_at_ms=NOW_MS), secrets)

    right = standard_signature(SECRET, "m1", at_seconds, body)
    assert is_let_in(right, SECRET)
    assert is_let_in(f"v1,wrong {right}", NEXT, SECRET)
    assert not is_let_in(right, NEXT)
    assert not is_let_in(right)
    assert not is_let_in("", SECRET)
    assert not is_let_in(right, SECRET, changed=body + b" ")
    assert not is_let_in(standard_signature(SECRET, "m1", at_seconds - 301, body), SECRET, stamp=at_seconds - 301)
    assert CONNECTOR.message_id(Message(body=body, headers={"webhook-id": "m1"})) == "m1"


ORDERS = """external_id;placed_at;currency;country;postcode;customer_name;address;sku;quantity;unit_price;pay_by
1001;2026-09-04T10:15:00-04:00;EUR;DE;10115;Ada;Weg 1|Hof;MUG;2;12.50;
1001;;;;;;;CUP;1;3.00;
1002;;;DE;;;;MUG;1;12.50;2026-10-01T00:00:00Z
"""


def read_file(text: str) -> Any:
    return translate(CONNECTOR, Message(body=text.encode(), name="o.csv", received_at_ms=NOW_MS), ACCOUNT)


def test_a_file_of_orders_has_the_columns_of_the_import() -> None:
    first, second = read_file(ORDERS).facts

    assert CONNECTOR.recognise(Message(body=ORDERS.encode()))
    assert first == OrderStated(
        external_id="1001",
        source_version=NOW_MS,
        placed_at_ms=1_788_531_300_000,
        currency="EUR",
        lines=(
            LineStated(line_id="1", sku="MUG", quantity=2, ordered=2, unit_price_minor=1250),
            LineStated(line_id="2", sku="CUP", quantity=1, ordered=1, unit_price_minor=300),
        ),
        destination=Address(country="DE", name="Ada", lines=("Weg 1", "Hof"), postcode="10115"),
        buyer=Buyer(name="Ada"),
    )
    assert (second.currency, second.paid, second.placed_at_ms) == ("EUR", False, NOW_MS)


def test_an_order_of_a_file_with_a_mistake_is_refused_alone_with_line_and_column() -> None:
    translation = read_file(ORDERS.replace("1002;;;DE", "1002;;;Germany"))

    assert [fact.external_id for fact in translation.facts] == ["1001"]
    assert ("lines[4].country", "1002") in [(refusal.field, refusal.entry) for refusal in translation.refused]


def test_what_a_channel_cannot_ask_for_is_refused_and_not_dropped() -> None:
    (refusal,) = read_file("external_id,country,sku,quantity,ship_complete\n1,DE,MUG,1,yes\n").refused

    assert (refusal.field, refusal.entry) == ("lines[2].ship_complete", "1")


def test_the_published_schema_is_that_of_the_messages_and_every_type_is_documented() -> None:
    published, now = (DOCS / "plain-webhook.schema.json").read_text(), msgspec.to_builtins(schema())
    page = (DOCS / "plain-webhook.md").read_text()

    assert json.loads(published) == json.loads(json.dumps(now))
    types = [
        one["properties"]["type"]["enum"][0] for one in now["$defs"].values() if "type" in one.get("properties", {})
    ]
    assert len(types) == 22
    assert [name for name in types if f"`{name}`" not in page] == []
