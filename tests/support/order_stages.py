"""Orders in every state: each function takes order "1" of a small shop there."""

from typing import Any

from models import commands as c
from models.records.hold import HoldType
from models.records.order import Order, Terms
from tests.support.builders import HOUR_MS, MINUTE_MS, START_MS, Line, Shop, location, units


def routed(shop: Shop, quantity: int = 2, **fields: Any) -> Order:
    shop.stock("A", "berlin", 5)
    return shop.place("1", Line("A", quantity), **fields)


def ready(shop: Shop) -> None:
    shop.locate(location("berlin", collection=True))
    routed(shop, terms=Terms(collect_at="berlin"))
    step(shop, c.AcceptFulfillment, c.PickFulfillment, c.PackFulfillment, c.MakeReady)


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
