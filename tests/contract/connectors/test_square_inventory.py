import json
from typing import Any

import pytest

from connectors.frame.facts import AnyFact, StockAdjusted, StockCounted, StockLine, StockReceived, TillSold
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.square import CONNECTOR
from tests.support.square_messages import BY_INVENTORY, BY_ORDERS

TRIED = Account(name="sq", connector="square", pool="us")
AT_MS = 1_788_256_800_000


def said(content: object, account: Account = BY_INVENTORY) -> Translation:
    return translate(CONNECTOR, Message(body=json.dumps(content).encode(), received_at_ms=AT_MS), account)


def change(**fields: Any) -> dict[str, Any]:
    return {
        "id": "A1",
        "catalog_object_id": "VAR-A",
        "location_id": "SHOP",
        "quantity": "3",
        "occurred_at": "2026-09-01T10:00:00Z",
    } | fields


def adjustment(before: str, after: str, **fields: Any) -> dict[str, Any]:
    return {"changes": [{"type": "ADJUSTMENT", "adjustment": change(from_state=before, to_state=after, **fields)}]}


def line(quantity: int, reason: str = "") -> tuple[StockLine, ...]:
    return (StockLine(line="VAR-A", sku="VAR-A", quantity=quantity, reason=reason),)


def sold(quantity: int) -> TillSold:
    return TillSold(document="A1", location="SHOP", at_ms=AT_MS, lines=line(quantity))


def adjusted(quantity: int, reason: str, location: str = "SHOP") -> StockAdjusted:
    return StockAdjusted(document="A1", location=location, at_ms=AT_MS, lines=line(quantity, reason))


RECEIVED = StockReceived(document="A1", location="SHOP", at_ms=AT_MS, lines=line(3))


@pytest.mark.parametrize("account", [TRIED, BY_ORDERS, BY_INVENTORY])
def test_what_people_counted_is_a_count_as_of_then_whatever_moves_stock(account: Account) -> None:
    counted = {"changes": [{"type": "PHYSICAL_COUNT", "physical_count": change(state="IN_STOCK")}]}
    expected = StockCounted(document="A1", location="SHOP", as_of_ms=AT_MS, lines=line(3))

    assert said(counted, account).facts == (expected,)
    assert said({"count": change(state="IN_STOCK")}, account).facts == (expected,)


def test_a_count_that_we_sent_is_no_news() -> None:
    ours = change(state="IN_STOCK", reference_id="headrace:d1")
    told = said({"changes": [{"type": "PHYSICAL_COUNT", "physical_count": ours}]})

    assert told.facts == ()
    assert "no news" in told.ignored


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [
        ("IN_STOCK", "SOLD", sold(3)),
        ("SOLD", "IN_STOCK", sold(-3)),
        ("RETURNED_BY_CUSTOMER", "IN_STOCK", sold(-3)),
        ("UNLINKED_RETURN", "IN_STOCK", sold(-3)),
        ("NONE", "IN_STOCK", RECEIVED),
        ("RECEIVED_FROM_VENDOR", "IN_STOCK", RECEIVED),
        ("IN_TRANSIT_TO", "IN_STOCK", RECEIVED),
        ("IN_STOCK", "WASTE", adjusted(-3, "waste")),
        ("WASTE", "IN_STOCK", adjusted(3, "waste")),
        ("IN_STOCK", "NONE", adjusted(-3, "none")),
        ("IN_STOCK", "DECOMPOSED", adjusted(-3, "decomposed")),
        ("IN_STOCK", "A_STATE_OF_NEXT_YEAR", adjusted(-3, "a_state_of_next_year")),
    ],
)
def test_an_adjustment_says_what_it_does_on_the_shelf(before: str, after: str, fact: AnyFact) -> None:
    assert said(adjustment(before, after)).facts == (fact,)
    assert said(adjustment(before, after), TRIED).facts == (fact,)
    assert said({"adjustment": change(from_state=before, to_state=after)}).facts == (fact,)


@pytest.mark.parametrize(
    ("before", "after"),
    [("IN_STOCK", "SOLD"), ("RETURNED_BY_CUSTOMER", "IN_STOCK"), ("UNLINKED_RETURN", "IN_STOCK")],
)
def test_sales_and_returns_are_not_counted_twice_where_orders_tell_them(before: str, after: str) -> None:
    told = said(adjustment(before, after), BY_ORDERS)

    assert told.facts == ()
    assert "orders tell" in told.ignored
    assert said(adjustment("IN_STOCK", "WASTE"), BY_ORDERS).facts == (adjusted(-3, "waste"),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("IN_STOCK", "SOLD_ONLINE"),
        ("IN_STOCK", "RESERVED_FOR_SALE"),
        ("SOLD_ONLINE", "IN_STOCK"),
        ("RESERVED_FOR_SALE", "IN_STOCK"),
        ("SOLD", "RETURNED_BY_CUSTOMER"),
        ("NONE", "ORDERED_FROM_VENDOR"),
        ("IN_STOCK", "IN_STOCK"),
    ],
)
def test_what_does_not_change_the_shelf_is_left_aside(before: str, after: str) -> None:
    told = said(adjustment(before, after))

    assert (told.facts, told.refused) == ((), ())
    assert told.ignored


