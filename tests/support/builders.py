"""A small shop to try the core on: a pool with a catalogue and locations, driven command by command."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from models import commands as c
from models import geo, rows
from models.engine import Engine
from models.events import OrderClosed
from models.ids import order_id
from models.partition import partition_of
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.place import Destination, Position
from models.records.pool import CatalogueItem, Location, Policy
from models.records.stock import SkuView, StockHistory, StockLevel, StockMovement
from models.rejections import RejectionCode
from models.updates import Applied, CommandUpdate, DeadLetter

START_MS = 1_700_000_000_000
"""2023-11-14T22:13:20Z, a Tuesday."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

POSITIONS = {
    "berlin": geo.position_of(52.52, 13.405),
    "hamburg": geo.position_of(53.55, 9.993),
    "munich": geo.position_of(48.137, 11.575),
}
NEAR_BERLIN = Destination(country="DE", postcode="14467", position=geo.position_of(52.39, 13.06))

_BOOKKEEPING = (rows.ANSWERED, rows.CLOCK, rows.POSITION)
_KIND = TypeVar("_KIND", bound=c.Command)
_update = msgspec.json.Decoder(CommandUpdate).decode
_movement = msgspec.json.Decoder(StockMovement).decode
_letter = msgspec.json.Decoder(DeadLetter).decode
_sku_view = msgspec.json.Decoder(SkuView).decode


class Line(NamedTuple):
    """A line to order: a SKU, how many, and what one costs."""

    sku: str
    quantity: int = 1
    unit_price_minor: int = 1000


def units(*pairs: tuple[str, int]) -> tuple[UnitsOfLine, ...]:
    """Name units of lines by (line id, quantity)."""
    return tuple(UnitsOfLine(line_id=line, quantity=quantity) for line, quantity in pairs)


def location(name: str, **fields: Any) -> Location:
    """A location; the three cities have their positions."""
    position: Position | None = fields.pop("position", POSITIONS.get(name))
    return Location(location_id=name, name=name.title(), position=position, **fields)


def neighbour_of(shop: "Shop") -> "Shop":
    """Another pool in the same partition, on the same engine."""
    names = (f"{shop.pool}-{n}" for n in range(1000))
    other = Shop(next(name for name in names if partition_of(name) == shop.engine.partition), shop.engine)
    other.offset = shop.offset
    return other


