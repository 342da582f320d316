"""One pool in memory: its rows as the rules read them, and what a decision changes in them."""

from collections.abc import Iterable, Mapping, Sequence

from models import rows
from models.indexes import Indexes
from models.records.order import Order
from models.records.place import Position
from models.records.pool import Capacity, CatalogueItem, Clock, Location, Policy, Pool, Work
from models.records.stock import (
    Answered,
    Document,
    LevelView,
    SkuView,
    StockHistory,
    StockLevel,
    Transfer,
)
from models.rules.draft import Draft
from models.rules.routing import costs
from models.rules.turns import Turn

MOST_DECODED_ORDERS = 4_096
MOST_KNOWN_PLACES = 4_096

_NO_LEVELS: Mapping[str, StockLevel] = {}
_NO_UNITS: Mapping[str, int] = {}
_NO_HISTORY = StockHistory()
_NO_CURRENCY = "X" * 3
"""ISO 4217's code for no currency: that of a pool before it is put."""

Row = tuple[bytes, bytes | None]


class _Packages(dict[str, tuple[tuple[int, ...], int]]):
    """Package costs to one destination, reckoned when a location is first weighed for it."""

    def __init__(self, policy: Policy, locations: Mapping[str, Location], destination: Position | None) -> None:
        super().__init__()
        self._policy, self._locations, self._destination = policy, locations, destination

    def __missing__(self, location_id: str) -> tuple[tuple[int, ...], int]:
        policy, location = self._policy, self._locations[location_id]
        cost = (costs.package_milli(policy, location, self._destination), costs.unit_milli(policy, location))
        self[location_id] = cost
        return cost


