"""What may be sold, with exact values; and that it can be located, by asking routing for that and for one more."""

from typing import Any

import pytest

from models import commands as c
from models.records.line import Component
from models.records.pool import (
    CatalogueItem,
    Channel,
    Location,
    LocationKind,
    Policy,
    PublishingRule,
    RoutingModel,
    StockBasis,
)
from models.records.stock import UNTRACKED_UNITS, ApartView, IncomingView, LevelView, SkuView
from models.rules.availability import (
    Availability,
    Place,
    SetUp,
    of_kit,
    of_sku,
    published,
    rule_for,
)
from tests.support.builders import DAY_MS, START_MS, Line, Shop, location

NOW_MS = START_MS


def level(place: str, on_hand: int, *, allocated: int = 0, unsellable: int = 0, safety_stock: int = 0) -> LevelView:
    available = max(0, on_hand - allocated - unsellable - safety_stock)
    return LevelView(
        location_id=place,
        on_hand=on_hand,
        allocated=allocated,
        unsellable=unsellable,
        safety_stock=safety_stock,
        available=available,
    )


def incoming(place: str, quantity: int, in_days: int, confidence_per_mille: int = 1000) -> IncomingView:
    return IncomingView(
        location_id=place,
        quantity=quantity,
        expected_at_ms=NOW_MS + in_days * DAY_MS,
        confidence_per_mille=confidence_per_mille,
    )


def view(*levels: LevelView, sku: str = "A", waiting: int = 0, **more: Any) -> SkuView:
    available = sum(one.available for one in levels)
    return SkuView(pool="shop", sku=sku, offset=1, index=0, available=available, waiting=waiting, levels=levels, **more)


def set_up(*locations: Location, channel: Channel | None = None, model: RoutingModel | None = None) -> SetUp:
    places = locations or (location("one"), location("two"))
    return SetUp({place.location_id: place for place in places}, Policy(), model, channel)


def channel(*rules: PublishingRule, segment: str = "") -> Channel:
    return Channel(channel_id="web", name="Web", publishing=rules, segment=segment)


def of(seen: SkuView, how: SetUp, *, in_days: int = 0, **item: Any) -> Availability:
    fields = CatalogueItem(sku=seen.sku, **item)
    return of_sku(seen, fields, how, now_ms=NOW_MS, at_ms=NOW_MS + in_days * DAY_MS)


HUNDRED_EACH = view(level("one", 100), level("two", 100))


def test_two_stores_of_a_hundred_with_a_threshold_of_ten_are_a_hundred_and_ninety() -> None:
    found = of(HUNDRED_EACH, set_up(channel=channel(PublishingRule(threshold=10))))

    assert (found.to_fulfil, found.to_order, found.published) == (200, 200, 190)


@pytest.mark.parametrize(
    ("units", "rule", "told"),
    [
        (200, None, 200),
        (200, PublishingRule(threshold=10), 190),
        (9, PublishingRule(threshold=10), 0),
        (7, PublishingRule(percent=50), 3),
        (200, PublishingRule(percent=50, threshold=1), 99),
        (200, PublishingRule(maximum=25), 25),
        (20, PublishingRule(maximum=25), 20),
        (5, PublishingRule(end_when=5), 0),
        (6, PublishingRule(end_when=5), 6),
        (0, PublishingRule(), 0),
        (200, PublishingRule(percent=0), 0),
    ],
)
def test_a_channel_is_told_by_its_rule(units: int, rule: PublishingRule | None, told: int) -> None:
    assert published(units, rule) == told


def test_the_most_specific_rule_counts_and_of_equals_the_first() -> None:
    every = PublishingRule(maximum=1)
    tops = PublishingRule(category="tops", maximum=2)
    again = PublishingRule(category="tops", maximum=3)
    shirt = PublishingRule(sku="A", maximum=4)
    both = PublishingRule(sku="A", category="tops", maximum=5)
    top, hat = CatalogueItem(sku="A", category="tops"), CatalogueItem(sku="H", category="hats")

    assert rule_for(top, (every, tops, shirt)) is shirt
    assert rule_for(top, (shirt, both)) is both
    assert rule_for(CatalogueItem(sku="B", category="tops"), (every, tops, again, shirt)) is tops
    assert rule_for(hat, (tops, shirt, every)) is every
    assert rule_for(hat, (tops, shirt)) is None


