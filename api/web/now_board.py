"""What page Now shows, found once for all who look at it: at most once a second, and only while somebody looks."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.present import order_of
from api.services import Services
from api.views import pulse
from api.views.consumer import State
from api.views.listing import OrderFilter
from api.web.calendars import CutOff, next_cut_off
from api.web.pools import pool_view
from models.records.fulfillment import FulfillmentStatus
from models.records.order import Order, OrderStatus
from models.records.pool import Location, PoolView

MINUTES = 60
_FRESH_SECONDS = 0.9
_SHOWN = 8
_LOOK_PERCENT, _WRONG_PERCENT = 80, 100

_FUNNEL = (
    OrderStatus.RESERVED,
    OrderStatus.HELD,
    OrderStatus.BACKORDERED,
    OrderStatus.PARTIALLY_ROUTED,
    OrderStatus.ROUTED,
    OrderStatus.PARTIALLY_SHIPPED,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.CANCELLED,
    OrderStatus.EXPIRED,
)
_ENDED = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})
OPEN_STATUSES = (
    FulfillmentStatus.ALLOCATED,
    FulfillmentStatus.ACCEPTED,
    FulfillmentStatus.PICKED,
    FulfillmentStatus.PACKED,
)


class Backlog(NamedTuple):
    """What waits at a location, and how much of its day is taken."""

    location: Location
    open: Sequence[int]
    cut_off: CutOff
    taken: int

    @property
    def total(self) -> int:
        """All open fulfillments."""
        return sum(self.open)

    @property
    def percent(self) -> int | None:
        """How much of the day's capacity is taken; None where it has no limit."""
        capacity = self.location.capacity_per_day
        return None if capacity is None else 100 * self.taken // capacity if capacity else 100

    @property
    def look(self) -> str:
        """How pressing it is."""
        percent = self.percent or 0
        return "wrong" if percent >= _WRONG_PERCENT else "look" if percent >= _LOOK_PERCENT else ""


class Health(NamedTuple):
    """Whether what is shown is true of this moment."""

    state: State
    lag: int | None
    connected: bool
    pending: int

    @property
    def is_ready(self) -> bool:
        """As /health/ready says it."""
        return self.connected and self.state is State.LIVE


class Now(NamedTuple):
    """All of the page, at one moment."""

    view: PoolView
    at_ms: int
    minutes: Sequence[int]
    statuses: Mapping[OrderStatus, int]
    at_risk_count: int
    at_risk: Sequence[Order]
    newest: Sequence[Order]
    backlogs: Sequence[Backlog]
    dead_letters: pulse.DeadLetters
    health: Health

    @property
    def first_minute_ms(self) -> int:
        """When the first of the minutes began."""
        return (self.at_ms // pulse.MINUTE_MS - MINUTES + 1) * pulse.MINUTE_MS

    @property
    def open_orders(self) -> int:
        """Orders of which something is still to be shipped."""
        return sum(count for status, count in self.statuses.items() if status not in _ENDED)


class _Counts(NamedTuple):
    minutes: list[int]
    statuses: Mapping[str, int]
    at_risk: pulse.AtRisk
    open: Mapping[tuple[str, str], int]
    taken: Sequence[int]
    dead_letters: pulse.DeadLetters


class Board:
    """The newest moment of each pool that somebody looks at."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._found: dict[str, tuple[float, asyncio.Task[Now]]] = {}

    async def now(self, pool: str) -> Now:
        """Give a moment not older than a second; who asks meanwhile waits for the same one."""
        loop = asyncio.get_running_loop()
        began, task = self._found.get(pool, (float("-inf"), None))
        if task is None or loop.time() - began > _FRESH_SECONDS:
            task = loop.create_task(self._find(pool))
            self._found[pool] = loop.time(), task
        # Whoever goes away must not take it from the others.
        return await asyncio.shield(task)

    async def _find(self, pool: str) -> Now:
        services = self._services
        view = pool_view(services, pool)
        rows = await services.views.orders(pool, OrderFilter(), after=None, limit=_SHOWN)
        newest = [order_of(row.body) for row in rows]
        at_ms = newest[0].placed_at_ms if view.pool.simulated and newest else services.now_ms()
        cut_offs = [next_cut_off(location, at_ms) for location in view.locations]
        counts = await self._count(view, cut_offs, at_ms)
        return Now(
            view=view,
            at_ms=at_ms,
            minutes=counts.minutes,
            statuses={status: counts.statuses.get(status, 0) for status in _FUNNEL},
            at_risk_count=counts.at_risk.total,
            at_risk=[order_of(body) for body in counts.at_risk.bodies],
            newest=newest,
            backlogs=_backlogs(view, cut_offs, counts),
            dead_letters=counts.dead_letters,
            health=self._health(),
        )

    async def _count(self, view: PoolView, cut_offs: Sequence[CutOff], at_ms: int) -> _Counts:
        store, pool = self._services.store, view.pool.pool
        sent_again = self._services.replays.replayed()

        def read(connection: sqlite3.Connection) -> _Counts:
            return _Counts(
                pulse.orders_by_minute(connection, pool, at_ms // pulse.MINUTE_MS, MINUTES),
                pulse.orders_by_status(connection, pool),
                pulse.orders_at_risk(connection, pool, _SHOWN),
                pulse.open_fulfillments(connection, pool),
                [
                    pulse.taken_of_day(connection, pool, location.location_id, cut_off.capacity_day)
                    for location, cut_off in zip(view.locations, cut_offs, strict=True)
                ],
                pulse.dead_letters(connection, sent_again),
            )

        return await asyncio.get_running_loop().run_in_executor(store.reader, lambda: read(store.connection()))

    def _health(self) -> Health:
        progress, sender = self._services.consumer.progress, self._services.sender
        return Health(progress.state, progress.lag, sender.is_connected(), sender.pending())


def _backlogs(view: PoolView, cut_offs: Sequence[CutOff], counts: _Counts) -> list[Backlog]:
    """Locations whose day is nearly full first, then those that have most to do."""
    found = [
        Backlog(
            location,
            [counts.open.get((location.location_id, status.value), 0) for status in OPEN_STATUSES],
            cut_off,
            taken,
        )
        for location, cut_off, taken in zip(view.locations, cut_offs, counts.taken, strict=True)
    ]
    return sorted(found, key=lambda one: (-(one.percent or 0) if one.look else 0, -one.total, one.location.location_id))
