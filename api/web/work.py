"""Page Work: the lists of orders that wait for somebody, each with how many, and since when the first of them."""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use, Who
from api.explain import explained
from api.pages import Cursor, cursor_of, decode_cursor
from api.personal import open_personal
from api.present import order_of
from api.route import router
from api.routes.queues import check_queue
from api.security import Principal, Scope, needs
from api.services import Services
from api.views.queues import ALL_QUEUES, AT_RISK, Entry, QueueCount, count_queues, read_queue
from api.web.pools import pool_view
from api.web.render import page, zone_of
from api.web.words import when_in
from models.records.order import Order

routes = router(tag="pages", prefix="/p/{pool}/work")
_SHOWN = 50


class ListFacts(NamedTuple):
    """A list of work with what is to be done there."""

    name: str
    meaning: str
    counted: QueueCount


class Row(NamedTuple):
    """An order in a list: since when it stands there, and why it stands at all."""

    order: Order
    customer: str
    since_ms: int
    why: str


@routes.get("", include_in_schema=False)
@needs(Scope.ORDERS_READ)
async def work_page(request: Request, pool: PoolId, services: Use) -> Response:
    """All lists."""
    pool_view(services, pool)
    counts = await services.views.search(lambda connection: count_queues(connection, pool))
    return page(request, "work/work.html", lists=_lists(counts), at_risk=AT_RISK)


@routes.get("/{name}", include_in_schema=False)
@needs(Scope.ORDERS_READ)
async def work_list_page(
    request: Request, pool: PoolId, name: str, services: Use, who: Who, cursor: Cursor = None
) -> Response:
    """The orders of a list, the one that stands there longest first."""
    pool_view(services, pool)
    check_queue(name)
    after = decode_cursor(cursor, str) or ""
    counts, entries = await services.views.search(
        lambda connection: (
            count_queues(connection, pool),
            read_queue(connection, pool, name, after=after, limit=_SHOWN + 1),
        )
    )
    return page(
        request,
        "work/list.html",
        lists=_lists(counts),
        chosen=ListFacts(name, ALL_QUEUES[name], counts[name]),
        at_risk=AT_RISK,
        rows=[_row(services, who, entry, zone_of(request)) for entry in entries[:_SHOWN]],
        is_first=not after,
        next_cursor=cursor_of(entries[_SHOWN - 1].place) if len(entries) > _SHOWN else None,
    )


def _lists(counts: dict[str, QueueCount]) -> list[ListFacts]:
    return [ListFacts(name, meaning, counts[name]) for name, meaning in ALL_QUEUES.items()]


def _row(services: Services, who: Principal, entry: Entry, zone: str) -> Row:
    order = order_of(entry.body)
    customer = (open_personal(services, who, order) or {}).get("name") or ""
    return Row(order, customer, entry.since_ms, explained(services, who, order, when_in(zone)).text)
