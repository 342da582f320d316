"""What goes out, by whom it is for: how each does, its deliveries with their log, and what a person does about them."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.exchange.outbox.connection import Connection
from api.exchange.outbox.replaying import replay_from
from api.exchange.outbox.rows import Delivery
from api.pages import Cursor, Limit, cursor_of, decode_cursor
from api.present import iso
from api.problems import Problem
from api.route import router
from api.schemas import responses
from api.schemas import webhooks as out
from api.schemas.base import ms_of
from api.security import Scope, needs
from api.services import Services

routes = router(tag="connections", prefix="/v1/pools/{pool}/connections")
_ONE = "/{kind}/{name}"
Kind = Annotated[Literal["account", "webhook", "mail"], Path()]
Name = Annotated[str, Path(min_length=1, max_length=80)]
DeliveryId = Annotated[str, Path(min_length=1, max_length=80)]
StateName = Annotated[Literal["", "pending", "done", "refused", "skipped"], Query(description="Only in this state")]


@routes.get("", response_model=out.ConnectionsOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def list_connections(pool: PoolId, services: Use) -> Response:
    """Accounts and webhooks with their state, what waits for them, and the last error."""
    found = services.outbox.connections(pool, services.now_ms())
    removed = services.outbox.removed(pool, services.now_ms())
    return answer({"connections": [_shown(one) for one in found], "removed": [_shown(one) for one in removed]})


@routes.get(_ONE + "/deliveries", response_model=out.DeliveriesOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def list_deliveries(
    pool: PoolId,
    kind: Kind,
    name: Name,
    services: Use,
    *,
    state: StateName = "",
    order_id: Annotated[str, Query(max_length=60)] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Deliveries, the newest first."""
    one = connection_of(services, pool, kind, name)
    before = decode_cursor(cursor, int)
    found = services.outbox.deliveries(one.target, state=state, order_id=order_id, before=before, limit=limit + 1)
    more = cursor_of(found[limit - 1].sequence) if len(found) > limit else None
    return answer({"deliveries": [_delivery(row) for row in found[:limit]], "next_cursor": more})


@routes.get(_ONE + "/deliveries/{delivery_id}", response_model=out.AttemptedOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def read_delivery(pool: PoolId, kind: Kind, name: Name, delivery_id: DeliveryId, services: Use) -> Response:
    """A delivery with the log of its attempts."""
    one = connection_of(services, pool, kind, name)
    row = services.outbox.delivery(one.target, delivery_id)
    if row is None:
        raise _no_delivery(delivery_id)
    log = [
        {"at": iso(done.at_ms)} | {name: getattr(done, name) for name in done.__struct_fields__ if name != "at_ms"}
        for done in services.outbox.attempts(delivery_id)
    ]
    return answer(_delivery(row) | {"log": log})


@routes.post(_ONE + "/deliveries/{delivery_id}/redeliver", response_model=out.TestedOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def redeliver(pool: PoolId, kind: Kind, name: Name, delivery_id: DeliveryId, services: Use, who: Who) -> Response:
    """Send a delivery again under its own id, or try one that waits now."""
    await send_again(services, living(services, pool, kind, name), delivery_id, who.actor)
    return answer({"delivery_id": delivery_id})


@routes.post(_ONE + "/replay", response_model=out.ReplayedOut, responses=responses.WRITES)
@needs(Scope.CONNECTIONS_WRITE)
async def replay(pool: PoolId, kind: Kind, name: Name, body: out.ReplayIn, services: Use, who: Who) -> Response:
    """Send all events since a time again, as far back as the history goes; each has the id that it had."""
    one = living(services, pool, kind, name)
    count = await replay_from(services, one, ms_of(body.since), actor=who.actor)
    return answer({"connection": one.target, "deliveries": count})


@routes.post(_ONE + "/{step}", response_model=out.DoneOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def change_connection(
    pool: PoolId,
    kind: Kind,
    name: Name,
    step: Annotated[Literal["pause", "resume", "reset"], Path()],
    services: Use,
    who: Who,
) -> Response:
    """Pause, resume, or close the breaker and try everything now. What waits is kept meanwhile."""
    one = living(services, pool, kind, name)
    return answer({"connection": one.target, "done": await change(services, one, step, who.actor)})


async def change(services: Services, one: Connection, step: str, actor: str) -> bool:
    """Pause, resume or reset a connection; False where it is so already."""

    def pause_or_resume() -> bool:
        return services.outbox.pause(one, paused=step == "pause", actor=actor, now_ms=services.now_ms())

    def reset() -> bool:
        services.outbox.reset(one, actor=actor, now_ms=services.now_ms())
        return True

    return await services.in_control(reset if step == "reset" else pause_or_resume)


async def send_again(services: Services, one: Connection, delivery_id: str, actor: str) -> None:
    """Send a delivery again under its own id.

    Raises:
        Problem: 404.
    """

    def again() -> bool:
        return services.outbox.redeliver(one, delivery_id, actor=actor, now_ms=services.now_ms())

    if not await services.in_control(again):
        raise _no_delivery(delivery_id)


def living(services: Services, pool: str, kind: str, name: str) -> Connection:
    """Give a connection of the pool to which something may be sent.

    Raises:
        Problem: 404, or 409 where only its log is left.
    """
    one = connection_of(services, pool, kind, name)
    if one.removed_at_ms is not None:
        raise Problem(409, "account_removed", "This account is removed, and nothing is sent to it: its log is kept.")
    return one


def connection_of(services: Services, pool: str, kind: str, name: str) -> Connection:
    """Give a connection of the pool.

    Raises:
        Problem: 404.
    """
    found = services.outbox.find(pool, f"{kind}/{name}", services.now_ms())
    if found is None:
        raise Problem(404, "connection_unknown", f"There is no {kind} {name!r} here: GET the list to see which are.")
    return found


def _no_delivery(delivery_id: str) -> Problem:
    return Problem(
        404, "delivery_unknown", f"There is no delivery {delivery_id!r} here that can be sent again, or none any more."
    )


def _shown(one: Connection) -> dict[str, Any]:
    return {
        "connection": one.target,
        "title": one.title,
        "is_live": one.is_live,
        "paused_at": _iso(one.paused_at_ms),
        "disabled_why": one.disabled_why,
        "breaker": one.breaker.state,
        "retry_at": _iso(one.breaker.retry_at_ms or None),
        "pending": one.pending,
        "oldest_at": _iso(one.oldest_at_ms),
        "refused": one.refused,
        "last_error": one.last_error,
        "last_error_at": _iso(one.last_error_at_ms),
        "last_done_at": _iso(one.last_done_at_ms),
        "removed_at": _iso(one.removed_at_ms),
    }


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": row.delivery_id,
        "event_id": row.event_id,
        "kind": row.kind,
        "type": row.event_type,
        "order_id": row.order_id or None,
        "state": row.state,
        "attempts": row.attempts,
        "number": row.number,
        "reference": row.reference,
        "note": row.note,
        "occurred_at": iso(row.occurred_at_ms),
        "created_at": iso(row.created_at_ms),
        "due_at": iso(row.due_at_ms) if row.state == "pending" else None,
        "ended_at": _iso(row.ended_at_ms),
    }


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)
