"""What is asked of orders beside placing them: imports, edits, and holds of many at once."""

import asyncio
from typing import Any

from starlette.responses import Response

from api.answers import accepted, answer, replay_header
from api.context import OrderId, PoolId
from api.personal import sealed
from api.present import order_of, present
from api.problems import Problem
from api.route import router
from api.routes.orders import change_order, order_unknown, submit_change, take
from api.schemas import out_lists, responses
from api.schemas.content import ImportIn
from api.schemas.edits import EditIn
from api.schemas.money import StatedMoneyIn
from api.schemas.orders import HoldManyIn
from api.schemas.out_orders import OrderOut
from api.schemas.risk import RiskIn
from api.security import Scope, needs
from api.submit import Ask, Asking, Build, Outcome
from models.events import EditPreviewed
from models.rejections import RejectionCode
from models.updates import CommandUpdate

routes = router(tag="orders", prefix="/v1/pools/{pool}/orders")
_ORDER: dict[str, Any] = {"responses": responses.WRITES, "response_model": OrderOut}


@routes.post("/import", status_code=201, **_ORDER)
@needs(Scope.ORDERS_WRITE)
async def import_order(pool: PoolId, body: ImportIn, ask: Asking) -> Response:
    """Put an order of the past on record: it has shipped and arrived, and no stock moves for it."""
    return await take(pool, body, ask)


@routes.post("/{order_id}/risk", **_ORDER)
@needs(Scope.ORDERS_WRITE)
async def assess_risk(pool: PoolId, order_id: OrderId, body: RiskIn, ask: Asking) -> Response:
    """Put on record what a provider says of the risk; advice to review or to cancel holds the order."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.post("/{order_id}/stated-money", **_ORDER)
@needs(Scope.ORDERS_WRITE)
async def record_stated_money(pool: PoolId, order_id: OrderId, body: StatedMoneyIn, ask: Asking) -> Response:
    """Put on record what the channel or its payment provider says of an order's payments and refunds."""
    return await change_order(ask, pool, order_id, lambda envelope: body.command(envelope, order_id))


@routes.post("/hold", responses=responses.WRITES, response_model=out_lists.HoldOutcomesOut)
@needs(Scope.ORDERS_WRITE)
async def hold_orders(pool: PoolId, body: HoldManyIn, ask: Asking) -> Response:
    """Keep up to 500 orders from moving until a date; each is held or refused by itself, and the answer says which."""
    order_ids = list(dict.fromkeys(body.order_ids))
    outcomes = await asyncio.gather(*(_hold_one(ask, pool, order_id, body) for order_id in order_ids))
    return answer({"outcomes": outcomes})


@routes.post("/{order_id}/edit", responses=responses.WRITES, response_model=OrderOut | out_lists.PreviewOut)
@needs(Scope.ORDERS_WRITE)
async def edit_order(pool: PoolId, order_id: OrderId, body: EditIn, ask: Asking) -> Response:
    """Change an order, all of it or nothing, and answer with the order.

    With `preview` nothing is changed: the answer is what it would come to in money and routing, and the `edition` to
    confirm it with. Who changed the order first wins: the others are answered 409 `edition_conflict`.
    """
    build = await edit_of(ask, pool, order_id, body)
    if body.preview:
        return await _preview(ask, pool, order_id, build)
    return await change_order(ask, pool, order_id, build)


async def edit_of(ask: Ask, pool: str, order_id: str, body: EditIn) -> Build:
    """Give what builds the command of an edit: the personal data that it sets is sealed before."""
    customer = None if body.customer is None else await sealed(ask, pool, order_id, body.customer)
    return lambda envelope: body.command(envelope, order_id, customer)


async def submit_preview(ask: Ask, pool: str, order_id: str, build: Build) -> Outcome:
    """Submit an edit that is only reckoned.

    Raises:
        Problem: it was refused; a closed order is not brought back for it.
    """
    try:
        return await submit_change(ask, pool, order_id, build)
    except Problem as problem:
        if problem.code != RejectionCode.ORDER_CLOSED:
            raise
        raise _not_edited(ask, pool, order_id) from None


async def _preview(ask: Ask, pool: str, order_id: str, build: Build) -> Response:
    outcome = await submit_preview(ask, pool, order_id, build)
    if outcome.update is None:
        return accepted(pool, outcome)
    return answer(present(previewed(outcome.update)), headers=replay_header(outcome))


def previewed(update: CommandUpdate) -> EditPreviewed:
    """Give what a preview told."""
    return next(event for event in update.events if isinstance(event, EditPreviewed))


def _not_edited(ask: Ask, pool: str, order_id: str) -> Problem:
    """The answer for an edit of a closed order, which the core would give if it were brought back for it."""
    row = ask.services.views.order(pool, order_id)
    if row is None:
        return order_unknown(order_id)
    status = order_of(row[1]).status
    return Problem(409, RejectionCode.STATUS_FORBIDS, f"a {status} order does not change any more", field="order_id")


async def _hold_one(ask: Ask, pool: str, order_id: str, body: HoldManyIn) -> dict[str, Any]:
    try:
        outcome = await ask.part(order_id).submit(pool, lambda envelope: body.command(envelope, order_id))
    except Problem as problem:
        return {"order_id": order_id, "status": "refused", "code": problem.code, "detail": problem.detail}
    return {"order_id": order_id, "status": "accepted" if outcome.update is None else "applied"}
