import pytest

from models import commands as c
from models.records.order import OrderStatus
from tests.support.builders import HOUR_MS, START_MS, Line, Shop, location


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


def allocated(shop: Shop, *names: str) -> list[int]:
    return [sum(line.allocated for line in shop.order(name).lines) for name in names]


def test_a_receipt_serves_by_priority_then_promise_then_age(shop: Shop) -> None:
    shop.place("newest", Line("A"), placed_at_ms=START_MS + 2)
    shop.place("oldest", Line("A"), placed_at_ms=START_MS)
    shop.place("promised", Line("A"), placed_at_ms=START_MS + 1, promise_by_ms=START_MS + 9 * HOUR_MS)
    shop.place("promised sooner", Line("A"), placed_at_ms=START_MS + 1, promise_by_ms=START_MS + HOUR_MS)
    shop.place("important", Line("A"), placed_at_ms=START_MS + 9, priority=1)
    turn = ["important", "promised sooner", "promised", "oldest", "newest"]

    for served in range(1, 6):
        shop.stock("A", "berlin", 1)

        assert allocated(shop, *turn) == [1] * served + [0] * (5 - served)


def test_a_receipt_serves_an_order_in_part(shop: Shop) -> None:
    shop.place("1", Line("A", 5))

    shop.stock("A", "berlin", 2)

    order = shop.order("1")
    assert (order.status, order.lines[0].allocated, order.lines[0].waiting) == (OrderStatus.PARTIALLY_ROUTED, 2, 3)


def test_safety_stock_is_kept_back_and_given_when_it_is_lowered(shop: Shop) -> None:
    shop.do(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=3))
    shop.stock("A", "berlin", 4)
    shop.place("1", Line("A", 3))
    assert allocated(shop, "1") == [1]

    shop.do(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=1))

    assert allocated(shop, "1") == [3]


def test_opening_a_location_serves_who_waits(shop: Shop) -> None:
    shop.locate(location("berlin", enabled=False))
    shop.stock("A", "berlin", 1)
    shop.place("1", Line("A"))
    assert allocated(shop, "1") == [0]

    shop.locate(location("berlin"))

    assert allocated(shop, "1") == [1]


def test_a_new_policy_serves_who_the_old_one_let_wait(shop: Shop) -> None:
    shop.follow(max_fulfillments=1)
    shop.stock("A", "berlin", 1)
    shop.stock("A", "hamburg", 1)
    shop.place("1", Line("A", 2))
    assert allocated(shop, "1") == [1]

    shop.follow(max_fulfillments=2)

    assert allocated(shop, "1") == [2]


def test_a_till_sale_of_promised_units_takes_them_from_the_last_in_turn(shop: Shop) -> None:
    shop.stock("A", "berlin", 4)
    for name, fields in {
        "important": {"priority": 1},
        "early": {"promise_by_ms": START_MS + HOUR_MS},
        "late": {"promise_by_ms": START_MS + 2 * HOUR_MS},
        "open": {},
    }.items():
        shop.place(name, Line("A"), **fields)

    for left in ([1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]):
        shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))
        assert allocated(shop, "important", "early", "late", "open") == left


def test_who_loses_units_is_routed_elsewhere_the_first_in_turn_first(shop: Shop) -> None:
    shop.stock("A", "berlin", 2)
    shop.stock("A", "munich", 1)
    shop.place("important", Line("A"), priority=1)
    shop.place("ordinary", Line("A"))

    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=0))

    assert allocated(shop, "important", "ordinary") == [1, 0]
    assert shop.order("important").fulfillments[-1].location_id == "munich"
    assert shop.events().count("allocation_broken") == 2


def test_units_not_yet_accepted_are_taken_before_accepted_ones(shop: Shop) -> None:
    shop.stock("A", "berlin", 2)
    shop.place("accepted", Line("A"))
    shop.do(c.AcceptFulfillment, **shop.on("accepted", 1))
    shop.place("important", Line("A"), priority=9)

    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))

    assert allocated(shop, "accepted", "important") == [1, 0]


def test_picked_units_are_never_taken_back(shop: Shop) -> None:
    shop.stock("A", "berlin", 2)
    shop.place("1", Line("A", 2))
    shop.do(c.PickFulfillment, **shop.on("1", 1))

    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))

    assert allocated(shop, "1") == [2]
    assert shop.events() == ["stock_short"]
    assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (1, 2)


def test_damaged_units_are_not_promised_to_anybody(shop: Shop) -> None:
    shop.stock("A", "berlin", 3)
    shop.place("1", Line("A", 3))

    shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=0, unsellable_delta=2))
    assert allocated(shop, "1") == [1]
    shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=0, unsellable_delta=-2))

    assert allocated(shop, "1") == [3]


def test_a_sale_of_more_than_is_there_leaves_on_hand_below_zero_and_says_so(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)

    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 3)))

    assert shop.level("A", "berlin").on_hand == -2
    assert shop.level("A", "berlin").available == 0
    assert shop.events() == ["stock_short"]


def test_a_shortfall_of_many_orders_is_settled_in_slices(shop: Shop) -> None:
    shop.stock("A", "berlin", 250)
    for number in range(250):
        shop.place(str(number), Line("A"), placed_at_ms=START_MS + number)
    before = len(shop.told)

    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=10))

    assert [len(told.others) for told in shop.told[before:]] == [100, 100, 40]
    assert [allocated(shop, str(n)) for n in (0, 9, 10, 249)] == [[1], [1], [0], [0]]
    assert shop.level("A", "berlin").allocated == 10


def test_stock_that_one_command_frees_goes_to_an_order_that_the_same_command_lets_wait(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    shop.reserve("reserved", Line("A"), time_to_live_ms=HOUR_MS)
    shop.place("held", Line("A"))
    hold = shop.on("held", hold="unexpected_currency", release_at_ms=START_MS + HOUR_MS - 1000)
    shop.do(c.HoldOrder, **hold)

    shop.tick(HOUR_MS)

    assert shop.order("reserved").status is OrderStatus.EXPIRED
    assert allocated(shop, "held") == [1]


def test_published_levels_and_waiting_units_follow_the_rows(shop: Shop) -> None:
    shop.stock("A", "berlin", 3)
    shop.stock("A", "hamburg", 1)
    shop.place("1", Line("A", 6))

    view = shop.sku_view("A")

    assert (view.available, view.waiting) == (0, 2)
    assert [(level.location_id, level.on_hand, level.allocated) for level in view.levels] == [
        ("berlin", 3, 3),
        ("hamburg", 1, 1),
    ]
