"""Requests that come when the views have all that the worker has told, so that tests may read what they wrote."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from api.services import Services
from tests.support.mini_worker import MiniWorker

_LONGEST_SECONDS = 10.0


class AfterViews:
    """An answer waits for its own command only, and one command is told in several topics.

    So a test that posts and then reads another view would be right on most machines, on most days.
    """

    def __init__(self, app: ASGIApp, worker: MiniWorker, services: Services) -> None:
        self._app = app
        self._worker = worker
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith("/health"):
            # A test of views that are late asks too, and is not kept for ever.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._caught_up(), _LONGEST_SECONDS)
        await self._app(scope, receive, send)

    async def _caught_up(self) -> None:
        while self._worker.deciding or self._is_behind():  # noqa: ASYNC110 # Told by two threads.
            await asyncio.sleep(0.005)

    def _is_behind(self) -> bool:
        read = self._services.consumer._next
        topics = self._services.consumer._topics
        return any(read.get(place, 0) < end for place, end in self._worker.told.items() if place[0] in topics)
