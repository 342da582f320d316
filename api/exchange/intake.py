"""Messages in: translated, asked, on record. What cannot be is kept: refused entries as dead letters, the rest parked.

When `take` returns, everything that the message says is on record at the broker or in the control store, so that its
sender may be told so. A repeat asks the same commands with the same ids, which the core answers as repeats.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeGuard

import msgspec
import structlog

from api.exchange.accounts import StoredAccount
from api.exchange.kept import Kept
from api.exchange.known import KnownByViews
from api.exchange.letters import Letters
from api.exchange.submitting import Submitting
from api.services import Services
from connectors.frame.asked import Asked, Envelope, UnknownYet
from connectors.frame.asking import ask, message_seed
from connectors.frame.facts import AnyFact, DocumentAcknowledged, StockCounted
from connectors.frame.message import Message, Refusal, Translation
from connectors.frame.reading import UnreadableError
from connectors.frame.translating import translate

SMALL_SNAPSHOT_LINES = 200
"""A longer count, or one of everything, is compared and sent by the process that can take its time."""

log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder(order="deterministic").encode


class Taken(NamedTuple):
    """What became of a message."""

    commands: int = 0
    withheld: int = 0
    """Commands of an account in shadow, which are not sent."""
    parked: int = 0
    ignored: str = ""
    refused: tuple[Refusal, ...] = ()
    replies: tuple[bytes, ...] = ()
    """Documents that the sender's format wants sent back."""

    @property
    def outcomes(self) -> dict[str, int]:
        """Give what it counts as."""
        counted = {
            "rejected": bool(self.refused),
            "parked": bool(self.parked),
            "withheld": bool(self.withheld),
            "translated": bool(self.commands),
        }
        found = {name: 1 for name, is_so in counted.items() if is_so} or {"ignored": 1}
        return found | {"commands_withheld": self.withheld, "commands": self.commands}


class Due(NamedTuple):
    """A fact of a message, by what its commands are known by."""

    seed: str
    fact: AnyFact


