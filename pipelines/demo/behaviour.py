"""How locations and carriers behave: data by kind of location, with a character of its own for some."""

import math
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from models.types import Record
from pipelines.demo.asks import SeenLocation, SeenPosition
from pipelines.demo.clock import HOUR_MS, MINUTE_MS
from pipelines.demo.draws import Draws

_EARTH_KILOMETERS = 6_371
_BAD_DAY_FACTOR = 4.0
_DAY_MINUTES = 1_440


class Step(StrEnum):
    """What partners do about an order, each at a time of its own."""

    ANSWER = "answer"
    PICK = "pick"
    PACK = "pack"
    SHIP = "ship"
    TRACK = "track"
    END = "end"
    FIND = "find"
    DESK = "desk"


class Behaviour(Record, kw_only=True):
    """Medians, and shares of what goes wrong. Hours are local ones of the day."""

    answer_minutes: float
    pick_minutes: float
    pack_minutes: float
    opens_at: int
    closes_at: int
    off_hours_factor: float | None
    """Outside its hours work takes so much longer; None: it waits until the place opens."""
    collections: tuple[int, ...]
    """When a carrier comes."""
    reject_share: float
    short_share: float
    bad_day_share: float = 0.04
    causes: tuple[str, ...] = ("other", "no_capacity", "damaged", "out_of_stock")
    carriers: tuple[str, ...] = ("UPS", "FedEx", "USPS")


class Transit(Record, kw_only=True):
    """What becomes of parcels on their way."""

    least_hours: float = 13.0
    kilometers_per_hour: float = 36.0
    spread: float = 0.28
    lost_share: float = 0.006
    found_share: float = 0.3
    returned_share: float = 0.018
    restock_share: float = 0.8


class Fate(NamedTuple):
    """How a parcel ends, and when."""

    what: str
    after_ms: int


BY_KIND = {
    "warehouse": Behaviour(
        answer_minutes=18,
        pick_minutes=150,
        pack_minutes=22,
        opens_at=6,
        closes_at=22,
        off_hours_factor=2.0,
        collections=(1, 5, 9, 11, 13, 15, 17, 19, 21, 23),
        reject_share=0.008,
        short_share=0.010,
    ),
    "store": Behaviour(
        answer_minutes=40,
        pick_minutes=190,
        pack_minutes=30,
        opens_at=9,
        closes_at=21,
        off_hours_factor=None,
        collections=(12, 15, 18),
        reject_share=0.060,
        short_share=0.035,
        causes=("out_of_stock", "no_capacity", "damaged", "closed", "other"),
        carriers=("UPS", "USPS"),
    ),
    "drop_shipper": Behaviour(
        answer_minutes=150,
        pick_minutes=600,
        pack_minutes=60,
        opens_at=8,
        closes_at=18,
        off_hours_factor=3.0,
        collections=(11, 16),
        reject_share=0.030,
        short_share=0.010,
        causes=("out_of_stock", "other"),
        carriers=("FedEx", "OnTrac"),
    ),
}
# Some are better or worse than others of their kind, which is for the pages to show and the night to learn.
_CHARACTERS: dict[str, dict[str, float]] = {
    "warehouse-reno": {"pick_minutes": 320, "bad_day_share": 0.12},
    "warehouse-allentown": {"pick_minutes": 95},
    "store-chicago": {"reject_share": 0.15},
    "store-seattle": {"answer_minutes": 15, "reject_share": 0.02},
    "supplier-charlotte": {"pick_minutes": 1_300},
}


def behaviour_of(location: SeenLocation) -> Behaviour:
    """Give how a location behaves; one that the demo does not know is like others of its kind."""
    usual = BY_KIND.get(location.kind, BY_KIND["warehouse"])
    return replace(usual, **_CHARACTERS.get(location.location_id, {}))


class Place:
    """One location at work: how long each of its steps takes from when it could begin."""

    def __init__(self, location: SeenLocation, draws: Draws) -> None:
        self.location = location
        self.does = behaviour_of(location)
        self._draws = draws
        self._zone = ZoneInfo(location.time_zone)

    def done_at(self, step: Step, fulfillment: str, at_ms: int) -> int:
        """Give when it is through with a step that it can begin at `at_ms`."""
        match step:
            case Step.ANSWER:
                return self._worked(self.does.answer_minutes, 0.6, (fulfillment, step), at_ms)
            case Step.PICK:
                return self._worked(self._pick_minutes(at_ms), 0.5, (fulfillment, step), at_ms)
            case Step.PACK:
                return self._worked(self.does.pack_minutes, 0.4, (fulfillment, step), at_ms)
            case _:
                return self._collected_at(fulfillment, at_ms)

    def is_open(self, at_ms: int) -> bool:
        """Tell whether it is within its hours."""
        return self.does.opens_at <= self._local(at_ms).hour < self.does.closes_at

    def _pick_minutes(self, at_ms: int) -> float:
        """On a bad day everything takes several times as long."""
        day = self._local(at_ms).date().isoformat()
        bad = self._draws.happens(self.does.bad_day_share, self.location.location_id, day, "bad day")
        return self.does.pick_minutes * (_BAD_DAY_FACTOR if bad else 1.0)

    def _collected_at(self, fulfillment: str, at_ms: int) -> int:
        """The carrier's next collection, and some minutes at the dock."""
        local = self._local(at_ms)
        minute = local.hour * 60 + local.minute
        waits = [(60 * hour - minute) % _DAY_MINUTES for hour in self.does.collections]
        return at_ms + (min(waits) + self._draws.below(25, fulfillment, "dock")) * MINUTE_MS

    def _worked(self, minutes: float, spread: float, name: tuple[str, ...], at_ms: int) -> int:
        takes_ms = self._draws.around(minutes * MINUTE_MS, spread, *name)
        if self.is_open(at_ms):
            return at_ms + int(takes_ms)
        if self.does.off_hours_factor is not None:
            return at_ms + int(takes_ms * self.does.off_hours_factor)
        return self._opens_at(at_ms) + int(takes_ms)

    def _opens_at(self, at_ms: int) -> int:
        local = self._local(at_ms)
        minutes = (60 * self.does.opens_at - 60 * local.hour - local.minute) % _DAY_MINUTES
        return at_ms + minutes * MINUTE_MS

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(self._zone)


def fate_of(draws: Draws, transit: Transit, parcel: str, kilometers: float) -> Fate:
    """Give how and when a parcel ends: by its lane, and now and then not at all."""
    hours = draws.around(transit.least_hours + kilometers / transit.kilometers_per_hour, transit.spread, parcel, "way")
    share = draws.share(parcel, "end")
    if share < transit.lost_share:
        return Fate("lose", int(2.5 * hours * HOUR_MS))
    if share < transit.lost_share + transit.returned_share:
        return Fate("return", int(2.0 * hours * HOUR_MS))
    return Fate("deliver", int(hours * HOUR_MS))


def kilometers_between(one: SeenPosition | None, other: SeenPosition | None) -> float:
    """Give the great circle's length; a place that nobody knows is a day's drive away."""
    if one is None or other is None:
        return 800.0
    latitudes = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    height = math.sin((latitudes[1] - latitudes[0]) / 2) ** 2
    height += math.cos(latitudes[0]) * math.cos(latitudes[1]) * math.sin(across / 2) ** 2
    return 2 * _EARTH_KILOMETERS * math.asin(math.sqrt(height))
