from typing import Any

import pytest

from models import commands as c
from models.records.pool import Authority
from models.records.stock import MovementKind
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, MINUTE_MS, START_MS, Shop, location

KINDS: list[tuple[type[c.StockCommand], dict[str, Any]]] = [
    (c.ReceiveStock, {"lines": (c.StockLine(line="1", sku="A", quantity=1),)}),
    (c.SellAtTill, {"lines": (c.StockLine(line="1", sku="A", quantity=1),)}),
    (c.AdjustStock, {"sku": "A", "delta": 1}),
    (c.CountStock, {"sku": "A", "counted": 1}),
    (c.SetSafetyStock, {"sku": "A", "quantity": 1}),
    (
        c.DispatchTransfer,
        {"lines": (c.StockLine(line="1", sku="A", quantity=1),), "to_location_id": "munich"},
    ),
]
every_kind = pytest.mark.parametrize(("kind", "fields"), KINDS)


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


def on_hand(shop: Shop, place: str = "berlin") -> int:
    return shop.level("A", place).on_hand


def count(shop: Shop, counted: int, **fields: Any) -> None:
    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=counted, **fields))


def sell(shop: Shop, quantity: int, ago_ms: int = 0) -> None:
    shop.do(c.SellAtTill, **shop.document("berlin", ("A", quantity), occurred_at_ms=shop.now_ms - ago_ms))


def test_receipts_sales_and_adjustments_move_on_hand(shop: Shop) -> None:
    shop.stock("A", "berlin", 10)
    sell(shop, 3)
    shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=-2, unsellable_delta=1))

    level = shop.level("A", "berlin")
    assert (level.on_hand, level.unsellable, level.available) == (5, 1, 4)
    assert [movement.kind for movement in shop.movements] == [
        MovementKind.RECEIVED,
        MovementKind.SOLD_AT_TILL,
        MovementKind.ADJUSTED,
    ]


def test_a_movement_says_why_and_by_whom(shop: Shop) -> None:
    shop.do(c.ReceiveStock, **shop.document("berlin", ("A", 2), document="D-7"), reason="supplier", actor="dock")

    movement = shop.movements[-1]
    assert (movement.source, movement.document, movement.actor, movement.reason) == ("wms", "D-7", "dock", "supplier")
    assert (movement.occurred_at_ms, movement.recorded_at_ms, movement.on_hand_delta) == (START_MS, START_MS, 2)


@every_kind
def test_a_document_told_twice_is_booked_once(shop: Shop, kind: type[c.StockCommand], fields: dict[str, Any]) -> None:
    fact = shop.fact("berlin", document="once", **fields)
    shop.do(kind, **fact)
    before = {key: value for key, value in shop.business().items() if key[:1] in (b"l", b"h", b"d", b"t")}
    moved = len(shop.movements)

    shop.do(kind, **fact)

    assert shop.events() == ["line_repeated"]
    assert {key: value for key, value in shop.business().items() if key[:1] in (b"l", b"h", b"d", b"t")} == before
    assert len(shop.movements) == moved


@every_kind
def test_a_document_with_other_content_is_refused_naming_the_field(
    shop: Shop, kind: type[c.StockCommand], fields: dict[str, Any]
) -> None:
    fact = shop.fact("berlin", document="once", **fields)
    shop.do(kind, **fact)

    other = {**fact, "occurred_at_ms": START_MS - 1}
    assert shop.refused(RejectionCode.DOCUMENT_CONFLICT, kind, **other) == "occurred_at_ms"


def test_the_repeat_of_an_older_safety_stock_does_not_undo_the_newer(shop: Shop) -> None:
    older = shop.make(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=5, document="first"))
    shop.send(older)
    shop.do(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=2))

    shop.send(older)

    assert shop.level("A", "berlin").safety_stock == 2


def test_a_sale_is_never_taken_for_the_repeat_of_a_receipt(shop: Shop) -> None:
    shop.stock("A", "berlin", 2, document="R-1")

    fields = shop.document("berlin", ("A", 2), document="R-1")
    assert shop.refused(RejectionCode.DOCUMENT_CONFLICT, c.SellAtTill, **fields) == "quantity"


