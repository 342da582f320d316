"""What channels call our goods: names are given to catalogue items, and taken off them, one change after the other.

A command replaces an item whole. So two changes of one pool's catalogue by this process never overlap; what somebody
else puts between reading the item and replacing it is lost, as with `PUT /catalogue`.
"""

import sqlite3
from typing import NamedTuple

from msgspec.structs import replace

from api.present import item_of, pool_view_of
from api.problems import Problem
from api.schemas.base import Envelope
from api.schemas.listings import MapIn
from api.services import Services
from api.submit import Ask, Outcome
from api.suggestions import Suggestion
from api.views.unmapped import Unmapped, find_listed, read_unmapped
from models.commands import PutCatalogue
from models.records.pool import CatalogueItem

_SETTLE_SECONDS = 2.0


class Group(NamedTuple):
    """A name that orders wait for, with what it may mean."""

    unmapped: Unmapped
    suggestions: tuple[Suggestion, ...]


class Waiting(NamedTuple):
    """Names that orders wait for: some with suggestions, how many there are, and whether all orders were counted."""

    groups: list[Group]
    total: int
    complete: bool


async def waiting_for(services: Services, pool: str, limit: int) -> Waiting:
    """Give the names that most orders wait for."""

    def look(connection: sqlite3.Connection) -> Waiting:
        found = read_unmapped(connection, pool)
        shown = found.groups[:limit]
        given = services.suggester.suggest(connection, pool, [one.sku for one in shown])
        return Waiting([Group(one, given[one.sku]) for one in shown], len(found.groups), found.complete)

    return await services.views.search(look)


async def put_listing(ask: Ask, pool: str, body: MapIn) -> tuple[Outcome, CatalogueItem]:
    """Give an item a name at a channel; a name that it has there gets the quantity.

    Raises:
        Problem: the channel or SKU is not known, or the name stands for another SKU.
    """
    await _check_channel(ask.services, pool, body.channel)
    async with ask.services.catalogue_turns[pool]:
        listed = await _listed(ask.services, pool, body.channel, body.sku)
        if listed is not None and listed.sku != body.to_sku:
            raise Problem(
                409,
                "listing_taken",
                f"{body.channel} sells {listed.sku} as {body.sku} already: take it off there first.",
                field="sku",
            )
        row = ask.services.views.item(pool, body.to_sku)
        if row is None:
            detail = f"The catalogue has no SKU {body.to_sku}: choose one of it, or add it first."
            raise Problem(404, "sku_unknown", detail, field="to_sku")
        listing = body.listing()
        item = item_of(row).item
        others = [one for one in item.listings if (one.channel, one.sku) != (listing.channel, listing.sku)]
        return await _replace(ask, pool, replace(item, listings=(*others, listing)), body.reason)


async def delete_listing(ask: Ask, pool: str, channel: str, sku: str, reason: str) -> tuple[Outcome, CatalogueItem]:
    """Take a name off its item; orders keep what they were taken with.

    Raises:
        Problem: the channel has no such name.
    """
    async with ask.services.catalogue_turns[pool]:
        item = await _listed(ask.services, pool, channel, sku)
        if item is None:
            detail = f"{channel} has no listing {sku}: see the listings in GET /v1/pools/{pool}/catalogue."
            raise Problem(404, "listing_unknown", detail, field="sku")
        left = tuple(one for one in item.listings if (one.channel, one.sku) != (channel, sku))
        return await _replace(ask, pool, replace(item, listings=left), reason)


async def _replace(ask: Ask, pool: str, item: CatalogueItem, reason: str) -> tuple[Outcome, CatalogueItem]:
    def build(envelope: Envelope) -> PutCatalogue:
        return PutCatalogue(**envelope.fields(reason), items=(item,))

    outcome = await ask.submit(pool, build)
    update = outcome.update
    if update is not None and not update.repeated:
        # The next turn has to read what this one has put.
        row = ask.services.views.item(pool, item.sku)
        at = None if row is None else (item_of(row).offset, item_of(row).index)
        seconds = max(ask.wait_seconds, _SETTLE_SECONDS)
        await ask.settled(("item", pool, item.sku), (update.offset, update.index), at, seconds)
    return outcome, item


async def _listed(services: Services, pool: str, channel: str, sku: str) -> CatalogueItem | None:
    view = await services.views.search(lambda connection: find_listed(connection, pool, channel, sku))
    return None if view is None else view.item


async def _check_channel(services: Services, pool: str, channel: str) -> None:
    """Refuse a channel that is neither set up nor has ever sent an order: a name there would never be met.

    Raises:
        Problem: 422.
    """
    row = services.views.pool(pool)
    known = set() if row is None else {one.channel_id for one in pool_view_of(row[2]).channels}
    known |= set(await services.views.channels(pool))
    if channel not in known:
        detail = f"There is no channel {channel}: known are {', '.join(sorted(known)) or 'none'}."
        raise Problem(422, "channel_unknown", detail, field="channel")
