"""What can be told of stock: facts from documents of a source."""

from typing import Annotated

from msgspec import Meta

from models.commands.envelope import Command
from models.records.stock import Unsellable
from models.types import Count, Delta, InstantMs, LocationId, PerMille, Quantity, Record, Reference, Sku, SourceId


class StockLine(Record, kw_only=True):
    """Units of a SKU on one line of an outside document."""

    line: Reference
    sku: Sku
    quantity: Quantity


class DeclaredLine(Record, kw_only=True):
    """Units of a SKU that a supplier has; it may be none."""

    line: Reference
    sku: Sku
    quantity: Count


class StockCommand(Command, kw_only=True):
    """A fact about stock from a document of a source; (source, document, line) is booked once."""

    source: SourceId
    document: Reference
    location_id: LocationId
    occurred_at_ms: InstantMs


class Balances(Record, array_like=True, omit_defaults=False, kw_only=True):
    """The balances of a level."""

    on_hand: int
    allocated: int
    unsellable: int
    safety_stock: int


class StatedStock(StockCommand, kw_only=True):
    """How things stand, said anew each time; its repeat is known by the command's id, not by the document's lines."""


class DocumentCommand(StockCommand, kw_only=True):
    """A stock fact with lines."""

    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=100)]


class ReceiveStock(DocumentCommand, tag="receive_stock", kw_only=True):
    """Units came in; waiting orders are served first."""

    expected: str = ""
    """The document by which they were expected, which they fulfil."""


class ExpectStock(StatedStock, tag="expect_stock", kw_only=True):
    """Units are expected at a time; sent again with another time or quantities it replaces what was expected."""

    lines: Annotated[tuple[StockLine, ...], Meta(max_length=100)]
    """None: nothing is expected of the document any more."""
    expected_at_ms: InstantMs
    version: Count = 0
    """A lower one than is there is out of date, and ignored."""
    confidence_per_mille: PerMille = 1000


class DeclareStock(StatedStock, tag="declare_stock", kw_only=True):
    """What a supplier says it can promise of each SKU as of `occurred_at_ms`."""

    lines: Annotated[tuple[DeclaredLine, ...], Meta(min_length=1, max_length=100)]


class SellAtTill(DocumentCommand, tag="sell_at_till", kw_only=True):
    """Units left over the counter: a fact, late or out of order as it may come."""


class DispatchTransfer(DocumentCommand, tag="dispatch_transfer", kw_only=True):
    """Units leave `location_id` for another; the document is the transfer."""

    to_location_id: LocationId


class ReceiveTransfer(DocumentCommand, tag="receive_transfer", kw_only=True):
    """Units of a transfer arrive at `location_id`, short or over; the document names the arrival."""

    transfer: Reference
    """The document of the dispatch."""
    dispatched_by: SourceId
    final: bool = True
    """True closes the transfer: what has not arrived is lost, which the ledger shows."""


class AdjustStock(StockCommand, tag="adjust_stock", kw_only=True):
    """Correct on hand by a difference, with a reason."""

    sku: Sku
    delta: Delta
    unsellable_delta: Delta = 0
    state: Unsellable = Unsellable.DAMAGED
    """Of the unsellable units."""


class RestateStock(StatedStock, tag="restate_stock", kw_only=True):
    """Move units on hand from one state to another; no state is sellable."""

    sku: Sku
    quantity: Quantity
    before: Unsellable | None = None
    after: Unsellable | None = None


class FenceStock(StatedStock, tag="fence_stock", kw_only=True):
    """Set so many units apart for a segment; 0 gives them back to all."""

    sku: Sku
    segment: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
    quantity: Count


class RepairLevel(StatedStock, tag="repair_level", kw_only=True):
    """Put a level right that is not what its ledger says; refused where the level is not as it was seen."""

    sku: Sku
    seen: Balances
    ledger: Balances


class CountStock(StockCommand, tag="count_stock", kw_only=True):
    """State what was counted as of `occurred_at_ms`; `expected_on_hand` makes it compare-and-set."""

    sku: Sku
    counted: Count
    expected_on_hand: int | None = None


class SetSafetyStock(StockCommand, tag="set_safety_stock", kw_only=True):
    """Keep units of a SKU back at a location."""

    sku: Sku
    quantity: Count
