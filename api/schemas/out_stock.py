"""What stock and the catalogue look like in answers. A test holds these models against the records."""

from pydantic import Field

from api.schemas.out import Out
from api.schemas.out_orders import ComponentOut


class LevelOut(Out):
    location_id: str
    on_hand: int
    allocated: int
    unsellable: int
    safety_stock: int
    available: int
    states: dict[str, int] = Field(description="Of the unsellable units, how many are in which state")
    fenced: dict[str, int] = Field(description="Units set apart by segment, not yet allocated")
    declared_at: str | None = Field(description="When its supplier declared it")


class IncomingOut(Out):
    location_id: str
    quantity: int
    expected_at: str
    confidence_per_mille: int


class SkuOut(Out):
    """available = on hand - allocated - unsellable - safety stock - fenced, at least 0, by location and in total."""

    pool: str
    sku: str
    offset: int
    index: int
    available: int
    waiting: int
    levels: list[LevelOut]
    incoming: list[IncomingOut]


class SkusOut(Out):
    skus: list[SkuOut]
    next_cursor: str | None


class MovementOut(Out):
    pool: str
    sku: str
    location_id: str
    kind: str
    offset: int
    index: int
    sequence: int
    occurred_at: str
    recorded_at: str
    on_hand_delta: int
    allocated_delta: int
    unsellable_delta: int
    safety_stock_delta: int
    fenced_delta: int
    state: str
    source: str | None
    document: str
    order_id: str
    command_id: str
    actor: str
    reason: str


class MovementsOut(Out):
    movements: list[MovementOut]
    next_cursor: str | None


class ListingOut(Out):
    """What a channel calls so many units of an item."""

    channel: str
    sku: str
    quantity: int


class ItemOut(Out):
    sku: str
    name: str
    weight_grams: int
    category: str
    components: list[ComponentOut]
    listings: list[ListingOut]
    untracked: bool
    backorder_limit: int | None


class ItemsOut(Out):
    items: list[ItemOut]
    next_cursor: str | None
