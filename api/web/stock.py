"""Pages of stock: SKUs of a pool, a SKU by location with its movements, the SKUs of a location."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.context import PoolId, SkuPath, Use, Who
from api.pages import Cursor
from api.route import router
from api.security import Scope, needs
from api.services import Services
from api.views.shelves import Shortage
from api.web.render import page
from api.web.spreadsheet import csv_lines
from api.web.stock_facts import location_context, sku_context, skus_context, visible_location

routes = router(tag="pages", prefix="/p/{pool}")
_EXPORT_PAGE = 2_000
_HEADER = ("sku", "on_hand", "allocated", "unsellable", "safety_stock", "available", "waiting_in_pool")
_DONE = {
    "receive": "Received: waiting orders were served first.",
    "adjust": "Adjusted.",
    "count": "Counted.",
    "restate": "Restated.",
    "fence": "Set apart.",
    "expect": "Expected: what waits may count on it.",
    "compared": "Compared only: another source moves the stock of this location. Nothing was changed.",
    "accepted": "It is on record and not decided yet: load the page again in a moment.",
}
Only = Annotated[Literal["all"] | Shortage, Query()]
Wanted = Annotated[str, Query(max_length=100)]
Done = Annotated[str, Query(max_length=20)]
AtLocation = Annotated[str, Query(alias="at", max_length=60)]
LocationPath = Annotated[str, Path(min_length=1, max_length=60)]


def done_text(done: str) -> str:
    """Say what an action did; nothing for what is not one."""
    return _DONE.get(done, "")


@routes.get("/stock", include_in_schema=False)
@needs(Scope.STOCK_READ, located=True)
async def skus_page(request: Request, pool: PoolId, who: Who, q: Wanted = "", cursor: Cursor = None) -> Response:
    """All SKUs; who works at one location is led there."""
    if who.locations is not None:
        return RedirectResponse(f"/p/{pool}/locations/{min(who.locations)}", 303)
    return page(request, "stock/skus.html", **await skus_context(request, pool, q.strip(), cursor))


@routes.get("/stock/{sku:path}", include_in_schema=False)
@needs(Scope.STOCK_READ, located=True)
async def sku_page(
    request: Request, pool: PoolId, sku: SkuPath, at: AtLocation = "", done: Done = "", cursor: Cursor = None
) -> Response:
    """A SKU by location."""
    context = await sku_context(request, pool, sku, at, cursor)
    return page(request, "stock/sku.html", **context, done=done_text(done), opened="")


@routes.get("/locations/{location_id}", include_in_schema=False)
@needs(Scope.STOCK_READ, located=True)
async def location_page(  # noqa: PLR0917 # Each filter is a query parameter.
    request: Request,
    pool: PoolId,
    location_id: LocationPath,
    q: Wanted = "",
    only: Only = "all",
    done: Done = "",
    cursor: Cursor = None,
) -> Response:
    """The SKUs of a location."""
    context = await location_context(request, pool, location_id, wanted=q.strip(), only=_shortage(only), cursor=cursor)
    return page(request, "stock/location.html", **context, done=done_text(done), opened="")


@routes.get("/locations/{location_id}/stock.csv", include_in_schema=False)
@needs(Scope.STOCK_READ, located=True)
async def export_location(
    pool: PoolId,
    location_id: LocationPath,
    services: Use,
    who: Who,
    q: Wanted = "",
    only: Only = "all",
) -> Response:
    """The same SKUs as CSV, all pages of them."""
    visible_location(services, who, pool, location_id)
    headers = {"Content-Disposition": f'attachment; filename="{pool}-{location_id}-stock.csv"'}
    rows = _rows(services, pool, location_id, q.strip(), _shortage(only))
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


async def _rows(
    services: Services, pool: str, location_id: str, wanted: str, only: Shortage | None
) -> AsyncIterator[str]:
    yield csv_lines([_HEADER])
    after = ""
    while shelves := await services.views.shelves(
        pool, location_id, after=after, limit=_EXPORT_PAGE, contains=wanted, shortage=only
    ):
        yield csv_lines(shelves)
        after = shelves[-1].sku


def _shortage(only: Literal["all"] | Shortage) -> Shortage | None:
    return None if only == "all" else only