class PoolState:
    """The view of one pool over the partition's rows; `models.rules.view.View` says what each query gives."""

    def __init__(self, all_rows: Mapping[bytes, bytes], pool: str) -> None:
        self._rows = all_rows
        self.pool = Pool(pool=pool, currency=_NO_CURRENCY)
        self.known = False
        self.time_ms = 0
        self.work: Work | None = None
        self.locations: dict[str, Location] = {}
        self.turns: dict[str, int] = {}
        self.restricted: frozenset[str] = frozenset()
        self.indexes = Indexes()
        self._items: dict[str, CatalogueItem] = {}
        self._levels: dict[str, dict[str, StockLevel]] = {}
        self._free: dict[str, dict[str, int]] = {}
        # SKUs whose free units are not known to be in the order of their locations' turns.
        self._out_of_turn: set[str] = set()
        self._decoded: dict[str, Order] = {}
        self._decoded_before: dict[str, Order] = {}
        self._packages: dict[Position | None, _Packages] = {}

    # ------------------------------------------------------------ what rules read

    def order(self, order_id: str) -> Order | None:
        known = self._decoded.get(order_id) or self._decoded_before.get(order_id)
        if known is not None:
            return known
        raw = self._rows.get(rows.order_key(order_id))
        order = rows.decode_order(raw) if raw is not None else None
        # A partition holds several pools, and an order's key does not name its own.
        return order if order is not None and order.pool == self.pool.pool else None

    def item(self, sku: str) -> CatalogueItem | None:
        return self._items.get(sku)

    def levels(self, sku: str) -> Mapping[str, StockLevel]:
        return self._levels.get(sku, _NO_LEVELS)

    def free(self, sku: str) -> Mapping[str, int]:
        free = self._free.get(sku, _NO_UNITS)
        if sku in self._out_of_turn:
            self._out_of_turn.discard(sku)
            free = self._free[sku] = {place: free[place] for place in sorted(free, key=self.turns.__getitem__)}
        return free

    def history(self, sku: str, location_id: str) -> StockHistory:
        raw = self._rows.get(rows.key(rows.HISTORY, self.pool.pool, location_id, sku))
        return rows.decode_history(raw) if raw is not None else _NO_HISTORY

    def document(self, source: str, document: str) -> Document | None:
        raw = self._rows.get(rows.key(rows.DOCUMENT, self.pool.pool, source, document))
        return rows.decode_document(raw) if raw is not None else None

    def answered(self, command_id: str) -> Answered | None:
        raw = self._rows.get(rows.key(rows.ANSWERED, self.pool.pool, command_id))
        return rows.decode_answered(raw) if raw is not None else None

    def transfer(self, transfer_id: str) -> Transfer | None:
        raw = self._rows.get(rows.key(rows.TRANSFER, self.pool.pool, transfer_id))
        return rows.decode_transfer(raw) if raw is not None else None

    def capacity_taken(self, location_id: str, day: int) -> int:
        raw = self._rows.get(rows.key(rows.CAPACITY, self.pool.pool, location_id, str(day)))
        return rows.decode_capacity(raw).taken if raw is not None else 0

    def packages(self, destination: Position | None) -> Mapping[str, tuple[tuple[int, ...], int]]:
        known = self._packages.get(destination)
        if known is None:
            if len(self._packages) >= MOST_KNOWN_PLACES:
                del self._packages[next(iter(self._packages))]
            known = self._packages[destination] = _Packages(self.pool.policy, self.locations, destination)
        return known

    def waiting_turns(self, sku: str) -> Sequence[Turn]:
        return self.indexes.waiting_turns(sku)

    def waiting_skus(self) -> Iterable[str]:
        return sorted(self.indexes.waiting)

    def allocated_orders(self, sku: str, location_id: str) -> Iterable[str]:
        return sorted(self.indexes.allocated.get((sku, location_id), ()))

    def unmapped_orders(self, sku: str) -> Sequence[str]:
        return self.indexes.unmapped_orders(sku)

    def due_orders(self, until_ms: int, most: int) -> Sequence[str]:
        return self.indexes.due_orders(until_ms, most)

    def old_memories(self, before_ms: int, most: int) -> Sequence[bytes]:
        return self.indexes.old_memories(before_ms, most, self._remembered_at)

    # ------------------------------------------------------------ what a decision changes

    def advance(self, time_ms: int) -> list[Row]:
        """Move the pool's time; a row only where it moved."""
        if time_ms <= self.time_ms:
            return []
        self.time_ms = time_ms
        return [(rows.pool_key(rows.CLOCK, self.pool.pool), rows.encode(Clock(time_ms=time_ms)))]

    def answer(self, command_id: str, answered: Answered) -> Row:
        """Remember the answer to a command that has no other row."""
        row_key = rows.key(rows.ANSWERED, self.pool.pool, command_id)
        self.indexes.remember(answered.at_ms, row_key)
        return row_key, rows.encode(answered)

    def take(self, draft: Draft) -> tuple[list[Row], set[str]]:
        """Take a decision in: gives the changed rows, and the SKUs whose published levels changed."""
        pool = self.pool.pool
        changed: list[Row] = []
        if draft.pool is not None:
            self._put_pool(draft.pool)
            changed.append((rows.pool_key(rows.POOL, pool), rows.encode(draft.pool)))
        changed.extend(
            (rows.key(rows.LOCATION, pool, place), rows.encode(location)) for place, location in draft.locations.items()
        )
        if draft.locations:
            self._put_locations({**self.locations, **draft.locations})
        for item in draft.items.values():
            self._items[item.sku] = item
            changed.append((rows.key(rows.ITEM, pool, item.sku), rows.encode(item)))
        skus = self._take_stock(draft, changed)
        for order in draft.orders.values():
            skus |= self.indexes.change(self.order(order.order_id), order)
            self._put_decoded(order)
            changed.append((rows.order_key(order.order_id), rows.encode(order)))
        changed.extend((row_key, None) for row_key in draft.forgotten)
        changed.extend(self._take_work(draft))
        return changed, skus

    def _take_stock(self, draft: Draft, changed: list[Row]) -> set[str]:
        pool = self.pool.pool
        for (sku, place), level in draft.levels.items():
            self._put_level(level)
            changed.append((rows.key(rows.LEVEL, pool, place, sku), rows.encode(level)))
        for (sku, place), history in draft.histories.items():
            changed.append((rows.key(rows.HISTORY, pool, place, sku), rows.encode(history)))
        for (source, name), document in draft.documents.items():
            row_key = rows.key(rows.DOCUMENT, pool, source, name)
            self.indexes.remember(document.at_ms, row_key)
            changed.append((row_key, rows.encode(document)))
        for transfer_id, transfer in draft.transfers.items():
            value = rows.encode(transfer) if transfer is not None else None
            changed.append((rows.key(rows.TRANSFER, pool, transfer_id), value))
        for (place, day), taken in draft.capacities.items():
            changed.append((rows.key(rows.CAPACITY, pool, place, str(day)), rows.encode(Capacity(taken=taken))))
        return {sku for sku, _ in draft.levels}

    def _take_work(self, draft: Draft) -> list[Row]:
        row_key = rows.pool_key(rows.WORK, self.pool.pool)
        if not draft.work:
            had, self.work = self.work is not None, None
            return [(row_key, None)] if had else []
        cause = draft.cause
        self.work = Work(
            offset=cause.offset,
            index=cause.index,
            command_id=cause.command_id,
            command=cause.command,
            actor=cause.actor,
            at_ms=cause.at_ms,
            items=tuple(draft.work),
        )
        return [(row_key, rows.encode(self.work))]

    def _remembered_at(self, row_key: bytes) -> int | None:
        raw = self._rows.get(row_key)
        if raw is None:
            return None
        is_document = row_key.startswith(rows.DOCUMENT)
        return rows.decode_document(raw).at_ms if is_document else rows.decode_answered(raw).at_ms

    # ------------------------------------------------------------ loading

    def load(self, kind: bytes, row_key: bytes, value: bytes) -> None:
        """Take one stored row in."""
        if kind == rows.LEVEL:
            self._put_level(rows.decode_level(value))
        elif kind == rows.ITEM:
            item = rows.decode_item(value)
            self._items[item.sku] = item
        elif kind == rows.LOCATION:
            location = rows.decode_location(value)
            self._put_locations({**self.locations, location.location_id: location})
        elif kind == rows.POOL:
            self._put_pool(rows.decode_pool(value))
        elif kind == rows.CLOCK:
            self.time_ms = rows.decode_clock(value).time_ms
        elif kind == rows.WORK:
            self.work = rows.decode_work(value)
        elif kind == rows.DOCUMENT:
            self.indexes.remember(rows.decode_document(value).at_ms, row_key)
        elif kind == rows.ANSWERED:
            self.indexes.remember(rows.decode_answered(value).at_ms, row_key)

    def sku_view(self, sku: str, offset: int, index: int) -> SkuView:
        """Give what is published of a SKU."""
        levels = self._levels.get(sku, {})
        views = tuple(
            LevelView(
                location_id=place,
                on_hand=level.on_hand,
                allocated=level.allocated,
                unsellable=level.unsellable,
                safety_stock=level.safety_stock,
                available=level.available,
            )
            for place, level in sorted(levels.items())
        )
        return SkuView(
            pool=self.pool.pool,
            sku=sku,
            offset=offset,
            index=index,
            available=sum(view.available for view in views),
            waiting=self.indexes.waiting_units.get(sku, 0),
            levels=views,
        )

    def _put_level(self, level: StockLevel) -> None:
        self._levels.setdefault(level.sku, {})[level.location_id] = level
        free, units = self._free.setdefault(level.sku, {}), level.available
        if units:
            if level.location_id not in free:
                self._out_of_turn.add(level.sku)
            free[level.location_id] = units
        else:
            free.pop(level.location_id, None)

    def _put_pool(self, pool: Pool) -> None:
        self.pool, self.known = pool, True
        self._packages.clear()

    def _put_locations(self, locations: Mapping[str, Location]) -> None:
        in_turn = sorted(locations.values(), key=lambda location: (location.priority, location.location_id))
        self.locations = {location.location_id: location for location in in_turn}
        self.turns = {location.location_id: turn for turn, location in enumerate(in_turn)}
        self.restricted = frozenset(
            location.location_id
            for location in in_turn
            if not location.enabled or location.capacity_per_day is not None
        )
        self._packages.clear()
        self._out_of_turn.update(self._free)

    def _put_decoded(self, order: Order) -> None:
        """Keep the newest decoded orders in two halves; when one is full, the older one goes at once."""
        if len(self._decoded) >= MOST_DECODED_ORDERS // 2:
            self._decoded, self._decoded_before = {}, self._decoded
        self._decoded[order.order_id] = order