def test_what_is_promised_set_aside_or_kept_back_is_not_there_by_location() -> None:
    found = of(
        view(level("one", 10, allocated=2, unsellable=3, safety_stock=1), level("two", 5, allocated=7)), set_up()
    )

    assert (found.to_fulfil, found.places) == (4, {"one": Place(4, 0), "two": Place(0, 0)})


def test_what_lies_where_nothing_ships_from_does_not_count() -> None:
    found = of(HUNDRED_EACH, set_up(location("one", enabled=False), location("two")))

    assert (found.to_fulfil, list(found.places)) == (100, ["two"])


def test_what_is_expected_can_be_ordered_from_its_date_as_far_as_it_is_counted_on() -> None:
    seen = view(level("one", 3), incoming=(incoming("one", 10, 5, 905), incoming("two", 4, 9)))

    assert [of(seen, set_up(), in_days=days).to_order for days in (0, 4, 5, 8, 9)] == [3, 3, 12, 12, 16]
    assert of(seen, set_up(), in_days=9).places == {"one": Place(3, 9), "two": Place(0, 4)}
    assert of(seen, set_up(), in_days=9).to_fulfil == 3


def test_who_waits_is_served_first() -> None:
    seen = view(level("one", 0), waiting=7, incoming=(incoming("one", 10, 5),))
    found = of(seen, set_up(channel=channel()), in_days=5)

    assert (found.to_order, found.waiting, found.published) == (3, 7, 0)
    assert of(seen, set_up(), in_days=4).to_order == 0


def test_units_that_are_not_located_yet_are_not_told_to_channels_again() -> None:
    found = of(view(level("one", 10), waiting=4), set_up(channel=channel()))

    assert (found.to_fulfil, found.to_order, found.published) == (10, 6, 6)


def test_only_so_many_units_may_wait_for_what_is_expected() -> None:
    seen = view(level("one", 2), waiting=3, incoming=(incoming("one", 50, 1),))

    limited = of(seen, set_up(), in_days=1, backorder_limit=5)
    assert (limited.to_order, limited.backorder_left) == (4, 2)
    assert of(seen, set_up(), in_days=1, backorder_limit=0).to_order == 2
    unlimited = of(seen, set_up(), in_days=1)
    assert (unlimited.to_order, unlimited.backorder_left) == (49, None)


def test_ring_fenced_units_are_for_channels_of_their_segment() -> None:
    apart = (ApartView(location_id="one", fenced={"vip": 6, "staff": 1}),)
    seen = view(level("one", 10), apart=apart)

    assert of(seen, set_up()).to_fulfil == 3
    assert of(seen, set_up(channel=channel())).to_fulfil == 3
    assert of(seen, set_up(channel=channel(segment="vip"))).to_fulfil == 9


def test_what_a_supplier_declared_too_long_ago_is_not_counted_on() -> None:
    supplier = location("one", stock=StockBasis.DECLARED, kind=LocationKind.DROP_SHIPPER)

    def declared(at_ms: int) -> int:
        seen = view(level("one", 8), apart=(ApartView(location_id="one", declared_at_ms=at_ms),))
        return of(seen, set_up(supplier)).to_fulfil

    assert (declared(NOW_MS - 2 * DAY_MS), declared(NOW_MS - 2 * DAY_MS - 1)) == (8, 0)
    assert of(view(level("one", 8)), set_up(supplier)).to_fulfil == 0


def test_a_location_promises_what_it_likely_finds() -> None:
    model = RoutingModel(version=1, pick_success={"one/tops": 500, "one": 900, "two": 990})

    assert of(HUNDRED_EACH, set_up(model=model), category="tops").places == {"one": Place(50, 0), "two": Place(99, 0)}
    assert of(HUNDRED_EACH, set_up(model=model)).to_fulfil == 189


def test_what_is_not_counted_is_never_short() -> None:
    card = of(view(sku="CARD"), set_up(channel=channel(PublishingRule(maximum=99))), untracked=True)

    assert (card.to_fulfil, card.to_order, card.published) == (UNTRACKED_UNITS, UNTRACKED_UNITS, 99)


KIT = CatalogueItem(
    sku="KIT",
    components=(Component(sku="A", quantity=2), Component(sku="B", quantity=1), Component(sku="A", quantity=1)),
)


