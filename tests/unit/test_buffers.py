"""Buffers: units that rules keep back from what is told, from what orders may claim, or from both."""

import pytest

from models import commands as c
from models.records.buffer import Buffer, BufferFor
from models.records.line import Component
from models.records.pool import CatalogueItem, Location, LocationKind
from models.rules.availability import SetUp, of_sku
from models.rules.buffers import Where, kept_from
from tests.support.builders import START_MS, Line, Shop, location

STORE = location("store", kind=LocationKind.STORE, time_zone="Europe/Berlin")


def left(units: int, *buffers: Buffer, at: Location = STORE, now_ms: int = START_MS, category: str = "") -> int:
    return kept_from(BufferFor.SELLING, buffers, Where("A", category, at, now_ms), units)


@pytest.mark.parametrize(
    ("buffer", "kept"),
    [
        (Buffer(), 10),
        (Buffer(units=3), 7),
        (Buffer(units=30), 0),
        (Buffer(percent=25), 7),
        (Buffer(units=2, percent=50), 4),
        (Buffer(percent=100), 0),
        (Buffer(units=3, sku="B"), 10),
        (Buffer(units=3, kind="warehouse"), 10),
        (Buffer(units=3, kind="store"), 7),
        (Buffer(units=3, location_id="other"), 10),
        (Buffer(units=3, category="parts"), 10),
        (Buffer(units=3, keeps_from=BufferFor.ROUTING), 10),
    ],
)
def test_what_is_left_of_ten(buffer: Buffer, kept: int) -> None:
    assert left(10, buffer) == kept


def test_the_most_specific_rule_counts_alone() -> None:
    rules = (
        Buffer(units=1),
        Buffer(units=2, kind="store"),
        Buffer(units=3, location_id="store"),
        Buffer(units=0, sku="A"),
    )

    assert left(10, *rules) == 10
    assert left(10, *rules[:3]) == 7
    assert left(10, *rules[:2]) == 8


def test_of_two_that_are_as_specific_the_first_counts() -> None:
    assert left(10, Buffer(units=1, kind="store"), Buffer(units=5, kind="store")) == 9


def test_a_rule_of_a_season_counts_on_the_days_of_the_location() -> None:
    # 22:13 UTC on the 14th is 23:13 in Berlin; an hour later it is the 15th there.
    season = Buffer(units=4, first_day="2023-11-15", last_day="2023-11-16")
    hour_ms = 3_600_000

    assert [left(10, season, now_ms=START_MS + hours * hour_ms) for hours in (0, 1, 48, 49)] == [10, 6, 6, 10]


def follow(shop: Shop, *buffers: Buffer) -> None:
    shop.follow(buffers=buffers)


def test_orders_may_not_claim_what_is_kept_from_them() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    follow(shop, Buffer(units=2, keeps_from=BufferFor.ROUTING))

    order = shop.place("1", Line("A", 4))

    assert (order.lines[0].allocated, order.lines[0].waiting) == (3, 1)


def test_what_is_kept_from_selling_alone_may_be_claimed() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    follow(shop, Buffer(units=2, keeps_from=BufferFor.SELLING))

    set_up = SetUp({"berlin": location("berlin")}, shop.policy())
    told = of_sku(shop.sku_view("A"), CatalogueItem(sku="A"), set_up, now_ms=shop.now_ms, at_ms=shop.now_ms)

    assert told.to_fulfil == 3
    assert shop.place("1", Line("A", 5)).lines[0].allocated == 5


def test_kits_are_made_up_of_what_is_left_of_each_component() -> None:
    shop = Shop().open()
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="KIT", components=(Component(sku="A", quantity=2),)),))
    shop.stock("A", "berlin", 9)
    follow(shop, Buffer(units=2, sku="A"))

    assert shop.place("1", Line("KIT", 4)).lines[0].allocated == 3


def test_orders_that_wait_are_served_once_a_rule_is_taken_off() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    follow(shop, Buffer(units=5))
    assert shop.place("1", Line("A", 1)).lines[0].waiting == 1

    follow(shop)

    assert shop.order("1").lines[0].allocated == 1
