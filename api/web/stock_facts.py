"""What the pages of stock show, gathered from the views; for those bound to locations only what is theirs."""

from typing import Any, NamedTuple

from starlette.requests import Request

from api.context import principal_of, services_of
from api.located import levels_of
from api.pages import cursor_of, decode_cursor
from api.present import item_of, movement_of, sku_view_of
from api.problems import Problem
from api.routes.stock import sku_unknown
from api.security import Principal, Scope
from api.services import Services
from api.views.shelves import LOW_UNITS, Shelf, Shortage
from api.web.bodies import Attempt, new_key
from api.web.pools import pool_view
from api.web.stock_waiting import around
from api.web.words import name_of
from models.records.pool import Listing, Location, PoolView
from models.records.stock import LevelView, SkuView, StockMovement, Unsellable

PAGE = 50
SOURCE = "manual"
"""What people state on these pages comes from this source."""
_SCANNED_MAX = 1_000
_WHOLE = 100


class Segment(NamedTuple):
    """A part of a level's bar, in hundredths of it."""

    kind: str
    x: float
    width: float


class LevelFacts(NamedTuple):
    """A level with the bar that shows it."""

    location_id: str
    name: str
    level: LevelView
    bar: tuple[Segment, ...]


class MovementFacts(NamedTuple):
    """A movement with the name of its location and the zone in which its time is told."""

    movement: StockMovement
    location_name: str
    time_zone: str


async def skus_context(request: Request, pool: str, wanted: str, cursor: str | None) -> dict[str, Any]:
    """Give a page of a pool's SKUs."""
    services = services_of(request)
    setup = pool_view(services, pool)
    after = decode_cursor(cursor, str) or ""
    rows = await services.views.skus(pool, after=after, limit=PAGE + 1, contains=wanted)
    skus = [sku_view_of(body) for _, body in rows[:PAGE]]
    return {
        "pool": pool,
        "q": wanted,
        "skus": [(view, _name(services, pool, view.sku)) for view in skus],
        "next_cursor": cursor_of(skus[-1].sku) if len(rows) > PAGE else None,
        "is_first": cursor is None,
        "locations": setup.locations,
    }


async def sku_context(
    request: Request, pool: str, sku: str, at_location: str, cursor: str | None, attempt: Attempt | None = None
) -> dict[str, Any]:
    """Give a SKU by location, its movements, and what may be done with it at one location.

    Raises:
        Problem: 404.
    """
    services, who = services_of(request), principal_of(request)
    setup = pool_view(services, pool)
    places = {place.location_id: place for place in setup.locations}
    view = _sku_or_item(services, who, pool, sku)
    levels = [_level(places, level) for level in view.levels]
    offered = [place for place in setup.locations if who.works_at(place.location_id)]
    chosen = _chosen(at_location, levels, offered)
    movements, more = await _movements(services, who, pool, sku, at_location, cursor)
    return {
        "pool": pool,
        "is_bound": who.locations is not None,
        "sku": view,
        "name": _name(services, pool, sku),
        # What channels call it is the pool's.
        "listings": _listings(services, pool, sku) if who.locations is None else (),
        "levels": levels,
        "here": chosen,
        "level": next((one.level for one in levels if chosen and one.location_id == chosen.location_id), None),
        "offered": offered,
        "at_location": at_location,
        "movements": [_movement(places, one) for one in movements],
        "next_cursor": more,
        **await around(services, who, view, places),
        **_actions(who, attempt),
    }


async def location_context(
    request: Request,
    pool: str,
    location_id: str,
    *,
    wanted: str = "",
    only: Shortage | None = None,
    cursor: str | None = None,
    attempt: Attempt | None = None,
) -> dict[str, Any]:
    """Give a page of a location's SKUs.

    Raises:
        Problem: 404.
    """
    services, who = services_of(request), principal_of(request)
    place = visible_location(services, who, pool, location_id)
    after = decode_cursor(cursor, str) or ""
    rows = await services.views.shelves(pool, location_id, after=after, limit=PAGE + 1, contains=wanted, shortage=only)
    return {
        "pool": pool,
        "here": place,
        "q": wanted,
        "only": only,
        "filters": list(Shortage),
        "low_units": LOW_UNITS,
        "sums": await services.views.shelf_sums(pool, location_id),
        "shelves": [(shelf, _name(services, pool, shelf.sku), bar_of(shelf)) for shelf in rows[:PAGE]],
        "next_cursor": cursor_of(rows[PAGE - 1].sku) if len(rows) > PAGE else None,
        "is_first": cursor is None,
        "level": None,
        **_actions(who, attempt),
    }


