"""Live streams: hands each stored update to those who follow its order or its pool, and never waits for them."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from api.views.rows import Notice

_END = None


class Subscription:
    """A bounded queue of updates; None ends it, after an overflow or when the server stops."""

    def __init__(self, limit: int) -> None:
        # One place more, so that the end always fits.
        self._queue: asyncio.Queue[Notice | None] = asyncio.Queue(limit + 1)
        self._limit = limit
        self.ended = False

    def put(self, notice: Notice) -> None:
        """Add an update; who does not keep up is ended, and resumes by its last event id."""
        if self.ended:
            return
        if self._queue.qsize() >= self._limit:
            self.end()
        else:
            self._queue.put_nowait(notice)

    def end(self) -> None:
        """Let the reader find the end after what is queued."""
        if not self.ended:
            self.ended = True
            self._queue.put_nowait(_END)

    async def next(self, timeout_seconds: float) -> Notice | None:
        """Give the next update, None at the end.

        Raises:
            TimeoutError: nothing came in time.
        """
        async with asyncio.timeout(timeout_seconds):
            return await self._queue.get()


class Hub:
    """Subscriptions by what they follow: an order's id or a pool's."""

    def __init__(self, *, clients_max: int, queue_events: int) -> None:
        self._clients_max = clients_max
        self._queue_events = queue_events
        self._followers: dict[tuple[str, str], set[Subscription]] = {}
        self._closed = False
        self.clients = 0
        self.dropped = 0

    def is_full(self) -> bool:
        """Tell whether no more clients are taken."""
        return self._closed or self.clients >= self._clients_max

    @contextmanager
    def follow(self, kind: str, identity: str) -> Iterator[Subscription]:
        """Subscribe to an `order` or a `pool`."""
        subscription = Subscription(self._queue_events)
        followers = self._followers.setdefault((kind, identity), set())
        followers.add(subscription)
        self.clients += 1
        try:
            yield subscription
        finally:
            self.clients -= 1
            followers.discard(subscription)
            if not followers and self._followers.get((kind, identity)) is followers:
                del self._followers[kind, identity]

    def publish(self, notices: Iterable[Notice]) -> None:
        """Hand updates to their followers."""
        if not self._followers:
            return
        for notice in notices:
            for key in (("pool", notice.pool), *(("order", order_id) for order_id in notice.orders)):
                for follower in self._followers.get(key, ()):
                    was_ended = follower.ended
                    follower.put(notice)
                    self.dropped += follower.ended and not was_ended

    def close(self) -> None:
        """End all streams, because the server stops."""
        self._closed = True
        for followers in self._followers.values():
            for follower in followers:
                follower.end()
