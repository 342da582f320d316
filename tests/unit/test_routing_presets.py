from typing import Any

import pytest

from models import commands as c
from models.events import Candidate, UnitsRouted
from models.records.place import Destination
from models.records.pool import CatalogueItem, Policy, RateCard
from models.rules.routing import costs
from tests.support.builders import NEAR_BERLIN, POSITIONS, Line, Shop, location

CARD = RateCard(
    distance_limits_meters=(100_000, 300_000),
    weight_limits_grams=(1_000, 5_000),
    price_minor=((300, 400, 900), (400, 500, 1_000), (600, 800, 1_500)),
)


def places(shop: Shop, name: str = "1") -> list[str]:
    return [f.location_id for f in shop.order(name).fulfillments]


def routed(shop: Shop) -> UnitsRouted:
    return next(event for event in reversed(shop.told[-1].events) if isinstance(event, UnitsRouted))


def cheapest(**fields: Any) -> Shop:
    return Shop().open(preset="cheapest", rate_card=CARD, **fields)


def test_closest_prefers_one_package_from_afar_to_two_from_near() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 1)
    shop.stock("B", "hamburg", 1)
    shop.stock("A", "munich", 1)
    shop.stock("B", "munich", 1)

    shop.place("1", Line("A"), Line("B"))

    assert places(shop) == ["munich"]


def test_closest_takes_the_nearest_of_the_smallest_sets() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 1)
    shop.stock("A", "hamburg", 1)
    shop.stock("B", "munich", 1)

    shop.place("1", Line("A"), Line("B"))

    assert sorted(places(shop)) == ["berlin", "munich"]


def test_closest_knows_no_distance_to_an_address_without_a_position_and_goes_by_priority() -> None:
    shop = Shop().open()
    shop.locate(location("berlin", priority=2), location("munich", priority=1), location("hamburg", priority=3))
    for place in POSITIONS:
        shop.stock("A", place, 1)

    shop.place("1", Line("A"), destination=Destination(country="DE"))

    assert places(shop) == ["munich"]


def test_equal_costs_and_priorities_go_by_the_id_of_the_location() -> None:
    shop = Shop().open()
    for place in ("munich", "hamburg", "berlin"):
        shop.stock("A", place, 1)

    shop.place("1", Line("A"), destination=Destination(country="DE"))

    assert places(shop) == ["berlin"]


def test_cheapest_counts_the_card_the_handling_and_the_picking() -> None:
    shop = cheapest()
    shop.locate(location("berlin", handling_minor=150, pick_minor=30), location("hamburg", handling_minor=90))
    shop.stock("A", "berlin", 5)
    shop.stock("A", "hamburg", 5)

    shop.place("1", Line("A", 2))

    # Two units of 500 g: Berlin 300 + 150 + 2 x 30, Hamburg (some 210 km away) 400 + 90.
    assert places(shop) == ["hamburg"]
    assert shop.order("1").fulfillments[0].cost_milli == 490_000


def test_cheapest_prices_a_package_by_all_of_its_weight() -> None:
    shop = cheapest()
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="A", weight_grams=1_001),))
    shop.stock("A", "berlin", 5)

    shop.place("1", Line("A", 4))
    shop.place("2", Line("A", 1))

    assert [shop.order(name).fulfillments[0].cost_milli for name in ("1", "2")] == [400_000, 400_000]
    shop.place("3", Line("A", 5))
    assert shop.order("3").lines[0].waiting == 5


@pytest.mark.parametrize(("penalty", "expected"), [(100, ["munich"]), (0, ["berlin", "hamburg"])])
def test_cheapest_splits_only_where_that_saves_more_than_its_penalty(penalty: int, expected: list[str]) -> None:
    shop = cheapest(split_penalty_minor=penalty)
    shop.locate(location("munich", handling_minor=150))
    for sku, place in (("A", "berlin"), ("B", "hamburg"), ("A", "munich"), ("B", "munich")):
        shop.stock(sku, place, 1)

    shop.place("1", Line("A"), Line("B"))

    # Munich alone is 600 + 150; Berlin 300 and Hamburg 400 and the penalty are 700 or 800.
    assert sorted(places(shop)) == expected


def test_a_unit_waits_where_sending_it_costs_more_than_it_is_worth() -> None:
    shop = cheapest(unfilled_penalty_minor=599)
    shop.stock("A", "munich", 1)

    order = shop.place("1", Line("A"))

    assert order.lines[0].waiting == 1


@pytest.mark.parametrize(
    ("meters", "row"),
    [(0, 0), (100_000, 0), (100_001, 1), (300_000, 1), (300_001, 2)],
)
def test_a_limit_belongs_to_the_band_it_ends(meters: int, row: int) -> None:
    assert costs.prices(CARD, meters) == CARD.price_minor[row]


def test_an_unknown_distance_is_priced_as_the_farthest() -> None:
    policy = Policy(preset="cheapest", rate_card=CARD)

    assert costs.package_milli(policy, location("attic"), NEAR_BERLIN.position) == (600_000, 800_000, 1_500_000)


def test_no_more_packages_than_the_policy_allows() -> None:
    shop = Shop().open(max_fulfillments=2)
    for place in POSITIONS:
        shop.stock("A", place, 1)

    order = shop.place("1", Line("A", 3))

    assert (len(order.fulfillments), order.lines[0].waiting) == (2, 1)


def test_a_disabled_location_is_left_out_and_the_trace_says_so() -> None:
    shop = Shop().open()
    shop.locate(location("berlin", enabled=False))
    shop.stock("A", "berlin", 1)
    shop.stock("A", "munich", 1)

    shop.place("1", Line("A"))

    assert places(shop) == ["munich"]
    assert routed(shop).trace.excluded == {"disabled": ("berlin",)}


def test_the_trace_says_what_each_location_would_have_cost_and_why_it_lost() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 1)
    shop.stock("B", "berlin", 1)
    shop.stock("A", "munich", 1)
    shop.stock("A", "hamburg", 1)
    shop.stock("B", "hamburg", 1)

    shop.place("1", Line("A"), Line("B"))

    trace = routed(shop).trace
    meters = {place: costs.package_milli(Policy(), location(place), NEAR_BERLIN.position)[0] for place in POSITIONS}
    assert trace.candidates == (
        Candidate(location_id="berlin", lines=2, cost_milli=meters["berlin"], lost_by=""),
        Candidate(location_id="hamburg", lines=2, cost_milli=meters["hamburg"], lost_by="cost"),
        Candidate(location_id="munich", lines=1, cost_milli=meters["munich"], lost_by="covers_less"),
    )
    assert (trace.method, trace.preset, trace.policy_version) == ("exact", "closest", 1)
    assert trace.cost_milli == meters["berlin"]


def test_lines_of_one_sku_share_what_is_there_in_their_order() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 3)

    order = shop.place("1", Line("A", 2), Line("A", 2))

    assert [(line.allocated, line.waiting) for line in order.lines] == [(2, 0), (1, 1)]


def test_the_largest_order_there_may_be_is_routed_within_stock() -> None:
    skus = [f"S{n}" for n in range(200)]
    shop = Shop().open(skus=skus)
    for sku in skus[:5]:
        shop.stock(sku, "berlin", 1)

    order = shop.place("1", *[Line(sku, 1_000_000) for sku in skus])

    assert sum(line.allocated for line in order.lines) == 5
    assert routed(shop).trace.cost_milli < 2**63