def kits(a: SkuView, b: SkuView, *, waiting: int = 0, in_days: int = 0, how: SetUp | None = None) -> Availability:
    parts = {"A": (a, CatalogueItem(sku="A")), "B": (b, CatalogueItem(sku="B"))}
    return of_kit(KIT, waiting, parts, how or set_up(), now_ms=NOW_MS, at_ms=NOW_MS + in_days * DAY_MS)


def test_kits_are_whole_multiples_at_each_location_and_their_sum() -> None:
    found = kits(view(level("one", 8), level("two", 4)), view(level("one", 1), level("two", 9), sku="B"))

    assert (found.to_fulfil, found.places) == (2, {"one": Place(1, 0), "two": Place(1, 0)})


def test_components_at_different_locations_make_no_kit() -> None:
    assert kits(view(level("one", 30)), view(level("two", 30), sku="B")).to_fulfil == 0


def test_kits_can_be_ordered_from_when_their_last_component_comes() -> None:
    a = view(level("one", 6), incoming=(incoming("one", 6, 3),))
    b = view(level("one", 1), sku="B", incoming=(incoming("one", 5, 1),))

    assert [kits(a, b, in_days=days).to_order for days in (0, 1, 3)] == [1, 2, 4]
    assert kits(a, b, in_days=3, waiting=3).to_order == 1


def test_who_waits_for_a_component_alone_is_served_before_kits() -> None:
    a = view(level("one", 0), waiting=6, incoming=(incoming("one", 12, 1),))

    assert kits(a, view(level("one", 9), sku="B"), in_days=1).to_order == 2


def test_ring_fenced_components_make_no_kits() -> None:
    a = view(level("one", 9), apart=(ApartView(location_id="one", fenced={"vip": 6}),))
    how = set_up(channel=channel(segment="vip"))

    assert kits(a, view(level("one", 9), sku="B"), how=how).to_fulfil == 1


# ------------------------------------------------------------ beside routing


def shop_with_everything() -> tuple[Shop, SetUp]:
    """A shop with fenced, declared, unsellable and unlikely units, and kits of them."""
    shop = Shop()
    shop.open()
    places = (
        location("berlin"),
        location("hamburg"),
        location("munich", enabled=False),
        location("partner", kind=LocationKind.DROP_SHIPPER, stock=StockBasis.DECLARED),
    )
    shop.locate(*places)
    shop.do(c.PutCatalogue, items=(*(CatalogueItem(sku=sku) for sku in "AB"), KIT))
    vip = channel(segment="vip")
    shop.do(c.PutChannels, channels=(vip,))
    model = RoutingModel(version=1, pick_success={"hamburg": 800, "partner": 900})
    shop.do(c.PutRoutingModel, model=model)
    for sku, place, quantity in (("A", "berlin", 13), ("A", "hamburg", 11), ("A", "munich", 50), ("B", "hamburg", 3)):
        shop.stock(sku, place, quantity)
    shop.stock("B", "berlin", 2)
    declared = tuple(c.DeclaredLine(line=str(n), sku=sku, quantity=12) for n, sku in enumerate("AB"))
    shop.do(c.DeclareStock, **shop.fact("partner", lines=declared))
    shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="vip", quantity=3))
    shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="staff", quantity=2))
    shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=1, after="damaged"))
    return shop, SetUp({place.location_id: place for place in places}, shop.policy(), model, vip)


@pytest.mark.parametrize("sku", ["A", "B", "KIT"])
@pytest.mark.parametrize("days", [0, 5])
def test_what_is_told_can_be_located_and_no_unit_more(sku: str, days: int) -> None:
    shop, how = shop_with_everything()
    shop.later(days * DAY_MS)
    views = {part: (shop.sku_view(part), CatalogueItem(sku=part)) for part in "AB"}
    now_ms = shop.now_ms
    if sku == "KIT":
        found = of_kit(KIT, 0, views, how, now_ms=now_ms, at_ms=now_ms)
    else:
        found = of_sku(*views[sku], how, now_ms=now_ms, at_ms=now_ms)
    taken = shop.place("all", Line(sku, found.to_fulfil))
    shop, _ = shop_with_everything()
    shop.later(days * DAY_MS)
    one_more = shop.place("more", Line(sku, found.to_fulfil + 1))

    assert found.to_fulfil > 0
    assert (taken.lines[0].allocated, taken.lines[0].waiting) == (found.to_fulfil, 0)
    assert (one_more.lines[0].allocated, one_more.lines[0].waiting) == (found.to_fulfil, 1)
