"""The orders that a search finds, as a file."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.answers import answer
from api.context import PoolId, Use, Who
from api.exports import MEDIA_TYPES, Exports, Format, Wanted, export_orders
from api.problems import Problem
from api.route import router
from api.schemas import out, responses
from api.search import Searching
from api.security import Scope, needs

routes = router(tag="orders", prefix="/v1/pools/{pool}/orders/export")
ExportName = Annotated[str, Query(max_length=40, pattern=r"^[A-Za-z0-9-]*$", description="To ask how far it is")]


@routes.get("", response_class=Response, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def export_found_orders(  # noqa: PLR0917 # Each is a part of the request.
    request: Request,
    pool: PoolId,
    services: Use,
    who: Who,
    search: Searching,
    format: Annotated[Format, Query()] = Format.CSV,  # noqa: A002 # It is called so in the address.
    name: ExportName = "",
) -> Response:
    """All orders that fit, streamed: CSV (UTF-8; what a spreadsheet would take for a formula begins with '), JSON
    lines as in `GET /orders`, or a workbook of up to 200,000 orders. Personal data is in none of them.
    """
    total = await services.views.order_count(pool, search.filter)
    progress = exports_of(request).begin(who.actor, name, total)
    return StreamingResponse(
        export_orders(services, Wanted(pool, who, search.filter, format), progress),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{pool}-orders.{format}"'},
    )


@routes.get("/{name}", response_model=out.ExportOut, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def read_export_progress(request: Request, pool: PoolId, name: str, who: Who) -> Response:
    """How far an export is that was begun with this name."""
    progress = exports_of(request).find(who.actor, name)
    if progress is None:
        raise Problem(404, "export_unknown", f"No export of yours in {pool} is called {name!r}: begin one with ?name=.")
    return answer({"written": progress.written, "total": progress.total, "is_done": progress.is_done})


def exports_of(request: Request) -> Exports:
    """Give the exports of this process."""
    exports: Exports = request.app.state.exports
    return exports
