"""Pages that follow what happens: of each moment only what reads otherwise than the one before is sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeVar

from api.routes.events import HEARTBEAT
from api.services import Services
from api.views.hub import Subscription

Moment = TypeVar("Moment")
_STREAM_SECONDS = 900.0
_QUIET_SECONDS = 15.0


def morphs(page: str, seen: Mapping[str, str], shown: Mapping[str, str]) -> bytes:
    """Give the event that brings the parts of a page from one moment to another; nothing when they read the same.

    A part stands in the element `PAGE-PART`. It is morphed, so that whatever has the focus keeps it.
    """
    changed = [
        f'<hx-partial hx-target="#{page}-{name}" hx-swap="innerMorph">{text}</hx-partial>'
        for name, text in shown.items()
        if seen.get(name) != text
    ]
    lines = "".join(f"data: {line}\n" for line in "\n".join(changed).splitlines())
    return f"{lines}\n".encode() if lines else b""


async def moments(
    services: Services,
    pool: str,
    find: Callable[[], Awaitable[Moment]],
    changes: Callable[[Moment | None, Moment], bytes],
    turn_seconds: float,
) -> AsyncIterator[bytes]:
    """Give what changes, moment by moment, until the stream has run long enough or the server stops."""
    loop = asyncio.get_running_loop()
    end_at = loop.time() + _STREAM_SECONDS
    seen, said_at = None, loop.time()
    # Nothing is published to it: it counts the viewer, and ends when the server stops.
    with services.hub.follow("page", pool) as ending:
        while loop.time() < end_at:
            shown = await find()
            event = changes(seen, shown)
            if event or loop.time() - said_at >= _QUIET_SECONDS:
                yield event or HEARTBEAT
                said_at = loop.time()
            seen = shown
            if await _has_ended(ending, turn_seconds):
                return


async def _has_ended(ending: Subscription, seconds: float) -> bool:
    try:
        await ending.next(seconds)
    except TimeoutError:
        return False
    return True
