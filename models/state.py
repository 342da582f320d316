"""One pool in memory: its rows as the rules read them, and what a decision changes in them."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from models import rows
from models.expected import Expected
from models.indexes import Indexes
from models.published import sku_view
from models.records.order import Order
from models.records.pool import Capacity, Clock, Location, Work
from models.records.stock import (
    UNTRACKED_UNITS,
    Answered,
    Document,
    ExpectedReceipt,
    SkuView,
    StockHistory,
    StockLevel,
    Stub,
    Transfer,
)
from models.rules.draft import Draft
from models.rules.turns import Turn
from models.set_up import Row, SetUp

MOST_DECODED_ORDERS = 4_096

_NO_LEVELS: Mapping[str, StockLevel] = {}
_NO_UNITS: Mapping[str, int] = {}
_NO_HISTORY = StockHistory()


class PoolState(SetUp):
    """The view of one pool over the partition's rows; `models.rules.view.View` says what each query gives."""

    def __init__(self, all_rows: Mapping[bytes, bytes], pool: str) -> None:
        super().__init__(pool)
        self._rows = all_rows
        self.time_ms = 0
        self.work: Work | None = None
        self.indexes = Indexes()
        self._levels: dict[str, dict[str, StockLevel]] = {}
        self._free: dict[str, dict[str, int]] = {}
        # SKUs whose free units are not known to be in the order of their locations' turns.
        self._out_of_turn: set[str] = set()
        self._expected = Expected()
        self._decoded: dict[str, Order] = {}
        self._decoded_before: dict[str, Order] = {}

    def order(self, order_id: str) -> Order | None:
        known = self._decoded.get(order_id) or self._decoded_before.get(order_id)
        if known is not None:
            return known
        raw = self._rows.get(rows.order_key(order_id))
        order = rows.decode_order(raw) if raw is not None else None
        # A partition holds several pools, and an order's key does not name its own.
        return order if order is not None and order.pool == self.pool.pool else None

    def levels(self, sku: str) -> Mapping[str, StockLevel]:
        return self._levels.get(sku, _NO_LEVELS)

    def free(self, sku: str) -> Mapping[str, int]:
        if sku in self.untracked_skus:
            return dict.fromkeys(self.locations, UNTRACKED_UNITS)
        free = self._free.get(sku, _NO_UNITS)
        if sku in self._out_of_turn:
            self._out_of_turn.discard(sku)
            free = self._free[sku] = {place: free[place] for place in sorted(free, key=self.turns.__getitem__)}
        return free

    def promisable(self, level: StockLevel) -> int:
        return UNTRACKED_UNITS if self.is_untracked(level.sku, level.location_id) else level.available

    def expected(self, sku: str) -> Mapping[str, ExpectedReceipt]:
        return self._expected.of_sku(sku)

    def expected_by(self, document: str) -> Collection[tuple[str, str]]:
        return self._expected.of_document(document)

    def waiting_units(self, sku: str) -> int:
        return self.indexes.waiting_units.get(sku, 0)

    def stub(self, order_id: str) -> Stub | None:
        if self.indexes.stubs.is_empty:
            return None
        raw = self._rows.get(rows.key(rows.STUB, self.pool.pool, order_id))
        return rows.decode_stub(raw) if raw is not None else None

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

    def waiting_turns(self, sku: str) -> Sequence[Turn]:
        return self.indexes.waiting_turns(sku)

    def waiting_skus(self) -> Iterable[str]:
        return sorted(self.indexes.waiting)

    def allocated_orders(self, sku: str, location_id: str) -> Iterable[str]:
        return sorted(self.indexes.allocated.get((sku, location_id), ()))

    def allocated_at(self, location_id: str) -> Sequence[str]:
        return sorted(sku for sku, place in self.indexes.allocated if place == location_id)

    def unmapped_orders(self, sku: str) -> Sequence[str]:
        return self.indexes.unmapped_orders(sku)

    def due_orders(self, until_ms: int, most: int) -> Sequence[str]:
        return self.indexes.due_orders(until_ms, most)

    def old_memories(self, before_ms: int, most: int) -> Sequence[bytes]:
        return self.indexes.memories.old(before_ms, most, self._remembered_at)

    def old_stubs(self, before_ms: int, most: int) -> Sequence[bytes]:
        return self.indexes.stubs.old(before_ms, most, self._remembered_at)

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
        self.indexes.memories.add(answered.at_ms, row_key)
        return row_key, rows.encode(answered)

    def take(self, draft: Draft) -> tuple[list[Row], set[str]]:
        """Take a decision in: gives the changed rows, and the SKUs whose published levels changed."""
        changed = self.take_set_up(draft)
        skus = self._take_stock(draft, changed)
        skus |= self._take_expected(draft, changed)
        for order in draft.orders.values():
            if order.order_id in draft.closed:
                continue
            skus |= self.indexes.change(self.order(order.order_id), order)
            self._put_decoded(order)
            changed.append((rows.order_key(order.order_id), rows.encode(order)))
        self._take_closed(draft, changed)
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
            self.indexes.memories.add(document.at_ms, row_key)
            changed.append((row_key, rows.encode(document)))
        for transfer_id, transfer in draft.transfers.items():
            value = rows.encode(transfer) if transfer is not None else None
            changed.append((rows.key(rows.TRANSFER, pool, transfer_id), value))
        for (place, day), taken in draft.capacities.items():
            changed.append((rows.key(rows.CAPACITY, pool, place, str(day)), rows.encode(Capacity(taken=taken))))
        return {sku for sku, _ in draft.levels}

    def _take_expected(self, draft: Draft, changed: list[Row]) -> set[str]:
        for (sku, receipt_id), receipt in draft.expected.items():
            value = rows.encode(receipt) if receipt is not None else None
            changed.append((rows.key(rows.EXPECTED, self.pool.pool, receipt_id), value))
            self._expected.put(sku, receipt_id, receipt)
        return {sku for sku, _ in draft.expected}

    def _take_closed(self, draft: Draft, changed: list[Row]) -> None:
        """Closed orders leave the table for a stub; reopened ones have left their stub."""
        pool = self.pool.pool
        for order_id, stub in draft.closed.items():
            self.indexes.drop(draft.orders[order_id])
            self._decoded.pop(order_id, None)
            self._decoded_before.pop(order_id, None)
            changed.append((rows.order_key(order_id), None))
            row_key = rows.key(rows.STUB, pool, order_id)
            self.indexes.stubs.add(stub.forget_at_ms, row_key)
            changed.append((row_key, rows.encode(stub)))
        changed.extend((rows.key(rows.STUB, pool, order_id), None) for order_id in draft.reopened)

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
        if row_key.startswith(rows.STUB):
            return rows.decode_stub(raw).forget_at_ms
        is_document = row_key.startswith(rows.DOCUMENT)
        return rows.decode_document(raw).at_ms if is_document else rows.decode_answered(raw).at_ms

    # ------------------------------------------------------------ loading

    def load(self, kind: bytes, row_key: bytes, value: bytes) -> None:
        """Take one stored row in."""
        if kind == rows.LEVEL:
            self._put_level(rows.decode_level(value))
        elif kind == rows.CLOCK:
            self.time_ms = rows.decode_clock(value).time_ms
        elif kind == rows.WORK:
            self.work = rows.decode_work(value)
        elif kind == rows.DOCUMENT:
            self.indexes.memories.add(rows.decode_document(value).at_ms, row_key)
        elif kind == rows.EXPECTED:
            receipt = rows.decode_expected(value)
            self._expected.put(receipt.sku, receipt.receipt_id, receipt)
        elif kind == rows.STUB:
            self.indexes.stubs.add(rows.decode_stub(value).forget_at_ms, row_key)
        elif kind == rows.ANSWERED:
            self.indexes.memories.add(rows.decode_answered(value).at_ms, row_key)
        else:
            self.load_set_up(kind, value)

    def sku_view(self, sku: str, offset: int, index: int) -> SkuView:
        """Give what is published of a SKU."""
        levels, waiting = self._levels.get(sku, {}), self.indexes.waiting_units.get(sku, 0)
        return sku_view(self.pool.pool, sku, (offset, index), levels, waiting, self._expected.views(sku))

    def _put_level(self, level: StockLevel) -> None:
        self._levels.setdefault(level.sku, {})[level.location_id] = level
        free, units = self._free.setdefault(level.sku, {}), level.available
        if level.location_id in self.untracked_places:
            units = UNTRACKED_UNITS
        if units:
            if level.location_id not in free:
                self._out_of_turn.add(level.sku)
            free[level.location_id] = units
        else:
            free.pop(level.location_id, None)

    def put_locations(self, locations: Mapping[str, Location]) -> None:
        untracked = self.untracked_places
        super().put_locations(locations)
        self._out_of_turn.update(self._free)
        changed = untracked ^ self.untracked_places
        for levels in self._levels.values() if changed else ():
            for place in changed & levels.keys():
                self._put_level(levels[place])

    def _put_decoded(self, order: Order) -> None:
        """Keep the newest decoded orders in two halves; when one is full, the older one goes at once."""
        if len(self._decoded) >= MOST_DECODED_ORDERS // 2:
            self._decoded, self._decoded_before = {}, self._decoded
        self._decoded[order.order_id] = order
