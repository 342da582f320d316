"""What happens to stock and to a pool's set-up."""

from models.events.envelope import Event
from models.types import LocationId, Sku


class StockCompared(Event, tag="stock_compared", kw_only=True):
    """A message of a source that does not move this stock; only compared with the book."""

    sku: Sku
    location_id: LocationId
    source: str
    stated: int
    book: int


class LineRepeated(Event, tag="line_repeated", kw_only=True):
    """A document's line had been booked already; nothing changed."""

    source: str
    document: str
    line: str


class StockShort(Event, tag="stock_short", kw_only=True):
    """An outside fact left less on hand than is allocated, or less than nothing."""

    sku: Sku
    location_id: LocationId
    on_hand: int
    allocated: int


class TransferClosed(Event, tag="transfer_closed", kw_only=True):
    """A transfer is complete; what did not arrive is named."""

    transfer_id: str
    missing: tuple[tuple[str, int], ...] = ()


class PoolChanged(Event, tag="pool_changed", kw_only=True):
    """Set-up changed: `what` is pool, locations, policy or catalogue."""

    what: str
    count: int = 1


class StockExpected(Event, tag="stock_expected", kw_only=True):
    """What is expected of a SKU by a document, at a location and time, changed; a quantity of 0 ends it."""

    sku: Sku
    location_id: LocationId
    receipt_id: str
    quantity: int
    expected_at_ms: int


class LevelRepaired(Event, tag="level_repaired", kw_only=True):
    """A level that was not what its ledger says was put right; no movement goes with it."""

    sku: Sku
    location_id: LocationId
    before: tuple[int, int, int, int]
    """On hand, allocated, unsellable, safety stock."""
    after: tuple[int, int, int, int]
