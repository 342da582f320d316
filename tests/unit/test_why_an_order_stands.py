from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from api.present_why import Facts, Tone, Why, why
from models import commands as c
from models.records.order import FulfillmentStatus, HoldType, Order, OrderStatus
from models.rules.holds import HOLD_RULES
from tests.support.builders import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, Line, Shop, location, units


def clock(at_ms: int) -> str:
    """Minutes since the shop opened."""
    return f"minute {(at_ms - START_MS) // MINUTE_MS}"


def facts_of(shop: Shop) -> Facts:
    locations = [location("berlin", capacity_per_day=None), location("hamburg"), location("munich", enabled=False)]
    skus = ("A", "B", "C")
    return Facts(
        places={place.location_id: place for place in locations},
        shelves={sku: shop.sku_view(sku) for sku in skus},
        now_ms=shop.now_ms,
        when=clock,
    )


def told(shop: Shop, order: Order | None = None) -> Why:
    return why(order or shop.order("1"), facts_of(shop))


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


def routed(shop: Shop, quantity: int = 2, **fields: Any) -> Order:
    shop.stock("A", "berlin", 5)
    return shop.place("1", Line("A", quantity), **fields)


def step(shop: Shop, *kinds: type[c.Command], sequence: int = 1) -> None:
    """Take a fulfillment some steps on, five minutes each."""
    for kind in kinds:
        shop.later(5 * MINUTE_MS)
        shop.do(kind, **shop.on("1", sequence))


def ship(shop: Shop, parcel: str = "P1", sequence: int = 1, **fields: Any) -> None:
    shop.later(5 * MINUTE_MS)
    shop.do(c.ShipParcel, **shop.on("1", sequence, parcel_id=parcel, **fields))


def cancelled(shop: Shop) -> None:
    routed(shop)
    shop.do(c.CancelUnits, **shop.on("1"))


def expired(shop: Shop) -> None:
    shop.reserve("1", Line("A"), time_to_live_ms=HOUR_MS)
    shop.tick(2 * HOUR_MS)


def reserved(shop: Shop) -> None:
    shop.reserve("1", Line("A"), time_to_live_ms=HOUR_MS)


def held(shop: Shop) -> None:
    routed(shop)
    shop.later(3 * MINUTE_MS)
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT, reason="card declined"))


def held_twice(shop: Shop) -> None:
    held(shop)
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.ADDRESS))


def held_until(shop: Shop) -> None:
    routed(shop)
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.CUSTOMER_REQUEST, release_at_ms=START_MS + HOUR_MS))


def unmapped(shop: Shop) -> None:
    shop.place("1", Line("NEW"), sold=True)


def backordered(shop: Shop) -> None:
    shop.place("1", Line("A", 2), Line("B", 1))


def complete_only(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    shop.place("1", Line("A", 2), ship_complete=True)


def refused_before(shop: Shop) -> None:
    routed(shop)
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="closed"))


