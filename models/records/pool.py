"""How a pool is set up: its currency and policy, its locations, its catalogue."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from models.records.buffer import Buffer
from models.records.line import Component
from models.records.mail import CustomerMail
from models.records.place import Position
from models.types import (
    AmountMinor,
    Count,
    Currency,
    DurationMs,
    InstantMs,
    IsoDate,
    LocationId,
    PerMille,
    PoolId,
    Preset,
    Record,
    Segment,
    Sku,
    SourceId,
    Text,
    UnitCostMinor,
    Weekday,
    Word,
)

DAY_MS = 86_400_000


class LocationKind(StrEnum):
    """What sort of place ships."""

    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "third_party"
    DROP_SHIPPER = "drop_shipper"


PARTNERS = frozenset({LocationKind.THIRD_PARTY, LocationKind.DROP_SHIPPER})
"""Places that are not ours: they are told what to send, and asked before it is taken back."""


class StockBasis(Word):
    """What a location's stock is to us."""

    OWNED = "owned", "ours: every unit is accounted for"
    DECLARED = "declared", "a supplier's: what it says it has, less what we ordered since"
    UNTRACKED = "untracked", "never short: nothing is counted"


class Authority(Record, kw_only=True):
    """Who may move and who may count a location's stock.

    `movers` names per movement kind (receive, adjust, sell, transfer) the one source whose messages move the
    stock; messages of other sources are compared only. `counter` likewise for counts.
    Nothing named: every source is believed.
    """

    movers: dict[str, SourceId] = {}
    counter: SourceId | None = None


class Location(Record, kw_only=True):
    """A place that can fulfill."""

    location_id: LocationId
    name: str
    kind: LocationKind = LocationKind.WAREHOUSE
    time_zone: str = "UTC"
    country: str = ""
    position: Position | None = None
    enabled: bool = True
    cut_off_minutes: Annotated[int, Meta(ge=0, le=1440)] = 1440
    """Minutes after local midnight until which a location ships the same day."""
    open_weekdays: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)] = (0, 1, 2, 3, 4, 5, 6)
    """Days of the week on which it ships; 0 is Monday."""
    closed_on: Annotated[tuple[IsoDate, ...], Meta(max_length=400)] = ()
    """Local dates on which it does not, though the weekday is open."""
    capacity_per_day: Count | None = None
    """Fulfillments a location takes a day by its own calendar; None is unlimited."""
    handling_minor: AmountMinor = 0
    pick_minor: UnitCostMinor = 0
    priority: Count = 0
    authority: Authority = Authority()
    stock: StockBasis = StockBasis.OWNED
    collection: bool = False
    """True for a store where customers may collect."""


class ChannelKind(StrEnum):
    """What sort of place sells."""

    WEBSITE = "website"
    MARKETPLACE = "marketplace"
    TILL = "till"
    B2B = "b2b"
    OTHER = "other"


class PublishingRule(Record, kw_only=True):
    """How much of the available units a channel is told; of several that match, the most specific counts.

    Told are 0 units at `end_when` or less, else `percent` of what is left above `threshold`, at most `maximum`.
    """

    sku: Sku | None = None
    category: Text | None = None
    threshold: Count = 0
    """Kept back once from all locations together."""
    percent: Annotated[int, Meta(ge=0, le=100)] = 100
    maximum: Count | None = None
    end_when: Count = 0


class Channel(Record, kw_only=True):
    """A place that sells; its id is what orders name as their channel."""

    channel_id: SourceId
    name: str
    kind: ChannelKind = ChannelKind.OTHER
    reservation_minutes: Annotated[int, Meta(ge=1, le=366 * 1440)] | None = None
    """How long its reservations live that do not say so themselves."""
    guest_reservation_minutes: Annotated[int, Meta(ge=1, le=366 * 1440)] | None = None
    """The same of reservations that name no customer; without it they live as long as the others."""
    approval_above_minor: AmountMinor | None = None
    """An order above this amount waits for a person's approval."""
    segment: Segment = ""
    """The ring-fenced stock that its orders may take beside what is free to all."""
    publishing: Annotated[tuple[PublishingRule, ...], Meta(max_length=1_000)] = ()
    """How much of what there is it is told of."""
    mails: Annotated[tuple[CustomerMail, ...], Meta(max_length=20)] | None = None
    """Which mails its customers are sent; without it all, and of a marketplace or a till none."""


class RoutingModel(Record, kw_only=True):
    """What was learned of how long orders take: the likelihood of delivery by lane.

    `lanes[key][d]` is the probability, in per mille, that what a location is given is delivered within d whole days;
    the last value holds for all later days. A key is `LOCATION/COUNTRY-REGION`, `LOCATION/COUNTRY`, `LOCATION` or `*`;
    the first of these that is there counts.
    """

    version: int
    lanes: dict[str, tuple[PerMille, ...]] = {}
    pick_success: dict[str, PerMille] = {}
    """How often a location finds what its book says, by `LOCATION/CATEGORY` or `LOCATION`; it lowers what may be
    promised there to the units that are likely found."""
    trained_through: IsoDate | None = None
    """The last day whose outcomes are in it."""
    note: Text = ""


