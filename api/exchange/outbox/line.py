"""Sends to one target, as long as it is one: what is due, so many at once as it takes, in order per lane."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import structlog
from msgspec.structs import replace

from api.control.blind import PersonalData
from api.exchange.calling import Caller
from api.exchange.outbox import files, noting, rows
from api.exchange.outbox.attempt import Staging, attempt
from api.exchange.outbox.availability import AvailabilityFeed
from api.exchange.outbox.breaker import lets_through, looked_at
from api.exchange.outbox.building import Skip, Wait, availability_told, occasion_of
from api.exchange.outbox.crossings import Crossings
from api.exchange.outbox.glance import Glance
from api.exchange.outbox.mail_building import Desk, mail_of
from api.exchange.outbox.marks import wants
from api.exchange.outbox.rows import Delivery, State
from api.exchange.outbox.target import Target
from api.services import Services
from connectors.frame.documents import Occasion, OccasionKind
from models.records.order import Order

_LONGEST_PAUSE_SECONDS = 1.0
_SHORTEST_PAUSE_SECONDS = 0.02
_AGAIN_SECONDS = 0.05

_FAULT_WAIT_MS = 60_000

log = structlog.get_logger(__name__)
Result = TypeVar("Result")


class Tools(NamedTuple):
    """What every line works with."""

    services: Services
    caller: Caller
    glance: Glance
    feed: AvailabilityFeed
    crossings: Crossings


class Line:
    """One target's."""

    def __init__(self, target: Target, tools: Tools) -> None:
        self.target = target
        """As it is now: whoever reads the accounts puts the newest here."""
        self.woken = asyncio.Event()
        self._tools = tools
        self._sending: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            while True:
                pause_seconds = await self._begin_due()
                await self._pause(pause_seconds)
        finally:
            for task in self._sending.values():
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def _pause(self, seconds: float) -> None:
        """Until something has come, something is sent, or the time is over."""
        waking = asyncio.create_task(self.woken.wait())
        try:
            await asyncio.wait([waking, *self._sending.values()], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()
        self.woken.clear()
        over = [identity for identity, task in self._sending.items() if task.done()]
        for identity in over:
            self._sending.pop(identity).result()

    async def _begin_due(self) -> float:
        """Begin to send what is due, and give for how long nothing else will be."""
        target, tools = self.target, self._tools
        if target.paused_at_ms is not None:
            return _LONGEST_PAUSE_SECONDS
        prepare = tools.feed.prepare if target.watch is None else tools.crossings.prepare
        again = wants(target) and await tools.services.in_control(prepare, target)
        connection, now_ms = tools.services.control.connection(), tools.services.now_ms()
        breaker = looked_at(noting.breaker_of(connection, target.name), now_ms)
        concurrency = 1 if target.document is not None else target.peer.limits.concurrency
        free = lets_through(breaker, now_ms, concurrency) - len(self._sending)
        if free <= 0:
            return _LONGEST_PAUSE_SECONDS
        found = rows.due(connection, target.name, now_ms, free + len(self._sending))
        begun = [row for row in found if row.delivery_id not in self._sending][:free]
        for row in begun:
            self._sending[row.delivery_id] = asyncio.create_task(self._deliver(target, row))
        if again or begun:
            return _AGAIN_SECONDS
        wait_seconds = (rows.next_due_ms(connection, target.name) - now_ms) / 1000
        return min(_LONGEST_PAUSE_SECONDS, max(_SHORTEST_PAUSE_SECONDS, wait_seconds))

    async def _deliver(self, target: Target, row: Delivery) -> None:
        tools = self._tools
        try:
            made = self._occasion(target, row)
        except Exception as error:
            # One row that cannot be made must not end the line: the others go on, and it once this is mended.
            log.exception("a delivery cannot be made", target=target.name, delivery=row.delivery_id)
            made = Wait(f"a fault on our side: {type(error).__name__}", _FAULT_WAIT_MS)
        if isinstance(made, Wait):
            due_at_ms, note = tools.services.now_ms() + made.wait_ms, made.note
            await self._write(lambda connection: rows.put_off(connection, row, due_at_ms, note))
            return
        if isinstance(made, Skip):
            text, now_ms = made.note, tools.services.now_ms()
            await self._write(
                lambda connection: rows.end(connection, row, State.SKIPPED, now_ms, note=text, reference="")
            )
            return
        number = await self._write(lambda connection: rows.begin(connection, row))
        if number is None:
            return
        numbered = replace(row, number=number)
        staging = Staging(
            row.reference == files.STAGED,
            lambda: self._write(lambda connection: rows.note_staged(connection, row, files.STAGED)),
        )
        done = await attempt(target, replace(made, number=number), tools.caller, staging, tools.services.now_ms())
        jitter = random.random()  # noqa: S311 - it spreads retries
        now_ms = tools.services.now_ms()
        await self._write(lambda connection: noting.note(connection, numbered, done, now_ms, jitter))

    def _occasion(self, target: Target, row: Delivery) -> Occasion | Wait | Skip:
        connection = self._tools.services.control.connection()
        if row.kind == OccasionKind.AVAILABILITY and row.attempts:
            told = availability_told(row.about)
            if self._tools.feed.is_outdated(row, told):
                return Skip("newer values are there")
        order = self._tools.glance.order(row.pool, row.order_id) if row.kind != OccasionKind.EVENT else None
        if row.kind == OccasionKind.MAIL:
            return mail_of(row, target, order, self._desk(row, order))
        needs_requests = row.kind == OccasionKind.CANCELLATION_REQUESTED
        requests = rows.before(connection, row, OccasionKind.FULFILLMENT_REQUESTED) if needs_requests else []
        made = occasion_of(row, target, order, requests, self._personal)
        if isinstance(made, Occasion) and made.fulfillment is not None:
            skus = [line.sku for line in made.fulfillment.lines]
            return replace(made, titles=self._tools.glance.titles(row.pool, skus))
        return made

    def _desk(self, row: Delivery, order: Order | None) -> Desk:
        services = self._tools.services
        skus = [] if order is None else [line.sku for line in order.lines]
        return Desk(
            view=services.set_ups.of(row.pool),
            titles=self._tools.glance.titles(row.pool, skus),
            links=services.tracking,
            language=services.settings.mail_language,
            wording=services.wordings.at(row.pool, row.created_at_ms),
            open_personal=self._personal,
            earlier=lambda: rows.before(services.control.connection(), row, OccasionKind.MAIL),
        )

    async def _write(self, change: Callable[[sqlite3.Connection], Result]) -> Result:
        services = self._tools.services
        return await services.in_control(lambda: services.control.write(change))

    def _personal(self, order: Order) -> PersonalData | None:
        customer = order.customer
        if customer is None or not customer.sealed:
            return None
        return self._tools.services.vault.open(order.pool, customer.customer_id, customer.sealed)
