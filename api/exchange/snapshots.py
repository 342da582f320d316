"""Counts of a whole location: compared with what is on hand first, and only what differs is sent, never all at once.

What is sent goes in small parts, each after the core has decided the one before: a live order waits for one part.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from api.exchange.accounts import StoredAccount
from api.exchange.intake import Due
from api.exchange.known import KnownByViews
from api.views.shelves import read_stocked
from connectors.frame.asked import Asked, Envelope, location_of, ours_of
from connectors.frame.asking_stock import MOST_LINES
from connectors.frame.facts import StockCounted
from connectors.frame.message import Refusal
from models.commands import CountStock, DeclaredLine, DeclareStock

if TYPE_CHECKING:
    from api.exchange.process import Exchange


async def count_slowly(exchange: "Exchange", stored: StoredAccount, due: Due, refused: list[Refusal]) -> int:
    """Send what differs; gives how many commands that were.

    Raises:
        UnreadableError: it cannot be asked for.
        SendError: not all of it is on record.
    """
    # On another thread: a million lines take a while, and polls and other accounts go on meanwhile.
    asked = await asyncio.to_thread(lambda: (*exchange.intake.asked(stored, due), *_left_out(exchange, stored, due)))
    return await exchange.intake.sent(stored, asked, refused, slowly=True)


def _left_out(exchange: "Exchange", stored: StoredAccount, due: Due) -> Iterator[Asked]:
    """Count as none what a complete count does not name."""
    fact, account, services = due.fact, stored.setup, exchange.services
    assert isinstance(fact, StockCounted)
    if not fact.complete:
        return
    location = location_of(account, fact.location)
    named = {ours_of(account, line.sku, line.quantity, line.unit)[0] for line in fact.lines}
    envelope = Envelope(pool=account.pool, actor=stored.actor, at_ms=services.now_ms(), seed=due.seed)
    stocked = read_stocked(services.views.connection(), account.pool, location)
    left = [sku for sku in stocked if sku not in named]
    common: dict[str, Any] = {
        "source": account.name,
        "document": fact.document,
        "location_id": location,
        "occurred_at_ms": fact.as_of_ms,
    }
    supplied = KnownByViews(services.views, services.exchange.names, account.pool).is_supplied(account.pool, location)
    if supplied:
        for start in range(0, len(left), MOST_LINES):
            lines = tuple(DeclaredLine(line=sku, sku=sku, quantity=0) for sku in left[start : start + MOST_LINES])
            yield Asked(command=DeclareStock(**envelope.fields("left out", start), **common, lines=lines))
    elif not fact.available:
        for sku in left:
            yield Asked(command=CountStock(**envelope.fields("count", sku), **common, sku=sku, counted=0))
