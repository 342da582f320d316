"""Orders: place, reserve, change, read."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from api.actions import with_actions
from api.answers import accepted, answer, applied, replay_header
from api.context import OrderId, PoolId, Use, Who
from api.located import part_of
from api.pages import Cursor, Limit, cursor_of, decode_cursor
from api.personal import open_personal, sealed_customer
from api.present import order_of, present_order, present_update, update_of
from api.problems import Problem
from api.route import router
from api.schemas import out, responses
from api.schemas.base import Envelope
from api.schemas.content import ContentIn, OrderIn, ReservationIn
from api.schemas.orders import CancelIn, HoldIn, MoveIn, ReleaseIn, RerouteIn
from api.schemas.out_lists import OrdersOut
from api.schemas.out_orders import OrderOut
from api.search import Searching, present_hits
from api.security import Principal, Scope, needs
from api.services import Services
from api.submit import Ask, Asking, Outcome
from api.views.listing import Place
from models.commands import Command
from models.records.order import Order

routes = router(tag="orders", prefix="/v1/pools/{pool}")
_WRITE: dict[str, Any] = {"responses": responses.WRITES, "response_model": OrderOut}


@routes.post("/orders", status_code=201, **_WRITE)
@needs(Scope.ORDERS_WRITE)
async def place_order(pool: PoolId, body: OrderIn, ask: Asking) -> Response:
    """Take an order: 201 with the routed order, or 202 when it is on record and not yet routed.

    Without an `Idempotency-Key`, channel, external_id and source_version are the key.
    """
    return await take(pool, body, ask)


@routes.post("/reservations", status_code=201, **_WRITE)
@needs(Scope.ORDERS_WRITE)
async def reserve_order(pool: PoolId, body: ReservationIn, ask: Asking) -> Response:
    """Locate an order that expires unless the same is placed in time."""
    return await take(pool, body, ask)


@routes.get("/orders", response_model=OrdersOut, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def list_orders(
    pool: PoolId, services: Use, who: Who, search: Searching, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The newest orders first; `next_cursor` leads to the older ones. `q` is looked for among numbers, SKUs, tracking
    numbers and postcodes, and among names, e-mails and phone numbers for keys with customers:read.
    """
    after = decode_cursor(cursor, Place)
    rows = await services.views.orders(pool, search.filter, after=after, limit=limit + 1)
    orders = [
        present_order(order, open_personal(services, who, order))
        for order in (part_of(who, order_of(row.body)) for row in rows[:limit])
        if order is not None
    ]
    more = cursor_of(rows[limit - 1].place) if len(rows) > limit else None
    return answer({"orders": orders, "next_cursor": more, "found_as": present_hits(search)})


