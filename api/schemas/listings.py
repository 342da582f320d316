"""Bodies and answers about what channels call our goods."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.base import Reasoned, Sku, SourceId
from api.schemas.out import Out
from models.records.pool import Listing


class MapIn(Reasoned):
    """Say what a channel's SKU is with us: so many units of one of our SKUs. Frees the orders that wait for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"channel": "shop-de", "sku": "TSHIRT-6PACK", "to_sku": "TSHIRT-BLUE-M", "quantity": 6}]
        }
    )

    channel: SourceId
    sku: Annotated[Sku, Field(description="What the channel calls it")]
    to_sku: Annotated[Sku, Field(description="Our SKU")]
    quantity: Annotated[int, Field(ge=1, le=1_000, description="Units of our SKU; a six-pack is six")] = 1

    def listing(self) -> Listing:
        """Give the record."""
        return Listing(channel=self.channel, sku=self.sku, quantity=self.quantity)


class SuggestionOut(Out):
    sku: str
    name: str
    score: int = Field(description="How alike it is, from 0 to 100")


class UnmappedSkuOut(Out):
    channel: str
    sku: str
    orders: int
    units: int = Field(description="As the channel counts them")
    oldest_since: str
    suggestions: list[SuggestionOut]


class UnmappedOut(Out):
    unmapped: list[UnmappedSkuOut]
    total: int = Field(description="How many there are, shown or not")
    complete: bool = Field(description="False where so many orders wait that only those that wait longest were counted")
