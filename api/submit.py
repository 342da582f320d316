"""One way for every write: derive the command, keep it, send it, wait for what it did."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import Depends
from starlette.requests import Request

from api.audited import finished, line_of, needs_line, skus_of
from api.context import (
    IdempotencyKey,
    Prefer,
    checked_key,
    correlation_of,
    principal_of,
    services_of,
    wait_seconds_of,
)
from api.control.requests import command_id_of
from api.ports import Position, SendError
from api.present import http_name, update_of
from api.problems import Problem, status_of
from api.reopening import reopening
from api.resolvers import check_release
from api.schemas.base import Envelope
from api.security import Principal
from api.services import Services
from api.views.waiters import RowKey, RowPosition
from models.commands import AnyCommand, Command, ReopenOrder, StockCommand, decode, encode, order_id_of
from models.rejections import RejectionCode
from models.updates import CommandUpdate

Build = Callable[[Envelope], Command]

# Of a command that came twice these may differ: they say who sent it when, not what.
_ENVELOPE = frozenset({"command_id", "issued_at_ms", "actor", "correlation_id"})
_RETRY_AFTER = {"Retry-After": "1"}
_SHOWN_SECONDS = 0.5


class Outcome(NamedTuple):
    """What became of a command: its update, or None when it was not there in time."""

    command_id: str
    update: CommandUpdate | None
    replayed: bool


class Ask:
    """A request that writes; a dependency of every such endpoint."""

    def __init__(  # In the order of the request.
        self, services: Services, who: Principal, correlation: str, wait_seconds: float, key: str | None
    ) -> None:
        self.services = services
        self.who = who
        self.correlation = correlation
        self.wait_seconds = wait_seconds
        self.key = key

    def envelope(self, pool: str, command_id: str) -> Envelope:
        """Give the envelope of a command asked now."""
        return Envelope(command_id, pool, self.services.now_ms(), self.who.actor, self.correlation)

    def part(self, name: str) -> "Ask":
        """Give the asking of one part of a request that writes many commands, each with a key of its own."""
        key = None if self.key is None else f"{self.key}\x00{name}"
        return Ask(self.services, self.who, self.correlation, self.wait_seconds, key)

    async def submit(self, pool: str, build: Build, *, derived_key: str | None = None) -> Outcome:
        """Send the command that `build` gives and wait for its update.

        Raises:
            Problem: it was refused, its key stands for something else, or the broker did not take it.
        """
        key = self.key if self.key is not None else derived_key
        if key is None:
            command_id = "c" + secrets.token_hex(16)
        else:
            command_id = command_id_of(pool=pool, owner=self.who.owner, key=key)
        command = build(self.envelope(pool, command_id))
        check_release(self.who, command)
        sent = self._send_once(build, command) if key is not None else self._send(command, _encoded(command))
        outcome = await (self._recorded(command, sent) if needs_line(self.who, command) else sent)
        self._count(outcome)
        if outcome.update is not None and outcome.update.refusal is not None:
            raise refusal_problem(outcome.update)
        return outcome

    async def settled(self, key: RowKey, position: RowPosition, at: RowPosition | None, seconds: float) -> None:
        """Wait until a row is in the views at a position; `at` is where it was found just now."""
        if at is not None and at >= position:
            return
        # Nothing is awaited between looking and this, and rows are told on this very loop: none comes in unseen.
        with self.services.waiters.row(key, position) as future:
            await asyncio.wait([future], timeout=seconds)

    async def _recorded(self, command: Command, sent: Awaitable[Outcome]) -> Outcome:
        """Send a command with its line in the audit log."""
        services = self.services
        line = line_of(services.views, command)
        await services.in_control(services.audit_pending.keep, line)
        try:
            outcome = await sent
        except Problem as problem:
            refused = msgspec.structs.replace(line, refusal=f"{problem.code}: {problem.detail}")
            await services.in_control(services.audit_pending.finish, refused, command.command_id)
            raise
        if outcome.update is not None:
            await self._shown(command, outcome.update)
        done = None if outcome.replayed else finished(line, services.views, command, outcome.update)
        await services.in_control(services.audit_pending.finish, done, command.command_id)
        return outcome

    async def _shown(self, command: Command, update: CommandUpdate) -> None:
        """Wait a moment until the views show what a command did, so that its line can."""
        views, pool = self.services.views, command.pool
        order_id = order_id_of(command)
        if order_id and update.order_version:
            order = views.order(pool, order_id)
            at = None if order is None else order[:1]
            await self.settled(("order", order_id), (update.order_version,), at, _SHOWN_SECONDS)
        if isinstance(command, StockCommand) and update.movements:
            for sku in skus_of(command):
                level = views.sku(pool, sku)
                at_level = None if level is None else level[:2]
                await self.settled(("sku", pool, sku), (update.offset, update.index), at_level, _SHOWN_SECONDS)

    async def _send_once(self, build: Build, command: Command) -> Outcome:
        services, pool, command_id = self.services, command.pool, command.command_id
        raw = _encoded(command)
        [stored] = await services.in_control(services.requests.keep, [(command_id, raw)], command.issued_at_ms)
        if stored is None:
            return await self._send(command, raw)
        first = decode(stored)
        again = build(self.envelope(pool, command_id)._replace(now_ms=first.issued_at_ms))
        field = difference(first, again)
        if field is not None:
            raise _conflict(field, explicit=self.key is not None)
        known = services.views.command(pool, command_id)
        update = None if known is None else update_of(known[1])
        if update is not None and not _is_closed(update):
            return Outcome(command_id, update, replayed=True)
        # The first one may never have reached the broker; the core recognises it if it did.
        return (await self._send(first, stored))._replace(replayed=True)

    async def _send(self, command: Command, raw: bytes) -> Outcome:
        """Send a command; on an order that is closed, behind the one that brings the order back."""
        before = reopening(self.services.views, command)
        outcome = await self._send_behind(command, raw, before)
        if outcome.update is None or not _is_closed(outcome.update):
            return outcome
        newer = await self._newer_picture(command, before)
        return outcome if newer is None else await self._send_behind(command, raw, newer)

    async def _newer_picture(self, command: Command, before: ReopenOrder | None) -> ReopenOrder | None:
        """Wait until the views show that an order has closed, which the core knew sooner."""
        views, seen = self.services.views, 0 if before is None else before.order.version
        newer = reopening(views, command)
        if newer is None or newer.order.version <= seen:
            order_id = order_id_of(command)
            row = views.order(command.pool, order_id)
            version = 0 if row is None else row[0]
            await self.settled(("order", order_id), (version + 1,), (version,), self.wait_seconds)
            newer = reopening(views, command)
        return newer if newer is not None and newer.order.version > seen else None

    async def _send_behind(self, command: Command, raw: bytes, before: Command | None) -> Outcome:
        services, pool, command_id = self.services, command.pool, command.command_id
        after = None if before is None else encode(before)
        with services.waiters.command(command_id) as told:
            try:
                await asyncio.wait_for(
                    asyncio.shield(_sent_once(services, pool, command_id, raw, after)),
                    services.settings.acknowledge_timeout_seconds,
                )
            except SendError as error:
                raise _not_taken(error) from None
            except TimeoutError:
                raise _not_taken(SendError("the broker did not acknowledge in time")) from None
            done, _ = await asyncio.wait([told], timeout=self.wait_seconds)
            update = update_of(told.result().body) if done else None
        return Outcome(command_id, update, replayed=False)

    def _count(self, outcome: Outcome) -> None:
        update = outcome.update
        became = "unknown_yet" if update is None else "applied" if update.refusal is None else "refused"
        self.services.metrics.commands.labels(became).inc()


async def _asking(request: Request, prefer: Prefer = None, idempotency_key: IdempotencyKey = None) -> Ask:
    # A coroutine, since a plain class would be made on another thread.
    services = services_of(request)
    return Ask(
        services,
        principal_of(request),
        correlation_of(request),
        wait_seconds_of(prefer, services.settings.wait_default_seconds),
        checked_key(idempotency_key),
    )


Asking = Annotated[Ask, Depends(_asking)]


def difference(first: AnyCommand, again: Command) -> str | None:
    """Give the HTTP name of the first field in which two commands differ, None when they ask the same."""
    if type(first) is not type(again):
        return "Idempotency-Key"
    left, right = msgspec.to_builtins(first), msgspec.to_builtins(again)
    for name in sorted((left.keys() | right.keys()) - _ENVELOPE):
        path = _first_difference(left.get(name), right.get(name), http_name(name))
        if path is not None:
            return path
    return None


def refusal_problem(update: CommandUpdate) -> Problem:
    """Give the problem for a refusal of the core."""
    refusal = update.refusal
    assert refusal is not None
    field = ".".join(http_name(part) for part in refusal.field.split("."))
    return Problem(status_of(refusal.code), refusal.code, refusal.text, field=field)


def _encoded(command: Command) -> bytes:
    raw = encode(command)
    try:
        # What the core could not read must not be acknowledged: it would end among the dead letters.
        decode(raw)
    except msgspec.ValidationError as error:
        raise Problem(422, "command_invalid", f"The core does not accept this: {error}.") from None
    return raw


def _is_closed(update: CommandUpdate) -> bool:
    return update.refusal is not None and update.refusal.code == RejectionCode.ORDER_CLOSED


def _sent_once(
    services: Services, pool: str, command_id: str, raw: bytes, after: bytes | None
) -> asyncio.Future[Position]:
    """Of requests with the same key at the same time, all wait for one sending."""
    in_flight = services.in_flight
    found = in_flight.get(command_id)
    if found is None:
        found = in_flight[command_id] = services.sender.submit(pool, raw, after=after)
        found.add_done_callback(lambda _: in_flight.pop(command_id, None))
    return found


def _first_difference(left: Any, right: Any, path: str) -> str | None:
    if left == right:
        return None
    if path == "customer":
        # Sealed text differs when anything inside does; what it was nobody may know.
        return path
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in sorted(left.keys() | right.keys()):
            found = _first_difference(left.get(name), right.get(name), f"{path}.{http_name(name)}")
            if found is not None:
                return found
    if isinstance(left, tuple | list) and isinstance(right, tuple | list) and len(left) == len(right):
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            found = _first_difference(one, other, f"{path}[{number}]")
            if found is not None:
                return found
    return path


def _conflict(field: str, *, explicit: bool) -> Problem:
    if explicit:
        detail = f"This key was used before with another {field}: repeat the first content, or send a new key."
    else:
        detail = f"The same was sent before with another {field}: repeat the first content, or send an Idempotency-Key."
    return Problem(409, "idempotency_conflict", detail, field=field)


def _not_taken(error: SendError) -> Problem:
    code = "overloaded" if error.overloaded else "broker_unavailable"
    detail = (
        f"It is not known to be on record, because {error}. Repeat it with the same Idempotency-Key after the time in"
        " Retry-After: it is done once even if it did arrive."
    )
    return Problem(503, code, detail, headers=_RETRY_AFTER)
