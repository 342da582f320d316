"""Bodies of the rules that keep units back."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Body, Count, LocationId, Sku, Text
from models.records.buffer import Buffer, BufferFor

_Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="The location's own date")]


class BufferIn(Body):
    """Units kept back at each location that it matches; of those that match, the most specific counts.

    Kept back are `units`, and `percent` of what else could be promised. `selling` lowers what is told to be available,
    `routing` what orders may claim.
    """

    sku: Sku | None = None
    category: Text | None = None
    location_id: LocationId | None = None
    kind: Literal["warehouse", "store", "third_party", "drop_shipper"] | None = None
    first_day: _Day | None = None
    last_day: _Day | None = None
    units: Count = 0
    percent: Annotated[int, Field(ge=0, le=100)] = 0
    keeps_from: Literal["selling", "routing", "both"] = "both"

    def buffer(self) -> Buffer:
        """Give the record."""
        return Buffer(
            sku=self.sku,
            category=self.category,
            location_id=self.location_id,
            kind=self.kind,
            first_day=self.first_day,
            last_day=self.last_day,
            units=self.units,
            percent=self.percent,
            keeps_from=BufferFor(self.keeps_from),
        )
