"""Bodies that set a pool up."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    AmountMinor,
    Body,
    Count,
    Currency,
    Envelope,
    LocationId,
    Reasoned,
    ShortText,
    SourceId,
    Text,
)
from api.schemas.buffers import BufferIn
from api.schemas.content import PlaceIn
from models import commands
from models.records.pool import (
    DAY_MS,
    Authority,
    Location,
    LocationKind,
    Policy,
    RateCard,
    RoutingModel,
    StockBasis,
)

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-12-24"])]


LongMs = Annotated[int, Field(ge=0, le=10 * 366 * DAY_MS)]


class PoolIn(Reasoned):
    """Open a pool, or change its name. The currency stays as it was first set."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"currency": "EUR", "name": "Europe"}]})

    currency: Currency
    name: Text = ""
    simulated: bool = Field(default=False, description="Time moves by the pool's own commands only")

    def command(self, envelope: Envelope) -> commands.PutPool:
        """Give the command that this body asks for."""
        return commands.PutPool(
            **envelope.fields(self.reason), currency=self.currency, name=self.name, simulated=self.simulated
        )


class AuthorityIn(Body):
    """Which source moves the stock, by kind of movement, and which counts it; nothing named believes all."""

    movers: Annotated[
        dict[Literal["receive", "adjust", "sell", "transfer"], SourceId], Field(description="One source a kind")
    ] = Field(default_factory=dict)
    counter: SourceId | None = None


class LocationIn(PlaceIn):
    """A place that can fulfill."""

    location_id: LocationId
    name: ShortText
    kind: Literal["warehouse", "store", "third_party", "drop_shipper"] = "warehouse"
    time_zone: Annotated[str, Field(max_length=60, examples=["Europe/Berlin"])] = "UTC"
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    enabled: bool = True
    cut_off_minutes: Annotated[int, Field(ge=0, le=1440, description="After local midnight")] = 1440
    open_weekdays: Annotated[
        tuple[Annotated[int, Field(ge=0, le=6)], ...],
        Field(min_length=1, max_length=7, description="0 is Monday"),
    ] = (0, 1, 2, 3, 4, 5, 6)
    closed_on: Annotated[tuple[Day, ...], Field(max_length=400, description="Local dates")] = ()
    capacity_per_day: Count | None = None
    handling_minor: AmountMinor = 0
    pick_minor: AmountMinor = 0
    priority: Count = 0
    authority: AuthorityIn = AuthorityIn()
    stock: Annotated[
        Literal["owned", "declared", "untracked"],
        Field(description="Ours; a supplier's, what it declares; or never short, and not counted"),
    ] = "owned"
    collection: Annotated[bool, Field(description="Customers may collect there")] = False

    def location(self) -> Location:
        """Give the record."""
        movers = {str(kind): source for kind, source in self.authority.movers.items()}
        return Location(
            location_id=self.location_id,
            name=self.name,
            kind=LocationKind(self.kind),
            time_zone=self.time_zone,
            country=self.country,
            position=self.position(),
            enabled=self.enabled,
            cut_off_minutes=self.cut_off_minutes,
            open_weekdays=self.open_weekdays,
            closed_on=self.closed_on,
            capacity_per_day=self.capacity_per_day,
            handling_minor=self.handling_minor,
            pick_minor=self.pick_minor,
            priority=self.priority,
            authority=Authority(movers=movers, counter=self.authority.counter),
            stock=StockBasis(self.stock),
            collection=self.collection,
        )


class LocationsIn(Reasoned):
    """Add locations, or replace them by id."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "locations": [
                        {
                            "location_id": "berlin",
                            "name": "Berlin warehouse",
                            "time_zone": "Europe/Berlin",
                            "country": "DE",
                            "latitude": 52.52,
                            "longitude": 13.41,
                        },
                        {
                            "location_id": "hamburg",
                            "name": "Hamburg store",
                            "kind": "store",
                            "time_zone": "Europe/Berlin",
                            "country": "DE",
                            "latitude": 53.55,
                            "longitude": 9.99,
                            "capacity_per_day": 50,
                        },
                    ]
                }
            ]
        }
    )

    locations: Annotated[tuple[LocationIn, ...], Field(min_length=1, max_length=100)]

    def command(self, envelope: Envelope) -> commands.PutLocations:
        """Give the command that this body asks for."""
        locations = tuple(location.location() for location in self.locations)
        return commands.PutLocations(**envelope.fields(self.reason), locations=locations)


class RoutingModelIn(Reasoned):
    """Replace what routing has learned; `version` must be the present one plus one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 1, "lanes": {"berlin/DE-BE": [100, 800, 950], "*": [0, 500, 900]}}]}
    )

    version: Annotated[int, Field(ge=1, le=2**31)]
    lanes: dict[
        Annotated[str, Field(min_length=1, max_length=100)],
        Annotated[tuple[Annotated[int, Field(ge=0, le=1000)], ...], Field(min_length=1, max_length=100)],
    ] = Field(description="Per mille delivered within 0, 1, 2, ... days, by LOCATION/COUNTRY-REGION down to *")
    pick_success: dict[Annotated[str, Field(min_length=1, max_length=200)], Annotated[int, Field(ge=0, le=1000)]] = (
        Field(
            default_factory=dict, description="Per mille found of what the book says, by LOCATION/CATEGORY or LOCATION"
        )
    )
    trained_through: Day | None = None
    note: Text = ""

    def command(self, envelope: Envelope) -> commands.PutRoutingModel:
        """Give the command that this body asks for."""
        model = RoutingModel(
            version=self.version,
            lanes=dict(self.lanes),
            pick_success=dict(self.pick_success),
            trained_through=self.trained_through,
            note=self.note,
        )
        return commands.PutRoutingModel(**envelope.fields(self.reason), model=model)