def visible_location(services: Services, who: Principal, pool: str, location_id: str) -> Location:
    """Give a location of the pool that is theirs.

    Raises:
        Problem: 404.
    """
    setup: PoolView = pool_view(services, pool)
    for place in setup.locations:
        if place.location_id == location_id and who.works_at(location_id):
            return place
    raise Problem(404, "location_unknown", f"This pool has no location {location_id!r}: choose one on the set-up page.")


def bar_of(level: LevelView | Shelf) -> tuple[Segment, ...]:
    """Share a bar out: promised, kept back, free, and what is promised but not there."""
    kept = level.unsellable + level.safety_stock
    missing = max(0, level.allocated - max(0, level.on_hand))
    parts = {
        "promised": level.allocated - missing,
        "missing": missing,
        "kept": min(kept, max(0, level.on_hand - level.allocated)),
        "free": level.available,
    }
    whole = sum(parts.values())
    segments, x = [], 0.0
    for kind, units in parts.items():
        if units:
            width = units * _WHOLE / whole
            segments.append(Segment(kind, round(x, 2), round(width, 2)))
            x += width
    return tuple(segments)


def _actions(who: Principal, attempt: Attempt | None) -> dict[str, Any]:
    return {
        "may_write": who.may(Scope.STOCK_WRITE),
        "may_count": who.may(Scope.STOCK_WRITE, Scope.STOCK_COUNT),
        "may_read_orders": who.may(Scope.ORDERS_READ),
        "source": SOURCE,
        "states": list(Unsellable),
        "attempt": attempt,
        "new_key": new_key,
    }


def _chosen(at_location: str, levels: list[LevelFacts], offered: list[Location]) -> Location | None:
    """Give the location that actions are about: the asked one, else the first with stock, else the first."""
    wanted = [at_location, *(one.location_id for one in levels)]
    by_id = {place.location_id: place for place in offered}
    found = next((by_id[location_id] for location_id in wanted if location_id in by_id), None)
    return found or next(iter(offered), None)


def _sku_or_item(services: Services, who: Principal, pool: str, sku: str) -> SkuView:
    """Give the levels of a SKU that somebody may see, none where only the catalogue knows it.

    Raises:
        Problem: 404.
    """
    row = services.views.sku(pool, sku)
    seen = None if row is None else levels_of(who, sku_view_of(row[2]))
    if seen is not None:
        return seen
    if services.views.item(pool, sku) is None:
        raise sku_unknown()
    return SkuView(pool=pool, sku=sku, offset=0, index=0, available=0, waiting=0, levels=())


def _level(places: dict[str, Location], level: LevelView) -> LevelFacts:
    return LevelFacts(level.location_id, name_of(places, level.location_id), level, bar_of(level))


async def _movements(
    services: Services, who: Principal, pool: str, sku: str, at_location: str, cursor: str | None
) -> tuple[list[StockMovement], str | None]:
    """Read the ledger backwards until a page is full; movements elsewhere are passed over."""
    before = decode_cursor(cursor, tuple[int, int, int])
    found: list[StockMovement] = []
    for _ in range(_SCANNED_MAX // PAGE):
        rows = await services.views.movements(pool, sku, before=before, limit=PAGE)
        for *place, body in rows:
            movement = movement_of(body)
            if who.works_at(movement.location_id) and at_location in ("", movement.location_id):
                found.append(movement)
            before = (place[0], place[1], place[2])
            if len(found) == PAGE:
                return found, cursor_of(before)
        if len(rows) < PAGE:
            return found, None
    return found, cursor_of(before)


def _movement(places: dict[str, Location], movement: StockMovement) -> MovementFacts:
    place = places.get(movement.location_id)
    zone = place.time_zone if place is not None else "UTC"
    return MovementFacts(movement, name_of(places, movement.location_id), zone)


def _listings(services: Services, pool: str, sku: str) -> tuple[Listing, ...]:
    item = services.views.item(pool, sku)
    return () if item is None else item_of(item).item.listings


def _name(services: Services, pool: str, sku: str) -> str:
    item = services.views.item(pool, sku)
    return "" if item is None else item_of(item).item.name
