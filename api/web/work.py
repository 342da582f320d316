"""Page Work: the lists of orders that wait for somebody, each with how many, and since when the first of them, live.

Those bound to locations have the lists about their own parts of orders.
"""

from typing import Annotated, Any, NamedTuple

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use, principal_of, services_of
from api.explain import explained
from api.located import part_of
from api.pages import Cursor, cursor_of, decode_cursor
from api.personal import open_personal
from api.present import order_of
from api.route import router
from api.routes.events import check_room, event_stream
from api.routes.queues import check_queue
from api.security import Principal, Scope, needs
from api.services import Services
from api.views.queues import AT_RISK, OF_PARCELS, Entry, QueueCount, count_queues, queues_for, read_queue
from api.views.unmapped import QUEUE as UNMAPPED
from api.web.live import moments, morphs
from api.web.pools import pool_view
from api.web.render import fragment, page, zone_of
from api.web.unmapped import groups_context
from api.web.words import name_of, when_in
from models.records.fulfillment import Parcel
from models.records.order import Order
from models.records.pool import Location

routes = router(tag="pages", prefix="/p/{pool}/work")
_SHOWN = 50
Done = Annotated[str, Query(max_length=20)]
_TURN_SECONDS = 2.0


class ListFacts(NamedTuple):
    """A list of work with what is to be done there."""

    name: str
    meaning: str
    counted: QueueCount


class Row(NamedTuple):
    """An order in a list: since when it stands there, at which location, for which parcels, and why at all."""

    order: Order
    customer: str
    since_ms: int
    location_id: str
    location_name: str
    parcels: list[Parcel]
    why: str


@routes.get("", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def work_page(request: Request, pool: PoolId) -> Response:
    """All lists."""
    return page(request, "work/work.html", **await _lists(request, pool))


@routes.get("/live", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def follow_work(
    request: Request,
    pool: PoolId,
    services: Use,
    name: Annotated[str, Query(max_length=60)] = "",
    cursor: Cursor = None,
) -> Response:
    """Parts of a page whenever they change: of all lists, or of one that is named."""
    check_room(services)

    async def parts() -> dict[str, str]:
        context = await (_list(request, pool, name, cursor) if name else _lists(request, pool))
        shown = ("head", "lists", "rows") if name else ("head", "lists")
        return {part: bytes(fragment(request, f"work/{part}.html", **context).body).decode() for part in shown}

    # A list that is not there is refused before the stream begins.
    await parts()
    return event_stream(
        moments(services, pool, parts, lambda seen, shown: morphs("work", seen or {}, shown), _TURN_SECONDS)
    )


@routes.get("/{name}", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def work_list_page(request: Request, pool: PoolId, name: str, done: Done = "", cursor: Cursor = None) -> Response:
    """The orders of a list, the one that stands there longest first; of unmapped ones also what they wait for."""
    context = await _list(request, pool, name, cursor)
    if name == UNMAPPED and cursor is None:
        context |= await groups_context(request, pool, done=done)
    return page(request, "work/list.html", **context)


async def _lists(request: Request, pool: str) -> dict[str, Any]:
    services, who = services_of(request), principal_of(request)
    pool_view(services, pool)
    counts = await services.views.search(lambda connection: count_queues(connection, pool, who.locations))
    return _context(pool, who, counts)


async def _list(request: Request, pool: str, name: str, cursor: str | None) -> dict[str, Any]:
    services, who = services_of(request), principal_of(request)
    places = {place.location_id: place for place in pool_view(services, pool).locations}
    check_queue(who, name)
    after = decode_cursor(cursor, str) or ""
    counts, entries = await services.views.search(
        lambda connection: (
            count_queues(connection, pool, who.locations),
            read_queue(connection, pool, name, after=after, limit=_SHOWN + 1, locations=who.locations),
        )
    )
    rows = (_row(services, who, name, entry, places, zone_of(request)) for entry in entries[:_SHOWN])
    return _context(pool, who, counts, name) | {
        "rows": [row for row in rows if row is not None],
        "cursor": cursor,
        "next_cursor": cursor_of(entries[_SHOWN - 1].place) if len(entries) > _SHOWN else None,
    }


def _context(pool: str, who: Principal, counts: dict[str, QueueCount], name: str = "") -> dict[str, Any]:
    lists = [ListFacts(one, meaning, counts[one]) for one, meaning in queues_for(who.locations).items()]
    chosen = next((one for one in lists if one.name == name), None)
    return {"pool": pool, "lists": lists, "chosen": chosen, "at_risk": AT_RISK, "is_bound": who.locations is not None}


def _row(
    services: Services, who: Principal, name: str, entry: Entry, places: dict[str, Location], zone: str
) -> Row | None:
    order = part_of(who, order_of(entry.body))
    if order is None:
        return None
    customer = (open_personal(services, who, order) or {}).get("name") or ""
    stands_for = OF_PARCELS.get(name)
    return Row(
        order,
        customer,
        entry.since_ms,
        entry.location_id,
        name_of(places, entry.location_id),
        [parcel for parcel in order.parcels if stands_for is not None and stands_for(parcel)],
        explained(services, who, order, when_in(zone)).text,
    )
