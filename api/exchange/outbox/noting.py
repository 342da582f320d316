"""What an attempt came to, written in one transaction: the log, the breaker, the row, and what a channel now knows."""

import sqlite3
from collections.abc import Iterable

import msgspec

from api.exchange.outbox import marks, rows
from api.exchange.outbox.attempt import Attempted
from api.exchange.outbox.breaker import Breaker, BreakerState, asked_to_wait, failed, retry_wait_ms, succeeded
from api.exchange.outbox.building import AvailabilityTold, availability_told
from api.exchange.outbox.rows import Delivery, State
from api.exchange.outbox.subscriptions import disable
from api.exchange.outbox.target import WEBHOOK
from api.exchange.outbox.telling import NewDelivery, delivery_id
from connectors.frame.documents import Available, OccasionKind, Outcome

_GET = "SELECT breaker, failures, successes, trips, retry_at_ms FROM outbox_targets WHERE target = ?"
_PUT = "UPDATE outbox_targets SET breaker = ?, failures = ?, successes = ?, trips = ?, retry_at_ms = ? WHERE target = ?"
_TOO_MANY = 429
_GONE = 410
_SECOND_MS = 1_000


def breaker_of(connection: sqlite3.Connection, target: str) -> Breaker:
    """Give a target's breaker as it was last written."""
    row = connection.execute(_GET, (target,)).fetchone()
    if row is None:
        return Breaker()
    state, failures, successes, trips, retry_at_ms = row
    return Breaker(
        state=BreakerState(state), failures=failures, successes=successes, trips=trips, retry_at_ms=retry_at_ms
    )


def put_breaker(connection: sqlite3.Connection, target: str, breaker: Breaker) -> None:
    """Write a target's breaker."""
    values = (breaker.state, breaker.failures, breaker.successes, breaker.trips, breaker.retry_at_ms)
    connection.execute(_PUT, (*values, target))


def note(connection: sqlite3.Connection, row: Delivery, done: Attempted, now_ms: int, jitter: float) -> None:
    """Write what an attempt came to; `row` is as it was before, with the number that it was sent under."""
    if rows.find(connection, row.delivery_id) is None:
        # Its subscription or account was removed meanwhile.
        return
    sent = done.sent
    rows.note_attempt(
        connection,
        row,
        now_ms,
        outcome=sent.outcome,
        status=done.status,
        latency_ms=done.latency_ms,
        answer=done.answer,
        note=sent.note,
    )
    wait_ms = (sent.retry_after_seconds or 0) * _SECOND_MS
    _note_breaker(connection, row.target, done, now_ms + wait_ms if wait_ms else 0, now_ms, jitter)
    _note_target(connection, row.target, sent.outcome, sent.note, now_ms)
    if sent.outcome is Outcome.LATER:
        due_at_ms = now_ms + max(retry_wait_ms(row.attempts + 1, jitter), wait_ms)
        rows.put_off(connection, row, due_at_ms, sent.note)
        return
    if row.kind == OccasionKind.AVAILABILITY:
        _note_available(connection, row, sent.outcome, sent.observed, now_ms)
    if sent.outcome is Outcome.REFUSED and not done.requests and row.attempts == 0:
        rows.give_back_number(connection, row)
    state = State.DONE if sent.outcome is Outcome.DONE else State.REFUSED
    rows.end(connection, row, state, now_ms, note=sent.note, reference=sent.reference)
    if done.status == _GONE and row.target.startswith(WEBHOOK):
        disable(connection, row.target.removeprefix(WEBHOOK), "it answered 410 Gone", now_ms)


def _note_breaker(  # Each of them is one fact of the attempt.
    connection: sqlite3.Connection, target: str, done: Attempted, wait_until_ms: int, now_ms: int, jitter: float
) -> None:
    breaker = breaker_of(connection, target)
    is_open = breaker.state is BreakerState.OPEN and now_ms < breaker.retry_at_ms
    if done.is_broken and not is_open:
        # What was under way when it opened has failed for the same reason.
        breaker = failed(breaker, now_ms, jitter)
    elif not done.is_broken and done.status != _TOO_MANY:
        breaker = succeeded(breaker)
    if wait_until_ms:
        breaker = asked_to_wait(breaker, wait_until_ms)
    put_breaker(connection, target, breaker)


def _note_target(connection: sqlite3.Connection, target: str, outcome: Outcome, text: str, now_ms: int) -> None:
    if outcome is Outcome.DONE:
        connection.execute("UPDATE outbox_targets SET last_done_at_ms = ? WHERE target = ?", (now_ms, target))
    else:
        connection.execute(
            "UPDATE outbox_targets SET last_error = ?, last_error_at_ms = ? WHERE target = ?", (text, now_ms, target)
        )


def _note_available(
    connection: sqlite3.Connection, row: Delivery, outcome: Outcome, observed: dict[str, int], now_ms: int
) -> None:
    told = availability_told(row.about)
    if outcome is Outcome.REFUSED and len(told.available) > 1:
        # One of them spoils the rest, and only the channel knows which: each is told alone.
        rows.add(connection, [_alone(row, one, told.marks) for one in told.available], now_ms)
        return
    for one in told.available:
        seen = observed.get(one.sku)
        if seen is not None and seen != one.quantity and not _was_tried(connection, row, one.sku, seen):
            connection.execute(
                "INSERT INTO channel_edits (target, listing, sent, observed, at_ms) VALUES (?, ?, ?, ?, ?)",
                (row.target, one.sku, one.last_sent, seen, now_ms),
            )
    put_sent(connection, row.target, told.available, now_ms)
    marks.drop(connection, row.target, told.marks)


def put_sent(connection: sqlite3.Connection, target: str, available: Iterable[Available], now_ms: int) -> None:
    """Write what a channel has been told. A refused value counts too: it is told again when it changes."""
    connection.executemany(
        "INSERT INTO availability_sent VALUES (?, ?, ?, ?) ON CONFLICT (target, listing) DO UPDATE SET"
        " quantity = excluded.quantity, sent_at_ms = excluded.sent_at_ms",
        [(target, one.sku, one.quantity, now_ms) for one in available],
    )


def _was_tried(connection: sqlite3.Connection, row: Delivery, listing: str, quantity: int) -> bool:
    """Tell whether the channel may have a value from us whose arrival was never answered."""
    skipped = connection.execute(
        "SELECT about FROM deliveries WHERE target = ? AND kind = ? AND state = 'skipped'"
        " ORDER BY sequence DESC LIMIT 5",
        (row.target, OccasionKind.AVAILABILITY),
    )
    return any(
        one.sku == listing and one.quantity == quantity
        for (about,) in skipped.fetchall()
        for one in availability_told(about).available
    )


def _alone(row: Delivery, one: Available, known: dict[str, int]) -> NewDelivery:
    identity = f"{row.event_id}-{one.sku}"
    # Marks are of our SKUs; the last of the rows takes them off, and those marked again since stay.
    about = msgspec.json.encode(AvailabilityTold(available=(one,), marks=known)).decode()
    return NewDelivery(
        delivery_id=delivery_id(row.target, identity),
        target=row.target,
        pool=row.pool,
        lane=row.lane,
        kind=row.kind,
        event_id=identity,
        event_type=row.event_type,
        about=about,
        occurred_at_ms=row.occurred_at_ms,
    )
