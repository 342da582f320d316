"""The endless part of the generated traffic: seven orders, then three other commands, and so on.

Commands are written as text, as a struct and an encoder for each would take several times the processor.
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import msgspec

from models.ids import fulfillment_id, order_id
from pipelines.traffic.places import destinations, locations
from pipelines.traffic.set_up import CURRENCY, SOURCE
from pipelines.traffic.workload import (
    LINES_PER_ORDER,
    UNITS_PER_LINE,
    Shelf,
    Workload,
)

CHANNEL = "web"
ORDERS_PER_CYCLE = 7
COMMANDS_PER_CYCLE = 10
_DESTINATIONS = 2_000
_PROMISE_MS = 5 * 86_400_000
# Where in a cycle an order is placed; the other three places take turns in what they are.
_CYCLE = (True, True, False, True, True, False, True, True, False, True)
_PICKED_OF = 5
_COUNT_OFF_BY = 3


class Batch(NamedTuple):
    """Encoded commands in order, and the numbers of the orders placed among them (first, one past the last)."""

    commands: list[bytes]
    first_order: int
    end_order: int


class Traffic:
    """The commands of one pool. The same workload, pool and run give the same commands but for their times."""

    def __init__(self, workload: Workload, shelf: Shelf, pool: str, run: str) -> None:
        self._shelf = shelf
        self._pool = pool
        self._run = run
        self._after = workload.follow_up_after
        self._random = Random(f"{workload.seed}/{pool}")  # noqa: S311 # Repeatable, not secret.
        self._places = [place.location_id for place in locations(workload.locations)]
        self._destinations = [
            msgspec.json.encode(destination).decode() for destination in destinations(_DESTINATIONS, self._random)
        ]
        self._lines = _drawn_by(LINES_PER_ORDER)
        self._units = _drawn_by(UNITS_PER_LINE)
        self._orders = 0
        self._commands = 0
        self._turn = 0
        self._to_pick: deque[int] = deque()
        self._to_cancel: deque[int] = deque()
        self._to_ship: deque[int] = deque()
        self._others: tuple[Callable[[int], str], ...] = (
            self._till_sale,
            self._pick,
            self._count,
            self._ship,
            self._cancel,
        )

    def order_id(self, number: int) -> str:
        """The id of the order of that number, from 0."""
        return order_id(self._pool, CHANNEL, f"{self._run}-{number}")

    def take(self, count: int, now_ms: int) -> Batch:
        """The next so many commands, all issued now."""
        first = self._orders
        commands = []
        for _ in range(count):
            is_order = _CYCLE[self._commands % COMMANDS_PER_CYCLE]
            text = self._order(now_ms) if is_order else self._other(now_ms)
            commands.append(text.encode())
            self._commands += 1
        return Batch(commands, first, self._orders)

    def _order(self, now_ms: int) -> str:
        random, shelf = self._random, self._shelf
        number = self._orders
        self._orders += 1
        drawn: dict[int, None] = {}
        wanted = self._lines[random.randrange(len(self._lines))]
        while len(drawn) < wanted:
            drawn[shelf.draw(random)] = None
        lines = ",".join(
            f'{{"line_id":"{line}","sku":"{shelf.skus[rank]}",'
            f'"quantity":{self._units[random.randrange(len(self._units))]},'
            f'"unit_price_minor":{shelf.prices_minor[rank]}}}'
            for line, rank in enumerate(drawn, start=1)
        )
        if not shelf.short.issuperset(drawn):
            self._remember(number)
        return (
            f"{self._envelope('place_order', now_ms)},"
            f'"channel":"{CHANNEL}","external_id":"{self._run}-{number}","currency":"{CURRENCY}",'
            f'"lines":[{lines}],"destination":{self._destinations[random.randrange(_DESTINATIONS)]},'
            f'"placed_at_ms":{now_ms},"promise_by_ms":{now_ms + _PROMISE_MS},"shipping_minor":499}}'
        )

    def _remember(self, number: int) -> None:
        """Orders that surely have a fulfillment: one in five may be picked, another be cancelled."""
        if number % _PICKED_OF == 0:
            self._to_pick.append(number)
        elif number % _PICKED_OF == 1:
            self._to_cancel.append(number)

    def _other(self, now_ms: int) -> str:
        self._turn += 1
        return self._others[self._turn % len(self._others)](now_ms)

    def _till_sale(self, now_ms: int) -> str:
        rank = self._stocked()
        place, _ = self._cell(rank)
        line = f'{{"line":"1","sku":"{self._shelf.skus[rank]}","quantity":1}}'
        return f'{self._stock("sell_at_till", place, now_ms)},"lines":[{line}]}}'

    def _count(self, now_ms: int) -> str:
        """A count near what the location opened with; on a short SKU it may break a promise, or free units."""
        rank = self._shelf.draw(self._random)
        place, units = self._cell(rank)
        counted = max(0, units - self._random.randrange(_COUNT_OFF_BY))
        return f'{self._stock("count_stock", place, now_ms)},"sku":"{self._shelf.skus[rank]}","counted":{counted}}}'

    def _pick(self, now_ms: int) -> str:
        number = self._due(self._to_pick)
        if number is None:
            return self._till_sale(now_ms)
        self._to_ship.append(number)
        return f"{self._fulfillment('pick_fulfillment', number, now_ms)}}}"

    def _ship(self, now_ms: int) -> str:
        if not self._to_ship or self._to_ship[0] > self._orders - 2 * self._after:
            return self._till_sale(now_ms)
        number = self._to_ship.popleft()
        return (
            f"{self._fulfillment('ship_parcel', number, now_ms)},"
            f'"parcel_id":"P{number}","carrier":"ups","tracking_number":"1Z{number:010d}"}}'
        )

    def _cancel(self, now_ms: int) -> str:
        number = self._due(self._to_cancel)
        if number is None:
            return self._till_sale(now_ms)
        return f'{self._envelope("cancel_units", now_ms)},"order_id":"{self.order_id(number)}"}}'

    def _due(self, waiting: deque[int]) -> int | None:
        """The newest order that is old enough; those passed over are left alone."""
        found = None
        while waiting and waiting[0] <= self._orders - self._after:
            found = waiting.popleft()
        return found

    def _stocked(self) -> int:
        """A till sells what is on its shelf, and short SKUs are not."""
        while (rank := self._shelf.draw(self._random)) in self._shelf.short:
            pass
        return rank

    def _cell(self, rank: int) -> tuple[str, int]:
        cells = self._shelf.opening[rank]
        place, units = cells[self._random.randrange(len(cells))]
        return self._places[place], units

    def _envelope(self, kind: str, now_ms: int) -> str:
        return (
            f'{{"type":"{kind}","command_id":"{self._run}/{self._commands}",'
            f'"pool":"{self._pool}","issued_at_ms":{now_ms},"actor":"{SOURCE}"'
        )

    def _stock(self, kind: str, place: str, now_ms: int) -> str:
        return (
            f'{self._envelope(kind, now_ms)},"source":"{SOURCE}",'
            f'"document":"{self._run}/{self._commands}","location_id":"{place}","occurred_at_ms":{now_ms}'
        )

    def _fulfillment(self, kind: str, number: int, now_ms: int) -> str:
        order = self.order_id(number)
        return (
            f'{self._envelope(kind, now_ms)},"order_id":"{order}",'
            f'"fulfillment_id":"{fulfillment_id(order, 1)}","occurred_at_ms":{now_ms}'
        )


def _drawn_by(distribution: tuple[tuple[int, float], ...]) -> list[int]:
    """A hundred values in the shares of the distribution, to draw from evenly."""
    return [value for value, share in distribution for _ in range(round(100 * share))]
