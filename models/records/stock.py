"""Stock of a SKU at a location: the level, its recent history, and the immutable movements."""

from msgspec import UNSET, UnsetType

from models.types import Count, InstantMs, LocationId, PerMille, PoolId, Record, Sku, SourceId, Total, Word

UNTRACKED_UNITS = 1_000_000
"""What is not counted is never short: so many units of it may be promised at once, at any location."""


class MovementKind(Word):
    """Why a level changed; the movements are the only writers of levels."""

    RECEIVED = "received", "units came in from outside"
    ADJUSTED = "adjusted", "on hand was corrected, with a reason"
    COUNTED = "counted", "on hand is what was counted as of a time"
    SOLD_AT_TILL = "sold_at_till", "units left over the counter"
    ALREADY_COUNTED = "already_counted", "offsets a late movement that a count had seen"
    TRANSFERRED_OUT = "transferred_out", "units left for another location"
    TRANSFERRED_IN = "transferred_in", "units of a transfer arrived"
    RESTOCKED = "restocked", "units of a parcel that came back"
    ALLOCATED = "allocated", "units were promised to an order"
    RELEASED = "released", "units that were promised are free again"
    SHIPPED = "shipped", "units left in a parcel"
    SHIPMENT_CORRECTED = "shipment_corrected", "units that a parcel was taken to hold had not left"
    SAFETY_STOCK_SET = "safety_stock_set", "another number of units is kept back"
    RESTATED = "restated", "from one unsellable state to another, or to sellable"
    FENCED = "fenced", "set apart for a segment, or given back to all"
    DECLARED = "declared", "a supplier said what it has"


class Unsellable(Word):
    """Why units on hand are not for sale."""

    DAMAGED = "damaged", "it cannot be sold as it is"
    QUALITY_CONTROL = "quality_control", "somebody has to look at it first"
    RESERVED = "reserved", "set aside by a person for a purpose of its own"


class StockLevel(Record, kw_only=True):
    """Row of one SKU at one location.

    ATP = on hand - allocated - unsellable - safety stock - what is fenced for a segment, at least 0.
    """

    sku: Sku
    location_id: LocationId
    on_hand: int = 0
    allocated: Total = 0
    unsellable: Total = 0
    safety_stock: Count = 0
    states: dict[str, int] = {}
    """How many of the unsellable units are in which state; what is in none was set aside before there were states."""
    fenced: dict[str, int] = {}
    """Units set apart for a segment, not yet allocated."""
    declared_at_ms: InstantMs | None = None
    """When a supplier declared it; only where the location's stock is declared."""

    @property
    def available(self) -> int:
        """Units that may be promised to all."""
        free = self.on_hand - self.allocated - self.unsellable - self.safety_stock
        return max(0, free - sum(self.fenced.values()) if self.fenced else free)

    def available_to(self, segment: str) -> int:
        """Units that may be promised to an order of a segment."""
        free = self.on_hand - self.allocated - self.unsellable - self.safety_stock
        return max(0, free - sum(units for name, units in self.fenced.items() if name != segment))


class StockHistory(Record, kw_only=True):
    """What is needed to book late facts right: the newest count and the movements after the floor.

    `moves` are (occurred_at_ms, on-hand delta) in order of time; a count as of a time before
    `floor_ms` cannot be reckoned any more and is refused as stale.
    """

    counted_as_of_ms: InstantMs | None = None
    floor_ms: InstantMs = 0
    moves: tuple[tuple[int, int], ...] = ()


class StockMovement(Record, kw_only=True):
    """One immutable entry of the stock ledger: what changed, why, by which command."""

    pool: PoolId
    sku: Sku
    location_id: LocationId
    kind: MovementKind
    offset: int
    index: int
    sequence: int
    occurred_at_ms: InstantMs
    recorded_at_ms: InstantMs
    on_hand_delta: int = 0
    allocated_delta: int = 0
    unsellable_delta: int = 0
    safety_stock_delta: int = 0
    fenced_delta: int = 0
    state: str = ""
    """Of unsellable units: which state; of fenced ones: which segment."""
    source: SourceId | None = None
    document: str = ""
    order_id: str = ""
    command_id: str = ""
    actor: str = ""
    reason: str = ""


class Transfer(Record, kw_only=True):
    """Units on the way from one location to another, dispatched and not yet received."""

    transfer_id: str
    from_location_id: LocationId
    to_location_id: LocationId
    in_transit: tuple[tuple[str, int], ...]
    dispatched_at_ms: InstantMs


class ExpectedReceipt(Record, kw_only=True):
    """Units of a SKU that are expected at a location: a line of a purchase order, an advice, a production order."""

    receipt_id: str
    document: str
    """Its source and document, which may name more receipts."""
    version: Count
    sku: Sku
    location_id: LocationId
    quantity: Count
    """Still to come."""
    expected_at_ms: InstantMs
    confidence_per_mille: PerMille = 1000
    """How much of it is counted on."""


class Stub(Record, kw_only=True):
    """What stays of a closed order: enough to know its row again."""

    order_id: str
    source_version: int
    digest: str
    expired: bool = False
    """A reservation that was never placed: placing it now is no repeat."""
    closed_at_ms: InstantMs
    forget_at_ms: InstantMs
    """Until then the order can be brought back."""


class BookedLine(Record, array_like=True, omit_defaults=False, kw_only=True):
    """One line of a document as it was booked; a repeat must state the same."""

    line: str
    sku: Sku
    location_id: LocationId
    quantity: int
    """Less than 0 where units leave, so that a sale is never taken for the repeat of a receipt."""
    occurred_at_ms: InstantMs
    unsellable: int = 0


class Document(Record, kw_only=True):
    """The lines of an outside document that were booked, or announced, so that a repeat is recognised."""

    at_ms: InstantMs
    lines: tuple[BookedLine, ...]
    version: Count = 0
    """The newest one, of a document that says anew what is expected."""


class Answered(Record, kw_only=True):
    """A command without a row of its own to remember it: refused ones (with the code) and set-up."""

    at_ms: InstantMs
    fingerprint: str
    code: str = ""
    text: str = ""
    field: str = ""


class LevelView(Record, array_like=True, omit_defaults=False, kw_only=True):
    """One location in the published levels of a SKU: a row of an array, since a SKU may lie in many places."""

    location_id: LocationId
    on_hand: int
    allocated: int
    unsellable: int
    safety_stock: int
    available: int


class IncomingView(Record, array_like=True, omit_defaults=False, kw_only=True):
    """Units of a SKU that are expected, in the published levels."""

    location_id: LocationId
    quantity: int
    expected_at_ms: InstantMs
    confidence_per_mille: int


class ApartView(Record, kw_only=True):
    """What is apart of a SKU at one location, or declared; published only where there is any."""

    location_id: LocationId
    states: dict[str, int] = {}
    fenced: dict[str, int] = {}
    declared_at_ms: InstantMs | None = None


class SkuView(Record, omit_defaults=False, kw_only=True):
    """What `stock-updates` holds for a SKU: all its levels after a batch, and the units that wait."""

    pool: PoolId
    sku: Sku
    offset: int
    index: int
    available: int
    waiting: int
    levels: tuple[LevelView, ...]
    incoming: tuple[IncomingView, ...] | UnsetType = UNSET
    apart: tuple[ApartView, ...] | UnsetType = UNSET
