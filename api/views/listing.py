"""Lists of orders: a filter becomes one or more walks along an index, each in the list's own order, merged.

No walk reads the rows it leaves out, and only one over few orders sorts, so a page costs what it shows and not what
there is.
"""

import heapq
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import msgspec

from api.views.search import first_place, listed_locations
from api.views.terms import Kind, term

# Beyond so many facets a filter fits so many orders that one walk over all of them meets some soon.
_FACETS_MAX = 1_000
# Up to so many orders it is quicker to look at all that a filter fits than to find the first ones.
_FEW = 20_000
_KEPT_PAGES = 8
_IS_OPEN = "s.promise_by_ms IS NOT NULL AND s.status NOT IN ('shipped', 'delivered', 'cancelled', 'expired')"
_BY_TERMS = "order_terms AS s WHERE s.order_terms MATCH ?"
_BY_ID = "orders AS s WHERE s.order_id = ?"
_BY_FACET = "orders AS s INDEXED BY orders_by_facet WHERE s.facet = ?"
_BY_FACETS = "facets AS f CROSS JOIN orders AS s INDEXED BY orders_by_facet ON s.facet = f.facet WHERE f.pool = ?"
_BY_TIME = "orders AS s INDEXED BY orders_by_pool WHERE s.pool = ?"
_BY_PROMISE = f"orders AS s INDEXED BY orders_by_promise WHERE {_IS_OPEN} AND s.pool = ?"
_IN_FACETS = "EXISTS (SELECT 1 FROM facets AS f WHERE f.facet = s.facet AND {})"
_IN_FACETS_OF_PLACE = (
    "EXISTS (SELECT 1 FROM orders AS o INDEXED BY orders_by_pool CROSS JOIN facets AS f USING (facet)"
    " WHERE o.pool = ? AND o.place = s.rowid AND {})"
)
_IN_TERMS = "s.rowid IN (SELECT rowid FROM order_terms WHERE order_terms MATCH ?)"
_IN_IDS = "s.order_id IN (SELECT value FROM json_each(?))"
_IN_ROW = "EXISTS (SELECT 1 FROM orders AS o WHERE o.place = s.rowid AND {})"
_ROW = "SELECT body FROM orders WHERE place = ?"


class Sort(StrEnum):
    """In which order orders are listed."""

    NEWEST = "newest"  # placed last
    OLDEST = "oldest"  # placed first
    PROMISE = "promise"  # promised soonest; only what is open and has a promise


class OrderFilter(NamedTuple):
    """Which orders of a pool; what is None or False does not matter."""

    status: str | None = None
    channel: str | None = None
    external_id: str | None = None
    sku: str | None = None
    placed_from_ms: int | None = None
    placed_before_ms: int | None = None
    locations: tuple[str, ...] | None = None
    """Orders of which one of these ships a part."""
    at_risk: bool = False
    held: bool = False
    waiting: bool = False
    terms: tuple[str, ...] | None = None
    """Orders that have one of these terms, or are one of `order_ids`."""
    order_ids: tuple[str, ...] = ()
    sort: Sort = Sort.NEWEST


class Place(NamedTuple):
    """Where an order stands in a list: what it is sorted by, and its place in time."""

    key: int
    place: int


class Listed(NamedTuple):
    """An order of a list."""

    place: Place
    body: bytes


class _Part(NamedTuple):
    """A condition, with what is bound in it. Nothing of a request stands in the text."""

    text: str
    values: tuple[object, ...] = ()


class _Walk(NamedTuple):
    """What to walk along, by which keys, and what is checked on the way."""

    source: str
    keys: list[tuple[object, ...]]
    checks: list[_Part]