@routes.get("/orders/{order_id}", response_model=OrderOut, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def read_order(pool: PoolId, order_id: OrderId, services: Use, who: Who) -> Response:
    """An order as it stands, closed ones too; personal data is opened for keys with customers:read.

    `actions` are what whoever asks may do with it now, of the order and of each fulfillment and parcel.
    """
    return answer(shown_order(services, who, pool, order_id))


@routes.get("/orders/{order_id}/history", response_model=out.HistoryOut, responses=responses.READS)
@needs(Scope.ORDERS_READ)
async def read_history(
    pool: PoolId, order_id: OrderId, services: Use, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Every command on the order, oldest first: events, who, why, and how it was routed."""
    after = decode_cursor(cursor, tuple[int, int]) or (-1, -1)
    rows = await services.views.history(pool, order_id, after=after, limit=limit + 1)
    if not rows and services.views.order(pool, order_id) is None:
        raise order_unknown(order_id)
    updates = [update_of(row) for row in rows[:limit]]
    last = updates[-1] if updates else None
    more = cursor_of((last.offset, last.index)) if last is not None and len(rows) > limit else None
    return answer({"updates": [present_update(update) for update in updates], "next_cursor": more})


@routes.post("/orders/{order_id}/cancel", **_WRITE)
@needs(Scope.ORDERS_WRITE)
async def cancel_order(pool: PoolId, order_id: OrderId, body: CancelIn, ask: Asking) -> Response:
    """Cancel units that have not shipped; without `units`, all of them. What a partner has accepted is asked back."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.post("/orders/{order_id}/hold", **_WRITE)
@needs(Scope.ORDERS_WRITE)
async def hold_order(pool: PoolId, order_id: OrderId, body: HoldIn, ask: Asking) -> Response:
    """Keep an order, a line or a fulfillment of it from moving."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.post("/orders/{order_id}/release", **_WRITE)
@needs(Scope.HOLDS_RELEASE)
async def release_order(pool: PoolId, order_id: OrderId, body: ReleaseIn, ask: Asking) -> Response:
    """Take one hold off; people need a role that is among the hold's `resolvers`."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.post("/orders/{order_id}/reroute", **_WRITE)
@needs(Scope.ORDERS_WRITE)
async def reroute_order(pool: PoolId, order_id: OrderId, body: RerouteIn, ask: Asking) -> Response:
    """Choose locations anew for what no location has accepted."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.post("/orders/{order_id}/move", **_WRITE)
@needs(Scope.ORDERS_WRITE)
async def move_units(pool: PoolId, order_id: OrderId, body: MoveIn, ask: Asking) -> Response:
    """Let another location ship units that nobody has picked; refused whole where it cannot promise all of them."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.get("/commands/{command_id}", response_model=out.CommandOut, responses=responses.READS)
@needs(
    Scope.ORDERS_READ, Scope.ORDERS_WRITE, Scope.STOCK_WRITE, Scope.FULFILLMENT_WRITE, Scope.POOLS_WRITE, located=True
)
async def read_command(pool: PoolId, command_id: str, services: Use, who: Who) -> Response:
    """What became of a command that was answered 202."""
    found = services.views.command(pool, command_id)
    update = update_of(found[1]) if found is not None else None
    # Those bound to locations see what became of their own commands alone.
    if update is None or (who.locations is not None and update.actor != who.actor):
        raise Problem(
            404,
            "command_unknown",
            "No outcome of this command is known yet: ask again, or check the id if it stays so.",
            headers={"Retry-After": "1"},
        )
    status = "applied" if update.refusal is None else "refused"
    return answer({"status": status, "command_id": command_id, "update": present_update(update)})


async def change_order(ask: Ask, pool: str, order_id: str, build: Callable[[Envelope], Command]) -> Response:
    """Submit a command on an order and answer with the order as it is then."""
    outcome = await submit_change(ask, pool, order_id, build)
    return _order_answer(ask, pool, order_id, outcome, 200)


async def submit_change(
    ask: Ask, pool: str, order_id: str, build: Callable[[Envelope], Command], *, derived_key: str | None = None
) -> Outcome:
    """Submit a command on an order, and wait until the view shows what it did.

    Raises:
        Problem: it was refused.
    """
    outcome = await ask.submit(pool, build, derived_key=derived_key)
    if outcome.update is not None:
        row = ask.services.views.order(pool, order_id)
        at = None if row is None else row[:1]
        await ask.settled(("order", order_id), (outcome.update.order_version,), at, ask.wait_seconds)
    return outcome


def shown_order(services: Services, who: Principal, pool: str, order_id: str) -> dict[str, Any]:
    """Give an order as this key may see it.

    Raises:
        Problem: 404.
    """
    order = visible_order(services, who, pool, order_id)
    personal = open_personal(services, who, order)
    shown = present_order(order, personal)
    if who.may(Scope.CUSTOMERS_READ):
        # Whoever may read the customer's name may show them their order.
        locale = (personal or {}).get("locale", "")
        shown["tracking_url"] = services.tracking.url(pool, order_id, locale, services.now_ms())
    return with_actions(services, who, order, shown)


def visible_order(services: Services, who: Principal, pool: str, order_id: str) -> Order:
    """Give an order's row; for those bound to locations only their part of it.

    Raises:
        Problem: 404.
    """
    row = services.views.order(pool, order_id)
    order = None if row is None else part_of(who, order_of(row[1]))
    if order is None:
        raise order_unknown(order_id)
    return order


def order_unknown(order_id: str) -> Problem:
    """The answer for an order that is not in this pool."""
    return Problem(404, "order_unknown", f"This pool has no order {order_id!r}: check its id, or list the orders.")


async def take(pool: str, body: ContentIn, ask: Ask) -> Response:
    """Submit what is stated of an order, and answer with the order."""
    customer = await sealed_customer(ask, pool, body)
    derived = "\x00".join((body.kind, body.channel, body.external_id, str(body.source_version)))
    order_id = body.order_id(pool)
    outcome = await submit_change(
        ask, pool, order_id, lambda envelope: body.command(envelope, customer), derived_key=derived
    )
    return _order_answer(ask, pool, order_id, outcome, 201)


def _order_answer(ask: Ask, pool: str, order_id: str, outcome: Outcome, status: int) -> Response:
    if outcome.update is None:
        return accepted(pool, outcome, order_id=order_id, order_url=f"/v1/pools/{pool}/orders/{order_id}")
    try:
        shown = shown_order(ask.services, ask.who, pool, order_id)
    except Problem:
        return applied(outcome, 200)
    headers = {"Location": f"/v1/pools/{pool}/orders/{order_id}"} if status == 201 else {}  # noqa: PLR2004
    return answer(shown, status, headers | replay_header(outcome))
