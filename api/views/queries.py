"""Questions to the views: single rows at once, lists on reader threads, so that a long one delays nobody."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct

from api.views import sql
from api.views.listing import Listed, OrderFilter, Place, count_orders, list_orders
from api.views.search import read_channels
from api.views.shelves import Shelf, ShelfSums, Shortage, read_shelves, read_sums
from api.views.store import ViewStore

_END = 2**62
Result = TypeVar("Result")


class StoredUpdate(Struct, frozen=True, gc=False):
    """An update with its place."""

    partition: int
    offset: int
    index: int
    order_version: int
    body: bytes


class DeadLetterRow(NamedTuple):
    """A dead letter as it is stored."""

    entry: int
    dead_letter_id: str
    recorded_at_ms: int
    body: bytes


class Views:
    """The read side of the view store."""

    def __init__(self, store: ViewStore) -> None:
        self._store = store

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, for a look that takes microseconds."""
        return self._store.connection()

    def order(self, pool: str, order_id: str) -> tuple[int, bytes] | None:
        """Give an order's version and row."""
        row: tuple[int, bytes] | None = self._one(sql.GET_ORDER, pool, order_id)
        return row

    async def orders(self, pool: str, wanted: OrderFilter, *, after: Place | None, limit: int) -> list[Listed]:
        """Give orders, from a place in the list on."""
        return await self._ask(lambda c: list_orders(c, pool, wanted, after=after, limit=limit))

    async def order_count(self, pool: str, wanted: OrderFilter) -> int | None:
        """Give how many orders a filter fits, where that is known without looking at them."""
        return await self._ask(lambda c: count_orders(c, pool, wanted))

    async def channels(self, pool: str) -> list[str]:
        """Give the channels that orders have come from."""
        return await self._ask(lambda c: read_channels(c, pool))

    async def search(self, look: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run a search on a reader thread."""
        return await self._ask(look)

    async def history(self, pool: str, order_id: str, *, after: tuple[int, int], limit: int) -> list[bytes]:
        """Give an order's updates, oldest first."""
        rows = await self._ask(lambda c: c.execute(sql.GET_HISTORY, (order_id, pool, *after, limit)).fetchall())
        return [row[0] for row in rows]

    def command(self, pool: str, command_id: str) -> tuple[int, bytes] | None:
        """Give the partition and the first update of a command."""
        row: tuple[int, bytes] | None = self._one(sql.GET_COMMAND, command_id, pool)
        return row

    async def order_updates_after(self, pool: str, order_id: str, version: int, limit: int) -> list[StoredUpdate]:
        """Give what changed an order after a version."""
        rows = await self._ask(
            lambda c: c.execute(sql.GET_ORDER_UPDATES_AFTER, (order_id, pool, version, limit)).fetchall()
        )
        return [StoredUpdate(*row) for row in rows]

    def has_order_version(self, pool: str, order_id: str, version: int) -> bool:
        """Tell whether the update that made a version is still there, and so all after it."""
        return self._one(sql.HAS_ORDER_VERSION, order_id, pool, version) is not None

    async def pool_updates_after(
        self, pool: str, partition: int, position: tuple[int, int], limit: int
    ) -> list[StoredUpdate]:
        """Give a pool's updates after a position."""
        rows = await self._ask(
            lambda c: c.execute(sql.GET_POOL_UPDATES_AFTER, (partition, *position, pool, limit)).fetchall()
        )
        return [StoredUpdate(*row) for row in rows]

    def has_position(self, partition: int, position: tuple[int, int]) -> bool:
        """Tell whether the update at a position is still there, and so all after it."""
        return self._one(sql.HAS_POSITION, partition, *position) is not None

    def last_position(self, partition: int) -> tuple[int, int]:
        """Give the newest position of a partition."""
        row = self._one(sql.GET_LAST_POSITION, partition)
        return (-1, -1) if row is None else row

    def sku(self, pool: str, sku: str) -> tuple[int, int, bytes] | None:
        """Give the position and levels of a SKU."""
        row: tuple[int, int, bytes] | None = self._one(sql.GET_SKU, pool, sku)
        return row

    async def skus(self, pool: str, *, after: str, limit: int, contains: str = "") -> list[tuple[str, bytes]]:
        """Give SKUs in their order, from one on; only those whose text holds `contains`, in any case."""
        return await self._ask(lambda c: c.execute(sql.GET_SKUS_AFTER, (pool, after, contains, limit)).fetchall())

    async def shelves(  # What is asked of a location's stock.
        self,
        pool: str,
        location_id: str,
        *,
        after: str,
        limit: int,
        contains: str = "",
        shortage: Shortage | None = None,
    ) -> list[Shelf]:
        """Give a location's SKUs in their order, from one on."""
        return await self._ask(
            lambda c: read_shelves(c, pool, location_id, after=after, contains=contains, shortage=shortage, limit=limit)
        )

    async def shelf_sums(self, pool: str, location_id: str) -> ShelfSums:
        """Add up what a location has."""
        return await self._ask(lambda c: read_sums(c, pool, location_id))

    async def movements(
        self, pool: str, sku: str, *, before: tuple[int, int, int] | None, limit: int
    ) -> list[tuple[int, int, int, bytes]]:
        """Give a SKU's movements, newest first."""
        place = before or (_END, 0, 0)
        return await self._ask(lambda c: c.execute(sql.GET_MOVEMENTS_BEFORE, (pool, sku, *place, limit)).fetchall())

    def pool(self, pool: str) -> tuple[int, int, bytes] | None:
        """Give the position and set-up of a pool."""
        row: tuple[int, int, bytes] | None = self._one(sql.GET_POOL, pool)
        return row

    async def pools(self) -> list[tuple[str, bytes]]:
        """Give all pools."""
        return await self._ask(lambda c: c.execute(sql.GET_POOLS).fetchall())

    def pool_names(self) -> list[tuple[str, str]]:
        """Give the id and name of each pool, which is the id where there is none."""
        rows: list[tuple[str, str]] = self._store.connection().execute(sql.GET_POOL_NAMES).fetchall()
        return rows

    def item(self, pool: str, sku: str) -> bytes | None:
        """Give a catalogue item."""
        row = self._one(sql.GET_ITEM, pool, sku)
        return None if row is None else row[0]

    async def items(self, pool: str, *, after: str, limit: int) -> list[tuple[str, bytes]]:
        """Give catalogue items in the order of their SKU, from one on."""
        return await self._ask(lambda c: c.execute(sql.GET_ITEMS_AFTER, (pool, after, limit)).fetchall())

    async def dead_letters(self, *, before: int | None, limit: int) -> list[DeadLetterRow]:
        """Give dead letters, newest first."""
        place = _END if before is None else before
        rows = await self._ask(lambda c: c.execute(sql.GET_DEAD_LETTERS, (place, limit)).fetchall())
        return [DeadLetterRow(*row) for row in rows]

    def dead_letter(self, dead_letter_id: str) -> DeadLetterRow | None:
        """Give one dead letter."""
        row = self._one(sql.GET_DEAD_LETTER, dead_letter_id)
        return None if row is None else DeadLetterRow(*row)

    def _one(self, statement: str, *values: object) -> Any:
        """A row by its key takes microseconds, less than handing it to another thread and back."""
        return self._store.connection().execute(statement, values).fetchone()

    async def _ask(self, query: Callable[[sqlite3.Connection], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._store.reader, lambda: query(self._store.connection()))