def list_orders(
    connection: sqlite3.Connection, pool: str, wanted: OrderFilter, *, after: Place | None, limit: int
) -> list[Listed]:
    """Give orders from a place in the list on."""
    found: list[tuple[int, int]] = []
    for walk in _walks(connection, pool, wanted):
        statement, values = _statement(walk, wanted, after)
        for key in walk.keys:
            found += connection.execute(statement, (*key, *values, limit)).fetchall()
            if len(found) > _KEPT_PAGES * limit:
                found = _first(found, wanted.sort, limit)
    places = [Place(*one) for one in _first(found, wanted.sort, limit)]
    return [Listed(place, connection.execute(_ROW, (place.place,)).fetchone()[0]) for place in places]


def count_orders(connection: sqlite3.Connection, pool: str, wanted: OrderFilter) -> int | None:
    """Give how many orders a filter fits, where the facets alone tell."""
    by_facets = OrderFilter(
        status=wanted.status,
        channel=wanted.channel,
        locations=wanted.locations,
        at_risk=wanted.at_risk,
        held=wanted.held,
        waiting=wanted.waiting,
        sort=Sort.NEWEST if wanted.sort is Sort.NEWEST else Sort.OLDEST,
    )
    if wanted != by_facets:
        return None
    checks = [_Part("f.pool = ?", (pool,)), *_facet_checks(wanted)]
    statement = f"SELECT total(f.orders) FROM facets AS f WHERE {_text(checks)}"  # noqa: S608 # Ours, values are bound.
    return int(connection.execute(statement, _values(checks)).fetchone()[0])


def _walks(connection: sqlite3.Connection, pool: str, wanted: OrderFilter) -> Iterator[_Walk]:
    facet, exact = _facet_checks(wanted), list(_exact_checks(wanted))
    matched = _matched(pool, wanted)
    found = _in_terms(matched, wanted.order_ids)
    facets = _facets(connection, pool, facet) if facet else []
    if wanted.sort is Sort.PROMISE:
        yield _Walk(_BY_PROMISE, [(pool,)], [*_in_facet(pool, facet), *found, *exact])
    elif facet and sum(orders for _, orders in facets) <= _FEW:
        yield _Walk(_BY_FACETS, [(pool,)], [*facet, *found, *exact])
    elif found:
        checks = [*_in_facet(pool, facet), *exact]
        yield _Walk(_BY_TERMS, [(matched,)] if matched else [], checks)
        yield _Walk(_BY_ID, [(order_id,) for order_id in wanted.order_ids], [_Part("+s.pool = ?", (pool,)), *checks])
    elif facet and len(facets) <= _FACETS_MAX:
        yield _Walk(_BY_FACET, [(number,) for number, _ in facets], [])
    else:
        yield _Walk(_BY_TIME, [(pool,)], _of_facet(facet))


def _matched(pool: str, wanted: OrderFilter) -> str | None:
    """Give what the index of terms is asked; None asks nothing, and an empty text is what nothing fits."""
    if wanted.terms is None and wanted.order_ids:
        return None
    parts = [] if wanted.terms is None else [f"({' OR '.join(wanted.terms)})"]
    if wanted.external_id is not None:
        parts.append(term(pool, Kind.EXTERNAL, wanted.external_id))
    if wanted.sku is not None:
        parts.append(term(pool, Kind.SKU, wanted.sku))
    return None if not parts else "" if wanted.terms == () else " AND ".join(parts)


def _statement(walk: _Walk, wanted: OrderFilter, after: Place | None) -> tuple[str, tuple[object, ...]]:
    key = "s.promise_by_ms" if wanted.sort is Sort.PROMISE else "s.rowid"
    way = "DESC" if wanted.sort is Sort.NEWEST else "ASC"
    parts = [*_range(wanted, after), *walk.checks]
    order = f"{key} {way}" if key == "s.rowid" else f"{key} {way}, s.rowid {way}"
    conditions = "".join(f" AND {part.text}" for part in parts)
    statement = f"SELECT {key}, s.rowid FROM {walk.source}{conditions} ORDER BY {order} LIMIT ?"  # noqa: S608 # As above.
    return statement, _values(parts)


