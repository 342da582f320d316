"""The page of an order: the whole story, and one sentence that says why it stands. It follows the order live."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.context import OrderId, PoolId, Use, Who
from api.problems import Problem
from api.route import router
from api.routes.events import HEARTBEAT, check_room, event_stream, live_notices
from api.routes.orders import visible_order
from api.security import Scope, needs
from api.services import Services
from api.web.bodies import attempt_of, units_of
from api.web.order_facts import order_context, refund_of
from api.web.render import fragment, page

routes = router(tag="pages", prefix="/p/{pool}/orders/{order_id}")
_SETTLE_SECONDS = 2.0
_DONE = {
    "hold": "The order is held.",
    "release": "The hold is released.",
    "cancel": "The units are cancelled.",
    "reroute": "Locations were chosen anew.",
    "move": "The units are where you named.",
    "accept": "Accepted.",
    "reject": "Rejected: its units are routed again.",
    "pick": "Picked.",
    "pack": "Packed.",
    "merge": "They leave in one parcel.",
    "ready": "It lies ready, and the customer can be told.",
    "ship": "The parcel is on its way.",
    "collect": "The customer has it.",
    "answer-cancellation": "The answer is on record.",
    "edit": "The order is changed.",
    "tracking": "The tracking is on record.",
    "scan": "What the carrier says is on record.",
    "deliver": "The parcel has arrived.",
    "lose": "The parcel is lost.",
    "return": "The parcel is back.",
    "accepted": "It is on record and not decided yet: this page shows what it did as soon as it is.",
}


def done_text(done: str) -> str:
    """Say what an action did; nothing for what is not one."""
    return _DONE.get(done, "")


@routes.get("", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def order_page(
    request: Request, pool: PoolId, order_id: OrderId, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """An order."""
    context = await order_context(request, pool, order_id)
    return page(request, "order/order.html", **context, done=done_text(done), opened="")


@routes.get("/actions", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def order_actions(request: Request, pool: PoolId, order_id: OrderId) -> Response:
    """What can be done with the order as it stands now."""
    context = await order_context(request, pool, order_id)
    return fragment(request, "order/actions.html", **context, opened="")


@routes.get("/cancel", include_in_schema=False)
@needs(Scope.ORDERS_WRITE)
async def preview_refund(request: Request, pool: PoolId, order_id: OrderId) -> Response:
    """What cancelling these units would give back: a fragment, or the page with its form open."""
    form = dict(request.query_params)
    context = await order_context(request, pool, order_id)
    try:
        context["refund"] = refund_of(context["order"], units_of(form))
    except Problem as problem:
        context["attempt"] = attempt_of("cancel", form, problem)
    if "hx-request" in request.headers:
        return fragment(request, "order/refund.html", **context)
    asked = {"form": form, "done": "", "opened": "cancel"}
    return page(request, "order/order.html", **context | asked)


@routes.get("/live", include_in_schema=False)
@needs(Scope.ORDERS_READ, located=True)
async def follow_order_page(
    request: Request,
    pool: PoolId,
    order_id: OrderId,
    services: Use,
    who: Who,
    version: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The parts of the page that change, each time the order does."""
    check_room(services)
    visible_order(services, who, pool, order_id)
    return event_stream(_changes(request, services, pool, order_id, version))


async def _changes(request: Request, services: Services, pool: str, order_id: str, seen: int) -> AsyncIterator[bytes]:
    with services.hub.follow("order", order_id) as live:
        row = services.views.order(pool, order_id)
        if row is not None and row[0] > seen:
            yield await _parts(request, pool, order_id)
        async for notice in live_notices(services, live):
            if notice is None:
                yield HEARTBEAT
                continue
            await _settled(services, pool, order_id, notice.orders[order_id])
            yield await _parts(request, pool, order_id)


async def _settled(services: Services, pool: str, order_id: str, version: int) -> None:
    """Wait for the row, which is of another topic than the notice and may be later."""
    row = services.views.order(pool, order_id)
    if row is not None and row[0] >= version:
        return
    with services.waiters.row(("order", order_id), (version,)) as future:
        await asyncio.wait([future], timeout=_SETTLE_SECONDS)


async def _parts(request: Request, pool: str, order_id: str) -> bytes:
    context: dict[str, Any] = await order_context(request, pool, order_id)
    text = bytes(fragment(request, "order/parts.html", **context).body).decode()
    lines = "".join(f"data: {line}\n" for line in text.splitlines() if line.strip())
    return f"id: {context['order'].version}\n{lines}\n".encode()
