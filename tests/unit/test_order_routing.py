from typing import Any

from api.web.order_routing import Choice, Desk, choice
from models import commands as c
from models.events import UnitsRouted
from models.records.pool import PoolView, RateCard
from models.rows import LOCATION, POOL, decode_location, decode_pool, key, pool_key
from tests.support.builders import POSITIONS, Line, Shop, location

CARD = RateCard(distance_limits_meters=(100_000,), price_minor=((490,), (690,)))


def shop_with(**policy: Any) -> Shop:
    shop = Shop().open(**policy)
    shop.locate(location("berlin", handling_minor=50, pick_minor=10))
    return shop


def desk(shop: Shop) -> Desk:
    pool = decode_pool(shop.engine.rows[pool_key(POOL, shop.pool)])
    locations = tuple(decode_location(shop.engine.rows[key(LOCATION, shop.pool, name)]) for name in POSITIONS)
    setup = PoolView(pool=pool, locations=locations, offset=0, index=0)
    return Desk(shop.order("1"), setup, {place.location_id: place for place in locations})


def explained(shop: Shop) -> Choice:
    update = next(update for update in reversed(shop.told) if any(isinstance(e, UnitsRouted) for e in update.events))
    event = next(event for event in update.events if isinstance(event, UnitsRouted))
    return choice(desk(shop), event, update.at_ms)


def test_the_cheapest_is_chosen_and_the_others_say_what_they_would_have_cost() -> None:
    shop = shop_with(preset="cheapest", rate_card=CARD)
    shop.stock("A", "berlin", 5)
    shop.stock("A", "hamburg", 5)
    shop.place("1", Line("A", 2))

    found = explained(shop)
    assert found.sentence == "Chose Berlin: €5.60; Hamburg would have cost €6.90."
    assert [(row.name, row.is_chosen, row.cost, row.verdict) for row in found.candidates] == [
        ("Berlin", True, "€5.60", "chosen"),
        ("Hamburg", False, "€6.90", "would have cost more"),
    ]
    assert [tuple(part) for part in found.candidates[0].parts] == [
        ("carriage", "€4.90"),
        ("handling", "€0.50"),
        ("picking", "€0.20"),
    ]
    assert found.method == "the best of all combinations"


def test_costs_are_not_taken_apart_by_a_set_up_that_has_changed_since() -> None:
    shop = shop_with(preset="cheapest", rate_card=CARD)
    shop.stock("A", "berlin", 5)
    shop.place("1", Line("A", 2))
    shop.locate(location("berlin", handling_minor=70, pick_minor=10))

    assert explained(shop).candidates[0].parts == ()


def test_a_split_names_what_each_location_sends_and_who_had_too_little() -> None:
    shop = shop_with(preset="cheapest", rate_card=CARD)
    shop.stock("A", "berlin", 2)
    shop.stock("B", "hamburg", 2)
    shop.stock("A", "munich", 1)
    shop.place("1", Line("A", 2), Line("B", 1))

    found = explained(shop)
    assert found.sentence == (
        "Split over Berlin (2 × A, €5.60) and Hamburg (1 × B, €6.90); Munich had none of them whole."
    )
    assert found.candidates[2].verdict == "had none of them whole"


def test_under_closest_the_cost_is_a_distance() -> None:
    shop = shop_with()
    shop.stock("A", "berlin", 5)
    shop.stock("A", "hamburg", 5)
    shop.place("1", Line("A"))

    assert explained(shop).sentence == "Chose Berlin: 27 km away; Hamburg would have been 242 km away."


def test_locations_that_were_not_asked_say_why() -> None:
    shop = shop_with()
    shop.stock("A", "berlin", 5)
    shop.stock("A", "hamburg", 5)
    shop.locate(location("munich", enabled=False))
    shop.stock("A", "munich", 5)
    shop.place("1", Line("A"))
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="closed"))

    found = explained(shop)
    assert found.cause == "the location rejected it"
    assert found.sentence == "Chose Hamburg: 242 km away."
    assert found.excluded == ("Munich is switched off", "Berlin has refused it before")


def test_when_nobody_has_any_that_is_said() -> None:
    shop = shop_with()
    shop.place("1", Line("A", 2))

    assert explained(shop).sentence == "No location could send 2 × A."


def test_those_that_lost_for_the_same_reason_are_told_together() -> None:
    shop = shop_with(preset="cheapest", rate_card=CARD)
    shop.stock("A", "berlin", 2)
    shop.stock("B", "berlin", 2)
    shop.stock("A", "hamburg", 2)
    shop.stock("A", "munich", 2)
    shop.place("1", Line("A", 2), Line("B", 1))

    assert explained(shop).sentence == ("Chose Berlin: €5.70; Hamburg and Munich had all units of only 1 of 2 SKUs.")
