"""What sets a pool up, and time passing in it."""

from typing import Annotated

from msgspec import Meta

from models.commands.envelope import Command
from models.records.pool import CatalogueItem, Channel, Location, Policy, RoutingModel
from models.types import Currency, Text


class SetUpCommand(Command, kw_only=True):
    """Anything that sets the pool up."""


class PutPool(SetUpCommand, tag="put_pool", kw_only=True):
    """Open a pool, or change its name."""

    currency: Currency
    name: Text = ""
    simulated: bool = False


class PutLocations(SetUpCommand, tag="put_locations", kw_only=True):
    """Add locations or replace them by id."""

    locations: Annotated[tuple[Location, ...], Meta(min_length=1, max_length=100)]


class PutChannels(SetUpCommand, tag="put_channels", kw_only=True):
    """Add channels or replace them by id."""

    channels: Annotated[tuple[Channel, ...], Meta(min_length=1, max_length=100)]


class PutPolicy(SetUpCommand, tag="put_policy", kw_only=True):
    """Replace the routing and time policy; its version must be the present one plus one."""

    policy: Policy


class PutCatalogue(SetUpCommand, tag="put_catalogue", kw_only=True):
    """Add catalogue items or replace them by SKU; frees the orders that wait for an unknown SKU."""

    items: Annotated[tuple[CatalogueItem, ...], Meta(min_length=1, max_length=500)]


class PutRoutingModel(SetUpCommand, tag="put_routing_model", kw_only=True):
    """Replace what routing has learned; its version must be the present one plus one, 1 where there is none.

    An older model comes back by being put again under the next version.
    """

    model: RoutingModel


class Tick(Command, tag="tick", kw_only=True):
    """Time passes in a pool: reservations expire, date holds end, promises come due."""
