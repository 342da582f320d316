"""What can be told of stock: facts from documents of a source."""

from typing import Annotated

from msgspec import Meta

from models.commands.envelope import Command
from models.types import Count, Delta, InstantMs, LocationId, Quantity, Record, Reference, Sku, SourceId


class StockLine(Record, kw_only=True):
    """Units of a SKU on one line of an outside document."""

    line: Reference
    sku: Sku
    quantity: Quantity


class StockCommand(Command, kw_only=True):
    """A fact about stock from a document of a source; (source, document, line) is booked once."""

    source: SourceId
    document: Reference
    location_id: LocationId
    occurred_at_ms: InstantMs


class DocumentCommand(StockCommand, kw_only=True):
    """A stock fact with lines."""

    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=100)]


class ReceiveStock(DocumentCommand, tag="receive_stock", kw_only=True):
    """Units came in; waiting orders are served first."""


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


class CountStock(StockCommand, tag="count_stock", kw_only=True):
    """State what was counted as of `occurred_at_ms`; `expected_on_hand` makes it compare-and-set."""

    sku: Sku
    counted: Count
    expected_on_hand: int | None = None


class SetSafetyStock(StockCommand, tag="set_safety_stock", kw_only=True):
    """Keep units of a SKU back at a location."""

    sku: Sku
    quantity: Count
