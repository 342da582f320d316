"""Page Now: what goes on in a pool, live. Of each moment only what differs from the one before is sent."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use, Who
from api.route import router
from api.routes.events import HEARTBEAT, check_room, event_stream
from api.security import ALL_POOLS, Principal, Scope, needs
from api.services import Services
from api.views.hub import Subscription
from api.web.now_screen import Reader, Screen, Shown, changes
from api.web.render import page, zone_of

routes = router(tag="pages", prefix="/p/{pool}/now")

_STREAM_SECONDS = 900.0
_TURN_SECONDS = 1.0
_QUIET_TURNS = 15


@routes.get("", include_in_schema=False)
@needs(Scope.ORDERS_READ)
async def now_page(request: Request, pool: PoolId, who: Who) -> Response:
    """What goes on in the pool."""
    shown = await _screen_of(request).shown(_reader_of(request, pool, who))
    return page(request, "now/now.html", shown=shown)


@routes.get("/live", include_in_schema=False)
@needs(Scope.ORDERS_READ)
async def follow_now(request: Request, pool: PoolId, services: Use, who: Who) -> Response:
    """Parts of the page whenever they change."""
    check_room(services)
    screen, reader = _screen_of(request), _reader_of(request, pool, who)
    # A pool that is not there is refused before the stream begins.
    await screen.shown(reader)
    return event_stream(_moments(services, screen, reader))


async def _moments(services: Services, screen: Screen, reader: Reader) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    end_at = loop.time() + _STREAM_SECONDS
    seen, quiet = Shown(), 0
    # Nothing is published to it: it counts the viewer, and ends when the server stops.
    with services.hub.follow("page", reader.pool) as ending:
        while loop.time() < end_at:
            shown = await screen.shown(reader)
            event = changes(seen, shown)
            quiet = 0 if event else quiet + 1
            if event or quiet % _QUIET_TURNS == 0:
                yield event or HEARTBEAT
            seen = shown
            if await _has_ended(ending):
                return


async def _has_ended(ending: Subscription) -> bool:
    try:
        await ending.next(_TURN_SECONDS)
    except TimeoutError:
        return False
    return True


def _screen_of(request: Request) -> Screen:
    """All viewers of this process share one."""
    screen: Screen = request.app.state.screen
    return screen


def _reader_of(request: Request, pool: str, who: Principal) -> Reader:
    everywhere = ALL_POOLS in who.pools and who.may(Scope.DEAD_LETTERS)
    return Reader(pool, zone_of(request), everywhere)
