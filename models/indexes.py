"""Which orders wait, hold stock or are due: small indexes, made of values in rows alone.

They are never stored. One scan of the rows rebuilds them, and whatever order rows came in, every query gives the
same sequence, since it sorts by values.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from models.records.hold import HoldType
from models.records.order import Order
from models.rules.holds import held_lines, may_claim_stock
from models.rules.lines import parts_of, waiting_units
from models.rules.tick import due_at
from models.rules.turns import Turn, turn_of


class Memories:
    """Keys of rows that are dropped some time, by that time."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, bytes]] = []

    @property
    def is_empty(self) -> bool:
        """Tell that there is no such row."""
        return not self._heap

    def add(self, at_ms: int, key: bytes) -> None:
        """Take in a row that is dropped by `at_ms`."""
        heappush(self._heap, (at_ms, key))

    def old(self, before_ms: int, most: int, now_at: Callable[[bytes], int | None]) -> list[bytes]:
        """Give keys of rows from before then, oldest first; each is given once.

        `now_at` tells the time in the row as it stands: an entry that the row has outlived does not count, so that
        rebuilt indexes give the same keys.
        """
        keys: list[bytes] = []
        while self._heap and self._heap[0][0] < before_ms and len(keys) < most:
            at_ms, key = heappop(self._heap)
            if now_at(key) == at_ms and key not in keys[-1:]:
                keys.append(key)
        return keys


class Indexes:
    """The indexes of one pool."""

    def __init__(self) -> None:
        self.allocated: dict[tuple[str, str], set[str]] = {}
        self.waiting: dict[str, dict[str, Turn]] = {}
        self.waiting_units: dict[str, int] = {}
        self.unmapped: dict[str, dict[str, Turn]] = {}
        self._due: dict[str, int] = {}
        self._due_heap: list[tuple[int, str]] = []
        self.memories = Memories()
        self.stubs = Memories()

    def change(self, before: Order | None, after: Order) -> set[str]:
        """Take an order's change in; gives the SKUs whose waiting units changed."""
        self._change_claims(before, after)
        self._change_due(after)
        # An order that is held may wait for the catalogue though none of its units waits any more.
        if before is None and not after.holds and not any([line.waiting for line in after.lines]):  # noqa: C419 - faster
            return set()
        waiting_before = waiting_units(before) if before is not None else {}
        waiting_after = waiting_units(after)
        for sku in waiting_before.keys() | waiting_after.keys():
            total = self.waiting_units.get(sku, 0) + waiting_after.get(sku, 0) - waiting_before.get(sku, 0)
            _put_or_drop(self.waiting_units, sku, total)
        self._change_turns(before, after)
        return {
            sku
            for sku in waiting_before.keys() | waiting_after.keys()
            if waiting_before.get(sku) != waiting_after.get(sku)
        }

    def drop(self, order: Order) -> None:
        """Take an order out that has closed: it waits for nothing and holds no stock."""
        self._due.pop(order.order_id, None)
        for sku in _unmapped(order):
            _drop_turn(self.unmapped, sku, order.order_id)

    def due_orders(self, until_ms: int, most: int) -> Sequence[str]:
        """Give orders with something due, earliest first; asking changes no answer."""
        heap = self._due_heap
        found: list[tuple[int, str]] = []
        while heap and heap[0][0] <= until_ms and len(found) < most:
            entry = heappop(heap)
            if self._due.get(entry[1]) == entry[0] and entry not in found[-1:]:
                found.append(entry)
        for entry in found:
            heappush(heap, entry)
        return [order_id for _, order_id in found]

    def waiting_turns(self, sku: str) -> list[Turn]:
        """Give the turns of the orders that wait for a SKU and may be given it, first to be served first."""
        return sorted(self.waiting.get(sku, {}).values())

    def unmapped_orders(self, sku: str) -> list[str]:
        """Give the orders held for a SKU that the catalogue did not know, by turn."""
        return [turn.order_id for turn in sorted(self.unmapped.get(sku, {}).values())]

    def _change_claims(self, before: Order | None, after: Order) -> None:
        old, new = _claims(before) if before is not None else set(), _claims(after)
        for claim in old - new:
            holders = self.allocated[claim]
            holders.discard(after.order_id)
            if not holders:
                del self.allocated[claim]
        for claim in new - old:
            self.allocated.setdefault(claim, set()).add(after.order_id)

    def _change_turns(self, before: Order | None, after: Order) -> None:
        for turns, skus_of in ((self.waiting, _waits_for), (self.unmapped, _unmapped)):
            for sku in skus_of(before) if before is not None else ():
                _drop_turn(turns, sku, after.order_id)
            for sku in skus_of(after):
                turns.setdefault(sku, {})[after.order_id] = turn_of(after)

    def _change_due(self, after: Order) -> None:
        due = due_at(after)
        if due is None:
            self._due.pop(after.order_id, None)
        elif self._due.get(after.order_id) != due:
            self._due[after.order_id] = due
            heappush(self._due_heap, (due, after.order_id))


def _drop_turn(turns: dict[str, dict[str, Turn]], sku: str, order_id: str) -> None:
    by_order = turns.get(sku, {})
    by_order.pop(order_id, None)
    if not by_order:
        turns.pop(sku, None)


def _put_or_drop(counts: dict[str, int], key: str, count: int) -> None:
    if count:
        counts[key] = count
    else:
        counts.pop(key, None)


def _claims(order: Order) -> set[tuple[str, str]]:
    kits = {line.line_id: line for line in order.lines if line.components}
    if not kits:
        return {(line.sku, f.location_id) for f in order.fulfillments for line in f.lines if line.allocated}
    return {
        (sku, f.location_id)
        for f in order.fulfillments
        for part in f.lines
        if part.allocated
        for sku, _ in (parts_of(kits[part.line_id], 1) if part.line_id in kits else ((part.sku, 1),))
    }


def _waits_for(order: Order) -> set[str]:
    if not may_claim_stock(order):
        return set()
    held = held_lines(order) if order.holds else ()
    return {sku for line in order.lines if line.waiting and line.line_id not in held for sku, _ in parts_of(line, 1)}


def _unmapped(order: Order) -> set[str]:
    held = any(hold.type is HoldType.UNMAPPED_SKU for hold in order.holds)
    return {line.sku for line in order.lines} if held else set()
