"""What messages say of stock."""

from connectors.frame.fact import Fact
from models.types import Record


class StockLine(Record, kw_only=True):
    """Units of a SKU on a line of a document; may be negative where a document corrects."""

    line: str
    sku: str
    quantity: int
    unit: str = ""
    lot: str = ""
    state: str = ""
    """The unsellable state they are in (`models.records.stock.Unsellable`); empty is sellable."""
    reason: str = ""


class StockCounted(Fact, tag="stock", kw_only=True):
    """How many units there are as of a time: what is on hand, or what may be sold (`available`)."""

    document: str
    location: str
    as_of_ms: int
    lines: tuple[StockLine, ...]
    available: bool = False
    complete: bool = False
    """True where a SKU that is not in it is none."""


class StockReceived(Fact, tag="received", kw_only=True):
    """Units came in."""

    document: str
    location: str
    at_ms: int
    lines: tuple[StockLine, ...]
    expected: str = ""
    """The document by which they were expected."""


class StockExpected(Fact, tag="expected", kw_only=True):
    """Units are on their way to a location."""

    document: str
    location: str
    at_ms: int
    expected_at_ms: int
    lines: tuple[StockLine, ...]
    version: int = 0


class StockAdjusted(Fact, tag="adjusted", kw_only=True):
    """Units became more or fewer, or changed their state, for a reason."""

    document: str
    location: str
    at_ms: int
    lines: tuple[StockLine, ...]


class TillSold(Fact, tag="till_sale", kw_only=True):
    """Units left over the counter; of negative quantities they came back."""

    document: str
    location: str
    at_ms: int
    lines: tuple[StockLine, ...]
