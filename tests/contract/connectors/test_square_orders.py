from typing import Any

import pytest

from connectors.frame.facts import OrderRefunded, RefundedUnits, RefundStated, StockLine, TillSold
from connectors.systems.square import CONNECTOR
from tests.support.square_messages import BY_INVENTORY, item, message, said, sale, usd

SOLD = TillSold(
    document="S1",
    location="SHOP",
    at_ms=1_788_256_800_000,
    lines=(StockLine(line="a", sku="VAR-A", quantity=2), StockLine(line="c", sku="VAR-C", quantity=1)),
)
BASKET = sale(item("a", "VAR-A", "2"), item("b", None), item("c", "VAR-C", "1.0"))


@pytest.mark.parametrize("content", [{"order": BASKET}, {"orders": [BASKET]}, BASKET])
def test_a_completed_sale_over_the_counter_takes_what_is_of_the_catalogue(content: object) -> None:
    assert said(content).facts == (SOLD,)


def test_it_moves_nothing_where_inventory_moves_the_stock() -> None:
    told = said({"order": BASKET}, BY_INVENTORY)

    assert told.facts == ()
    assert "inventory" in told.ignored


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (sale(item("a", "VAR-A"), state="OPEN"), "OPEN"),
        (sale(item("a", "VAR-A"), state="CANCELED"), "CANCELED"),
        (sale(item("a", "VAR-A"), state="DRAFT"), "draft"),
        (sale(item("a", "VAR-A"), id=None), "only calculated"),
        (sale(item("a", None)), "nothing of the catalogue"),
        (sale(), "nothing of the catalogue"),
    ],
)
def test_what_is_not_sold_or_has_no_stock_is_left_aside(content: dict[str, Any], why: str) -> None:
    told = said({"order": content})

    assert (told.facts, told.refused) == ((), ())
    assert why in told.ignored


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (sale(item("a", "VAR-A", "0.5")), "order.line_items[0].quantity"),
        (sale(item("a", "VAR-A"), state=None), "order.state"),
        (sale(item("a", "VAR-A"), location_id=None), "order.location_id"),
        (sale(item("a", "VAR-A"), closed_at=None, updated_at=None, created_at=None), "order.closed_at"),
        (sale(item("a", "VAR-A"), closed_at="noon"), "order.closed_at"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(content: dict[str, Any], field: str) -> None:
    told = said({"order": content})

    assert told.facts == ()
    assert [one.field for one in told.refused] == [field]


def test_a_bad_order_of_a_list_is_refused_alone() -> None:
    told = said({"orders": [sale(item("a", "VAR-A", "half"), id="S0"), BASKET]})

    assert told.facts == (SOLD,)
    assert [(one.field, one.entry) for one in told.refused] == [("orders[0].line_items[0].quantity", "S0")]


def given_back(**fields: Any) -> dict[str, Any]:
    line = item("r1", "VAR-A", "1", source_line_item_uid="a", total_money=usd(900), total_tax_money=usd(80))
    returned = {"source_order_id": "S1", "return_line_items": [line, item("r2", None, "1", total_money=usd(5))]}
    refund = {
        "id": "R1",
        "status": "APPROVED",
        "reason": "too small",
        "created_at": "2026-09-02T10:00:00Z",
        "amount_money": usd(905),
    }
    return sale(id="S2", returns=[returned], refunds=[refund], total_money=usd(0), **fields)


def test_a_return_brings_units_back_and_says_what_was_refunded_of_the_order_it_names() -> None:
    assert said({"order": given_back()}).facts == (
        TillSold(
            document="S2",
            location="SHOP",
            at_ms=1_788_256_800_000,
            lines=(StockLine(line="r1", sku="VAR-A", quantity=-1),),
        ),
        OrderRefunded(
            of_a_till=True,
            external_id="S1",
            refund=RefundStated(
                refund_id="R1",
                at_ms=1_788_343_200_000,
                currency="USD",
                amount_minor=905,
                units=(RefundedUnits(line_id="a", quantity=1, amount_minor=900, tax_minor=80),),
                reason="too small",
            ),
        ),
    )


def test_an_exchange_is_one_document_with_both_directions() -> None:
    facts = said({"order": given_back() | {"line_items": [item("n", "VAR-B")]}}).facts

    assert [[(line.sku, line.quantity) for line in fact.lines] for fact in facts if isinstance(fact, TillSold)] == [
        [("VAR-B", 1), ("VAR-A", -1)]
    ]


def test_a_refund_that_failed_gives_nothing_back() -> None:
    content = given_back()
    content["refunds"][0]["status"] = "FAILED"

    assert [type(fact) for fact in said({"order": content}).facts] == [TillSold]


@pytest.mark.parametrize("content", [given_back(), [given_back()]])
def test_an_order_without_an_answer_around_it_is_not_taken_for_a_list_of_its_refunds(content: object) -> None:
    told = said(content)

    assert [type(fact) for fact in told.facts] == [TillSold, OrderRefunded]
    assert CONNECTOR.recognise(message(content))


def test_a_return_needs_no_lines_of_its_own_to_be_known() -> None:
    content = {name: value for name, value in given_back().items() if name != "line_items"}

    assert [type(fact) for fact in said(content).facts] == [TillSold, OrderRefunded]
    assert CONNECTOR.recognise(message(content))


def test_a_list_of_orders_without_a_name_is_read_order_by_order() -> None:
    told = said([sale(item("a", "VAR-A", "half"), id="S0"), BASKET])

    assert told.facts == (SOLD,)
    assert [(one.field, one.entry) for one in told.refused] == [("list[0].line_items[0].quantity", "S0")]
