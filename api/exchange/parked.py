"""Takes up what waits when it is due: facts about orders that are known by now, fetches, large counts."""

from functools import partial
from typing import TYPE_CHECKING

import structlog

from api.exchange.accounts import StoredAccount
from api.exchange.calling import CallError, CallRefusedError
from api.exchange.fetching import LaterError, fetched
from api.exchange.intake import Due, Taken, is_large
from api.exchange.letters import NEVER_KNOWN
from api.exchange.parking import Parked
from api.exchange.snapshots import count_slowly
from api.exchange.turns import Turns
from api.ports import SendError
from connectors.frame.asked import Asked, UnknownYet
from connectors.frame.message import Refusal
from connectors.frame.reading import UnreadableError

if TYPE_CHECKING:
    from api.exchange.process import Exchange

GIVE_UP_MS = 14 * 86_400_000
_AT_ONCE = 100
_LOOK_SECONDS = 0.5

log = structlog.get_logger(__name__)


async def take_up_parked(exchange: "Exchange") -> None:
    """Go on until cancelled; each account by itself, so that a large count of one delays no other."""
    services, turns = exchange.services, Turns()
    async with turns:
        while True:
            for account in services.exchange.parking.accounts_due(services.now_ms()):
                turns.begin(account, partial(_take_up_all, exchange, account))
            await turns.pause(_LOOK_SECONDS)


async def _take_up_all(exchange: "Exchange", account: str) -> None:
    services = exchange.services
    for parked in services.exchange.parking.due(account, services.now_ms(), _AT_ONCE):
        await take_up(exchange, parked)


async def take_up(exchange: "Exchange", parked: Parked) -> None:
    """Try again; what is done, or can never be, waits no more."""
    services, stores = exchange.services, exchange.services.exchange
    stored = stores.accounts.find(parked.kept.account)
    if stored is not None and stored.setup.live and not services.settings.live_connectors:
        why = "nothing of a live account is taken while the broker forgets"
        await services.in_control(stores.parking.wait_on, parked, why, services.now_ms())
        return
    if stored is None or stored.paused_at_ms is not None or stored.setup.connector not in stores.connectors:
        await services.in_control(stores.parking.wait_on, parked, "its account is not there", services.now_ms())
        return
    try:
        if parked.kept.fact is None:
            await _whole(exchange, stored, parked)
        else:
            await _fact(exchange, stored, parked)
    except (UnknownYet, CallError, CallRefusedError, SendError) as error:
        now_ms = services.now_ms()
        if now_ms - parked.parked_at_ms < GIVE_UP_MS:
            after_seconds = error.after_seconds if isinstance(error, LaterError) else None
            least_ms = int(1000 * (after_seconds or 0))
            await services.in_control(stores.parking.wait_on, parked, str(error), now_ms, least_ms)
            return
        await _give_up(exchange, stored, parked, Refusal(field="", reason=str(error)), NEVER_KNOWN)
    except UnreadableError as error:
        await _give_up(exchange, stored, parked, Refusal(field=error.field, reason=error.reason))
    except Exception as fault:
        # A fault in one message must not keep the others from being taken up; it waits until it is mended.
        log.exception("what waited could not be taken up", account=stored.name)
        why = f"a fault on our side: {type(fault).__name__}"
        await services.in_control(stores.parking.wait_on, parked, why, services.now_ms())
        return
    await services.in_control(stores.parking.done, parked)


async def _whole(exchange: "Exchange", stored: StoredAccount, parked: Parked) -> None:
    message = parked.kept.message
    translation = exchange.intake.translated(stored, message)
    # A list may tell some things itself and only point at others.
    if translation.facts or translation.refused or not translation.fetch:
        await exchange.intake.say(stored, message, translation)
    for fetch in translation.fetch:
        answer = await fetched(exchange, stored, message, fetch)
        await exchange.intake.say(stored, answer, exchange.intake.translated(stored, answer))


async def _fact(exchange: "Exchange", stored: StoredAccount, parked: Parked) -> None:
    intake, fact = exchange.intake, parked.kept.fact
    assert fact is not None
    due = Due(parked.kept.seed, fact)
    refused: list[Refusal] = []
    if is_large(fact):
        sent = await count_slowly(exchange, stored, due, refused)
    else:
        asked: tuple[Asked, ...] = intake.asked(stored, due)
        sent = await intake.sent(stored, asked, refused)
    if refused:
        await intake.letters.put(stored, parked.kept.message, parked.kept.seed, refused)
    live = stored.setup.live
    await intake.count(stored, Taken(sent if live else 0, 0 if live else sent, 0, "", tuple(refused)))


async def _give_up(
    exchange: "Exchange", stored: StoredAccount, parked: Parked, refusal: Refusal, code: str = "untranslatable"
) -> None:
    log.warning("a message that waited is put aside", account=stored.name, reason=refusal.reason)
    letters = exchange.intake.letters
    seed = parked.kept.seed or exchange.intake.seed_of(stored, parked.kept.message)
    await letters.put(stored, parked.kept.message, seed, (refusal,), code=code)
    await exchange.intake.count(stored, Taken(refused=(refusal,)))
