"""Listings: what channels call our goods, and the names that orders wait for."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.answers import accepted, answer, replay_header
from api.context import PoolId, Use
from api.listings import Group, delete_listing, put_listing, waiting_for
from api.pages import Limit
from api.present import iso, present
from api.route import router
from api.schemas import responses
from api.schemas.base import ShortText, Sku, SourceId
from api.schemas.listings import MapIn, UnmappedOut
from api.schemas.out_stock import ItemOut
from api.security import Scope, needs
from api.submit import Asking, Outcome
from models.records.pool import CatalogueItem

routes = router(tag="listings", prefix="/v1/pools/{pool}")


@routes.post("/listings", response_model=ItemOut, responses=responses.WRITES)
@needs(Scope.POOLS_WRITE)
async def post_listing(pool: PoolId, body: MapIn, ask: Asking) -> Response:
    """Say what a channel's SKU is with us; every order that waits for it goes on at once."""
    return _shown(pool, *await put_listing(ask, pool, body))


@routes.delete("/listings", response_model=ItemOut, responses=responses.WRITES)
@needs(Scope.POOLS_WRITE)
async def remove_listing(
    pool: PoolId,
    ask: Asking,
    channel: Annotated[SourceId, Query()],
    sku: Annotated[Sku, Query(description="What the channel calls it")],
    reason: Annotated[ShortText, Query()] = "",
) -> Response:
    """Take a name off its item; orders keep what they were taken with."""
    return _shown(pool, *await delete_listing(ask, pool, channel, sku, reason))


@routes.get("/unmapped", response_model=UnmappedOut, responses=responses.READS)
@needs(Scope.ORDERS_READ)
async def list_unmapped(pool: PoolId, services: Use, limit: Limit = 50) -> Response:
    """The SKUs that orders wait for because nobody knows them, most orders first, with what they may mean."""
    found = await waiting_for(services, pool, limit)
    shown = [_group(one) for one in found.groups]
    return answer({"unmapped": shown, "total": found.total, "complete": found.complete})


def _shown(pool: str, outcome: Outcome, item: CatalogueItem) -> Response:
    if outcome.update is None:
        return accepted(pool, outcome)
    return answer(present(item), headers=replay_header(outcome))


def _group(group: Group) -> dict[str, object]:
    one = group.unmapped
    return {
        "channel": one.channel,
        "sku": one.sku,
        "orders": one.orders,
        "units": one.units,
        "oldest_since": iso(one.oldest_ms),
        "suggestions": [suggestion._asdict() for suggestion in group.suggestions],
    }
