"""What the outbox asks of the views: few columns of single rows, on whichever thread asks."""

import time
from typing import NamedTuple

import msgspec

from api.present import order_of
from api.views.consumer import Offsets
from api.views.store import ViewStore
from models.records.order import Order

_KITS_FRESH_SECONDS = 10.0


class _Item(msgspec.Struct, gc=False):
    sku: str
    components: tuple[tuple[str, int], ...] = ()


class _ItemRow(msgspec.Struct, gc=False):
    item: _Item


_item_row = msgspec.json.Decoder(_ItemRow).decode


class _Kits(NamedTuple):
    read_at: float
    by_part: dict[str, list[str]]


class Glance:
    """Looks into the views of this process."""

    def __init__(self, store: ViewStore) -> None:
        self._store = store
        self._kits: dict[str, _Kits] = {}

    def order(self, pool: str, order_id: str) -> Order | None:
        """Give an order as it stands in the views."""
        row = (
            self._store.connection()
            .execute("SELECT body FROM orders WHERE pool = ? AND order_id = ?", (pool, order_id))
            .fetchone()
        )
        return None if row is None else order_of(row[0])

    def channel_of(self, order_id: str) -> str | None:
        """Give an order's channel."""
        found = self._store.connection().execute("SELECT channel FROM orders WHERE order_id = ?", (order_id,))
        row = found.fetchone()
        return None if row is None else str(row[0])

    def all_skus(self, pool: str) -> list[str]:
        """Give every SKU of a pool's catalogue."""
        found = self._store.connection().execute("SELECT sku FROM items WHERE pool = ? ORDER BY sku", (pool,))
        return [row[0] for row in found.fetchall()]

    def titles(self, pool: str, skus: list[str]) -> dict[str, str]:
        """Give the names of SKUs."""
        query = "SELECT json_extract(CAST(body AS TEXT), '$.item.name') FROM items WHERE pool = ? AND sku = ?"
        connection = self._store.connection()
        rows = {sku: connection.execute(query, (pool, sku)).fetchone() for sku in skus}
        return {sku: row[0] for sku, row in rows.items() if row is not None and row[0]}

    def kits_with(self, pool: str, sku: str) -> list[str]:
        """Give the kits that have a SKU in them; asked for each record, so it is known for some seconds."""
        known = self._kits.get(pool)
        now = time.monotonic()
        if known is None or now > known.read_at + _KITS_FRESH_SECONDS:
            known = self._kits[pool] = _Kits(now, self._read_kits(pool))
        return known.by_part.get(sku, [])

    def reached(self, offsets: Offsets) -> bool:
        """Tell whether the views have what stands before these offsets."""
        read = self._store.offsets()
        return all(read.get(place, 0) >= offset for place, offset in offsets.items())

    def _read_kits(self, pool: str) -> dict[str, list[str]]:
        query = "SELECT body FROM items WHERE pool = ? AND instr(body, '\"components\"') > 0"
        by_part: dict[str, list[str]] = {}
        for (body,) in self._store.connection().execute(query, (pool,)).fetchall():
            item = _item_row(body).item
            for part, _ in item.components:
                by_part.setdefault(part, []).append(item.sku)
        return by_part