class Intake:
    """Takes messages of all accounts."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stores = services.exchange
        self.submitting = Submitting(services)
        self.letters = Letters(services)

    async def take(self, stored: StoredAccount, message: Message, *, put_aside: bool = True) -> Taken:
        """Take a message of an account whose sender is known to be the one; what is refused of it is put aside.

        Raises:
            SendError: the broker has not taken all of it; taken again, nothing is done twice.
        """
        if stored.paused_at_ms is not None:
            return await self._parked_whole(stored, message, "the account is paused")
        translation = self.translated(stored, message)
        if translation.fetch:
            return await self._parked_whole(stored, message, "it points at what has to be fetched")
        return await self.say(stored, message, translation, put_aside=put_aside)

    def translated(self, stored: StoredAccount, message: Message) -> Translation:
        """Give what a message says. A fault of a translator is told like one of the message, which is then kept."""
        try:
            return translate(self._stores.connector_of(stored.setup), message, stored.setup)
        except Exception as fault:
            log.exception("a translator failed", account=stored.name, topic=message.topic)
            return Translation(refused=(Refusal(field="", reason=f"the translator failed ({type(fault).__name__})"),))

    def seed_of(self, stored: StoredAccount, message: Message) -> str:
        """Give what tells a message from all others of its account."""
        try:
            identity = self._stores.connector_of(stored.setup).message_id(message)
        except Exception:
            log.exception("the id of a message could not be read: its content tells", account=stored.name)
            identity = ""
        return message_seed(stored.name, identity, message.body)

    async def say(
        self,
        stored: StoredAccount,
        message: Message,
        translation: Translation,
        *,
        put_aside: bool = True,
        seed: str = "",
        slowly: bool = False,
    ) -> Taken:
        """Tell the core what a message says, or with a `seed` of its own a part of one; `slowly` where it says much."""
        seed = seed or self.seed_of(stored, message)
        if not stored.setup.live:
            return await self._shadowed(stored, message, translation, seed, put_aside=put_aside)
        asked: list[Asked] = []
        refused = list(translation.refused)
        parked = 0
        for due in facts_of(seed, message, translation.facts):
            if isinstance(due.fact, DocumentAcknowledged):
                await self._services.in_control(self._stores.note_acknowledged, stored, due.fact)
                continue
            # Whoever has time takes a long count at once; what a complete one leaves out is looked for later.
            if is_large(due.fact) and not (slowly and not due.fact.complete):
                await self._park(stored, message, due, "a count of many lines is compared first", wait_ms=0)
                parked += 1
                continue
            try:
                asked += self._ask_for(stored, due, refused)
            except UnknownYet as error:
                await self._park(stored, message, due, str(error))
                parked += 1
        sent = await self.sent(stored, asked, refused, slowly=slowly)
        if refused and put_aside:
            await self.letters.put(stored, message, seed, refused)
        ignored = translation.ignored if not asked and not refused else ""
        taken = Taken(sent, 0, parked, ignored, tuple(refused), translation.replies)
        await self.count(stored, taken)
        return taken

    async def _shadowed(
        self, stored: StoredAccount, message: Message, translation: Translation, seed: str, *, put_aside: bool
    ) -> Taken:
        """Keep what would be told, for `headrace shadow` and for the day on which the account goes live."""
        if translation.facts:
            keep, now_ms = self._stores.shadow.keep, self._services.now_ms()
            in_shadow = await self._services.in_control(keep, stored.name, seed, translation.facts, now_ms)
            switched = None if in_shadow else self._stores.accounts.find(stored.name)
            if switched is not None and switched.setup.live:
                # It went live since it was read, and whoever switched it has not seen this.
                return await self.say(switched, message, translation, put_aside=put_aside, seed=seed)
        asked: list[Asked] = []
        refused = list(translation.refused)
        untold = 0
        for due in facts_of(seed, message, translation.facts):
            try:
                asked += () if is_large(due.fact) else self._ask_for(stored, due, refused)
            except UnknownYet:
                # What it is about is not told either, so there is nothing to wait for.
                untold += 1
        withheld = untold + await self.sent(stored, asked, refused)
        if refused and put_aside:
            await self.letters.put(stored, message, seed, refused)
        taken = Taken(0, withheld, 0, translation.ignored if not withheld and not refused else "", tuple(refused))
        await self.count(stored, taken)
        return taken

    def _ask_for(self, stored: StoredAccount, due: Due, refused: list[Refusal]) -> tuple[Asked, ...]:
        """Give what a fact asks for; what it cannot ask for is added to what is refused.

        Raises:
            UnknownYet: it is about what is not known to the views yet.
        """
        try:
            return self.asked(stored, due)
        except UnreadableError as error:
            refused.append(Refusal(field=error.field, reason=error.reason, entry=entry_of(due.fact)))
        except (UnknownYet, sqlite3.Error):
            raise
        except Exception as fault:
            log.exception("a fact could not be asked for", account=stored.name, fact=type(due.fact).__name__)
            reason = f"asking for it failed ({type(fault).__name__})"
            refused.append(Refusal(field="", reason=reason, entry=entry_of(due.fact)))
        return ()

    def asked(self, stored: StoredAccount, due: Due) -> tuple[Asked, ...]:
        """Give what a fact asks for now.

        Raises:
            UnknownYet: it is about what is not known to the views yet.
            UnreadableError: it cannot be asked for.
        """
        services, pool = self._services, stored.setup.pool
        envelope = Envelope(pool=pool, actor=stored.actor, at_ms=services.now_ms(), seed=due.seed)
        return ask(due.fact, stored.setup, envelope, KnownByViews(services.views, self._stores.names, pool))

    async def count(self, stored: StoredAccount, taken: Taken) -> None:
        """Count a message by what became of it."""
        await self._services.in_control(self._stores.counts.add, stored.name, taken.outcomes)

    async def sent(
        self, stored: StoredAccount, asked: Sequence[Asked], refused: list[Refusal], *, slowly: bool = False
    ) -> int:
        """Send, or in shadow only tell what would be sent; gives how many, and notes what no core could read."""
        if not stored.setup.live:
            if asked:
                kinds = [str(one.command.__struct_config__.tag) for one in asked]
                log.info("withheld in shadow", account=stored.name, commands=kinds)
            return len(asked)
        if slowly:
            return await self.submitting.tell_slowly(asked, refused)
        return await self.submitting.tell(asked, refused)

    async def _park(self, stored: StoredAccount, message: Message, due: Due, why: str, wait_ms: int = 1_000) -> None:
        kept = Kept(account=stored.name, message=message, fact=due.fact, seed=due.seed)
        now_ms = self._services.now_ms()
        parking = self._stores.parking
        await self._services.in_control(lambda: parking.park(due.seed, kept, why, now_ms=now_ms, wait_ms=wait_ms))

    async def _parked_whole(self, stored: StoredAccount, message: Message, why: str) -> Taken:
        kept = Kept(account=stored.name, message=message)
        seed, now_ms, parking = self.seed_of(stored, message), self._services.now_ms(), self._stores.parking
        await self._services.in_control(lambda: parking.park(seed, kept, why, now_ms=now_ms, wait_ms=0))
        taken = Taken(parked=1)
        await self.count(stored, taken)
        return taken


def facts_of(seed: str, message: Message, facts: Sequence[AnyFact]) -> Iterator[Due]:
    """Give facts with what each is known by.

    That follows from what a fact says, and not from its place: once a translator is mended, what was sent before is
    still known, and what was refused before is new. The time at which a message came is none of what it says.
    """
    seen: dict[str, int] = {}
    came = str(message.received_at_ms).encode()
    for fact in facts:
        digest = blake2b(_encode(fact).replace(came, b"0"), digest_size=8).hexdigest()
        seen[digest] = number = seen.get(digest, -1) + 1
        yield Due(f"{seed}/{digest}/{number}", fact)


def is_large(fact: AnyFact) -> TypeGuard[StockCounted]:
    """Tell a count that may move much at once."""
    return isinstance(fact, StockCounted) and (fact.complete or len(fact.lines) > SMALL_SNAPSHOT_LINES)


def entry_of(fact: AnyFact) -> str:
    """Name what a fact is about, by the sender's own id."""
    for name in ("external_id", "parcel_id", "fulfillment_id", "document", "tracking_number", "reference"):
        value = getattr(fact, name, "")
        if value:
            return str(value)
    return ""