def _range(wanted: OrderFilter, after: Place | None) -> Iterator[_Part]:
    for instant_ms, way in ((wanted.placed_from_ms, ">="), (wanted.placed_before_ms, "<")):
        if instant_ms is None:
            continue
        # Places know seconds: the one that the instant is in is let through, and looked at more closely.
        yield _Part(f"s.rowid {way} ?", (first_place(instant_ms // 1000 + (way == "<" and instant_ms % 1000 > 0)),))
        if instant_ms % 1000:
            yield _Part(_IN_ROW.format(f"o.placed_at_ms {way} ?"), (instant_ms,))
    if after is None:
        return
    if wanted.sort is Sort.PROMISE:
        yield _Part("(s.promise_by_ms, s.rowid) > (?, ?)", after)
    else:
        yield _Part("s.rowid < ?" if wanted.sort is Sort.NEWEST else "s.rowid > ?", (after.place,))


def _first(places: list[tuple[int, int]], sort: Sort, limit: int) -> list[tuple[int, int]]:
    """Give the first places, each once: an order may be found by its id and by a term."""
    pick = heapq.nlargest if sort is Sort.NEWEST else heapq.nsmallest
    return pick(limit, set(places))


def _facets(connection: sqlite3.Connection, pool: str, checks: list[_Part]) -> list[tuple[int, int]]:
    """Give the facets that fit, and how many orders each has."""
    parts = [_Part("f.pool = ?", (pool,)), _Part("f.orders > 0"), *checks]
    statement = f"SELECT f.facet, f.orders FROM facets AS f WHERE {_text(parts)}"  # noqa: S608 # Ours, values are bound.
    return connection.execute(statement, _values(parts)).fetchall()


def _facet_checks(wanted: OrderFilter) -> list[_Part]:
    parts: list[_Part] = []
    if wanted.status is not None:
        parts.append(_Part("f.status = ?", (wanted.status,)))
    if wanted.channel is not None:
        parts.append(_Part("f.channel = ?", (wanted.channel,)))
    if wanted.locations is not None:
        found = " OR ".join("instr(f.locations, ?) > 0" for _ in wanted.locations) or "0"
        parts.append(_Part(f"({found})", tuple(listed_locations([location]) for location in wanted.locations)))
    flags = {"f.at_risk": wanted.at_risk, "f.held": wanted.held, "f.waiting": wanted.waiting}
    return [*parts, *(_Part(name) for name, is_wanted in flags.items() if is_wanted)]


def _of_facet(checks: list[_Part]) -> list[_Part]:
    """Where the index that is walked along holds the facet."""
    if not checks:
        return []
    return [_Part(_IN_FACETS.format(_text(checks)), _values(checks))]


def _in_facet(pool: str, checks: list[_Part]) -> list[_Part]:
    """Where it does not: an index has pool, place and facet, so that the row is not read."""
    if not checks:
        return []
    return [_Part(_IN_FACETS_OF_PLACE.format(_text(checks)), (pool, *_values(checks)))]


def _in_terms(matched: str | None, order_ids: tuple[str, ...]) -> list[_Part]:
    if matched is None and not order_ids:
        return []
    found = (matched,) if matched else ()
    text = f"({_IN_TERMS} OR {_IN_IDS})" if matched else _IN_IDS
    return [_Part(text, (*found, msgspec.json.encode(order_ids).decode()))]


def _exact_checks(wanted: OrderFilter) -> Iterator[_Part]:
    """An id or SKU given as a parameter is meant letter by letter; terms forgive case and spacing."""
    if wanted.external_id is not None:
        yield _Part(_IN_ROW.format("o.external_id = ?"), (wanted.external_id,))
    if wanted.sku is not None:
        line = b'"sku":' + msgspec.json.encode(wanted.sku)
        yield _Part(_IN_ROW.format("instr(o.body, ?) > 0"), (line,))


def _text(parts: list[_Part]) -> str:
    return " AND ".join(part.text for part in parts)


def _values(parts: list[_Part]) -> tuple[object, ...]:
    return tuple(value for part in parts for value in part.values)
