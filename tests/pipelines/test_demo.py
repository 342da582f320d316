"""The demo in the real engine: every order ends, everything happens, and always the same."""

from collections import Counter

import msgspec
import pytest

from pipelines.demo.clock import DAY_MS, HOUR_MS
from tests.support.demo_world import START_MS, World
from tests.support.invariants import violations


@pytest.fixture(scope="module")
def world() -> World:
    lived = World()
    lived.run(600, 2 * DAY_MS)
    lived.run_out()
    return lived


def what(world: World) -> Counter[str]:
    return Counter(ask.path.rpartition("/")[2] for ask in world.asked)


def test_every_order_ends(world: World) -> None:
    assert world.partners.open_orders == 0
    assert Counter(order.status.value for order in world.orders()) == {
        "delivered": 576,
        "cancelled": 14,
        "expired": 10,
    }


def test_every_status_is_seen(world: World) -> None:
    assert sorted(world.statuses) == [
        "backordered",
        "cancelled",
        "delivered",
        "held",
        "partially_routed",
        "partially_shipped",
        "reserved",
        "routed",
        "shipped",
    ]


def test_partners_do_everything_in_its_share(world: World) -> None:
    assert {name: what(world)[name] for name in ("accept", "reject", "ship", "deliver", "return", "lose")} == {
        "accept": 611,
        "reject": 13,
        "ship": 663,
        "deliver": 646,
        "return": 16,
        "lose": 1,
    }


def test_next_to_nothing_is_refused(world: World) -> None:
    assert dict(world.refused) == {"accept: order_held": 2}


def test_the_invariants_hold(world: World) -> None:
    movements = [msgspec.json.decode(msgspec.json.encode(movement)) for movement in world.shop.movements]

    assert violations(world.shop.engine.rows, movements) == []


def test_the_same_seed_asks_the_same() -> None:
    one, again, other = World(seed=3), World(seed=3), World(seed=4)
    for lived in (one, again, other):
        lived.run(40, 6 * HOUR_MS)

    assert one.asked == again.asked
    assert one.asked != other.asked


def test_who_comes_later_goes_on_with_the_orders_as_they_are() -> None:
    lived = World()
    lived.run(60, 12 * HOUR_MS)
    late = lived.fresh_partners()
    for order in lived.orders():
        late.see(lived.seen(order.order_id), lived.shop.now_ms)
    lived.partners = late
    lived.run_out()

    assert lived.partners.open_orders == 0
    assert {order.status.value for order in lived.orders()} <= {"delivered", "cancelled", "expired"}


def test_shoppers_come_by_all_channels_and_more_by_day(world: World) -> None:
    orders = world.orders()

    assert set(Counter(order.channel for order in orders)) == {"website", "marketplace", "tills", "b2b"}
    night, noon = START_MS - 8 * HOUR_MS, START_MS + 4 * HOUR_MS
    gaps = [sum(world.shoppers.gap_seconds(number, 3.0, at_ms) for number in range(500)) for at_ms in (night, noon)]
    assert gaps[0] > 1.5 * gaps[1]
