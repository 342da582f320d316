"""Watches the folders of accounts: takes files whole, in the order of their names, and moves each aside with a report.

A file is taken when it has not changed between two looks. Until it is moved it may be taken again, after a crash; what
it says has the same identity then.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import structlog

from api.exchange.accounts import StoredAccount
from api.exchange.folders import Folder, FolderError, Seen, TooLongError, place_of
from api.exchange.intake import Taken
from api.exchange.turns import Turns
from api.ports import SendError
from connectors.frame.accounts import INBOX, OUTBOX
from connectors.frame.asking import message_seed
from connectors.frame.declaration import Transport
from connectors.frame.message import Message, Refusal, Translation
from connectors.frame.translating import translate_stream

if TYPE_CHECKING:
    from api.exchange.process import Exchange

TOPIC = "file"
_LOOK_SECONDS = 1.0
_EVERY_MS = 5_000
_LONGEST_WAIT_MS = 900_000
_SHOWN = 10_000
_LEFT_SHOWN = 3
_NOTE_MAX = 600

log = structlog.get_logger(__name__)


@dataclass
class Watch:
    """What was seen of a folder at the last look, and when the next one is due."""

    seen: frozenset[Seen] = frozenset()
    due_at_ms: int = 0
    failures: int = 0
    names: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What is in it and never taken, with the reason."""


async def watch_folders(exchange: "Exchange") -> None:
    """Go on until cancelled; each account by itself."""
    services, watches, turns = exchange.services, dict[str, Watch](), Turns()
    async with turns:
        while True:
            now_ms = services.now_ms()
            for stored in _watched(exchange):
                watch = watches.setdefault(stored.name, Watch())
                if watch.due_at_ms <= now_ms:
                    turns.begin(stored.name, partial(look_and_note, exchange, stored, watch))
            await turns.pause(_LOOK_SECONDS)


def _watched(exchange: "Exchange") -> Iterable[StoredAccount]:
    services = exchange.services
    for stored in services.exchange.accounts.all():
        connector = services.exchange.connectors.get(stored.setup.connector)
        is_file = connector is not None and Transport.FILE in connector.transports
        may_run = stored.paused_at_ms is None and (services.settings.live_connectors or not stored.setup.live)
        if is_file and may_run and stored.setup.settings.get(INBOX):
            yield stored


async def look_and_note(exchange: "Exchange", stored: StoredAccount, watch: Watch) -> None:
    """Look, and note that it was done, or what was in the way."""
    services = exchange.services
    try:
        await look(exchange, stored, watch)
        watch.failures = 0
        # That it was looked at is news as well.
        last = watch.names[-1] if watch.names else services.exchange.cursors.find(stored.name, TOPIC)
        left = _left(watch.left)
        await services.in_control(services.exchange.cursors.keep, stored.name, TOPIC, last, services.now_ms(), left)
        watch.names.clear()
    except (FolderError, SendError) as error:
        watch.failures += 1
        log.warning("a folder was not gone through", account=stored.name, why=str(error))
        await services.in_control(services.exchange.cursors.note_trouble, stored.name, TOPIC, str(error)[:300])
    except Exception as fault:
        # A fault in one folder must not keep the others from being looked at.
        watch.failures += 1
        log.exception("a folder could not be gone through", account=stored.name)
        trouble = f"a fault on our side: {type(fault).__name__}"
        await services.in_control(services.exchange.cursors.note_trouble, stored.name, TOPIC, trouble)
    wait_ms = min(_LONGEST_WAIT_MS, _EVERY_MS << min(watch.failures, 8))
    watch.due_at_ms = services.now_ms() + wait_ms


def _left(left: list[str]) -> str:
    if not left:
        return ""
    more = f" and {len(left) - _LEFT_SHOWN} more" if len(left) > _LEFT_SHOWN else ""
    return f"{'; '.join(left[:_LEFT_SHOWN])}{more}: not taken, put a file of another name there instead"[:_NOTE_MAX]


async def look(exchange: "Exchange", stored: StoredAccount, watch: Watch) -> None:
    """Take every file that has not changed since the last look.

    Raises:
        FolderError: the folder is not to be had.
        SendError: the broker did not take what a file says; the file stays where it is.
    """
    folder = await asyncio.to_thread(folder_of, exchange, stored)
    try:
        found, watch.left = await asyncio.to_thread(folder.listed)
        before, watch.seen = watch.seen, frozenset(found)
        for file in found:
            running = exchange.services.exchange.accounts.running(stored)
            if file in before and running is not None:
                await _take(exchange, running, folder, file.name)
                watch.names.append(file.name)
    finally:
        await asyncio.to_thread(folder.close)


