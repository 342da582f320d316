"""What is answered about what may be sold."""

from pydantic import Field

from api.schemas.out import Out


class PlaceOut(Out):
    location_id: str
    available_to_fulfil: int = Field(description="There now; of a kit, whole ones that can be made up")
    incoming: int = Field(description="Counted on to come by the date")


class AvailableOut(Out):
    """To order are: now + incoming by the date - waiting, and of what is not there no more than may still wait."""

    sku: str
    available_to_fulfil: int
    available_to_order: int
    waiting: int = Field(description="Units that orders wait for, and that are served first")
    backorder_left: int | None = Field(description="How many more units may wait; null: any number")
    published: int | None = Field(description="What the channel is told by its rules; null where none is named")
    untracked: bool = Field(description="Never short, and not counted")
    locations: list[PlaceOut]


class AvailabilityOut(Out):
    at: str
    channel: str | None
    skus: list[AvailableOut]
