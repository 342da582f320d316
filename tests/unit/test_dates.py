"""Orders that are wanted on a date: sent then, and claiming stock from the start or only near it."""

import pytest

from models import commands as c
from models.records import changes as ch
from models.records.hold import HoldType
from models.records.order import OrderStatus, Terms
from tests.support.builders import DAY_MS, START_MS, Line, Shop


@pytest.fixture
def shop() -> Shop:
    """Stock is claimed three days before."""
    made = Shop().open(reserve_before_ms=3 * DAY_MS)
    made.stock("A", "berlin", 5)
    return made


def wanted(shop: Shop, external_id: str, day: int) -> None:
    shop.place(external_id, Line("A", 2), terms=Terms(requested_at_ms=START_MS + day * DAY_MS))


def holds(shop: Shop, external_id: str) -> dict[HoldType, int | None]:
    """The day on which each hold ends."""
    standing = shop.order(external_id).holds
    return {
        hold.type: None if hold.release_at_ms is None else (hold.release_at_ms - START_MS) // DAY_MS
        for hold in standing
    }


def claimed(shop: Shop) -> int:
    return shop.level("A", "berlin").allocated


def test_an_order_claims_stock_so_long_before_its_date_and_is_sent_on_it(shop: Shop) -> None:
    wanted(shop, "1", day=10)
    assert (holds(shop, "1"), claimed(shop)) == ({HoldType.SCHEDULED: 10, HoldType.PARKED: 7}, 0)

    shop.tick(7 * DAY_MS - 1000)
    assert claimed(shop) == 0
    shop.tick(1000)
    assert (holds(shop, "1"), claimed(shop)) == ({HoldType.SCHEDULED: 10}, 2)
    shop.tick(3 * DAY_MS)
    assert (holds(shop, "1"), shop.order("1").status) == ({}, OrderStatus.ROUTED)


def test_an_order_that_is_wanted_soon_claims_stock_at_once(shop: Shop) -> None:
    wanted(shop, "1", day=3)

    assert (holds(shop, "1"), claimed(shop)) == ({HoldType.SCHEDULED: 3}, 2)


def test_without_the_rule_stock_is_claimed_from_the_start(shop: Shop) -> None:
    shop.follow()
    wanted(shop, "1", day=300)

    assert (holds(shop, "1"), claimed(shop)) == ({HoldType.SCHEDULED: 300}, 2)


@pytest.mark.parametrize(
    ("day", "then", "units"),
    [
        pytest.param(20, {HoldType.SCHEDULED: 20, HoldType.PARKED: 17}, 0, id="later"),
        pytest.param(8, {HoldType.SCHEDULED: 8, HoldType.PARKED: 5}, 0, id="sooner"),
        pytest.param(2, {HoldType.SCHEDULED: 2}, 2, id="soon"),
        pytest.param(None, {}, 2, id="at once"),
    ],
)
def test_another_date_moves_both(shop: Shop, day: int | None, then: dict[HoldType, int], units: int) -> None:
    wanted(shop, "1", day=10)
    asked = {"cleared": ("requested_at_ms",)} if day is None else {"requested_at_ms": START_MS + day * DAY_MS}
    change = ch.SetTerms(**asked)
    shop.do(c.EditOrder, **shop.on("1", changes=(change,)))

    assert (holds(shop, "1"), claimed(shop)) == (then, units)


def test_a_date_that_is_far_off_gives_stock_back(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    far = ch.SetTerms(requested_at_ms=START_MS + 30 * DAY_MS)
    shop.do(c.EditOrder, **shop.on("1", changes=(far,)))

    assert (holds(shop, "1"), claimed(shop)) == ({HoldType.SCHEDULED: 30, HoldType.PARKED: 27}, 0)


def test_what_a_person_has_parked_stays_parked(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PARKED))
    for day in (30, 1):
        change = ch.SetTerms(requested_at_ms=START_MS + day * DAY_MS)
        shop.do(c.EditOrder, **shop.on("1", changes=(change,)))
        assert (holds(shop, "1"), claimed(shop)) == ({HoldType.PARKED: None, HoldType.SCHEDULED: day}, 0)