def test_new_lines_of_a_known_document_are_booked(shop: Shop) -> None:
    shop.stock("A", "berlin", 2, document="D")

    shop.do(c.ReceiveStock, **shop.document("berlin", ("A", 2), ("B", 3), document="D"))

    assert (on_hand(shop), shop.level("B", "berlin").on_hand) == (2, 3)
    assert shop.events() == ["line_repeated"]


def test_a_line_that_stands_twice_in_a_document_is_refused(shop: Shop) -> None:
    line = c.StockLine(line="1", sku="A", quantity=1)

    assert (
        shop.refused(RejectionCode.LINE_REPEATED, c.ReceiveStock, **shop.fact("berlin", lines=(line, line))) == "line"
    )


@every_kind
def test_an_unknown_location_is_refused(shop: Shop, kind: type[c.StockCommand], fields: dict[str, Any]) -> None:
    fact = shop.fact("nowhere", **fields)

    assert shop.refused(RejectionCode.LOCATION_UNKNOWN, kind, **fact) == "location_id"


@pytest.mark.parametrize(("sku", "code"), [("NEW", RejectionCode.SKU_UNKNOWN), ("A ", RejectionCode.SKU_INVALID)])
@every_kind
def test_an_unknown_or_odd_sku_is_refused(
    shop: Shop, kind: type[c.StockCommand], fields: dict[str, Any], sku: str, code: RejectionCode
) -> None:
    stated = {"lines": (c.StockLine(line="1", sku=sku, quantity=1),)} if "lines" in fields else {"sku": sku}

    assert shop.refused(code, kind, **shop.fact("berlin", **{**fields, **stated})) == "sku"


@every_kind
def test_what_was_issued_before_repeats_are_remembered_is_refused(
    shop: Shop, kind: type[c.StockCommand], fields: dict[str, Any]
) -> None:
    shop.tick(15 * DAY_MS)

    fact = shop.fact("berlin", issued_at_ms=START_MS, **fields)
    assert shop.refused(RejectionCode.COMMAND_TOO_OLD, kind, **fact) == "issued_at_ms"


def test_a_document_is_remembered_for_as_long_as_its_repeat_may_come(shop: Shop) -> None:
    receipt = shop.make(c.ReceiveStock, **shop.document("berlin", ("A", 1)))
    shop.send(receipt)

    shop.tick(14 * DAY_MS)
    shop.tick()
    assert shop.send(receipt).events[0].__struct_config__.tag == "line_repeated"
    shop.tick(1000)
    shop.refuses(RejectionCode.COMMAND_TOO_OLD, receipt)

    assert on_hand(shop) == 1


def test_a_count_sets_on_hand_to_what_was_counted(shop: Shop) -> None:
    shop.stock("A", "berlin", 10)
    shop.later(MINUTE_MS)

    count(shop, 7)

    assert on_hand(shop) == 7
    assert (shop.movements[-1].kind, shop.movements[-1].on_hand_delta) == (MovementKind.COUNTED, -3)


def test_a_count_as_of_an_earlier_time_keeps_what_happened_since(shop: Shop) -> None:
    shop.stock("A", "berlin", 10)
    shop.later(10 * MINUTE_MS)
    sell(shop, 2)

    count(shop, 9, occurred_at_ms=shop.now_ms - 5 * MINUTE_MS)

    assert on_hand(shop) == 9 - 2


def test_a_sale_that_comes_late_but_was_before_the_count_is_in_it_already(shop: Shop) -> None:
    shop.stock("A", "berlin", 10)
    shop.later(10 * MINUTE_MS)
    count(shop, 8)

    sell(shop, 2, ago_ms=5 * MINUTE_MS)

    assert on_hand(shop) == 8
    assert [m.kind for m in shop.movements[-2:]] == [MovementKind.SOLD_AT_TILL, MovementKind.ALREADY_COUNTED]


def test_a_sale_that_comes_late_and_was_after_the_count_counts(shop: Shop) -> None:
    shop.stock("A", "berlin", 10)
    shop.later(10 * MINUTE_MS)
    count(shop, 8, occurred_at_ms=shop.now_ms - 5 * MINUTE_MS)

    sell(shop, 2, ago_ms=4 * MINUTE_MS)

    assert on_hand(shop) == 6


