"""What is answered about a pool's set-up. A test holds these models against the records."""

from pydantic import Field

from api.schemas.out import Out


class RateCardOut(Out):
    distance_limits_meters: list[int]
    weight_limits_grams: list[int]
    price_minor: list[list[int]]


class BufferOut(Out):
    sku: str | None
    category: str | None
    location_id: str | None
    kind: str | None
    first_day: str | None
    last_day: str | None
    units: int
    percent: int
    keeps_from: str


class PolicyOut(Out):
    version: int
    preset: str
    rate_card: RateCardOut
    split_penalty_minor: int
    unfilled_penalty_minor: int
    late_minor: int
    max_fulfillments: int
    reroute_budget: int
    at_risk_before_ms: int
    document_window_ms: int
    stock_horizon_ms: int
    declared_stale_ms: int
    silence_ms: int
    receipt_to_promise_ms: int
    buffers: list[BufferOut]
    cancels_on_risk: bool
    reserve_before_ms: int | None
    close_after_ms: int
    stub_ms: int


class AppliedPartOut(Out):
    at: str
    actor: str
    reason: str


class PoolHeadOut(Out):
    pool: str
    currency: str
    name: str
    simulated: bool
    policy: PolicyOut
    applied: dict[str, AppliedPartOut]


class AuthorityOut(Out):
    movers: dict[str, str]
    counter: str | None


class LocationOut(Out):
    location_id: str
    name: str
    kind: str
    time_zone: str
    country: str
    position: dict[str, float] | None = Field(description="latitude and longitude")
    enabled: bool
    cut_off_minutes: int
    open_weekdays: list[int]
    closed_on: list[str]
    capacity_per_day: int | None
    handling_minor: int
    pick_minor: int
    priority: int
    authority: AuthorityOut
    stock: str
    collection: bool


class PublishingRuleOut(Out):
    sku: str | None
    category: str | None
    threshold: int
    percent: int
    maximum: int | None
    end_when: int


class ChannelOut(Out):
    channel_id: str
    name: str
    kind: str
    reservation_minutes: int | None
    guest_reservation_minutes: int | None
    approval_above_minor: int | None
    segment: str
    publishing: list[PublishingRuleOut]
    mails: list[str] | None = Field(description="null: by the channel's kind")


class RoutingModelOut(Out):
    version: int
    lanes: dict[str, list[int]]
    pick_success: dict[str, int]
    trained_through: str | None
    note: str


class PoolOut(Out):
    pool: PoolHeadOut
    locations: list[LocationOut]
    offset: int
    index: int
    channels: list[ChannelOut]
    routing_model: RoutingModelOut | None


class PoolsOut(Out):
    pools: list[PoolOut]
