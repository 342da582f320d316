"""Bodies that put items into a pool's catalogue."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.base import Body, Count, Envelope, Quantity, Reasoned, ShortText, Sku, SourceId, Text
from models import commands
from models.records.line import Component
from models.records.pool import CatalogueItem, Listing


class ComponentIn(Body):
    """So many units of a SKU in one unit of a kit."""

    sku: Sku
    quantity: Quantity


class ListingIn(Body):
    """A SKU under which a channel sells so many units of the item."""

    channel: SourceId
    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=1_000, description="A six-pack is six")] = 1


class ItemIn(Body):
    """What routing needs to know of a SKU."""

    sku: Sku
    name: ShortText = ""
    weight_grams: Count = 500
    category: Text = ""
    components: Annotated[
        tuple[ComponentIn, ...], Field(max_length=50, description="What a kit is made of; it has no stock of its own")
    ] = ()
    untracked: Annotated[bool, Field(description="Never short, and not counted anywhere, such as a gift card")] = False
    backorder_limit: Annotated[Count | None, Field(description="How many units may wait; null: all may")] = None
    listings: Annotated[
        tuple[ListingIn, ...], Field(max_length=200, description="What channels call it, where that is not its SKU")
    ] = ()

    def item(self) -> CatalogueItem:
        """Give the record."""
        return CatalogueItem(
            sku=self.sku,
            name=self.name,
            weight_grams=self.weight_grams,
            category=self.category,
            components=tuple(Component(sku=part.sku, quantity=part.quantity) for part in self.components),
            untracked=self.untracked,
            backorder_limit=self.backorder_limit,
            listings=tuple(
                Listing(channel=listing.channel, sku=listing.sku, quantity=listing.quantity)
                for listing in self.listings
            ),
        )


class CatalogueIn(Reasoned):
    """Add items, or replace them by SKU; frees the orders that wait for an unknown SKU."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [{"sku": "TSHIRT-BLUE-M", "name": "T-shirt, blue, M", "weight_grams": 180}]}]
        }
    )

    items: Annotated[tuple[ItemIn, ...], Field(min_length=1, max_length=500)]

    def command(self, envelope: Envelope) -> commands.PutCatalogue:
        """Give the command that this body asks for."""
        items = tuple(item.item() for item in self.items)
        return commands.PutCatalogue(**envelope.fields(self.reason), items=items)
