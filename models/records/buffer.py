"""Units that are kept back at locations by a rule, so that what is told and what is promised stays true."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from models.types import Count, IsoDate, LocationId, Record, Sku, Text


class BufferFor(StrEnum):
    """From whom units are kept back."""

    SELLING = "selling"
    ROUTING = "routing"
    BOTH = "both"


class Buffer(Record, kw_only=True):
    """Units kept back at each location that it matches; of several that match, the most specific counts.

    Kept back are `units`, and `percent` of what else could be promised there, rounded up. `selling` lowers what is
    told to be available, `routing` what orders may claim. Both dates are the location's own, and belong to it.
    """

    sku: Sku | None = None
    category: Text | None = None
    location_id: LocationId | None = None
    kind: Literal["warehouse", "store", "third_party", "drop_shipper"] | None = None
    first_day: IsoDate | None = None
    last_day: IsoDate | None = None
    units: Count = 0
    percent: Annotated[int, Meta(ge=0, le=100)] = 0
    keeps_from: BufferFor = BufferFor.BOTH
