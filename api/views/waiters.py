"""Requests that wait for what a command does: woken from the consumer, after the view is on record."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from api.views.rows import Changes, Notice

RowKey = tuple[str, ...]
RowPosition = tuple[int, ...]


class Waiters:
    """Futures by command and by row; nothing is kept for whom nobody waits."""

    def __init__(self) -> None:
        self._commands: dict[str, list[asyncio.Future[Notice]]] = {}
        self._rows: dict[RowKey, list[tuple[RowPosition, asyncio.Future[None]]]] = {}

    @contextmanager
    def command(self, command_id: str) -> Iterator["asyncio.Future[Notice]"]:
        """Give the future of a command's update; enter before it is sent."""
        future: asyncio.Future[Notice] = asyncio.get_running_loop().create_future()
        self._commands.setdefault(command_id, []).append(future)
        try:
            yield future
        finally:
            waiting = self._commands.get(command_id, [])
            if future in waiting:
                waiting.remove(future)
            if not waiting:
                self._commands.pop(command_id, None)

    @contextmanager
    def row(self, key: RowKey, position: RowPosition) -> Iterator["asyncio.Future[None]"]:
        """Give the future of a row at a position or later; enter before looking whether it is there."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (position, future)
        self._rows.setdefault(key, []).append(entry)
        try:
            yield future
        finally:
            waiting = self._rows.get(key, [])
            if entry in waiting:
                waiting.remove(entry)
            if not waiting:
                self._rows.pop(key, None)

    def committed(self, changes: Changes) -> None:
        """Wake those whose command or row is on record now."""
        if self._commands:
            for notice in changes.notices:
                self._wake_command(notice)
        if self._rows:
            for key, position in changes.positions.items():
                self._wake_row(key, position)

    def _wake_command(self, notice: Notice) -> None:
        for future in self._commands.pop(notice.command_id, ()):
            if not future.done():
                future.set_result(notice)

    def _wake_row(self, key: RowKey, position: RowPosition) -> None:
        for wanted, future in self._rows.get(key, ()):
            if position >= wanted and not future.done():
                future.set_result(None)
