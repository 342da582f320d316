"""Live streams by server-sent events: resumed by `Last-Event-ID`, reset when that is too old."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Header
from starlette.responses import Response, StreamingResponse

from api.context import OrderId, PoolId, Use, Who
from api.present import encode, present_update, update_of
from api.problems import Problem
from api.route import router
from api.routes.orders import shown_order
from api.schemas import responses
from api.security import Principal, Scope, needs
from api.services import Services
from api.views.hub import Subscription
from api.views.queries import StoredUpdate
from models.partition import partition_of

routes = router(tag="events", prefix="/v1/pools/{pool}")

_REPLAY_PAGE = 200
# Then the client comes again with its last event id, and its key is looked at again.
_STREAM_SECONDS = 900.0
HEARTBEAT = b": heartbeat\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_POOL_EVENT_ID = re.compile(r"(\d{1,6}):(\d{1,18}):(\d{1,9})")
LastEventId = Annotated[str | None, Header(max_length=60, description="The id of the last event that was seen")]
Position = tuple[int, int]


@routes.get("/orders/{order_id}/events", response_class=StreamingResponse, responses=responses.STREAM)
@needs(Scope.ORDERS_READ)
async def follow_order(
    pool: PoolId, order_id: OrderId, services: Use, who: Who, last_event_id: LastEventId = None
) -> Response:
    """What happens to an order, as it happens. An event's id is the order's version; begins with a `snapshot`."""
    check_room(services)
    shown_order(services, who, pool, order_id)
    seen = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else None
    return event_stream(_order_events(services, who, pool, order_id, seen))


@routes.get("/events", response_class=StreamingResponse, responses=responses.STREAM)
@needs(Scope.ORDERS_READ)
async def follow_pool(pool: PoolId, services: Use, last_event_id: LastEventId = None) -> Response:
    """Every command's outcome in a pool, as it happens. An event's id is `partition:offset:index` of the command."""
    check_room(services)
    return event_stream(_pool_events(services, pool, last_event_id))


async def _order_events(
    services: Services, who: Principal, pool: str, order_id: str, seen: int | None
) -> AsyncIterator[bytes]:
    views = services.views
    # Followed before the past is read, so that nothing falls between.
    with services.hub.follow("order", order_id) as live:
        if seen is None or not views.has_order_version(pool, order_id, seen):
            if seen is not None:
                yield _event("reset", {"detail": "The events after your last one are gone: begin from the snapshot."})
            order = shown_order(services, who, pool, order_id)
            seen = int(order["version"])
            yield _event("snapshot", order, str(seen))
        while page := await views.order_updates_after(pool, order_id, seen, _REPLAY_PAGE):
            for update in page:
                yield _update_event(update.body, str(update.order_version))
            seen = page[-1].order_version
        async for notice in live_notices(services, live):
            if notice is None:
                yield HEARTBEAT
            elif notice.orders[order_id] > seen:
                seen = notice.orders[order_id]
                yield _update_event(notice.body, str(seen))


async def _pool_events(services: Services, pool: str, last_event_id: str | None) -> AsyncIterator[bytes]:
    views, partition = services.views, partition_of(pool)
    with services.hub.follow("pool", pool) as live:
        found = _position_of(last_event_id, partition)
        if found is not None and views.has_position(partition, found):
            seen = found
        else:
            seen = views.last_position(partition)
            name = "reset" if last_event_id is not None else "begin"
            detail = {"detail": "Events begin here; read what was before from `snapshot`."}
            place = StoredUpdate(partition, max(seen[0], 0), max(seen[1], 0), 0, b"")
            yield _event(name, detail | {"snapshot": f"/v1/pools/{pool}/orders"}, _pool_event_id(place))
        while page := await views.pool_updates_after(pool, partition, seen, _REPLAY_PAGE):
            for update in page:
                yield _update_event(update.body, _pool_event_id(update))
            seen = page[-1].offset, page[-1].index
        async for notice in live_notices(services, live):
            if notice is None:
                yield HEARTBEAT
            elif (notice.offset, notice.index) > seen:
                seen = notice.offset, notice.index
                yield _update_event(notice.body, f"{notice.partition}:{notice.offset}:{notice.index}")


async def live_notices(services: Services, live: Subscription) -> AsyncIterator[Any]:
    """Give what comes, None for a silence, and end with the subscription."""
    loop = asyncio.get_running_loop()
    end_at = loop.time() + _STREAM_SECONDS
    while loop.time() < end_at:
        try:
            notice = await live.next(services.settings.sse_heartbeat_seconds)
        except TimeoutError:
            yield None
            continue
        if notice is None:
            return
        yield notice


def _update_event(body: bytes, identity: str) -> bytes:
    update = update_of(body)
    return _event(update.command, present_update(update), identity)


def _event(name: str, content: Any, identity: str = "") -> bytes:
    head = f"event: {name}\n" + (f"id: {identity}\n" if identity else "")
    # JSON has no line ends of its own, so one data line holds it.
    return head.encode() + b"data: " + encode(content) + b"\n\n"


def _pool_event_id(update: StoredUpdate) -> str:
    return f"{update.partition}:{update.offset}:{update.index}"


def _position_of(event_id: str | None, partition: int) -> Position | None:
    found = _POOL_EVENT_ID.fullmatch(event_id or "")
    if found is None or int(found[1]) != partition:
        return None
    return int(found[2]), int(found[3])


def check_room(services: Services) -> None:
    """Refuse one stream too many.

    Raises:
        Problem: 503.
    """
    if services.hub.is_full():
        detail = "As many streams are open as this server takes: try again later, or another server."
        raise Problem(503, "streams_full", detail, headers={"Retry-After": "5"})


def event_stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    """Answer with events for as long as they come."""
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)
