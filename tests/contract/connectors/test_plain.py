"""The plain webhook, in: what its messages say, one or several at once, signed, and what is refused where."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from connectors.frame.facts import (
    Address,
    Buyer,
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    LineStated,
    OrderCancelled,
    OrderRefunded,
    OrderStated,
    ParcelScanned,
    ParcelStated,
    RefundedUnits,
    RefundStated,
    Step,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockReceived,
    UnitsStated,
)
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.plain import CONNECTOR
from connectors.systems.plain.messages import TYPES, State
from models.records.fulfillment import CarrierStatus
from models.records.stock import Unsellable

NOW_MS = 1_788_532_200_000
AT = "2026-09-04T10:15:00-04:00"
AT_MS = 1_788_531_300_000

ORDER: dict[str, Any] = {
    "type": "order.stated",
    "external_id": "1001",
    "placed_at": AT,
    "currency": "EUR",
    "version": 3,
    "lines": [{"line_id": "1", "sku": "MUG", "quantity": 2, "unit_price_minor": 1250, "tax_minor": 399}],
    "destination": {"country": "DE", "name": "Ada", "lines": ["Weg 1"], "city": "Berlin", "postcode": "10115"},
    "customer": {"id": "C1", "email": "ada@example.com"},
    "shipping_minor": 490,
    "tax_included": True,
    "total_minor": 2990,
    "paid": False,
    "purchase_order": "PO-7",
    "ship_from": "2026-09-10T00:00:00Z",
}


def account() -> Account:
    return Account(name="b2b", connector="plain", pool="p", channel="b2b", location="east", currency="EUR")


def read(given: object) -> Translation:
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    return translate(CONNECTOR, Message(body=body, received_at_ms=NOW_MS), account())


def test_an_order_is_taken_whole() -> None:
    assert read(ORDER).facts == (
        OrderStated(
            external_id="1001",
            source_version=3,
            placed_at_ms=AT_MS,
            currency="EUR",
            lines=(LineStated(line_id="1", sku="MUG", quantity=2, ordered=2, unit_price_minor=1250, tax_minor=399),),
            destination=Address(country="DE", name="Ada", lines=("Weg 1",), city="Berlin", postcode="10115"),
            buyer=Buyer(customer_ref="C1", email="ada@example.com"),
            shipping_minor=490,
            tax_included=True,
            total_minor=2990,
            paid=False,
            purchase_order="PO-7",
            requested_at_ms=1_788_998_400_000,
        ),
    )


def test_an_order_without_a_version_has_its_time_of_change_or_that_of_the_message() -> None:
    bare = {name: value for name, value in ORDER.items() if name != "version"}

    def version(given: dict[str, Any]) -> int:
        (order,) = read(given).facts
        assert isinstance(order, OrderStated)
        return order.source_version

    assert version(bare | {"updated_at": AT}) == AT_MS
    assert version(bare) == NOW_MS


MESSAGES: list[tuple[dict[str, Any], Any]] = [
    (
        {"type": "order.cancelled", "external_id": "1001", "at": AT},
        OrderCancelled(external_id="1001", at_ms=AT_MS),
    ),
    (
        {
            "type": "order.refunded",
            "external_id": "1001",
            "refund_id": "R1",
            "at": AT,
            "currency": "EUR",
            "amount_minor": 1250,
            "units": [{"line_id": "1", "quantity": 1, "restock": True}],
        },
        OrderRefunded(
            external_id="1001",
            refund=RefundStated(
                refund_id="R1",
                at_ms=AT_MS,
                currency="EUR",
                amount_minor=1250,
                units=(RefundedUnits(line_id="1", quantity=1, restock=True),),
            ),
        ),
    ),
    (
        {"type": "stock.counted", "document": "D1", "as_of": AT, "lines": [{"sku": "MUG", "quantity": 0}]},
        StockCounted(
            document="D1", location="east", as_of_ms=AT_MS, lines=(StockLine(line="1", sku="MUG", quantity=0),)
        ),
    ),
    (
        {
            "type": "stock.received",
            "document": "D2",
            "at": AT,
            "location": "W2",
            "expected": "PO-1",
            "lines": [{"sku": "MUG", "quantity": 5, "state": "damaged"}],
        },
        StockReceived(
            document="D2",
            location="W2",
            at_ms=AT_MS,
            expected="PO-1",
            lines=(StockLine(line="1", sku="MUG", quantity=5, state="damaged"),),
        ),
    ),
    (
        {"type": "stock.adjusted", "document": "D3", "at": AT, "lines": [{"sku": "MUG", "change": -2, "reason": "x"}]},
        StockAdjusted(
            document="D3",
            location="east",
            at_ms=AT_MS,
            lines=(StockLine(line="1", sku="MUG", quantity=-2, reason="x"),),
        ),
    ),
    (
        {"type": "fulfillment.accepted", "fulfillment_id": "o1-1", "at": AT, "reference": "W9"},
        FulfillmentAnswered(fulfillment_id="o1-1", accepted=True, at_ms=AT_MS, partner_reference="W9"),
    ),
    (
        {
            "type": "fulfillment.rejected",
            "fulfillment_id": "o1-1",
            "at": AT,
            "cause": "out_of_stock",
            "units": [{"sku": "MUG", "quantity": 1}],
        },
        FulfillmentAnswered(
            fulfillment_id="o1-1",
            accepted=False,
            at_ms=AT_MS,
            cause="out_of_stock",
            units=(UnitsStated(sku="MUG", quantity=1),),
        ),
    ),
    (
        {"type": "fulfillment.picked", "fulfillment_id": "o1-1", "at": AT},
        FulfillmentStepped(fulfillment_id="o1-1", step=Step.PICKED, at_ms=AT_MS),
    ),
    (
        {"type": "fulfillment.packed", "fulfillment_id": "o1-1", "at": AT},
        FulfillmentStepped(fulfillment_id="o1-1", step=Step.PACKED, at_ms=AT_MS),
    ),
    (
        {"type": "fulfillment.ready", "fulfillment_id": "o1-1", "at": AT},
        FulfillmentStepped(fulfillment_id="o1-1", step=Step.READY, at_ms=AT_MS),
    ),
    (
        {
            "type": "fulfillment.shipped",
            "fulfillment_id": "o1-1",
            "parcel_id": "P1",
            "at": AT,
            "units": [{"line_id": "l1", "quantity": 1}],
            "short": [{"line_id": "l2", "quantity": 3}],
            "carrier": "DHL",
            "tracking_number": "JD1",
        },
        ParcelStated(
            parcel_id="P1",
            fulfillment_id="o1-1",
            at_ms=AT_MS,
            units=(UnitsStated(line_id="l1", quantity=1),),
            short=(UnitsStated(line_id="l2", quantity=3),),
            carrier="DHL",
            tracking_number="JD1",
        ),
    ),
    (
        {"type": "parcel.tracked", "tracking_number": "JD1", "status": "delivered", "at": AT, "text": "Zugestellt"},
        ParcelScanned(tracking_number="JD1", status=CarrierStatus.DELIVERED, at_ms=AT_MS, raw="Zugestellt"),
    ),
    (
        {"type": "cancellation.accepted", "fulfillment_id": "o1-1", "at": AT},
        CancellationAnswered(fulfillment_id="o1-1", accepted=True, at_ms=AT_MS),
    ),
    (
        {"type": "cancellation.rejected", "fulfillment_id": "o1-1", "at": AT},
        CancellationAnswered(fulfillment_id="o1-1", accepted=False, at_ms=AT_MS),
    ),
]


@pytest.mark.parametrize(("given", "fact"), MESSAGES, ids=[str(given["type"]) for given, _ in MESSAGES])
def test_every_type_says_what_it_says(given: dict[str, object], fact: object) -> None:
    assert read(given).facts == (fact,)
    assert CONNECTOR.recognise(Message(body=json.dumps(given).encode()))


def test_every_type_is_tried_here() -> None:
    assert {str(given["type"]) for given, _ in MESSAGES} | {"order.stated"} == TYPES
    assert set(get_args(State)) == {"", *Unsellable}


@pytest.mark.parametrize("wrap", [lambda all_of: all_of, lambda all_of: {"messages": all_of}])
def test_of_several_messages_the_wrong_ones_are_refused_alone(wrap: Callable[[list[object]], object]) -> None:
    bad = ORDER | {"lines": [{"line_id": "1", "sku": "MUG", "quantity": -1}]}
    translation = read(wrap([MESSAGES[0][0], bad, 7, MESSAGES[1][0]]))

    assert translation.facts == (MESSAGES[0][1], MESSAGES[1][1])
    assert [refusal.field for refusal in translation.refused] == ["messages[1].lines[0].quantity", "messages[2]"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (ORDER | {"placed_at": "yesterday"}, "placed_at"),
        (ORDER | {"currency": "euro"}, "currency"),
        (ORDER | {"lines": []}, "lines"),
        (ORDER | {"destination": {"country": "Germany"}}, "destination.country"),
        ({name: value for name, value in ORDER.items() if name != "external_id"}, ""),
        ({"type": "order.changed"}, "type"),
        ({"external_id": "1"}, ""),
        (MESSAGES[4][0] | {"lines": [{"sku": "MUG", "change": 1.5}]}, "lines[0].change"),
        (MESSAGES[6][0] | {"units": [{"quantity": 1}]}, "units[0]"),
        (MESSAGES[11][0] | {"status": "gone"}, "status"),
        (b"{", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_a_mistake_is_refused_with_its_field(given: object, field: str) -> None:
    translation = read(given)

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == [field]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type":"order"}', b'{"messages":[]}', b"a,b\n1,2", b"ISA*00*"])
def test_other_messages_are_not_taken_for_ours(body: bytes) -> None:
    assert not CONNECTOR.recognise(Message(body=body))
