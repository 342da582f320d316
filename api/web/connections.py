"""Page Connections: whom something is sent to, how each does, what waits for it, and what to do about it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import PoolId, Use, Who, services_of
from api.exchange.outbox.control import Connection
from api.exchange.outbox.target import WEBHOOK
from api.problems import Problem
from api.route import router
from api.routes.connections import DeliveryId, Kind, Name, change, connection_of
from api.security import Scope, needs
from api.web.render import page

routes = router(tag="pages", prefix="/p/{pool}/connections")
_ONE = "/{kind}/{name}"
_SHOWN = 50
_DONE = {
    "pause": "Paused: nothing is sent, and what comes is kept.",
    "resume": "It goes on.",
    "reset": "The breaker is closed, and what waits is tried now.",
    "redeliver": "It is sent again.",
    "test": "A test event is on its way.",
}


@routes.get("", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def connections_page(request: Request, pool: PoolId, services: Use) -> Response:
    """All of them."""
    found = services.outbox.connections(pool, services.now_ms())
    return page(request, "connections/connections.html", connections=found)


@routes.get(_ONE, include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def connection_page(request: Request, pool: PoolId, kind: Kind, name: Name) -> Response:
    """One, with its newest deliveries and what was found changed at a channel."""
    services = services_of(request)
    one = connection_of(services, pool, kind, name)
    deliveries = services.outbox.deliveries(one.target, limit=_SHOWN)
    shown: dict[str, Any] = {
        "one": one,
        "deliveries": deliveries,
        "attempts": {row.delivery_id: services.outbox.attempts(row.delivery_id, 5) for row in deliveries},
        "edits": services.outbox.channel_edits(one.target, _SHOWN),
        "is_webhook": one.target.startswith(WEBHOOK),
        "done": _DONE.get(request.query_params.get("done", ""), ""),
    }
    return page(request, "connections/connection.html", **shown)


@routes.post(_ONE + "/pause", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def pause(pool: PoolId, kind: Kind, name: Name, services: Use, who: Who) -> Response:
    """Send nothing until somebody resumes it."""
    one = connection_of(services, pool, kind, name)
    await change(services, one, "pause", who.actor)
    return _back(one, "pause")


@routes.post(_ONE + "/resume", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def resume(pool: PoolId, kind: Kind, name: Name, services: Use, who: Who) -> Response:
    """Let it go on."""
    one = connection_of(services, pool, kind, name)
    await change(services, one, "resume", who.actor)
    return _back(one, "resume")


@routes.post(_ONE + "/reset", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def reset(pool: PoolId, kind: Kind, name: Name, services: Use, who: Who) -> Response:
    """Close the breaker and try what waits now."""
    one = connection_of(services, pool, kind, name)
    await change(services, one, "reset", who.actor)
    return _back(one, "reset")


@routes.post(_ONE + "/test", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def test(pool: PoolId, kind: Kind, name: Name, services: Use, who: Who) -> Response:
    """Send a webhook a test event."""
    one = connection_of(services, pool, kind, name)
    if not one.target.startswith(WEBHOOK):
        raise Problem(409, "not_a_webhook", "Only webhooks are sent a test: an account is told of what happens.")
    await services.in_control(lambda: services.outbox.test(one, actor=who.actor, now_ms=services.now_ms()))
    return _back(one, "test")


@routes.post(_ONE + "/deliveries/{delivery_id}/redeliver", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def redeliver(pool: PoolId, kind: Kind, name: Name, delivery_id: DeliveryId, services: Use, who: Who) -> Response:
    """Send a delivery again."""
    one = connection_of(services, pool, kind, name)

    def again() -> bool:
        return services.outbox.redeliver(one, delivery_id, actor=who.actor, now_ms=services.now_ms())

    if not await services.in_control(again):
        raise Problem(404, "delivery_unknown", "This delivery cannot be sent again, or is not there any more.")
    return _back(one, "redeliver")


def _back(one: Connection, done: str) -> Response:
    return RedirectResponse(f"/p/{one.pool}/connections/{one.target}?done={done}", 303)