class Shop:
    """Applies commands to an engine, keeps what it told, and shows the rows decoded.

    Time stands still unless `later` moves it, and every command gets a fresh id.
    """

    def __init__(self, pool: str = "shop", engine: Engine | None = None) -> None:
        self.pool = pool
        self.engine = engine if engine is not None else Engine(partition_of(pool), strict=True)
        self.now_ms = START_MS
        self.offset = 0
        self.sent: list[c.Command] = []
        self.told: list[CommandUpdate] = []
        self.movements: list[StockMovement] = []
        self.letters: list[DeadLetter] = []
        self.published: list[tuple[str, bytes]] = []

    # ------------------------------------------------------------ sending

    def make(self, kind: type[_KIND], **fields: Any) -> _KIND:
        """A command with its envelope filled in."""
        known = {
            "command_id": f"c{self.offset}",
            "pool": self.pool,
            "issued_at_ms": self.now_ms,
            "actor": "tester",
        }
        return kind(**{**known, **fields})

    def send(self, command: c.Command) -> CommandUpdate:
        """Apply a command and all that it left over; gives what it told of itself."""
        first = len(self.told)
        self.sent.append(command)
        self.send_bytes(c.encode(command))
        return self.told[first]

    def send_bytes(self, item: bytes) -> None:
        self._take(self.engine.apply(item, self.offset, 0))
        while (more := self.engine.drain()) is not None:
            self._take(more)
        self.offset += 1

    def do(self, kind: type[c.Command], **fields: Any) -> CommandUpdate:
        """Send a command that is expected to be accepted."""
        told = self.send(self.make(kind, **fields))
        assert told.refusal is None, told.refusal
        return told

    def refused(self, code: RejectionCode, kind: type[c.Command], **fields: Any) -> str:
        """Send a command that is expected to be refused and to change nothing; gives the field it names."""
        return self.refuses(code, self.make(kind, **fields))

    def refuses(self, code: RejectionCode, command: c.Command) -> str:
        before = self.business()
        told = self.send(command)
        assert told.refusal is not None, "the command was accepted"
        assert told.refusal.code == code, told.refusal
        assert told.refusal.text
        assert told.events == ()
        assert self.business() == before
        return told.refusal.field

    def later(self, milliseconds: int) -> None:
        self.now_ms += milliseconds

    def tick(self, after_ms: int = 0) -> CommandUpdate:
        self.later(after_ms)
        return self.do(c.Tick)

    # ------------------------------------------------------------ what is often sent

    def open(self, *, skus: Sequence[str] = ("A", "B", "C"), **policy: Any) -> "Shop":
        """Put the pool, its catalogue and the three cities, and a policy where one is given."""
        self.do(c.PutPool, currency="EUR", name="Shop")
        self.do(c.PutCatalogue, items=tuple(CatalogueItem(sku=sku) for sku in skus))
        self.locate(*(location(name) for name in POSITIONS))
        if policy:
            self.follow(**policy)
        return self

    def locate(self, *locations: Location) -> None:
        self.do(c.PutLocations, locations=locations)

    def follow(self, **policy: Any) -> None:
        """Put the next version of the policy."""
        version = self.policy().version + 1
        self.do(c.PutPolicy, policy=Policy(version=version, **policy))

    def stock(self, sku: str, place: str, quantity: int, **fields: Any) -> CommandUpdate:
        return self.do(c.ReceiveStock, **self.document(place, (sku, quantity), **fields))

    def document(self, place: str, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
        """Fields of a stock fact with lines."""
        stated = tuple(c.StockLine(line=str(n), sku=sku, quantity=q) for n, (sku, q) in enumerate(lines, start=1))
        return {**self.fact(place), "lines": stated, **fields}

    def fact(self, place: str, **fields: Any) -> dict[str, Any]:
        """Fields of any stock fact; each has a document of its own."""
        known = {
            "source": "wms",
            "document": f"d{self.offset}",
            "location_id": place,
            "occurred_at_ms": self.now_ms,
        }
        return {**known, **fields}

    def content(self, external_id: str, *lines: Line, **fields: Any) -> dict[str, Any]:
        """Fields of an order or a reservation; lines are numbered from 1."""
        stated = tuple(
            c.NewLine(line_id=str(n), sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor)
            for n, line in enumerate(lines, start=1)
        )
        known = {
            "channel": "web",
            "external_id": external_id,
            "currency": "EUR",
            "lines": stated,
            "destination": NEAR_BERLIN,
            "placed_at_ms": self.now_ms,
        }
        return {**known, **fields}

    def place(self, external_id: str, *lines: Line, **fields: Any) -> Order:
        self.do(c.PlaceOrder, **self.content(external_id, *lines, **fields))
        return self.order(external_id)

    def reserve(self, external_id: str, *lines: Line, time_to_live_ms: int = HOUR_MS, **fields: Any) -> Order:
        content = self.content(external_id, *lines, **fields)
        self.do(c.ReserveOrder, time_to_live_ms=time_to_live_ms, **content)
        return self.order(external_id)

    def on(self, external_id: str, sequence: int | None = None, **fields: Any) -> dict[str, Any]:
        """Fields of a command on an order, or on its fulfillment number `sequence`."""
        key = self.order_id(external_id)
        if sequence is None:
            return {"order_id": key, **fields}
        known = {"order_id": key, "fulfillment_id": f"{key}-{sequence}", "occurred_at_ms": self.now_ms}
        return {**known, **fields}

    # ------------------------------------------------------------ what is there

    def order_id(self, external_id: str) -> str:
        return order_id(self.pool, "web", external_id)

    def order(self, external_id: str) -> Order:
        return rows.decode_order(self.engine.rows[rows.order_key(self.order_id(external_id))])

    def closed(self, external_id: str, **changed: Any) -> Order:
        """The row of a closed order as its event carries it."""
        rows_told = [e.order for told in self.told for e in told.events if isinstance(e, OrderClosed)]
        found = next(order for order in rows_told if order.order_id == self.order_id(external_id))
        return msgspec.structs.replace(found, **changed)

    def level(self, sku: str, place: str) -> StockLevel:
        raw = self.engine.rows.get(rows.key(rows.LEVEL, self.pool, place, sku))
        return rows.decode_level(raw) if raw is not None else StockLevel(sku=sku, location_id=place)

    def history(self, sku: str, place: str) -> StockHistory:
        return rows.decode_history(self.engine.rows[rows.key(rows.HISTORY, self.pool, place, sku)])

    def policy(self) -> Policy:
        return rows.decode_pool(self.engine.rows[rows.pool_key(rows.POOL, self.pool)]).policy

    def sku_view(self, sku: str) -> SkuView:
        return _sku_view(self.engine.render("stock-updates", f"{self.pool}/{sku}".encode()))

    def business(self) -> dict[bytes, bytes]:
        """All rows but those that even a refusal writes."""
        return {key: value for key, value in self.engine.rows.items() if key[:1] not in _BOOKKEEPING}

    def events(self) -> list[str]:
        """The tags of the newest command's events."""
        return [str(event.__struct_config__.tag) for event in self.told[-1].events]

    def _take(self, applied: Applied) -> None:
        for update in applied.updates:
            value = self.engine.render(update.topic, update.key) if update.value is None else update.value
            self.published.append((update.topic, value))
            if update.topic == "order-updates":
                self.told.append(_update(value))
            elif update.topic == "stock-movements":
                self.movements.append(_movement(value))
            elif update.topic == "dead-letters":
                self.letters.append(_letter(value))
