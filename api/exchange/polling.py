"""Asks systems again and again, as their connectors declare it.

A cursor is kept once everything before it is on record, so that whoever asks next begins there; what comes twice is
known by its identity.
"""

import random
from functools import partial
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from api.exchange.accounts import StoredAccount
from api.exchange.calling import CallError, CallRefusedError
from api.exchange.fetching import LaterError, asked_of, peer_of
from api.exchange.paces import Pace
from api.exchange.turns import Turns
from api.ports import SendError
from connectors.frame.declaration import Page, Poll
from connectors.frame.http import HttpResponse
from connectors.frame.reading import UnreadableError

if TYPE_CHECKING:
    from api.exchange.process import Exchange

_LOOK_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 900.0
_FIRST_WAIT_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def ask_systems(exchange: "Exchange") -> None:
    """Go on until cancelled: each account's polls one after the other, accounts side by side."""
    services, turns = exchange.services, Turns()
    async with turns:
        while True:
            now_ms = services.now_ms()
            for stored in _polled(exchange):
                polls = services.exchange.connector_of(stored.setup).polls
                known = [(poll, exchange.paces.of(stored.name, poll)) for poll in polls]
                due = [(poll, pace) for poll, pace in known if pace.due_at_ms <= now_ms]
                if due:
                    turns.begin(stored.name, partial(_ask_each, exchange, stored, due))
            await turns.pause(_LOOK_SECONDS)


def _polled(exchange: "Exchange") -> list[StoredAccount]:
    services = exchange.services
    return [
        stored
        for stored in services.exchange.accounts.all()
        if stored.paused_at_ms is None
        and stored.setup.connector in services.exchange.connectors
        and (services.settings.live_connectors or not stored.setup.live)
    ]


async def _ask_each(exchange: "Exchange", stored: StoredAccount, due: list[tuple[Poll, Pace]]) -> None:
    for poll, pace in due:
        wait_seconds = await _tried(exchange, stored, poll, pace)
        # A tenth more or less, so that many accounts do not ask at the same second for ever.
        jitter = 0.9 + 0.2 * random.random()  # noqa: S311 # Nothing hangs on it.
        pace.due_at_ms = exchange.services.now_ms() + int(1000 * jitter * wait_seconds)


async def _tried(exchange: "Exchange", stored: StoredAccount, poll: Poll, pace: Pace) -> float:
    """Ask, and give after how many seconds to ask again."""
    try:
        await ask(exchange, stored, poll)
    except (CallError, CallRefusedError, SendError, UnreadableError) as error:
        log.warning("a poll did not get on", account=stored.name, topic=poll.topic, why=str(error))
        later = error.after_seconds if isinstance(error, LaterError) else None
        return await _after(exchange, stored, poll, pace, str(error), later)
    except Exception as fault:
        # A fault of one connector must not keep the others from being asked.
        log.exception("a poll failed", account=stored.name, topic=poll.topic)
        return await _after(exchange, stored, poll, pace, f"a fault on our side: {type(fault).__name__}", None)
    pace.failures = 0
    return float(poll.every_seconds)


async def _after(  # What became of it.
    exchange: "Exchange", stored: StoredAccount, poll: Poll, pace: Pace, trouble: str, later: float | None
) -> float:
    """Note why it did not get on, and give after how many seconds it may."""
    services = exchange.services
    pace.failures += 1
    await services.in_control(services.exchange.cursors.note_trouble, stored.name, poll.topic, trouble[:300])
    doubled = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** min(pace.failures - 1, 10))
    return doubled if later is None else max(later, 1.0)


async def ask(exchange: "Exchange", stored: StoredAccount, poll: Poll) -> None:
    """Ask from the cursor on until there is no more, or the account is paused or removed.

    Raises:
        CallError: the system did not answer.
        CallRefusedError: it may not be asked so.
        SendError: the broker did not take what it told.
        UnreadableError: what it answered cannot be read.
    """
    services, stores = exchange.services, exchange.services.exchange
    peer = peer_of(exchange, stored)
    cursor = stores.cursors.find(stored.name, poll.topic)
    polling = poll.run(stored.setup, cursor, services.now_ms())
    answer: HttpResponse | None = None
    while (running := stores.accounts.running(stored)) is not None:
        try:
            asked = polling.send(answer)
        except StopIteration:
            # Nothing new is news as well: it was asked just now.
            await services.in_control(stores.cursors.keep, stored.name, poll.topic, cursor, services.now_ms())
            return
        if isinstance(asked, Page):
            await _take(exchange, running, asked)
            cursor = asked.cursor
            await services.in_control(stores.cursors.keep, stored.name, poll.topic, cursor, services.now_ms())
            answer = None
        else:
            answer = await asked_of(exchange, peer, asked)


async def _take(exchange: "Exchange", stored: StoredAccount, page: Page) -> None:
    now_ms = exchange.services.now_ms()
    for message in page.messages:
        came = message if message.received_at_ms else replace(message, received_at_ms=now_ms)
        await exchange.intake.take(stored, came)
