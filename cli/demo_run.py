"""The demo at work: what is due is asked of the API, what comes of it is shown to the partners, and so on."""

import asyncio
import heapq
import time
from collections import Counter
from collections.abc import Callable, Mapping

from cli.demo_api import DemoApi
from cli.demo_book import Book
from pipelines.demo.asks import Ask, SeenOrder
from pipelines.demo.clock import DAY_MS, HOUR_MS, Clock
from pipelines.demo.draws import Draws
from pipelines.demo.partners import OPEN, Partners
from pipelines.demo.shelves import Shelves
from pipelines.demo.shoppers import Shoppers

HEAD_START_MS = 3 * DAY_MS
_SENDERS = 24
_TICK_SECONDS = 0.05
_STOCK_SECONDS = 15.0
_CONTROL_SECONDS = 1.0
_LOOK_SECONDS = 0.5
_LAG_SECONDS = 2.0


class Demo:
    """One run of the demo. It keeps nothing: what it needs of an earlier run it reads from the API."""

    def __init__(self, api: DemoApi, clock: Clock, draws: Draws, shoppers: Shoppers, book: Book) -> None:
        self._api = api
        self._clock = clock
        self._draws = draws
        self._shoppers = shoppers
        self._book = book
        self._partners = Partners(draws, ())
        self._shelves: Shelves | None = None
        self._orders_per_second = 1.0
        self._is_at_work = True
        self._number = 0
        self._planned: list[tuple[int, int, Ask]] = []
        self._asks: asyncio.PriorityQueue[tuple[int, int, Ask]] = asyncio.PriorityQueue()
        self._put = 0
        self._touched: set[str] = set()
        self.refusals: Counter[str] = Counter()
        self.placed = 0

    async def run(
        self, par: Mapping[tuple[str, str], int], base: int, orders_per_second: float, goes_on: Callable[[], bool]
    ) -> None:
        """Go on until told to stop. The pool is there already."""
        self._orders_per_second = orders_per_second
        locations = await self._api.locations()
        self._partners.meet(locations)
        listening = asyncio.create_task(self._listen())
        background = [listening, *(asyncio.create_task(self._send()) for _ in range(_SENDERS))]
        try:
            found = [order async for order in self._api.open_orders(OPEN)]
            for order in found:
                self._partners.see(order, self._clock.start_ms)
            background += [asyncio.create_task(work()) for work in (self._look, self._watch_control)]
            self._shelves = Shelves(self._draws, locations, par, base, self._clock.start_ms)
            background.append(asyncio.create_task(self._watch_stock(self._shelves)))
            await self._live(goes_on)
        finally:
            # A task that is cancelled in the very moment of an answer may take the answer and go on.
            self._is_at_work = False
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            self._book.publish()

    def give_head_start(self, orders: int) -> None:
        """Let so many orders have come in the days before the start."""
        for number in range(orders):
            at_ms = self._clock.start_ms - HEAD_START_MS + HEAD_START_MS * (number + 1) // (orders + 1)
            self._order(at_ms)

    async def _live(self, goes_on: Callable[[], bool]) -> None:
        next_order = time.monotonic()
        hour = 0
        while goes_on():
            now_ms = self._now()
            if not self._clock.speed:
                next_order = time.monotonic()
            while next_order <= time.monotonic():
                # What could not be placed in time is not made up for in a rush.
                next_order = max(next_order, time.monotonic() - _LAG_SECONDS)
                next_order += self._shoppers.gap_seconds(self._number, self._orders_per_second, now_ms)
                self._order(now_ms)
            self._put_due(now_ms)
            if now_ms // HOUR_MS != hour and self._asks.empty():
                hour = now_ms // HOUR_MS
                await asyncio.to_thread(self._book.publish)
            await asyncio.sleep(_TICK_SECONDS)

    def _order(self, at_ms: int) -> None:
        for ask in self._shoppers.order(self._number, at_ms):
            self._put += 1
            heapq.heappush(self._planned, (ask.at_ms, self._put, ask))
        self._number += 1

    def _put_due(self, now_ms: int) -> None:
        due = []
        while self._planned and self._planned[0][0] <= now_ms:
            due.append(heapq.heappop(self._planned)[2])
        due += self._partners.take(now_ms)
        if self._shelves is not None and self._asks.empty():
            # What the shelves tell comes after the head start, and never before its parcels have left.
            due += self._shelves.take(now_ms)
        for ask in due:
            self._put += 1
            self._asks.put_nowait((ask.at_ms, self._put, ask))

    async def _send(self) -> None:
        while self._is_at_work:
            _, _, ask = await self._asks.get()
            answer = await self._api.send(ask, self._clock)
            if answer.refusal:
                self.refusals[f"{ask.path.rpartition('/')[2]}: {answer.refusal}"] += 1
                self._partners.refused(ask)
                self._touched.update({ask.order_id} - {""})
            elif answer.order is not None:
                self._answered(ask, answer.order)
            elif answer.pending_order_id:
                self._touched.add(answer.pending_order_id)

    def _answered(self, ask: Ask, order: SeenOrder) -> None:
        self.placed += ask.path == "/orders"
        if ask.path.endswith("/ship"):
            self._book.add(order, str(ask.body["parcel_id"]), self._clock.wall_of(ask.at_ms))
        self._partners.see(order, ask.at_ms)

    async def _listen(self) -> None:
        """Take note of orders that others have changed, and of those that one command changed beside its own."""
        async for touched in self._api.touched():
            self._touched.update(touched.others)
            if touched.order_id and touched.actor not in self._api.actors:
                self._touched.add(touched.order_id)

    async def _look(self) -> None:
        while self._is_at_work:
            await asyncio.sleep(_LOOK_SECONDS)
            touched, self._touched = self._touched, set()
            for order_id in sorted(touched):
                order = await self._api.order(order_id)
                if order is not None:
                    self._partners.see(order, self._now())

    async def _watch_stock(self, shelves: Shelves) -> None:
        while self._is_at_work:
            # Counted as of before the question, since stock moves while it is answered.
            now_ms = self._now()
            shelves.see(await self._api.skus(), now_ms)
            self._partners.meet(await self._api.locations())
            await asyncio.sleep(_STOCK_SECONDS)

    async def _watch_control(self) -> None:
        while self._is_at_work:
            control = await self._api.control()
            if control is not None:
                self._clock.change_speed(_wall_ms(), control.speed)
                self._orders_per_second = control.orders_per_second
            await asyncio.sleep(_CONTROL_SECONDS)

    def _now(self) -> int:
        return self._clock.now(_wall_ms())


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