def partly_routed(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    shop.place("1", Line("A", 3))


def accepted(shop: Shop) -> None:
    routed(shop)
    step(shop, c.AcceptFulfillment)


def picked(shop: Shop) -> None:
    accepted(shop)
    step(shop, c.PickFulfillment)


def packed(shop: Shop) -> None:
    picked(shop)
    step(shop, c.PackFulfillment)


def two_places(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    shop.stock("A", "hamburg", 1)
    shop.place("1", Line("A", 2))
    step(shop, c.AcceptFulfillment, sequence=2)


def partly_shipped(shop: Shop) -> None:
    routed(shop)
    ship(shop, units=units(("1", 1)))


def partly_shipped_and_waiting(shop: Shop) -> None:
    partly_routed(shop)
    ship(shop)


def shipped(shop: Shop) -> None:
    packed(shop)
    ship(shop, carrier="DHL", tracking_number="0034")


def shipped_unnamed(shop: Shop) -> None:
    packed(shop)
    ship(shop)


def in_two_parcels(shop: Shop) -> None:
    routed(shop)
    ship(shop, units=units(("1", 1)), carrier="DHL")
    ship(shop, "P2")


def delivered(shop: Shop) -> None:
    shipped(shop)
    step_parcel(shop, c.DeliverParcel, "P1")


def one_lost(shop: Shop) -> None:
    in_two_parcels(shop)
    step_parcel(shop, c.DeliverParcel, "P1")
    step_parcel(shop, c.LoseParcel, "P2")


def step_parcel(shop: Shop, kind: type[c.Command], parcel: str) -> None:
    shop.later(5 * MINUTE_MS)
    shop.do(kind, **shop.on("1", 1, parcel_id=parcel))


class Case(NamedTuple):
    """What happens to an order, where it stands then, and what is said of it."""

    happens: Callable[[Shop], object]
    status: OrderStatus
    tone: Tone
    text: str


CASES = [
    Case(cancelled, OrderStatus.CANCELLED, Tone.ENDED, "Cancelled: no unit is left to send."),
    Case(
        expired,
        OrderStatus.EXPIRED,
        Tone.ENDED,
        "The reservation was not placed in time; its units are free again.",
    ),
    Case(
        reserved,
        OrderStatus.RESERVED,
        Tone.WAITS,
        "Reserved until minute 60: it goes on when the channel places the order, and its units are free again"
        " otherwise; 1 unit of it waits for stock.",
    ),
    Case(
        held,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for payment since minute 3 by tester (“card declined”): the money is not there yet, and it goes on when"
        " the hold is released.",
    ),
    Case(
        held_twice,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for payment and address since minute 3: each hold has to be released before it goes on.",
    ),
    Case(
        held_until,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for customer request since minute 0 by tester: the customer asked to wait, and it goes on by itself at"
        " minute 60.",
    ),
    Case(
        unmapped,
        OrderStatus.HELD,
        Tone.HELD,
        "Held for unmapped SKU since minute 0 by headrace (“not in the catalogue: NEW”): the catalogue lacks a SKU of"
        " it, and it goes on when the SKU is in the catalogue.",
    ),
    Case(
        backordered,
        OrderStatus.BACKORDERED,
        Tone.WAITS,
        "Waits for stock of 2 × A and 1 × B: no location has any to promise.",
    ),
    Case(
        complete_only,
        OrderStatus.BACKORDERED,
        Tone.WAITS,
        "Waits until one location can ship all of it at once (2 × A).",
    ),
    Case(
        refused_before,
        OrderStatus.BACKORDERED,
        Tone.WAITS,
        "Waits for stock of 2 × A: Berlin has 5 but has refused it before.",
    ),
    Case(
        partly_routed,
        OrderStatus.PARTIALLY_ROUTED,
        Tone.WAITS,
        "Waits for stock of 2 × A: no location has any to promise; meanwhile Berlin has not answered since minute 0:"
        " it has to accept or reject.",
    ),
    Case(
        routed,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "Berlin has not answered since minute 0: it has to accept or reject.",
    ),
    Case(accepted, OrderStatus.ROUTED, Tone.MOVES, "Berlin accepted it at minute 5 and has to pick it."),
    Case(picked, OrderStatus.ROUTED, Tone.MOVES, "Berlin picked it at minute 10 and has to pack it."),
    Case(
        packed,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "Berlin packed it at minute 15 and has to hand it to the carrier.",
    ),
    Case(
        two_places,
        OrderStatus.ROUTED,
        Tone.MOVES,
        "Hamburg has not answered since minute 0: it has to accept or reject (1 more location has units to send).",
    ),
    Case(
        partly_shipped,
        OrderStatus.PARTIALLY_SHIPPED,
        Tone.MOVES,
        "Berlin has not answered since minute 0: it has to accept or reject; 1 of 2 units has left already.",
    ),
    Case(
        partly_shipped_and_waiting,
        OrderStatus.PARTIALLY_SHIPPED,
        Tone.WAITS,
        "Waits for stock of 2 × A: no location has any to promise; 1 of 3 units has left already.",
    ),
    Case(shipped, OrderStatus.SHIPPED, Tone.MOVES, "DHL has had it since minute 20 (tracking 0034)."),
    Case(shipped_unnamed, OrderStatus.SHIPPED, Tone.MOVES, "The carrier has had it since minute 20."),
    Case(
        in_two_parcels,
        OrderStatus.SHIPPED,
        Tone.MOVES,
        "2 parcels are on their way, the oldest with DHL since minute 5.",
    ),
    Case(delivered, OrderStatus.DELIVERED, Tone.ENDED, "Delivered at minute 25."),
    Case(
        one_lost,
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


@pytest.mark.parametrize("hold", HoldType)
def test_each_hold_says_what_it_is_for_and_how_it_ends(hold: HoldType, shop: Shop) -> None:
    routed(shop)
    shop.do(c.HoldOrder, **shop.on("1", hold=hold))
    said = told(shop)

    assert said.tone is Tone.HELD
    assert HOLD_RULES[hold].meaning in said.text
    assert said.text.startswith(f"Held for {hold.replace('_', ' ').replace('sku', 'SKU')} since minute 0 by tester")
    assert ", and it goes on when the " in said.text


def test_a_promise_that_has_passed_is_told(shop: Shop) -> None:
    routed(shop, promise_by_ms=START_MS + HOUR_MS)
    shop.later(2 * HOUR_MS)

    assert told(shop) == Why(
        Tone.MOVES,
        True,
        "Berlin has not answered since minute 0: it has to accept or reject; its promise of minute 60 has passed.",
    )


def test_a_promise_that_is_near_is_told_once_the_order_is_at_risk(shop: Shop) -> None:
    routed(shop, promise_by_ms=START_MS + 2 * DAY_MS)
    before = told(shop)
    shop.tick(DAY_MS + HOUR_MS)

    assert "promise" not in before.text
    assert told(shop).text.endswith("; its promise of minute 2880 is near.")
    assert not told(shop).is_late


def test_a_delivery_after_the_promise_says_so(shop: Shop) -> None:
    routed(shop, promise_by_ms=START_MS + 10 * MINUTE_MS)
    ship(shop)
    step_parcel(shop, c.DeliverParcel, "P1")
    shop.later(DAY_MS)
    in_time = told(shop)
    late = told(shop, replace(shop.order("1"), promise_by_ms=START_MS + 7 * MINUTE_MS))

    assert in_time == Why(Tone.ENDED, False, "Delivered at minute 10.")
    assert late == Why(Tone.ENDED, True, "Delivered at minute 10, after its promise of minute 7.")


def test_locations_that_have_stock_and_do_not_send_are_named_with_the_reason(shop: Shop) -> None:
    backordered(shop)
    shop.stock("C", "munich", 3)
    order = replace(shop.order("1"), lines=(replace(shop.order("1").lines[0], sku="C"),))

    assert told(shop, order).text == "Waits for stock of 2 × C: Munich has 3 but is switched off."


def test_a_location_that_may_be_full_is_named(shop: Shop) -> None:
    backordered(shop)
    shop.stock("C", "berlin", 3)
    order = replace(shop.order("1"), lines=(replace(shop.order("1").lines[0], sku="C"),))
    full = location("berlin", capacity_per_day=1)
    facts = facts_of(shop)

    text = why(order, facts._replace(places={"berlin": full})).text
    assert text == "Waits for stock of 2 × C: Berlin has 3 but may be full for the day."
    assert why(order, facts).text.endswith("Berlin has 3 but was not chosen, as the routing says.")


def test_stock_that_is_not_known_is_not_spoken_of(shop: Shop) -> None:
    backordered(shop)

    assert why(shop.order("1"), facts_of(shop)._replace(shelves={})).text == "Waits for stock of 2 × A and 1 × B."