def test_a_receipt_names_what_it_was_ordered_by() -> None:
    (fact,) = said(adjustment("NONE", "IN_STOCK", purchase_order_id="PO1")).facts

    assert isinstance(fact, StockReceived)
    assert fact.expected == "PO1"


def test_a_transfer_takes_from_one_shop_and_gives_to_the_other() -> None:
    moved = change(location_id=None, from_location_id="SHOP", to_location_id="STORE", state="IN_STOCK")

    assert said({"changes": [{"type": "TRANSFER", "transfer": moved}]}).facts == (
        adjusted(-3, "transfer"),
        adjusted(3, "transfer", "STORE"),
    )


def count(**fields: Any) -> dict[str, Any]:
    return {
        "catalog_object_id": "VAR-A",
        "location_id": "SHOP",
        "state": "IN_STOCK",
        "quantity": "22",
        "calculated_at": "2026-09-01T10:00:00Z",
    } | fields


def event(*counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "merchant_id": "M",
        "event_id": "E1",
        "type": "inventory.count.updated",
        "data": {"type": "inventory_counts", "id": "x", "object": {"inventory_counts": list(counts)}},
    }


@pytest.mark.parametrize("content", [event(count()), {"counts": [count()]}])
def test_squares_own_sums_count_only_where_its_inventory_moves_the_stock(content: dict[str, Any]) -> None:
    expected = StockCounted(document="VAR-A 2026-09-01T10:00:00Z", location="SHOP", as_of_ms=AT_MS, lines=line(22))

    assert said(content).facts == (expected,)
    assert said(content, TRIED).facts == (expected,)
    assert said(content, BY_ORDERS).facts == ()
    assert "orders move the stock" in said(content, BY_ORDERS).ignored


def test_a_sum_below_nothing_is_nothing_and_other_states_are_left_aside() -> None:
    facts = said(event(count(quantity="-2"), count(state="WASTE"))).facts

    assert [fact.lines[0].quantity for fact in facts if isinstance(fact, StockCounted)] == [0]


def test_a_bad_change_of_a_list_is_refused_alone() -> None:
    good = adjustment("IN_STOCK", "SOLD")["changes"][0]
    half = adjustment("IN_STOCK", "SOLD", id="A2", quantity="1.5")["changes"][0]
    never = adjustment("IN_STOCK", "SOLD", id="A3", occurred_at="2026-09-01T25:00:00Z")["changes"][0]
    told = said({"changes": [half, good, never, {"type": "OTHER"}]})

    assert told.facts == (sold(3),)
    assert [(one.field, one.entry) for one in told.refused] == [
        ("changes[0].adjustment.quantity", "A2"),
        ("changes[2].adjustment.occurred_at", "A3"),
    ]
    assert [one.field for one in said(event(count(location_id=None))).refused] == [
        "data.object.inventory_counts[0].location_id"
    ]


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [
        ("IN_STOCK", "SOLD", sold(3)),
        ("NONE", "IN_STOCK", StockReceived(document="A1", location="STORE", at_ms=AT_MS, lines=line(3))),
        ("IN_STOCK", "WASTE", adjusted(-3, "waste")),
    ],
)
def test_an_adjustment_that_names_both_ends_moves_the_shelf_of_the_one_that_it_concerns(
    before: str, after: str, fact: AnyFact
) -> None:
    content = adjustment(before, after, location_id=None, from_location_id="SHOP", to_location_id="STORE")

    assert said(content).facts == (fact,)


def test_an_adjustment_from_shelf_to_shelf_is_a_transfer() -> None:
    ends = {"location_id": None, "from_location_id": "SHOP", "to_location_id": "STORE"}

    assert said(adjustment("IN_STOCK", "IN_STOCK", **ends)).facts == (
        adjusted(-3, "transfer"),
        adjusted(3, "transfer", "STORE"),
    )
    assert said(adjustment("IN_STOCK", "IN_STOCK")).facts == ()


def test_sums_are_told_where_the_changes_beside_them_are_empty() -> None:
    total = {
        "catalog_object_id": "VAR-A",
        "location_id": "SHOP",
        "state": "IN_STOCK",
        "quantity": "53",
        "calculated_at": "2026-09-01T10:00:00Z",
    }
    (counted,) = said({"changes": [{"type": "PHYSICAL_COUNT"}], "counts": [total]}).facts

    assert isinstance(counted, StockCounted)
    assert (counted.location, counted.lines) == ("SHOP", line(53))


def test_a_number_of_customers_is_no_count_of_stock() -> None:
    told = said({"customers": [{"id": "C1"}], "count": 11})

    assert (told.facts, told.refused) == ((), ())
    assert "moves no order" in told.ignored
