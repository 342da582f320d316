"""A seeded session of a pool that asks everything there is to ask, much of it at the wrong moment."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from models import commands as c
from models.engine import Engine
from models.records.hold import HoldType
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.place import Destination
from models.records.pool import CatalogueItem, Location
from models.rows import ORDER, decode_order

POOL = "eu"
PLACES = ("L1", "L2", "L3")
SKUS = ("A", "B", "C")
START_MS = 1_767_225_600_000


class Session:
    """Gives records of commands, one after the other, looking at the core's rows for what could be asked next."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine = engine
        self._random = Random(seed)
        self._count = 0
        self._now_ms = START_MS
        self._asks: tuple[Callable[[], c.Command], ...] = (
            *[self._place] * 4,
            *[self._order_command] * 6,
            *[self._fulfillment_command] * 14,
            *[self._stock_command] * 5,
            self._reserve,
            lambda: c.Tick(**self._envelope()),
        )

    def records(self, count: int) -> Iterator[list[bytes]]:
        """The set-up, then so many records of one to five commands; a few are no commands at all."""
        yield [c.encode(command) for command in self._set_up()]
        for _ in range(count):
            items = [c.encode(self._random.choice(self._asks)()) for _ in range(self._random.randrange(5) + 1)]
            yield [*items, b'{"type":"nothing"}'] if self._random.random() < 0.02 else items

    def _set_up(self) -> Iterator[c.Command]:
        yield c.PutPool(currency="EUR", simulated=True, **self._envelope())
        yield c.PutLocations(locations=tuple(Location(location_id=p, name=p) for p in PLACES), **self._envelope())
        yield c.PutCatalogue(items=tuple(CatalogueItem(sku=sku) for sku in SKUS), **self._envelope())
        for _ in range(9):
            yield self._receive()

    def _envelope(self) -> dict[str, Any]:
        self._count += 1
        self._now_ms += self._random.randrange(20_000)
        return {"command_id": f"c{self._count}", "pool": POOL, "issued_at_ms": self._now_ms, "actor": "session"}

    def _content(self, number: int) -> dict[str, Any]:
        random = self._random
        lines = tuple(
            c.NewLine(
                line_id=str(i),
                sku=random.choice(SKUS),
                quantity=random.randrange(4) + 1,
                unit_price_minor=random.randrange(2_000),
                tax_minor=random.randrange(50),
            )
            for i in range(random.randrange(3) + 1)
        )
        return {
            "channel": "web",
            "external_id": f"e{number}",
            "currency": "EUR",
            "lines": lines,
            "destination": Destination(country="DE"),
            "placed_at_ms": self._now_ms,
            "shipping_minor": random.randrange(500),
            "priority": random.randrange(2),
            "source_version": random.randrange(3),
        }

    def _place(self) -> c.Command:
        """Mostly a new order; sometimes one that is there, or a reservation with other content."""
        number = self._count if self._random.random() < 0.8 else self._random.randrange(self._count)
        return c.PlaceOrder(**self._content(number), **self._envelope())

    def _reserve(self) -> c.Command:
        return c.ReserveOrder(time_to_live_ms=600_000, **self._content(self._count), **self._envelope())

    def _order(self) -> Order | None:
        newest = sorted(key for key in self._engine.rows if key.startswith(ORDER + b"/"))
        return decode_order(self._engine.rows[self._random.choice(newest)]) if newest else None

    def _units(self, order: Order) -> tuple[UnitsOfLine, ...]:
        line = self._random.choice(order.lines)
        return (UnitsOfLine(line_id=line.line_id, quantity=self._random.randrange(3) + 1),)

    def _order_command(self) -> c.Command:
        order = self._order()
        if order is None:
            return self._place()
        about = {"order_id": order.order_id, **self._envelope()}
        kind = self._random.randrange(6)
        if kind == 0:
            return c.HoldOrder(hold=HoldType.PAYMENT, **about)
        if kind == 1:
            return c.ReleaseHold(hold=HoldType.PAYMENT, **about)
        if kind == 2:
            return c.RerouteOrder(**about)
        if kind == 5 and order.fulfillments:
            part = self._random.choice(order.fulfillments).fulfillment_id
            return c.MoveUnits(**about, fulfillment_id=part, location_id=self._random.choice(PLACES))
        return c.CancelUnits(units=self._units(order) if kind == 3 else (), **about)

    def _fulfillment_command(self) -> c.Command:
        order = self._order()
        if order is None or not order.fulfillments:
            return self._place()
        fulfillment = self._random.choice(order.fulfillments)
        about = {
            "order_id": order.order_id,
            "fulfillment_id": fulfillment.fulfillment_id,
            "occurred_at_ms": self._now_ms,
            **self._envelope(),
        }
        parcel = {"parcel_id": f"{fulfillment.fulfillment_id}/{self._random.randrange(3)}", **about}
        some = self._units(order) if self._random.random() < 0.4 else ()
        asked: list[Callable[[], c.Command]] = [
            lambda: c.AcceptFulfillment(**about),
            lambda: c.RejectFulfillment(**about),
            lambda: c.PickFulfillment(units=some or None, **about),
            lambda: c.PackFulfillment(**about),
            *[lambda: c.ShipParcel(units=some, **parcel)] * 3,
            lambda: c.RecordTracking(carrier="dhl", tracking_number="1", **parcel),
            lambda: c.DeliverParcel(**parcel),
            lambda: c.LoseParcel(**parcel),
            lambda: c.ReturnParcelToSender(restock=self._random.random() < 0.5, **parcel),
        ]
        return self._random.choice(asked)()

    def _document(self) -> dict[str, Any]:
        return {
            "source": "wms",
            "document": f"d{self._count}",
            "location_id": self._random.choice(PLACES),
            "occurred_at_ms": self._now_ms - self._random.randrange(200_000),
            **self._envelope(),
        }

    def _lines(self, most: int) -> tuple[c.StockLine, ...]:
        quantity = self._random.randrange(most) + 1
        return (c.StockLine(line="1", sku=self._random.choice(SKUS), quantity=quantity),)

    def _receive(self) -> c.Command:
        return c.ReceiveStock(lines=self._lines(30), **self._document())

    def _stock_command(self) -> c.Command:
        random, about = self._random, self._document()
        sku = random.choice(SKUS)
        transfer: dict[str, Any] = {"transfer": f"d{random.randrange(self._count)}", "dispatched_by": "wms"}
        asked: list[Callable[[], c.Command]] = [
            self._receive,
            self._receive,
            lambda: c.SellAtTill(lines=self._lines(4), **about),
            lambda: c.CountStock(sku=sku, counted=random.randrange(40), **about),
            lambda: c.AdjustStock(
                sku=sku, delta=random.randrange(9) - 4, unsellable_delta=random.randrange(2), **about
            ),
            lambda: c.SetSafetyStock(sku=sku, quantity=random.randrange(3), **about),
            lambda: c.DispatchTransfer(to_location_id=random.choice(PLACES), lines=self._lines(3), **about),
            lambda: c.ReceiveTransfer(lines=self._lines(3), **transfer, **about),
        ]
        return random.choice(asked)()
