"""Page Connections: whom something is sent to, how each does, what waits for it, and what to do about it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import PoolId, Use, Who, services_of
from api.exchange.outbox.connection import Connection
from api.exchange.outbox.target import ACCOUNT, WEBHOOK
from api.forms import form_of
from api.problems import Problem
from api.route import router
from api.routes.accounts import AccountName, end_account
from api.routes.connections import DeliveryId, Kind, Name, change, connection_of, living, send_again
from api.security import Scope, needs
from api.services import Services
from api.web.incoming import incoming_of
from api.web.render import page

routes = router(tag="pages", prefix="/p/{pool}/connections")
_ONE = "/{kind}/{name}"
_SHOWN = 50
_REASON_MAX = 300
_DONE = {
    "pause": "Paused: nothing is sent, and what comes is kept.",
    "resume": "It goes on.",
    "reset": "The breaker is closed, and what waits is tried now.",
    "redeliver": "It is sent again.",
    "test": "A test event is on its way.",
    "remove": "The account is removed. Take it out of connectors.yaml too, or it is set up anew when that is applied.",
}


@routes.get("", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def connections_page(request: Request, pool: PoolId, services: Use) -> Response:
    """All of them."""
    shown: dict[str, Any] = {
        "connections": services.outbox.connections(pool, services.now_ms()),
        "removed": services.outbox.removed(pool, services.now_ms()),
        "done": _done(request),
    }
    return page(request, "connections/connections.html", **shown)


@routes.get(_ONE, include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def connection_page(request: Request, pool: PoolId, kind: Kind, name: Name) -> Response:
    """One, with its newest deliveries and what was found changed at a channel."""
    services = services_of(request)
    return _page(request, services, connection_of(services, pool, kind, name))


@routes.post(_ONE + "/pause", include_in_schema=False)
@routes.post(_ONE + "/resume", include_in_schema=False)
@routes.post(_ONE + "/reset", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def change_connection(
    request: Request, pool: PoolId, kind: Kind, name: Name, services: Use, who: Who
) -> Response:
    """Send nothing until somebody resumes it, let it go on, or close the breaker and try what waits now."""
    one, step = living(services, pool, kind, name), request.url.path.rpartition("/")[2]
    await change(services, one, step, who.actor)
    return _back(one, step)


@routes.post(_ONE + "/test", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def test(pool: PoolId, kind: Kind, name: Name, services: Use, who: Who) -> Response:
    """Send a webhook a test event."""
    one = living(services, pool, kind, name)
    if not one.target.startswith(WEBHOOK):
        raise Problem(409, "not_a_webhook", "Only webhooks are sent a test: an account is told of what happens.")
    await services.in_control(lambda: services.outbox.test(one, actor=who.actor, now_ms=services.now_ms()))
    return _back(one, "test")


@routes.post(_ONE + "/deliveries/{delivery_id}/redeliver", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def redeliver(pool: PoolId, kind: Kind, name: Name, delivery_id: DeliveryId, services: Use, who: Who) -> Response:
    """Send a delivery again."""
    one = living(services, pool, kind, name)
    await send_again(services, one, delivery_id, who.actor)
    return _back(one, "redeliver")


@routes.post("/account/{account}/remove", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def remove(request: Request, pool: PoolId, account: AccountName, services: Use, who: Who) -> Response:
    """Remove an account, once its name is typed and a reason is given."""
    one, form = living(services, pool, "account", account), await form_of(request)
    reason, drop_pending = form.get("reason", ""), form.get("drop_pending", "") == "yes"
    if form.get("name", "") != account:
        return _page(request, services, one, f"Type {account} to remove it: nothing was changed.", form)
    if not 1 <= len(reason) <= _REASON_MAX:
        fault = f"Say why, in up to {_REASON_MAX} characters, for the audit log: nothing was changed."
        return _page(request, services, one, fault, form)
    try:
        await end_account(services, pool, account, drop_pending=drop_pending, actor=who.actor, reason=reason)
    except Problem as problem:
        if problem.code != "deliveries_pending":
            raise
        fault = f"{one.pending} deliveries wait for it: wait until they are sent, or say that they are to stay unsent."
        return _page(request, services, one, fault, form)
    return RedirectResponse(f"/p/{pool}/connections?done=remove", 303)


def _page(
    request: Request, services: Services, one: Connection, fault: str = "", form: Mapping[str, str] | None = None
) -> Response:
    deliveries = services.outbox.deliveries(one.target, limit=_SHOWN)
    account = one.target.removeprefix(ACCOUNT) if one.target.startswith(ACCOUNT) else ""
    shown: dict[str, Any] = {
        "one": one,
        "read": [read for read in services.exchange.cursors.all() if account and read.account == account],
        "deliveries": deliveries,
        "attempts": {row.delivery_id: services.outbox.attempts(row.delivery_id, 5) for row in deliveries},
        "edits": services.outbox.channel_edits(one.target, _SHOWN),
        "is_webhook": one.target.startswith(WEBHOOK),
        "account": account,
        "incoming": incoming_of(request, services, account),
        "done": _done(request),
        "fault": fault,
        "form": form or {},
    }
    return page(request, "connections/connection.html", status=422 if fault else 200, **shown)


def _done(request: Request) -> str:
    return _DONE.get(request.query_params.get("done", ""), "")


def _back(one: Connection, done: str) -> Response:
    return RedirectResponse(f"/p/{one.pool}/connections/{one.target}?done={done}", 303)
