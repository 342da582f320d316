"""Page Orders: one box that understands what is typed, filters that stay in the address, keyset pages, exports."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use, Who
from api.exports import Format
from api.located import part_of, set_up_of
from api.pages import Cursor, cursor_of, decode_cursor
from api.personal import open_personal
from api.present import iso, order_of
from api.route import router
from api.schemas.base import ms_of
from api.search import Search, Searching
from api.security import Principal, Scope, needs
from api.services import Services
from api.views.listing import Place, Sort
from api.web.filters import words
from api.web.pools import pool_view
from api.web.render import fragment, page, zone_of
from models.records.order import Order, OrderStatus
from models.records.pool import PoolView

routes = router(tag="pages", prefix="/p/{pool}")
_SHOWN = 50
_LAST_YEAR = 9_998
_SORTS = {Sort.NEWEST: "newest first", Sort.OLDEST: "oldest first", Sort.PROMISE: "open, by promise"}


def _blank(value: object) -> object:
    return None if value == "" else value


Day = Annotated[date | None, BeforeValidator(_blank)]


class Row(NamedTuple):
    """An order as the table shows it."""

    order: Order
    customer: str
    locations: list[str]


@routes.get("/orders", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def orders_page(  # noqa: PLR0917 # Each is a parameter of the address.
    request: Request,
    pool: PoolId,
    services: Use,
    who: Who,
    search: Searching,
    placed_on: Annotated[Day, Query(alias="from")] = None,
    placed_to: Annotated[Day, Query(alias="to")] = None,
    cursor: Cursor = None,
) -> Response:
    """Orders that fit, the newest first; while somebody types, only the part that changes."""
    view = set_up_of(who, pool_view(services, pool))
    search = _on_days(search, placed_on, placed_to, ZoneInfo(zone_of(request)))
    after = decode_cursor(cursor, Place)
    found = await services.views.orders(pool, search.filter, after=after, limit=_SHOWN + 1)
    total = await services.views.order_count(pool, search.filter)
    names = {location.location_id: location.name or location.location_id for location in view.locations}
    shown = (part_of(who, order_of(row.body)) for row in found[:_SHOWN])
    address = _address(request)
    context: dict[str, Any] = {
        "search": search,
        "rows": [_row(services, who, order, names) for order in shown if order is not None],
        "total": total,
        "is_first": after is None,
        "next_page": _with(address, cursor=cursor_of(found[_SHOWN - 1].place)) if len(found) > _SHOWN else "",
        "first_page": _with(address),
        "meanings": [_with(address, q=f"{hit.kind.value}:{hit.text}") for hit in search.hits],
        "everything": _with(address, q=""),
        "is_filtered": bool(address),
        "exports": {kind: _export(pool, search, kind) for kind in Format},
        "address": address,
    }
    if "hx-request" in request.headers:
        return fragment(request, "orders/found.html", pool=pool, **context)
    channels = [] if who.locations is not None else await services.views.channels(pool)
    return page(request, "orders/orders.html", **context, **_choices(view, channels))


def _choices(view: PoolView, channels: list[str]) -> dict[str, Any]:
    """Give what may be chosen; channels need not be set up to send orders."""
    named = {channel.channel_id: channel.name or channel.channel_id for channel in view.channels}
    return {
        "statuses": [(status.value, words(status)) for status in OrderStatus],
        "channels": sorted(({channel: channel for channel in channels} | named).items()),
        "locations": [(location.location_id, location.name or location.location_id) for location in view.locations],
        "sorts": [(sort.value, name) for sort, name in _SORTS.items()],
    }


def _row(services: Services, who: Principal, order: Order, names: dict[str, str]) -> Row:
    personal = open_personal(services, who, order) or {}
    parts = (part for part in order.fulfillments if part.status.value not in ("rejected", "cancelled"))
    places = dict.fromkeys(names.get(part.location_id, part.location_id) for part in parts)
    return Row(order, str(personal.get("name", "")), list(places))


def _on_days(search: Search, first: date | None, last: date | None, zone: ZoneInfo) -> Search:
    """Give the search within days of the reader's zone, the last one included."""
    wanted = search.filter
    if first is not None:
        wanted = wanted._replace(placed_from_ms=_begin_ms(first, zone))
    if last is not None and last.year <= _LAST_YEAR:
        wanted = wanted._replace(placed_before_ms=_begin_ms(last + timedelta(days=1), zone))
    return search._replace(filter=wanted)


def _begin_ms(day: date, zone: ZoneInfo) -> int:
    return max(0, ms_of(datetime(day.year, day.month, day.day, tzinfo=zone)))


def _address(request: Request) -> dict[str, str]:
    """Give what stands in the address and asks something, but for the place in the list."""
    asked = {name: value for name, value in request.query_params.items() if value and name != "cursor"}
    return {name: value for name, value in asked.items() if (name, value) != ("sort", Sort.NEWEST.value)}


def _with(address: dict[str, str], **other: str) -> str:
    asked = {name: value for name, value in (address | other).items() if value}
    return "?" + urlencode(asked)


def _export(pool: str, search: Search, kind: Format) -> str:
    return f"/v1/pools/{pool}/orders/export?" + urlencode([*_asked(search), ("format", kind.value)])


def _asked(search: Search) -> Iterator[tuple[str, str]]:
    """Give the search as the API is asked it: days as the instants they are here."""
    wanted = search.filter
    if search.text:
        yield "q", search.text
    for name in ("status", "channel", "external_id", "sku"):
        value = getattr(wanted, name)
        if value is not None:
            yield name, value
    if search.location is not None:
        yield "location", search.location
    yield from ((name, "1") for name in ("at_risk", "held", "waiting") if getattr(wanted, name))
    if wanted.placed_from_ms is not None:
        yield "placed_from", iso(wanted.placed_from_ms)
    if wanted.placed_before_ms is not None:
        yield "placed_before", iso(wanted.placed_before_ms)
    if wanted.sort is not Sort.NEWEST:
        yield "sort", wanted.sort.value
