"""Sending what a time's events came to again: read from the history of the views, under the ids that they had."""

import sqlite3

from api.exchange.outbox.connection import Connection
from api.exchange.outbox.glance import Glance
from api.exchange.outbox.target import MAIL, Target
from api.exchange.outbox.targets import Targets
from api.exchange.outbox.telling import NewDelivery, deliveries_of
from api.exchange.outbox.watches import crossed_since
from api.present import update_of
from api.problems import Problem
from api.services import Services

_AT_ONCE = 500
_SELECT = (
    "SELECT rowid, recorded_at_ms, body FROM updates"
    " WHERE rowid > ? AND pool = ? AND recorded_at_ms >= ? ORDER BY rowid LIMIT ?"
)


async def replay_from(services: Services, one: Connection, since_ms: int, *, actor: str) -> int:
    """Send a connection's deliveries since a time again, and give how many.

    Raises:
        Problem: nothing is sent to it.
    """
    target = _target_of(services, one, since_ms)
    glance, place = Glance(services.store), 0
    crossings = await services.in_control(lambda: crossed_since(services.control.connection(), target.name, since_ms))
    count = (
        await services.in_control(lambda: services.outbox.replay(one, crossings, actor=actor, now_ms=services.now_ms()))
        if crossings
        else 0
    )
    while True:
        found, place = await services.views.search(
            lambda connection, after=place: _read(connection, target, glance, since_ms, after)  # type: ignore[misc]
        )
        if place == 0:
            return count
        count += await services.in_control(
            lambda given=found: services.outbox.replay(one, given, actor=actor, now_ms=services.now_ms())  # type: ignore[misc]
        )


def _target_of(services: Services, one: Connection, since_ms: int) -> Target:
    if one.target.startswith(MAIL):
        raise Problem(409, "not_replayed", "Customers are not written to a second time: send single mails again.")
    stores = services.exchange
    targets = Targets(
        services.control,
        stores.accounts,
        stores.secrets,
        services.webhooks,
        stores.connectors,
        live_connectors=services.settings.live_connectors,
    )
    found = next((target for target in targets.current(services.now_ms()) if target.name == one.target), None)
    if found is None:
        raise Problem(409, "nothing_sent", "Nothing is sent to it: it is in shadow, or only read from.")
    return found.told_since(since_ms)


def _read(
    connection: sqlite3.Connection, target: Target, glance: Glance, since_ms: int, after: int
) -> tuple[list[NewDelivery], int]:
    """Give the rows of a page of updates, and its end; 0 after the last page."""
    page = connection.execute(_SELECT, (after, target.pool, since_ms, _AT_ONCE)).fetchall()
    if not page:
        return [], 0
    rows = [
        row
        for _, recorded_at_ms, body in page
        for row in deliveries_of(update_of(body), recorded_at_ms, (target,), glance.channel_of)
    ]
    return rows, page[-1][0]