def test_late_sales_before_and_after_a_late_count_come_out_right(shop: Shop) -> None:
    shop.stock("A", "berlin", 10)
    shop.later(20 * MINUTE_MS)
    sell(shop, 1, ago_ms=15 * MINUTE_MS)
    sell(shop, 2, ago_ms=5 * MINUTE_MS)

    count(shop, 9, occurred_at_ms=shop.now_ms - 10 * MINUTE_MS)
    sell(shop, 3, ago_ms=12 * MINUTE_MS)
    sell(shop, 4, ago_ms=MINUTE_MS)

    assert on_hand(shop) == 9 - 2 - 4


@pytest.mark.parametrize("ago_ms", [0, MINUTE_MS])
def test_a_count_older_than_the_newest_is_stale(shop: Shop, ago_ms: int) -> None:
    shop.later(10 * MINUTE_MS)
    count(shop, 8)

    fact = shop.fact("berlin", sku="A", counted=5, occurred_at_ms=shop.now_ms - ago_ms)
    assert shop.refused(RejectionCode.COUNT_STALE, c.CountStock, **fact) == "occurred_at_ms"


def test_a_count_from_before_what_is_remembered_is_stale(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    shop.tick(15 * DAY_MS)
    shop.stock("A", "berlin", 1)

    fact = shop.fact("berlin", sku="A", counted=5, occurred_at_ms=START_MS - 1)
    shop.refused(RejectionCode.COUNT_STALE, c.CountStock, **fact)


def test_a_count_that_saw_something_else_is_refused(shop: Shop) -> None:
    shop.stock("A", "berlin", 4)

    fact = shop.fact("berlin", sku="A", counted=6, expected_on_hand=5)
    assert shop.refused(RejectionCode.COUNT_CONFLICT, c.CountStock, **fact) == "expected_on_hand"
    count(shop, 6, expected_on_hand=4)

    assert on_hand(shop) == 6


def test_a_count_both_stale_and_mistaken_is_told_to_be_stale(shop: Shop) -> None:
    count(shop, 6)

    fact = shop.fact("berlin", sku="A", counted=1, expected_on_hand=99)
    shop.refused(RejectionCode.COUNT_STALE, c.CountStock, **fact)


def test_what_is_said_to_happen_later_is_booked_as_of_its_command(shop: Shop) -> None:
    shop.stock("A", "berlin", 1, occurred_at_ms=START_MS + DAY_MS)

    assert shop.movements[-1].occurred_at_ms == START_MS


def test_a_message_of_another_than_the_authority_only_compares(shop: Shop) -> None:
    movers = dict.fromkeys(("receive", "sell", "adjust", "transfer"), "erp")
    shop.locate(location("berlin", authority=Authority(movers=movers, counter="erp")))
    shop.stock("A", "berlin", 5, source="erp")
    level = shop.level("A", "berlin")

    for kind, fields in KINDS:
        if kind is not c.SetSafetyStock:
            shop.do(kind, **shop.fact("berlin", **fields))
            assert shop.events() == ["stock_compared"]

    assert shop.level("A", "berlin") == level
    stated = [event.stated for told in shop.told for event in told.events if hasattr(event, "stated")]
    assert stated == [6, 4, 6, 1, 4]


def test_unsellable_units_never_go_below_none(shop: Shop) -> None:
    fact = shop.fact("berlin", sku="A", delta=0, unsellable_delta=-1)

    assert shop.refused(RejectionCode.STOCK_TOO_LOW, c.AdjustStock, **fact) == "unsellable_delta"


def test_the_repeat_of_an_adjustment_is_a_repeat_even_when_it_would_go_too_low_now(shop: Shop) -> None:
    shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=0, unsellable_delta=1))
    down = shop.make(c.AdjustStock, **shop.fact("berlin", sku="A", delta=0, unsellable_delta=-1))
    shop.send(down)

    assert shop.send(down).refusal is None


def test_totals_beyond_the_largest_quantity_are_read_back(shop: Shop) -> None:
    for _ in range(3):
        shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=1_000_000, unsellable_delta=1_000_000))

    assert shop.level("A", "berlin").unsellable == 3_000_000
