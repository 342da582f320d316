"""Page Now: what goes on in a pool, live."""

from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use, Who
from api.route import router
from api.routes.events import check_room, event_stream
from api.security import ALL_POOLS, Principal, Scope, needs
from api.web.live import moments
from api.web.now_screen import Reader, Screen, changes
from api.web.render import page, zone_of

routes = router(tag="pages", prefix="/p/{pool}/now")

_TURN_SECONDS = 1.0


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
    return event_stream(moments(services, pool, lambda: screen.shown(reader), changes, _TURN_SECONDS))


def _screen_of(request: Request) -> Screen:
    """All viewers of this process share one."""
    screen: Screen = request.app.state.screen
    return screen


def _reader_of(request: Request, pool: str, who: Principal) -> Reader:
    everywhere = ALL_POOLS in who.pools and who.may(Scope.DEAD_LETTERS)
    return Reader(pool, zone_of(request), everywhere)
