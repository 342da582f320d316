"""Pools: set up by commands like everything else, and read as they stand."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from api.answers import accepted, answer, applied, replay_header
from api.context import PoolId, Use, Who
from api.present import pool_view_of, present
from api.route import router
from api.schemas import out, responses
from api.schemas.base import Envelope
from api.schemas.pools import CatalogueIn, LocationsIn, PolicyIn, PoolIn
from api.security import Scope, needs, pool_unknown
from api.submit import Ask, Asking
from models.commands import Command

routes = router(tag="pools", prefix="/v1/pools")
_WRITE: dict[str, Any] = {"responses": responses.WRITES, "response_model": out.PoolOut}


@routes.get("", response_model=out.PoolsOut, responses=responses.READS)
@needs()
async def list_pools(services: Use, who: Who) -> Response:
    """The pools that this key may see."""
    rows = await services.views.pools()
    return answer({"pools": [present(pool_view_of(body)) for pool, body in rows if who.sees(pool)]})


@routes.get("/{pool}", response_model=out.PoolOut, responses=responses.READS)
@needs()
async def read_pool(pool: PoolId, services: Use) -> Response:
    """A pool's currency, policy and locations."""
    row = services.views.pool(pool)
    if row is None:
        raise pool_unknown(pool)
    return answer(present(pool_view_of(row[2])))


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


async def _set_up(ask: Ask, pool: str, build: Callable[[Envelope], Command]) -> Response:
    outcome = await ask.submit(pool, build)
    update = outcome.update
    if update is None:
        return accepted(pool, outcome)
    views = ask.services.views
    # A catalogue and a repeat change nothing in the pool's view, so none may come.
    if not outcome.replayed and not update.repeated and update.command != "put_catalogue":
        row = views.pool(pool)
        at = None if row is None else row[:2]
        await ask.settled(("pool", pool), (update.offset, update.index), at, ask.wait_seconds)
    row = views.pool(pool)
    if row is None:
        return applied(outcome)
    return answer(present(pool_view_of(row[2])), headers=replay_header(outcome))
