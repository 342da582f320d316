"""Pools: set up by commands like everything else, and read as they stand."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from api.answers import accepted, answer, applied, replay_header
from api.context import PoolId, Use, Who
from api.located import set_up_of
from api.pages import Cursor, Limit, cursor_of, decode_cursor
from api.present import item_of, pool_view_of, present
from api.route import router
from api.schemas import responses
from api.schemas.base import Envelope
from api.schemas.catalogue import CatalogueIn
from api.schemas.channels import ChannelsIn
from api.schemas.out_pools import PoolOut, PoolsOut
from api.schemas.out_stock import ItemsOut
from api.schemas.pools import LocationsIn, PolicyIn, PoolIn, RoutingModelIn
from api.security import Scope, needs, pool_unknown
from api.submit import Ask, Asking
from models.commands import Command

routes = router(tag="pools", prefix="/v1/pools")
_WRITE: dict[str, Any] = {"responses": responses.WRITES, "response_model": PoolOut}


@routes.get("", response_model=PoolsOut, responses=responses.READS)
@needs(located=True)
async def list_pools(services: Use, who: Who) -> Response:
    """The pools that this key may see."""
    rows = await services.views.pools()
    return answer({"pools": [present(set_up_of(who, pool_view_of(body))) for pool, body in rows if who.sees(pool)]})


@routes.get("/{pool}", response_model=PoolOut, responses=responses.READS)
@needs(located=True)
async def read_pool(pool: PoolId, services: Use, who: Who) -> Response:
    """A pool's currency, policy and locations."""
    row = services.views.pool(pool)
    if row is None:
        raise pool_unknown(pool)
    return answer(present(set_up_of(who, pool_view_of(row[2]))))


@routes.put("/{pool}", **_WRITE)
@needs(Scope.POOLS_WRITE)
async def put_pool(pool: PoolId, body: PoolIn, ask: Asking) -> Response:
    """Open a pool, or change its name."""
    return await _set_up(ask, pool, body.command)


@routes.put("/{pool}/locations", **_WRITE)
@needs(Scope.POOLS_WRITE)
async def put_locations(pool: PoolId, body: LocationsIn, ask: Asking) -> Response:
    """Add locations, or replace them by id."""
    return await _set_up(ask, pool, body.command)


@routes.put("/{pool}/channels", **_WRITE)
@needs(Scope.POOLS_WRITE)
async def put_channels(pool: PoolId, body: ChannelsIn, ask: Asking) -> Response:
    """Add channels, or replace them by id."""
    return await _set_up(ask, pool, body.command)


@routes.put("/{pool}/routing-model", **_WRITE)
@needs(Scope.POOLS_WRITE)
async def put_routing_model(pool: PoolId, body: RoutingModelIn, ask: Asking) -> Response:
    """Replace what routing has learned; its version must be the present one plus one."""
    return await _set_up(ask, pool, body.command)


@routes.put("/{pool}/policy", **_WRITE)
@needs(Scope.POOLS_WRITE)
async def put_policy(pool: PoolId, body: PolicyIn, ask: Asking) -> Response:
    """Replace the policy; its version must be the present one plus one."""
    return await _set_up(ask, pool, body.command)


@routes.put("/{pool}/catalogue", **_WRITE)
@needs(Scope.POOLS_WRITE)
async def put_catalogue(pool: PoolId, body: CatalogueIn, ask: Asking) -> Response:
    """Add items, or replace them by SKU."""
    return await _set_up(ask, pool, body.command)


@routes.get("/{pool}/catalogue", response_model=ItemsOut, responses=responses.READS)
@needs(Scope.STOCK_READ)
async def list_catalogue(pool: PoolId, services: Use, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The catalogue, in the order of its SKUs."""
    rows = await services.views.items(pool, after=decode_cursor(cursor, str) or "", limit=limit + 1)
    more = cursor_of(rows[limit - 1][0]) if len(rows) > limit else None
    return answer({"items": [present(item_of(body).item) for _, body in rows[:limit]], "next_cursor": more})


async def _set_up(ask: Ask, pool: str, build: Callable[[Envelope], Command]) -> Response:
    outcome = await ask.submit(pool, build)
    update = outcome.update
    if update is None:
        return accepted(pool, outcome)
    views = ask.services.views
    # A repeat changes nothing in the pool's view, so none may come.
    if not outcome.replayed and not update.repeated:
        row = views.pool(pool)
        at = None if row is None else row[:2]
        await ask.settled(("pool", pool), (update.offset, update.index), at, ask.wait_seconds)
    row = views.pool(pool)
    if row is None:
        return applied(outcome)
    return answer(present(pool_view_of(row[2])), headers=replay_header(outcome))