class RateCard(Record, kw_only=True):
    """The price of a parcel by distance and weight.

    `price_minor[band][bracket]`; a band ends at `distance_limits_meters`, a bracket at `weight_limits_grams`, the
    last of each is open, so there is one more price than limits.
    """

    distance_limits_meters: tuple[int, ...] = ()
    weight_limits_grams: tuple[int, ...] = ()
    price_minor: tuple[tuple[AmountMinor, ...], ...] = ((0,),)


class Policy(Record, kw_only=True):
    """What routing and the clock follow; its version stands on every decision."""

    version: int = 1
    preset: Preset = "closest"
    rate_card: RateCard = RateCard()
    split_penalty_minor: AmountMinor = 100
    unfilled_penalty_minor: UnitCostMinor = 4_000
    late_minor: UnitCostMinor = 0
    """What an order after its promise costs, weighed by the routing model where money counts; 0 leaves it out."""
    max_fulfillments: Annotated[int, Meta(ge=1, le=8)] = 4
    reroute_budget: Annotated[int, Meta(ge=0, le=20)] = 3
    at_risk_before_ms: DurationMs = DAY_MS
    document_window_ms: DurationMs = 14 * DAY_MS
    stock_horizon_ms: DurationMs = 14 * DAY_MS
    declared_stale_ms: DurationMs = 2 * DAY_MS
    """A supplier's declaration that is older does not count any more."""
    silence_ms: DurationMs = 3 * DAY_MS
    """A parcel that its carrier has said nothing of for so long is silent."""
    receipt_to_promise_ms: DurationMs = 2 * DAY_MS
    """How long after an expected receipt the units that count on it are promised."""
    close_after_ms: DurationMs = 30 * DAY_MS
    """An order on which nothing has happened for so long, all of it ended, leaves the table."""
    stub_ms: DurationMs = 396 * DAY_MS
    """How long a closed order can be brought back."""
    buffers: Annotated[tuple[Buffer, ...], Meta(max_length=500)] = ()
    """Units kept back by rule, beside the safety stock of each level."""
    reserve_before_ms: DurationMs | None = None
    """So long before the date on which it is wanted an order claims stock; None is from the start."""
    cancels_on_risk: bool = False
    """True: where a provider advises to cancel, that is done at once; False: a person decides."""


class AppliedPart(Record, kw_only=True):
    """Since when a part of the set-up stands, by whom and why."""

    at_ms: InstantMs
    actor: str
    reason: str = ""


class Pool(Record, kw_only=True):
    """A set of SKUs and locations that share stock."""

    pool: PoolId
    currency: Currency
    name: str = ""
    simulated: bool = False
    """True: time moves by the pool's own commands only (a replay of the past), not by the wall clock."""
    policy: Policy = Policy()
    applied: dict[str, AppliedPart] = {}
    """By part: pool, locations, channels, policy, catalogue, routing_model."""


class Clock(Record, kw_only=True):
    """How far time has come in a pool: whole seconds, so that it is written once a second at most."""

    time_ms: int


class Capacity(Record, kw_only=True):
    """Fulfillments that a location has taken for one local day."""

    taken: int


class WorkItem(Record, array_like=True, omit_defaults=False, kw_only=True):
    """Orders still to be settled: a SKU fell below its allocations at a location, came into the catalogue, or rose."""

    kind: Literal["short", "free", "serve", "peg"]
    sku: Sku
    location_id: str = ""


class Work(Record, kw_only=True):
    """What a bounded command left over, done before the pool's next command, in its name."""

    offset: int
    index: int
    command_id: str
    command: str
    actor: str
    at_ms: int
    items: tuple[WorkItem, ...]


class Listing(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A SKU under which a channel sells so many units of an item: a six-pack is six."""

    channel: SourceId
    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=1_000)] = 1


class CatalogueItem(Record, kw_only=True):
    """What routing needs to know of a SKU."""

    sku: Sku
    name: str = ""
    weight_grams: Count = 500
    category: Text = ""
    components: Annotated[tuple[Component, ...], Meta(max_length=50)] = ()
    """What a kit is made of; it has no stock of its own."""
    untracked: bool = False
    """True for what is never short, such as a gift card: it is not counted anywhere."""
    backorder_limit: Count | None = None
    """How many units may wait for stock; without a limit all may."""
    listings: Annotated[tuple[Listing, ...], Meta(max_length=200)] = ()
    """What channels call it. A channel's own SKU goes before one of ours that is written alike."""


class PoolView(Record, kw_only=True):
    """What `pool-updates` holds: the set-up as it stands after a command."""

    pool: Pool
    locations: tuple[Location, ...]
    offset: int
    index: int
    channels: tuple[Channel, ...] = ()
    routing_model: RoutingModel | None = None


class CatalogueView(Record, kw_only=True):
    """What `catalogue-updates` holds: an item of a pool as it stands after a command."""

    pool: PoolId
    item: CatalogueItem
    offset: int
    index: int
