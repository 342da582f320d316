"""Seeded commands on orders, fulfillments and parcels, made with an eye on the state."""

from collections.abc import Callable
from random import Random
from typing import Any

from models import commands as c
from models import rows
from models.engine import Engine
from models.ids import order_id
from models.records.fulfillment import Fulfillment, ParcelStatus
from models.records.hold import HoldType
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.place import Destination, Position

SKUS = ("sku-1", "sku-2", "sku-3", "sku-4", "sku-5")
UNKNOWN_SKU = "sku-new"
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
STUB_MS = 3 * DAY_MS
"""So long a closed order is known; after that its number is that of another order."""
_START_MS = 1_700_000_000_000
_RECENT_ORDERS = 14


class OrderDesk:
    """The orders that one pool has had, and what could be asked of them next."""

    def __init__(self, pool: str, random: Random, engine: Engine) -> None:
        self.pool = pool
        self._random = random
        self._engine = engine
        self._now_ms = _START_MS
        self._made = 0
        self._orders: list[str] = []
        self._reserved: list[c.ReserveOrder] = []
        self.pictures: list[bytes] = []
        """Last pictures of orders that have closed."""

    def _envelope(self) -> dict[str, Any]:
        self._made += 1
        command_id = f"{self.pool}-{self._made}"
        if self._random.random() < 0.005:
            command_id = f"{self.pool}-{self._random.randint(1, self._made)}"
        return {"command_id": command_id, "pool": self.pool, "issued_at_ms": self._now_ms, "actor": "sim"}

    # What is asked of orders.

    def _content(self, number: int) -> dict[str, Any]:
        random = self._random
        skus = random.sample(SKUS, random.choice((1, 1, 2, 3)))
        if random.random() < 0.02:
            skus[0] = UNKNOWN_SKU
        lines = tuple(
            c.NewLine(line_id=str(at), sku=sku, quantity=random.choice((1, 1, 2, 4)), unit_price_minor=1_099)
            for at, sku in enumerate(skus, 1)
        )
        promised = self._now_ms + random.choice((1, 2, 5)) * DAY_MS
        position = Position(x=random.randint(-9, 9) * 10**8, y=random.randint(-9, 9) * 10**8, z=0)
        return {
            "channel": "web",
            "external_id": str(number),
            "currency": "EUR" if random.random() < 0.98 else "USD",
            "lines": lines,
            "destination": Destination(country="DE", position=position),
            # Ties in priority, promise and age are what an index ordered by insertion would betray.
            "placed_at_ms": self._now_ms // HOUR_MS * HOUR_MS,
            "priority": random.choice((0, 0, 0, 5)),
            "promise_by_ms": random.choice((None, promised // DAY_MS * DAY_MS)),
            "shipping_minor": 499,
            "ship_complete": random.random() < 0.1,
            "sold": random.random() < 0.5,
        }

    def _order_made(self, external_id: str) -> None:
        self._orders.append(order_id(self.pool, "web", external_id))

    def _place_order(self) -> c.Command:
        if self._reserved and self._random.random() < 0.3:
            had = self._reserved.pop()
            content = self._content(int(had.external_id))
            if self._random.random() < 0.6:
                content |= {"lines": had.lines, "currency": had.currency}
            return c.PlaceOrder(**self._envelope(), **content)
        again = bool(self._orders) and self._random.random() < 0.04
        number = self._random.randint(1, len(self._orders)) if again else len(self._orders) + 1
        self._order_made(str(number))
        return c.PlaceOrder(**self._envelope(), **self._content(number), source_version=self._random.choice((0, 0, 1)))

    def _reserve_order(self) -> c.Command:
        number = len(self._orders) + 1
        self._order_made(str(number))
        time_to_live_ms = self._random.choice((None, 60_000, HOUR_MS))
        reserve = c.ReserveOrder(**self._envelope(), **self._content(number), time_to_live_ms=time_to_live_ms)
        self._reserved.append(reserve)
        return reserve

    def _order(self, wanted: Callable[[Order], bool] = lambda _: True) -> Order | None:
        """Find a recent order that fits; else any recent one, so that refusals come too."""
        found = None
        for key in self._random.sample(self._orders[-_RECENT_ORDERS:], min(4, len(self._orders[-_RECENT_ORDERS:]))):
            raw = self._engine.rows.get(rows.order_key(key))
            if raw is None:
                continue
            found = rows.decode_order(raw)
            if wanted(found):
                break
        return found

    def _about(self, wanted: Callable[[Order], bool] = lambda _: True) -> tuple[Order | None, dict[str, Any]]:
        order = self._order(wanted)
        return order, self._envelope() | {"order_id": order.order_id if order is not None else "o-none"}

    def _some_units(self, order: Order | None) -> tuple[UnitsOfLine, ...]:
        if order is None or self._random.random() < 0.5:
            return ()
        line = self._random.choice(order.lines)
        return (UnitsOfLine(line_id=line.line_id, quantity=self._random.randint(1, line.quantity)),)

    def _cancel_units(self) -> c.Command:
        order, envelope = self._about()
        return c.CancelUnits(**envelope, units=self._some_units(order))

    def _hold_order(self) -> c.Command:
        _, envelope = self._about()
        release_at_ms = self._random.choice((None, self._now_ms + HOUR_MS))
        hold = self._random.choice((HoldType.PAYMENT, HoldType.FRAUD_REVIEW, HoldType.UNEXPECTED_CURRENCY))
        return c.HoldOrder(**envelope, hold=hold, release_at_ms=release_at_ms)

    def _release_hold(self) -> c.Command:
        order, envelope = self._about(lambda order: bool(order.holds))
        holds = order.holds if order is not None else ()
        return c.ReleaseHold(**envelope, hold=holds[0].type if holds else HoldType.PAYMENT)

    def _reroute_order(self) -> c.Command:
        return c.RerouteOrder(**self._about()[1])

    def _move_units(self) -> c.Command:
        part, said = self._said_of("allocated", "accepted")
        del said["occurred_at_ms"]
        some = tuple(UnitsOfLine(line_id=line.line_id, quantity=1) for line in part.lines) if part is not None else ()
        to = self._random.choice(("north", "south", "west"))
        return c.MoveUnits(**said, location_id=to, units=self._random.choice((some, ())))

    # What is said of fulfillments and parcels.

    def _said_of(self, *statuses: str) -> tuple[Fulfillment | None, dict[str, Any]]:
        order, envelope = self._about(lambda order: any(part.status in statuses for part in order.fulfillments))
        parts = order.fulfillments if order is not None else ()
        fitting = [part for part in parts if part.status in statuses] or parts
        part = self._random.choice(fitting) if fitting else None
        said = {
            "fulfillment_id": part.fulfillment_id if part is not None else "none",
            "occurred_at_ms": self._now_ms - self._random.choice((0, 5_000, HOUR_MS)),
        }
        return part, envelope | said

    def _accept_fulfillment(self) -> c.Command:
        return c.AcceptFulfillment(**self._said_of("allocated")[1])

    def _reject_fulfillment(self) -> c.Command:
        cause = self._random.choice(("out_of_stock", "damaged", "closed", "no_capacity"))
        return c.RejectFulfillment(**self._said_of("allocated", "accepted")[1], cause=cause)

    def _pick_fulfillment(self) -> c.Command:
        part, said = self._said_of("allocated", "accepted")
        units = None
        if part is not None and self._random.random() < 0.3:
            units = tuple(UnitsOfLine(line_id=one.line_id, quantity=1) for one in part.lines[1:] if one.allocated)
        return c.PickFulfillment(**said, units=units)

    def _pack_fulfillment(self) -> c.Command:
        return c.PackFulfillment(**self._said_of("picked")[1])

    def _parcel_id(self, said: dict[str, Any]) -> str:
        return f"{said['fulfillment_id']}-{self._random.choice((1, 1, 2))}"

    def _state_a_parcel_that_arrived(self) -> c.Command:
        """The shipment of a parcel that was heard of by its arrival, with less than it was taken to hold."""
        order, envelope = self._about(lambda order: any(parcel.implied for parcel in order.parcels))
        said = envelope | {"fulfillment_id": "none", "parcel_id": "none", "occurred_at_ms": self._now_ms}
        units: tuple[UnitsOfLine, ...] = ()
        parcels = sorted(order.parcels, key=lambda one: not one.implied) if order is not None else ()
        for parcel in parcels[:1]:
            said |= {"fulfillment_id": parcel.fulfillment_id, "parcel_id": parcel.parcel_id}
            units = tuple(UnitsOfLine(line_id=one.line_id, quantity=1) for one in parcel.units[:1])
        return c.ShipParcel(**said, units=units, carrier="post")

    def _ship_parcel(self) -> c.Command:
        if self._random.random() < 0.1:
            return self._state_a_parcel_that_arrived()
        part, said = self._said_of("packed", "picked", "accepted")
        units: tuple[UnitsOfLine, ...] = ()
        if part is not None and self._random.random() < 0.3:
            units = tuple(UnitsOfLine(line_id=one.line_id, quantity=1) for one in part.lines[:1])
        return c.ShipParcel(**said, parcel_id=self._parcel_id(said), units=units, carrier="post")

    def _parcel(self) -> dict[str, Any]:
        order, envelope = self._about(lambda order: any(p.status is ParcelStatus.IN_TRANSIT for p in order.parcels))
        said = envelope | {"fulfillment_id": "none", "parcel_id": "none", "occurred_at_ms": self._now_ms}
        if order is not None and order.parcels:
            parcel = self._random.choice(order.parcels)
            said |= {"fulfillment_id": parcel.fulfillment_id, "parcel_id": parcel.parcel_id}
        return said

    def _record_tracking(self) -> c.Command:
        return c.RecordTracking(**self._parcel(), carrier="post", tracking_number=str(self._random.randint(1, 3)))

    def _deliver_parcel(self) -> c.Command:
        if self._random.random() < 0.2:
            said = self._said_of("packed", "shipped")[1]
            return c.DeliverParcel(**said, parcel_id=self._parcel_id(said))
        return c.DeliverParcel(**self._parcel())

    def _lose_parcel(self) -> c.Command:
        return c.LoseParcel(**self._parcel())

    def _return_parcel_to_sender(self) -> c.Command:
        return c.ReturnParcelToSender(**self._parcel(), restock=self._random.random() < 0.7)
