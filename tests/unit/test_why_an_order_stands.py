from collections.abc import Callable
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from api.present_why import Facts, Tone, Why, why
from models import commands as c
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import HoldType
from models.records.order import Order, OrderStatus
from models.rules.holds import HOLD_RULES
from tests.support import order_stages as stages
from tests.support.builders import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, Shop, location


def clock(at_ms: int) -> str:
    """Minutes since the shop opened."""
    return f"minute {(at_ms - START_MS) // MINUTE_MS}"


def facts_of(shop: Shop) -> Facts:
    locations = [location("berlin", capacity_per_day=None), location("hamburg"), location("munich", enabled=False)]
    skus = ("A", "B", "C")
    return Facts(
        places={place.location_id: place for place in locations},
        stock={sku: shop.sku_view(sku) for sku in skus},
        now_ms=shop.now_ms,
        when=clock,
    )


def told(shop: Shop, order: Order | None = None) -> Why:
    return why(order or shop.order("1"), facts_of(shop))


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


class Case(NamedTuple):
    """What happens to an order, where it stands then, and what is said of it."""

    happens: Callable[[Shop], object]
    status: OrderStatus
    tone: Tone
    text: str


CASES = [
    Case(stages.cancelled, OrderStatus.CANCELLED, Tone.ENDED, "Cancelled: no unit is left to send."),
    Case(
        stages.expired,
        OrderStatus.EXPIRED,
        Tone.ENDED,
        "The reservation was not placed in time; its units are free again.",
    ),
    Case(
        stages.reserved,
        OrderStatus.RESERVED,
        Tone.WAITS,
        "Reserved until minute 60: it goes on when the channel places the order, and its units are free again"
        " otherwise; 1 unit of it waits for stock.",
    ),
    Case(
        stages.held,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for payment since minute 3 by tester (“card declined”): the money is not there yet, and it goes on when"
        " the hold is released.",
    ),
    Case(
        stages.held_twice,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for payment and address since minute 3: each hold has to be released before it goes on.",
    ),
    Case(
        stages.held_until,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for customer request since minute 0 by tester: the customer asked to wait, and it goes on by itself at"
        " minute 60.",
    ),
    Case(
        stages.unmapped,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for unmapped SKU since minute 0 by headrace (“not in the catalogue: NEW”): the catalogue lacks a SKU of"
        " it, and it goes on when the SKU is in the catalogue.",
    ),
    Case(
        stages.backordered,
        OrderStatus.BACKORDERED,
        Tone.WAITS,
        "Waits for stock of 2 × A and 1 × B: no location has any to promise.",
    ),
    Case(
        stages.complete_only,
        OrderStatus.BACKORDERED,
        Tone.WAITS,
        "Waits until one location can ship all of it at once (2 × A).",
    ),
    Case(
        stages.refused_before,
        OrderStatus.BACKORDERED,
        Tone.WAITS,
        "Waits for stock of 2 × A: Berlin has 5 but has refused it before.",
    ),
    Case(
        stages.partly_routed,
        OrderStatus.PARTIALLY_ROUTED,
        Tone.WAITS,
        "Waits for stock of 2 × A: no location has any to promise; meanwhile Berlin has not answered since minute 0:"
        " it has to accept or reject.",
    ),
    Case(
        stages.routed,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "Berlin has not answered since minute 0: it has to accept or reject.",
    ),
    Case(stages.accepted, OrderStatus.ROUTED, Tone.MOVES, "Berlin accepted it at minute 5 and has to pick it."),
    Case(stages.picked, OrderStatus.ROUTED, Tone.MOVES, "Berlin picked it at minute 10 and has to pack it."),
    Case(
        stages.packed,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "Berlin packed it at minute 15 and has to hand it to the carrier.",
    ),
    Case(
        stages.ready,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "It lies ready at Berlin for the customer to collect.",
    ),
    Case(
        stages.two_places,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "Hamburg has not answered since minute 0: it has to accept or reject (1 more location has units to send).",
    ),
    Case(
        stages.partly_shipped,
        OrderStatus.PARTIALLY_SHIPPED,
        Tone.MOVES,
        "Berlin has not answered since minute 0: it has to accept or reject; 1 of 2 units has left already.",
    ),
    Case(
        stages.partly_shipped_and_waiting,
        OrderStatus.PARTIALLY_SHIPPED,
        Tone.WAITS,
        "Waits for stock of 2 × A: no location has any to promise; 1 of 3 units has left already.",
    ),
    Case(stages.shipped, OrderStatus.SHIPPED, Tone.MOVES, "DHL has had it since minute 20 (tracking 0034)."),
    Case(stages.shipped_unnamed, OrderStatus.SHIPPED, Tone.MOVES, "The carrier has had it since minute 20."),
    Case(
        stages.in_two_parcels,
        OrderStatus.SHIPPED,
        Tone.MOVES,
        "2 parcels are on their way, the oldest with DHL since minute 5.",
    ),
    Case(stages.delivered, OrderStatus.DELIVERED, Tone.ENDED, "Delivered at minute 25."),
    Case(
        stages.one_lost,
        OrderStatus.DELIVERED,
        Tone.ENDED,
        "Ended at minute 20: 1 unit delivered and 1 unit lost.",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.happens.__name__)
def test_one_sentence_says_why_an_order_stands_or_what_is_next(case: Case, shop: Shop) -> None:
    case.happens(shop)

    assert shop.order("1").status is case.status
    assert told(shop) == Why(case.tone, False, case.text)


def test_every_status_of_an_order_and_of_an_open_fulfillment_has_a_case() -> None:
    told_of: set[FulfillmentStatus] = set()
    for case in CASES:
        shop = Shop().open()
        case.happens(shop)
        told_of |= {fulfillment.status for fulfillment in shop.order("1").fulfillments}

    assert {case.status for case in CASES} == set(OrderStatus)
    assert told_of == set(FulfillmentStatus)


@pytest.mark.parametrize("hold", [hold for hold in HoldType if HOLD_RULES[hold].blocks])
def test_each_hold_says_what_it_is_for_and_how_it_ends(hold: HoldType, shop: Shop) -> None:
    stages.routed(shop)
    shop.do(c.HoldOrder, **shop.on("1", hold=hold))
    said = told(shop)

    assert said.tone is Tone.HELD
    assert HOLD_RULES[hold].meaning in said.text
    assert said.text.startswith(f"Held for {hold.replace('_', ' ').replace('sku', 'SKU')} since minute 0 by tester")
    assert ", and it goes on when the " in said.text


def test_a_promise_that_has_passed_is_told(shop: Shop) -> None:
    stages.routed(shop, promise_by_ms=START_MS + HOUR_MS)
    shop.later(2 * HOUR_MS)

    assert told(shop) == Why(
        Tone.MOVES,
        True,
        "Berlin has not answered since minute 0: it has to accept or reject; its promise of minute 60 has passed.",
    )


def test_a_promise_that_is_near_is_told_once_the_order_is_at_risk(shop: Shop) -> None:
    stages.routed(shop, promise_by_ms=START_MS + 2 * DAY_MS)
    before = told(shop)
    shop.tick(DAY_MS + HOUR_MS)

    assert "promise" not in before.text
    assert told(shop).text.endswith("; its promise of minute 2880 is near.")
    assert not told(shop).is_late


def test_a_delivery_after_the_promise_says_so(shop: Shop) -> None:
    stages.routed(shop, promise_by_ms=START_MS + 10 * MINUTE_MS)
    stages.ship(shop)
    stages.step_parcel(shop, c.DeliverParcel, "P1")
    shop.later(DAY_MS)
    in_time = told(shop)
    late = told(shop, replace(shop.order("1"), promise_by_ms=START_MS + 7 * MINUTE_MS))

    assert in_time == Why(Tone.ENDED, False, "Delivered at minute 10.")
    assert late == Why(Tone.ENDED, True, "Delivered at minute 10, after its promise of minute 7.")


def test_locations_that_have_stock_and_do_not_send_are_named_with_the_reason(shop: Shop) -> None:
    stages.backordered(shop)
    shop.stock("C", "munich", 3)
    order = replace(shop.order("1"), lines=(replace(shop.order("1").lines[0], sku="C"),))

    assert told(shop, order).text == "Waits for stock of 2 × C: Munich has 3 but is switched off."


def test_a_location_that_may_be_full_is_named(shop: Shop) -> None:
    stages.backordered(shop)
    shop.stock("C", "berlin", 3)
    order = replace(shop.order("1"), lines=(replace(shop.order("1").lines[0], sku="C"),))
    full = location("berlin", capacity_per_day=1)
    facts = facts_of(shop)

    text = why(order, facts._replace(places={"berlin": full})).text
    assert text == "Waits for stock of 2 × C: Berlin has 3 but may be full for the day."
    assert why(order, facts).text.endswith("Berlin has 3 but was not chosen, as the routing says.")


def test_stock_that_is_not_known_is_not_spoken_of(shop: Shop) -> None:
    stages.backordered(shop)

    assert why(shop.order("1"), facts_of(shop)._replace(stock={})).text == "Waits for stock of 2 × A and 1 × B."
