"""The pool of a page: its set-up as the views have it, and the way to the first one."""

from starlette.responses import RedirectResponse, Response

from api.context import PoolId, Use, Who
from api.present import pool_view_of
from api.problems import Problem
from api.route import router
from api.security import Principal, needs, pool_unknown
from api.services import Services
from api.views.consumer import State
from models.records.pool import PoolView

routes = router(tag="pages")


def pool_view(services: Services, pool: str) -> PoolView:
    """Give the set-up of a pool.

    Raises:
        Problem: 404; 503 while the views are read, since it may only not be there yet.
    """
    row = services.views.pool(pool)
    if row is not None:
        return pool_view_of(row[2])
    if services.consumer.progress.state is not State.LIVE:
        raise _catching_up()
    raise pool_unknown(pool)


@routes.get("/", include_in_schema=False)
@needs(located=True)
async def first_page(services: Use, who: Who) -> Response:
    """To what goes on in the first pool."""
    for pool, _ in services.views.pool_names():
        if who.sees(pool):
            return RedirectResponse(home_of(who, pool), 303)
    if services.consumer.progress.state is not State.LIVE:
        raise _catching_up()
    detail = "There is no pool yet: `headrace init DIR` writes one to begin with, `headrace apply DIR` sets it up."
    raise Problem(404, "pools_none", detail)


@routes.get("/p/{pool}", include_in_schema=False)
@needs(located=True)
async def pool_page(pool: PoolId, who: Who) -> Response:
    """To what goes on in the pool."""
    return RedirectResponse(home_of(who, pool), 303)


def home_of(who: Principal, pool: str) -> str:
    """Give the page to begin with: for those bound to locations the first of theirs."""
    return f"/p/{pool}/now" if who.locations is None else f"/p/{pool}/locations/{min(who.locations)}"


def _catching_up() -> Problem:
    detail = "The pages are still reading what happened: this one shows itself as soon as it can."
    return Problem(503, "views_catching_up", detail, headers={"Retry-After": "2"})
