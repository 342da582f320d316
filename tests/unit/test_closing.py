"""Orders that have ended leave the table, keep a stub, and come back by their archived row."""

import pytest
from msgspec.structs import replace

from models import commands as c
from models import rows
from models.records.order import OrderStatus
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, Line, Shop


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open(close_after_ms=30 * DAY_MS, stub_ms=390 * DAY_MS)
    shop.stock("A", "berlin", 9)
    shop.place("1", Line("A", 2), source_version=4)
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))
    return shop


def is_there(shop: Shop, external_id: str = "1") -> bool:
    return rows.order_key(shop.order_id(external_id)) in shop.engine.rows


def stubs(shop: Shop) -> int:
    return sum(key[:1] == rows.STUB for key in shop.engine.rows)


def test_an_order_leaves_the_table_so_long_after_the_last_that_happened_to_it(shop: Shop) -> None:
    shop.tick(30 * DAY_MS - 1000)
    assert is_there(shop)

    shop.tick(1000)

    assert (is_there(shop), stubs(shop), shop.events()) == (False, 1, ["order_closed"])
    pictures = [rows.decode_order(value) for topic, value in shop.published if topic == "order-views"]
    assert (pictures[-1].closed_at_ms, pictures[-1].status) == (shop.now_ms // 1000 * 1000, OrderStatus.DELIVERED)


def test_what_happens_to_it_meanwhile_puts_its_closing_off(shop: Shop) -> None:
    shop.later(20 * DAY_MS)
    shop.do(c.PlaceOrder, **shop.content("1", Line("A", 5), source_version=5, placed_at_ms=shop.now_ms - 20 * DAY_MS))

    shop.tick(20 * DAY_MS)

    assert is_there(shop)


def test_an_order_that_is_open_never_closes(shop: Shop) -> None:
    shop.place("2", Line("A", 2))
    shop.place("3", Line("A", 2))
    shop.do(c.ShipParcel, **shop.on("3", 1, parcel_id="q"))

    shop.tick(400 * DAY_MS)

    assert (is_there(shop, "2"), is_there(shop, "3")) == (True, True)


def test_a_webhook_90_days_later_changes_nothing_unless_it_is_newer(shop: Shop) -> None:
    shop.tick(90 * DAY_MS)
    before = shop.business()

    told = shop.do(c.PlaceOrder, **shop.content("1", Line("A", 2), source_version=4))
    assert (shop.business(), [str(e.__struct_config__.tag) for e in told.events]) == (before, ["older_content_ignored"])
    newer = shop.make(c.PlaceOrder, **shop.content("1", Line("A", 1), source_version=5), command_id="webhook")
    assert shop.refuses(RejectionCode.ORDER_CLOSED, newer) == "order_id"

    shop.do(c.ReopenOrder, **shop.on("1", order=shop.closed("1")))
    assert shop.send(newer).refusal is None
    assert (shop.order("1").source_version, shop.events()) == (5, ["newer_content_noted"])


def test_a_parcel_that_comes_back_90_days_later_is_booked_once_the_order_is_back(shop: Shop) -> None:
    shop.place("2", Line("A", 2))
    shop.do(c.ShipParcel, **shop.on("2", 1, parcel_id="q"))
    shop.do(c.LoseParcel, **shop.on("2", 1, parcel_id="q"))
    shop.tick(90 * DAY_MS)
    came_back = shop.make(c.ReturnParcelToSender, **shop.on("2", 1, parcel_id="q"))
    shop.refuses(RejectionCode.ORDER_CLOSED, came_back)

    shop.do(c.ReopenOrder, **shop.on("2", order=shop.closed("2")))
    shop.send(came_back)

    assert shop.order("2").lines[0].returned_to_sender == 2
    assert shop.level("A", "berlin").on_hand == 7


@pytest.mark.parametrize("changed", [{"total_minor": 1}, {"version": 99}])
def test_a_row_that_was_tampered_with_is_refused(shop: Shop, changed: dict[str, int]) -> None:
    shop.tick(31 * DAY_MS)

    asked = shop.on("1", order=shop.closed("1", **changed))

    assert shop.refused(RejectionCode.ROW_CONFLICT, c.ReopenOrder, **asked) == "order"


def test_the_row_of_another_order_is_refused(shop: Shop) -> None:
    shop.place("2", Line("A", 1))
    shop.do(c.CancelUnits, **shop.on("2"))
    shop.tick(31 * DAY_MS)

    asked = {"order_id": shop.order_id("1"), "order": shop.closed("2")}

    assert shop.refused(RejectionCode.ROW_CONFLICT, c.ReopenOrder, **asked) == "order"


def test_an_order_that_is_back_is_as_it_was_and_closes_again(shop: Shop) -> None:
    before = shop.order("1")
    shop.tick(31 * DAY_MS)

    shop.do(c.ReopenOrder, **shop.on("1", order=shop.closed("1")))

    back = shop.order("1")
    same = {"version": 0, "offset": 0, "updated_at_ms": 0, "recent": (), "story": (), "closes_at_ms": None}
    assert replace(back, **same) == replace(before, **same)
    assert (back.version, stubs(shop)) == (before.version + 2, 0)
    shop.tick(31 * DAY_MS)
    assert (is_there(shop), stubs(shop)) == (False, 1)


def test_a_stub_goes_after_its_time_and_the_order_cannot_come_back(shop: Shop) -> None:
    shop.tick(31 * DAY_MS)
    row = shop.closed("1")

    shop.tick(391 * DAY_MS)

    assert stubs(shop) == 0
    assert shop.refused(RejectionCode.ORDER_UNKNOWN, c.ReopenOrder, **shop.on("1", order=row)) == "order_id"


def test_a_reservation_that_ran_out_long_ago_can_still_be_placed(shop: Shop) -> None:
    shop.reserve("late", Line("A", 1))
    shop.tick(DAY_MS)
    shop.tick(31 * DAY_MS)
    placing = shop.make(c.PlaceOrder, **shop.content("late", Line("A", 1)))
    shop.refuses(RejectionCode.ORDER_CLOSED, placing)

    shop.do(c.ReopenOrder, **shop.on("late", order=shop.closed("late")))
    shop.send(placing)

    assert shop.order("late").status is OrderStatus.ROUTED


def test_a_rebuilt_engine_closes_and_forgets_alike(shop: Shop) -> None:
    shop.place("2", Line("A", 1))
    shop.do(c.CancelUnits, **shop.on("2"))
    shop.tick(10 * DAY_MS)
    rebuilt = Shop(shop.pool)
    rebuilt.engine.load(list(shop.engine.rows.items()))
    rebuilt.offset, rebuilt.now_ms = shop.offset, shop.now_ms

    for each in (shop, rebuilt):
        each.tick(25 * DAY_MS)
        each.tick(400 * DAY_MS)

    assert rebuilt.engine.rows == shop.engine.rows
    assert stubs(rebuilt) == 0


def test_an_order_of_the_past_moves_no_stock_and_may_be_long_ago(shop: Shop) -> None:
    long_ago_ms = shop.now_ms - 900 * DAY_MS
    content = shop.content("old", Line("A", 5, 700), placed_at_ms=long_ago_ms)

    shop.do(c.ImportOrder, **content, shipped_at_ms=long_ago_ms + DAY_MS, location_id="berlin", tracking_number="t")

    order = shop.order("old")
    assert (order.status, order.historic, order.total_minor) == (OrderStatus.DELIVERED, True, 3500)
    assert (order.parcels[0].tracking_number, shop.level("A", "berlin").on_hand) == ("t", 7)
    assert shop.movements[-1].order_id != order.order_id


def test_an_order_of_the_past_that_is_here_already_changes_nothing(shop: Shop) -> None:
    before = shop.business()
    content = shop.content("1", Line("A", 5), placed_at_ms=shop.now_ms)

    shop.do(c.ImportOrder, **content, shipped_at_ms=shop.now_ms)

    assert {key: row for key, row in shop.business().items() if key[:1] != b"o"} == {
        key: row for key, row in before.items() if key[:1] != b"o"
    }
    assert shop.order("1").lines[0].quantity == 2


@pytest.mark.parametrize(("ahead_ms", "refused"), [(300_000, False), (300_001, True)])
def test_an_order_of_the_past_may_be_as_far_ahead_as_clocks_differ(shop: Shop, ahead_ms: int, refused: bool) -> None:
    content = shop.content("old", Line("A", 1), placed_at_ms=shop.now_ms + ahead_ms)
    command = shop.make(c.ImportOrder, **content, shipped_at_ms=shop.now_ms)

    if refused:
        assert shop.refuses(RejectionCode.COMMAND_INVALID, command) == "placed_at_ms"
    else:
        assert shop.send(command).refusal is None
