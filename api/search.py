"""What somebody looks for: the parameters of a search, what a typed text may mean, and the filter it becomes."""

import sqlite3
from typing import Annotated, NamedTuple

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field

from api.context import Use, Who
from api.control.blind import BlindIndex
from api.schemas.base import Instant, ms_of
from api.schemas.out_orders import OrderStatusName
from api.security import Principal, Scope
from api.services import Services
from api.views.listing import OrderFilter, Sort
from api.views.search import has_term, orders_like, terms_like
from api.views.terms import PREFIX_MIN, Kind, Meaning, customer_term, meanings, order_prefix, term

TEXT_MAX = 200
PEOPLE_MAX = 500
"""As many customers are looked through at once; who finds more types more of the name."""
BEGINNINGS_MAX = 50


class Hit(NamedTuple):
    """One thing that the text can mean, since there are orders for it."""

    kind: Kind
    text: str
    is_exact: bool
    is_cut: bool
    """There are more that begin so than were looked through."""
    terms: tuple[str, ...]
    order_ids: tuple[str, ...] = ()


class Search(NamedTuple):
    """What was asked, and what it was understood as."""

    text: str
    filter: OrderFilter
    location: str | None = None
    hits: tuple[Hit, ...] = ()
    is_personal_hidden: bool = False
    """The text may be a name, e-mail or phone number, and who asks may not search by those."""


def _blank(value: object) -> object:
    """A form sends every field; one that is empty asks nothing."""
    return None if value == "" else value


def _no_blank(value: object) -> object:
    return False if value == "" else value


_Blank = BeforeValidator(_blank)
_Short = Annotated[str, Field(max_length=200)]
_Flag = Annotated[bool, BeforeValidator(_no_blank)]


async def _search(  # noqa: PLR0917 # Each filter is a query parameter.
    pool: str,
    services: Use,
    who: Who,
    q: Annotated[str, Query(max_length=TEXT_MAX, description="Number, SKU, name, …; `sku:TEXT` means only that")] = "",
    status: Annotated[OrderStatusName | None, _Blank, Query()] = None,
    channel: Annotated[_Short | None, _Blank, Query()] = None,
    location: Annotated[_Short | None, _Blank, Query()] = None,
    external_id: Annotated[_Short | None, _Blank, Query()] = None,
    sku: Annotated[_Short | None, _Blank, Query()] = None,
    at_risk: Annotated[_Flag, Query()] = False,
    held: Annotated[_Flag, Query()] = False,
    waiting: Annotated[_Flag, Query()] = False,
    placed_from: Annotated[Instant | None, _Blank, Query()] = None,
    placed_before: Annotated[Instant | None, _Blank, Query()] = None,
    sort: Annotated[Sort, Query(description="`promise` lists what is open and has a promise")] = Sort.NEWEST,
) -> Search:
    wanted = OrderFilter(
        status=status,
        channel=channel,
        external_id=external_id,
        sku=sku,
        placed_from_ms=None if placed_from is None else ms_of(placed_from),
        placed_before_ms=None if placed_before is None else ms_of(placed_before),
        locations=_locations(who, location),
        at_risk=at_risk,
        held=held,
        waiting=waiting,
        sort=sort,
    )
    return await understood(services, who, pool, Search(" ".join(q.split()), wanted, location))


Searching = Annotated[Search, Depends(_search)]


async def understood(services: Services, who: Principal, pool: str, search: Search) -> Search:
    """Give the search with all that its text can mean here."""
    found = meanings(search.text)
    if not found:
        return search
    may_see_people = who.may(Scope.CUSTOMERS_READ)
    looked = [meaning for meaning in found if may_see_people or not meaning.kind.is_personal]
    index = services.vault.index
    hits = await services.views.search(lambda connection: _hits(connection, index, pool, looked))
    return search._replace(
        hits=hits,
        filter=search.filter._replace(
            terms=tuple(term for hit in hits for term in hit.terms),
            order_ids=tuple(order_id for hit in hits for order_id in hit.order_ids),
        ),
        is_personal_hidden=len(looked) < len(found),
    )


def _locations(who: Principal, location: str | None) -> tuple[str, ...] | None:
    """Those bound to locations look among theirs; another's fits no order of theirs."""
    if who.locations is None:
        return None if location is None else (location,)
    return tuple(sorted(who.locations if location is None else who.locations & {location}))


def _hits(connection: sqlite3.Connection, index: BlindIndex, pool: str, looked: list[Meaning]) -> tuple[Hit, ...]:
    """Look for each meaning as it stands; where none is there, for what begins so."""
    for is_exact in (True, False):
        hits = [_hit(connection, index, pool, meaning, is_exact=is_exact) for meaning in looked]
        found = tuple(hit for hit in hits if hit is not None)
        if found:
            return found
    return ()


def _hit(
    connection: sqlite3.Connection, index: BlindIndex, pool: str, meaning: Meaning, *, is_exact: bool
) -> Hit | None:
    kind, text = meaning
    if kind.is_personal:
        # Names are always found by their beginnings, so once is enough.
        keys = index.find(pool, kind, text, limit=PEOPLE_MAX)
        terms = tuple(customer_term(pool, key_id) for key_id in keys.key_ids)
        return Hit(kind, text, kind is not Kind.NAME, keys.is_cut, terms) if terms and is_exact else None
    if kind is Kind.ORDER:
        order_ids = orders_like(connection, pool, order_prefix(text), limit=BEGINNINGS_MAX + 1)
        cut = len(order_ids) > BEGINNINGS_MAX
        is_whole = order_ids == [order_prefix(text)]
        return Hit(kind, text, is_whole, cut, (), tuple(order_ids)) if order_ids and is_exact else None
    wanted = term(pool, kind, text)
    if is_exact:
        return Hit(kind, text, True, False, (wanted,)) if has_term(connection, wanted) else None
    if len(text) < PREFIX_MIN:
        return None
    begun = terms_like(connection, wanted, limit=BEGINNINGS_MAX + 1)
    return Hit(kind, text, False, len(begun) > BEGINNINGS_MAX, tuple(begun[:BEGINNINGS_MAX])) if begun else None


def present_hits(search: Search) -> list[dict[str, object]]:
    """Give what the text was found as."""
    return [
        {"kind": hit.kind.value, "text": hit.text, "is_exact": hit.is_exact, "is_cut": hit.is_cut}
        for hit in search.hits
    ]