class RateCardIn(Body):
    """Price of a parcel by distance band and weight bracket; there is one more price than limits."""

    distance_limits_meters: Annotated[tuple[AmountMinor, ...], Field(max_length=50)] = ()
    weight_limits_grams: Annotated[tuple[AmountMinor, ...], Field(max_length=50)] = ()
    price_minor: Annotated[tuple[Annotated[tuple[AmountMinor, ...], Field(max_length=51)], ...], Field(max_length=51)]


_FREE = RateCardIn(price_minor=((0,),))


class PolicyIn(Reasoned):
    """Replace the policy; `version` must be the present one plus one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2, "preset": "cheapest"}]})

    version: Annotated[int, Field(ge=1, le=2**31)]
    preset: Literal["closest", "cheapest"] = "closest"
    rate_card: RateCardIn = _FREE
    split_penalty_minor: AmountMinor = 100
    unfilled_penalty_minor: AmountMinor = 4_000
    late_minor: AmountMinor = Field(default=0, description="What an order after its promise costs; 0 leaves it out")
    max_fulfillments: Annotated[int, Field(ge=1, le=8)] = 4
    reroute_budget: Annotated[int, Field(ge=0, le=20)] = 3
    at_risk_before_ms: Annotated[int, Field(ge=0, le=366 * DAY_MS)] = DAY_MS
    document_window_ms: Annotated[int, Field(ge=0, le=366 * DAY_MS)] = 14 * DAY_MS
    stock_horizon_ms: Annotated[int, Field(ge=0, le=366 * DAY_MS)] = 14 * DAY_MS
    declared_stale_ms: LongMs = Field(default=2 * DAY_MS, description="An older declaration does not count any more")
    silence_ms: LongMs = Field(default=3 * DAY_MS, description="Parcels whose carrier says nothing so long are silent")
    receipt_to_promise_ms: LongMs = Field(default=2 * DAY_MS, description="From an expected receipt to its promise")
    close_after_ms: LongMs = Field(default=30 * DAY_MS, description="Orders that ended so long ago are closed")
    stub_ms: LongMs = Field(default=396 * DAY_MS, description="How long a closed order can come back")
    reserve_before_ms: LongMs | None = Field(
        default=None, description="An order claims stock so long before the date it is wanted; null: from the start"
    )
    buffers: Annotated[tuple[BufferIn, ...], Field(max_length=500)] = ()
    cancels_on_risk: Annotated[bool, Field(description="Cancel at once where a provider of risk advises it")] = False

    def command(self, envelope: Envelope) -> commands.PutPolicy:
        """Give the command that this body asks for."""
        policy = Policy(
            version=self.version,
            preset=self.preset,
            rate_card=RateCard(
                distance_limits_meters=self.rate_card.distance_limits_meters,
                weight_limits_grams=self.rate_card.weight_limits_grams,
                price_minor=self.rate_card.price_minor,
            ),
            split_penalty_minor=self.split_penalty_minor,
            unfilled_penalty_minor=self.unfilled_penalty_minor,
            late_minor=self.late_minor,
            max_fulfillments=self.max_fulfillments,
            reroute_budget=self.reroute_budget,
            at_risk_before_ms=self.at_risk_before_ms,
            document_window_ms=self.document_window_ms,
            stock_horizon_ms=self.stock_horizon_ms,
            declared_stale_ms=self.declared_stale_ms,
            silence_ms=self.silence_ms,
            receipt_to_promise_ms=self.receipt_to_promise_ms,
            close_after_ms=self.close_after_ms,
            stub_ms=self.stub_ms,
            buffers=tuple(buffer.buffer() for buffer in self.buffers),
            reserve_before_ms=self.reserve_before_ms,
            cancels_on_risk=self.cancels_on_risk,
        )
        return commands.PutPolicy(**envelope.fields(self.reason), policy=policy)
