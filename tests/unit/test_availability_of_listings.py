"""What may be sold of a listing, with exact values; and that routing makes up as many, and not one more."""

from models import commands as c
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem, Listing, PublishingRule
from models.records.stock import UNTRACKED_UNITS, SkuView
from models.rules.availability import Availability, Place, SetUp, of_sku
from models.rules.listed import of_listing
from tests.support.builders import DAY_MS, Line, Shop, location
from tests.unit.test_availability import NOW_MS, channel, incoming, level, set_up, view


def sixes(seen: SkuView, how: SetUp, *, each: int = 6, **item: object) -> Availability:
    fields = CatalogueItem(sku=seen.sku, **item)  # type: ignore[arg-type]
    return of_listing(lambda asked: of_sku(seen, fields, asked, now_ms=NOW_MS, at_ms=NOW_MS + 9 * DAY_MS), how, each)


def test_packs_are_made_up_at_each_location_and_not_over_two() -> None:
    found = sixes(view(level("one", 13), level("two", 11)), set_up(channel=channel()))

    assert (found.to_fulfil, found.published) == (3, 3)
    assert found.places == {"one": Place(2, 0), "two": Place(1, 0)}


def test_one_unit_a_listing_is_the_sku_itself() -> None:
    seen = view(level("one", 13), level("two", 11))

    assert sixes(seen, set_up(channel=channel()), each=1) == of_sku(
        seen, CatalogueItem(sku="A"), set_up(channel=channel()), now_ms=NOW_MS, at_ms=NOW_MS
    )


def test_what_comes_fills_a_pack_where_it_comes() -> None:
    found = sixes(view(level("one", 4), level("two", 11), incoming=(incoming("one", 2, 5),)), set_up())

    assert (found.to_fulfil, found.to_order) == (1, 2)
    assert found.places == {"one": Place(0, 1), "two": Place(1, 0)}


def test_units_that_others_wait_for_are_taken_off() -> None:
    found = sixes(view(level("one", 24), waiting=13), set_up(channel=channel()), backorder_limit=20)

    assert (found.to_order, found.waiting, found.backorder_left, found.published) == (1, 3, 1, 1)


def test_a_rule_counts_units_and_is_rounded_down() -> None:
    seen = view(level("one", 100))

    assert sixes(seen, set_up(channel=channel(PublishingRule(maximum=20)))).published == 3
    assert sixes(seen, set_up(channel=channel(PublishingRule(maximum=5)))).published == 0
    assert sixes(seen, set_up()).published is None


def test_what_is_never_short_is_never_short_in_packs() -> None:
    found = sixes(view(), set_up(), untracked=True)

    assert (found.to_fulfil, found.to_order, found.places) == (UNTRACKED_UNITS // 6, UNTRACKED_UNITS // 6, {})


def told_and_routed(shop: Shop, segment: str = "") -> tuple[int, int]:
    """Give how many packs are told, and how many orders of one are routed one after the other."""
    seen = shop.sku_view("A")
    how = set_up(location("berlin"), location("hamburg"), channel=channel(segment=segment))
    told = sixes(seen, how).published
    assert told is not None
    routed = 0
    while shop.place(f"n-{routed}", Line("SIX")).status is OrderStatus.ROUTED:
        routed += 1
    return told, routed


def packs_of(**stock: int) -> Shop:
    shop = Shop().open()
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="A", listings=(Listing(channel="web", sku="SIX", quantity=6),)),))
    for place, units in stock.items():
        shop.stock("A", place, units)
    return shop


def test_as_many_packs_are_told_as_routing_makes_up() -> None:
    assert told_and_routed(packs_of(berlin=13, hamburg=11)) == (3, 3)
    assert told_and_routed(packs_of(berlin=3, hamburg=3)) == (0, 0)


def test_packs_are_of_what_is_free_to_all_as_routing_does_it() -> None:
    shop = packs_of(berlin=13)
    shop.do(c.PutChannels, channels=(channel(segment="vip"),))
    shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="vip", quantity=6))

    assert told_and_routed(shop, "vip") == (1, 1)
