"""The keys of each YAML file, once: reading, writing, comparing and the reference all go by these tables."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, get_args

from connectors.folder import kinds
from connectors.folder.faults import WrongError
from connectors.folder.setup import Head
from connectors.folder.shapes import Field, Shape, group
from connectors.positions import degrees_of
from models.geo import position_of
from models.ids import is_sku
from models.records.buffer import Buffer, BufferFor
from models.records.mail import CustomerMail
from models.records.pool import (
    Authority,
    Channel,
    ChannelKind,
    Location,
    LocationKind,
    Policy,
    PublishingRule,
    RateCard,
    StockBasis,
)
from models.rules.routing.costs import is_rate_card
from models.types import Preset

Values = dict[str, Any]
_POLE_DEGREES, _DATE_LINE_DEGREES = 90, 180
_SKU_MAX, _MOST_RULES = 100, 1_000
_MOVES = ("receive", "adjust", "sell", "transfer")


def _maker(record: type) -> Callable[[Values], Any]:
    return lambda values: record(**values)


def _values(thing: Any) -> Values:
    return {name: getattr(thing, name) for name in thing.__struct_fields__}


def _words(words: type[StrEnum]) -> kinds.Kind:
    read = kinds.choice(tuple(word.value for word in words))
    return kinds.Kind(lambda node, reading: words(read.read(node, reading)), read.tree)


def _authority(values: Values) -> Authority:
    return Authority(movers={kind: values[kind] for kind in _MOVES if kind in values}, counter=values.get("count"))


def _take_authority(authority: Authority) -> Values:
    return {**{kind: authority.movers.get(kind) for kind in _MOVES}, "count": authority.counter}


def _location(values: Values) -> Location:
    values = dict(values)
    latitude, longitude = values.pop("latitude", None), values.pop("longitude", None)
    position = None if latitude is None or longitude is None else position_of(latitude, longitude)
    # None of a group means that it had mistakes, which were told.
    return Location(position=position, **{name: value for name, value in values.items() if value is not None})


def _take_location(location: Location) -> Values:
    values = _values(location)
    position = values.pop("position")
    latitude, longitude = (None, None) if position is None else degrees_of(position)
    return {**values, "latitude": latitude, "longitude": longitude}


def _check_location(values: Values) -> str | None:
    if ("latitude" in values) != ("longitude" in values):
        return "a position takes both 'latitude' and 'longitude': add the other"
    if values.get("open_weekdays") == ():
        return "open_on names no day: to close it for now write 'enabled: no'"
    return None


def _days(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


def _sorted(kind: kinds.Kind) -> kinds.Kind:
    return kinds.Kind(lambda node, reading: _days(kind.read(node, reading)), kind.tree)


def _check_rate_card(values: Values) -> str | None:
    card = RateCard(**values)
    if is_rate_card(card):
        return None
    bands, brackets = len(card.distance_limits_meters) + 1, len(card.weight_limits_grams) + 1
    return (
        f"limits must rise, and with these limits 'prices' takes {bands} rows (one a distance, the last for all beyond)"
        f" of {brackets} prices (one a weight, the last for all above)"
    )


def _sku(given: str) -> str:
    if not 0 < len(given) <= _SKU_MAX or not is_sku(given):
        raise WrongError(f"{given!r} cannot be a SKU: up to {_SKU_MAX} characters, none of them invisible")
    return given


def _check_channel(values: Values) -> str | None:
    rules = [rule for rule in values.get("publishing", ()) if rule is not None]
    if len(rules) > _MOST_RULES:
        return f"publishing has {len(rules)} rules: at most {_MOST_RULES} can stand here"
    scopes = [(rule.sku, rule.category) for rule in rules]
    twice = next((scope for scope in scopes if scopes.count(scope) > 1), None)
    if twice is None:
        return None
    named = " and ".join(f"{key} {name}" for key, name in zip(("sku", "category"), twice, strict=True) if name)
    return f"publishing has two rules for {named or 'everything'}: keep one"


_SKU = kinds.scalar(_sku)

POOL = Shape(
    what="pool",
    fields=(
        Field("pool", kinds.POOL_ID, required=True),
        Field("name", kinds.text(2_000)),
        Field("currency", kinds.CURRENCY, required=True),
        Field("simulated", kinds.YES_NO),
    ),
    build=_maker(Head),
    take=_values,
    default=Head(pool="", currency=""),
)

AUTHORITY = Shape(
    what="authority",
    fields=(*(Field(kind, kinds.ID) for kind in _MOVES), Field("count", kinds.ID)),
    build=_authority,
    take=_take_authority,
    default=Authority(),
)

LOCATION = Shape(
    what="location",
    fields=(
        Field("id", kinds.ID, "location_id", required=True),
        Field("name", kinds.text(200), required=True),
        Field("kind", _words(LocationKind)),
        Field("time_zone", kinds.ZONE, required=True),
        Field("country", kinds.COUNTRY),
        Field("latitude", kinds.degrees(_POLE_DEGREES)),
        Field("longitude", kinds.degrees(_DATE_LINE_DEGREES)),
        Field("enabled", kinds.YES_NO),
        Field("cut_off", kinds.TIME_OF_DAY, "cut_off_minutes"),
        Field("open_on", _sorted(kinds.WEEKDAY_LIST), "open_weekdays"),
        Field("closed_on", _sorted(kinds.DATE_LIST)),
        Field("capacity_per_day", kinds.COUNT),
        Field("handling", kinds.money(), "handling_minor"),
        Field("pick", kinds.money(kinds.MAX_COST_MINOR), "pick_minor"),
        Field("priority", kinds.COUNT),
        Field("authority", group(AUTHORITY)),
        Field("stock", _words(StockBasis)),
        Field("collection", kinds.YES_NO),
    ),
    build=_location,
    take=_take_location,
    default=Location(location_id="", name=""),
    check=_check_location,
)

RULE = Shape(
    what="publishing rule",
    fields=(
        Field("sku", _SKU),
        Field("category", kinds.text(2_000)),
        Field("threshold", kinds.COUNT),
        Field("percent", kinds.whole(0, 100)),
        Field("maximum", kinds.COUNT),
        Field("end_when", kinds.COUNT),
    ),
    build=_maker(PublishingRule),
    take=_values,
    default=PublishingRule(),
)

CHANNEL = Shape(
    what="channel",
    fields=(
        Field("id", kinds.ID, "channel_id", required=True),
        Field("name", kinds.text(200), required=True),
        Field("kind", _words(ChannelKind)),
        Field("reservation_minutes", kinds.whole(1, 366 * 1_440)),
        Field("guest_reservation_minutes", kinds.whole(1, 366 * 1_440)),
        Field("approval_above", kinds.money(), "approval_above_minor"),
        Field("segment", kinds.SEGMENT),
        Field("publishing", kinds.several(group(RULE))),
        Field("mails", kinds.several(_words(CustomerMail))),
    ),
    build=_maker(Channel),
    take=_values,
    default=Channel(channel_id="", name=""),
    check=_check_channel,
)

RATE_CARD = Shape(
    what="rate card",
    fields=(
        Field("distance_limits_km", kinds.KILOMETERS, "distance_limits_meters"),
        Field("weight_limits_grams", kinds.GRAMS),
        Field("prices", kinds.PRICES, "price_minor", required=True),
    ),
    build=_maker(RateCard),
    take=_values,
    default=RateCard(),
    check=_check_rate_card,
)

BUFFER = Shape(
    what="buffer",
    fields=(
        Field("sku", _SKU),
        Field("category", kinds.text(2_000)),
        Field("location", kinds.ID, "location_id"),
        Field("kind", _words(LocationKind)),
        Field("first_day", kinds.DATE),
        Field("last_day", kinds.DATE),
        Field("units", kinds.COUNT),
        Field("percent", kinds.whole(0, 100)),
        Field("keeps_from", _words(BufferFor)),
    ),
    build=_maker(Buffer),
    take=_values,
    default=Buffer(),
)

POLICY = Shape(
    what="policy",
    fields=(
        Field("preset", kinds.choice(get_args(Preset))),
        Field("rate_card", group(RATE_CARD)),
        Field("split_penalty", kinds.money(), "split_penalty_minor"),
        Field("unfilled_penalty", kinds.money(kinds.MAX_COST_MINOR), "unfilled_penalty_minor"),
        Field("late", kinds.money(kinds.MAX_COST_MINOR), "late_minor"),
        Field("max_fulfillments", kinds.whole(1, 8)),
        Field("reroute_budget", kinds.whole(0, 20)),
        Field("at_risk_before", kinds.DURATION, "at_risk_before_ms"),
        Field("document_window", kinds.DURATION, "document_window_ms"),
        Field("stock_horizon", kinds.DURATION, "stock_horizon_ms"),
        Field("declared_stale", kinds.DURATION, "declared_stale_ms"),
        Field("silence", kinds.DURATION, "silence_ms"),
        Field("receipt_to_promise", kinds.DURATION, "receipt_to_promise_ms"),
        Field("close_after", kinds.DURATION, "close_after_ms"),
        Field("stub", kinds.duration(most_days=3_660), "stub_ms"),
        Field("reserve_before", kinds.DURATION, "reserve_before_ms"),
        Field("buffers", kinds.several(group(BUFFER))),
        Field("cancels_on_risk", kinds.YES_NO),
    ),
    build=lambda values: Policy(**{name: value for name, value in values.items() if value is not None}),
    take=_values,
    default=Policy(),
)