def folder_of(exchange: "Exchange", stored: StoredAccount) -> Folder:
    """Give the folder that an account's files come by."""
    return _folder_at(exchange, stored, stored.setup.settings[INBOX])


def _folder_at(exchange: "Exchange", stored: StoredAccount, address: str) -> Folder:
    secrets = exchange.services.exchange.secrets.current(stored.name)
    return Folder(place_of(address, stored.setup.settings, secrets), exchange.caller.private_hosts)


async def _take(exchange: "Exchange", stored: StoredAccount, folder: Folder, name: str) -> None:
    services = exchange.services
    connector = services.exchange.connector_of(stored.setup)
    try:
        if connector.stream is not None:
            taken = await take_in_parts(exchange, stored, folder, name)
        else:
            taken = await _take_whole(exchange, stored, folder, name, connector.limits.body_bytes)
    except TooLongError as error:
        taken = Taken(refused=(Refusal(field="", reason=str(error)),))
        await exchange.intake.count(stored, taken)
    for reply in taken.replies:
        await asyncio.to_thread(_reply, exchange, stored, name, reply)
    inside = "failed" if taken.refused else "done"
    moved = await asyncio.to_thread(folder.move, name, inside)
    await asyncio.to_thread(folder.write, f"{moved}.report.txt", report_of(taken), inside=inside)
    log.info("a file was taken", account=stored.name, file=name, commands=taken.commands, refused=len(taken.refused))


async def _take_whole(exchange: "Exchange", stored: StoredAccount, folder: Folder, name: str, most_bytes: int) -> Taken:
    body = await asyncio.to_thread(folder.read, name, most_bytes)
    message = Message(body=body, name=name, received_at_ms=exchange.services.now_ms())
    return await exchange.intake.take(stored, message)


async def take_in_parts(exchange: "Exchange", stored: StoredAccount, folder: Folder, name: str) -> Taken:
    """Take a file of any length: its connector reads it in parts, each of which is decided before the next is read.

    Raises:
        FolderError: it could not be read to its end.
        SendError: the broker did not take a part; the file stays, and its parts are known when it is taken again.
    """
    services, intake = exchange.services, exchange.intake
    digest = await asyncio.to_thread(folder.digest, name)
    message = Message(body=b"", name=name, received_at_ms=services.now_ms())
    seed = message_seed(stored.name, digest, b"")
    commands = withheld = parked = 0
    refused: list[Refusal] = []
    connector = services.exchange.connector_of(stored.setup)
    parts = translate_stream(connector, message, folder.chunks(name), stored.setup)
    number = 0
    while (part := await asyncio.to_thread(_next, parts)) is not None:
        number += 1
        running = services.exchange.accounts.running(stored)
        if running is None:
            raise FolderError(f"its account is paused or removed: {name} is taken again from its beginning")
        taken = await intake.say(running, message, part, put_aside=False, seed=f"{seed}/{number}", slowly=True)
        commands, withheld, parked = commands + taken.commands, withheld + taken.withheld, parked + taken.parked
        refused += taken.refused[: max(0, _SHOWN - len(refused))]
    if refused:
        await intake.letters.put(stored, message, seed, refused, is_elsewhere=True)
    return Taken(commands, withheld, parked, "", tuple(refused))


def _next(parts: Iterator[Translation]) -> Translation | None:
    """Give the next part; a fault of the translator's is told like one of the file."""
    try:
        return next(parts, None)
    except FolderError:
        raise
    except Exception as fault:
        log.exception("a translator failed in a long file")
        return Translation(refused=(Refusal(field="", reason=f"the translator failed ({type(fault).__name__})"),))


def _reply(exchange: "Exchange", stored: StoredAccount, name: str, reply: bytes) -> None:
    """Write a document that the format wants sent back; the same one again has the same name."""
    address = stored.setup.settings.get(OUTBOX)
    if not address:
        log.warning("an answer cannot be written: set `outbox`", account=stored.name, file=name)
        return
    ending = PurePosixPath(name).suffix or ".txt"
    with closing(_folder_at(exchange, stored, address)) as folder:
        folder.write(f"answer-{blake2b(reply, digest_size=8).hexdigest()}{ending}", reply)


def report_of(taken: Taken) -> bytes:
    """Write what became of a file: figures, then a line for each refused entry."""
    lines = [f"commands {taken.commands}", f"withheld {taken.withheld}", f"waiting {taken.parked}"]
    lines += [f"ignored: {taken.ignored}"] if taken.ignored else []
    lines += [f"refused {len(taken.refused)}"]
    lines += [f"{one.entry}\t{one.field}\t{one.reason}" for one in taken.refused[:_SHOWN]]
    return ("\n".join(lines) + "\n").encode()
