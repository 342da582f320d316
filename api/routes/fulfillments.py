"""Fulfillment events: what locations and carriers tell. Facts may come late and in any order."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from api.context import FulfillmentId, OrderId, ParcelId, PoolId
from api.located import check_fulfillment
from api.route import router
from api.routes.orders import change_order
from api.schemas import responses
from api.schemas.fulfillments import (
    AcceptIn,
    AnswerIn,
    CollectIn,
    DeliverIn,
    LoseIn,
    MergeIn,
    PackIn,
    PickIn,
    ReadyIn,
    RejectIn,
    ReturnIn,
    ScanIn,
    ShipIn,
    TrackingIn,
)
from api.schemas.out_orders import OrderOut
from api.security import Scope, needs
from api.submit import Ask, Asking
from models.commands import Command

routes = router(tag="fulfillments", prefix="/v1/pools/{pool}/orders/{order_id}/fulfillments/{fulfillment_id}")
_WRITE: dict[str, Any] = {"responses": responses.WRITES, "response_model": OrderOut}


@routes.post("/accept", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def accept(
    pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: AcceptIn, ask: Asking
) -> Response:
    """The location will do it."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/reject", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def reject(
    pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: RejectIn, ask: Asking
) -> Response:
    """The location will not do it, or not these units; they are routed again, by most causes never to it."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/pick", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def pick(pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: PickIn, ask: Asking) -> Response:
    """Units are off the shelf; what is not named was not found."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/pack", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def pack(pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: PackIn, ask: Asking) -> Response:
    """Everything picked is in parcels."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/ready", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def make_ready(
    pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: ReadyIn, ask: Asking
) -> Response:
    """Everything packed lies ready for the customer to collect."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/collect", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def collect(
    pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: CollectIn, ask: Asking
) -> Response:
    """The customer took units with them: they have left and arrived at once."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/merge", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def merge(pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: MergeIn, ask: Asking) -> Response:
    """Let another open fulfillment, of the same customer from the same location, leave in this one's parcel."""
    check_fulfillment(ask.services, ask.who, pool, body.other_order_id, body.other_fulfillment_id)
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/answer-cancellation", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def answer_cancellation(
    pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: AnswerIn, ask: Asking
) -> Response:
    """The partner gives back the units it was asked for, or will not."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/ship", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def ship(pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, body: ShipIn, ask: Asking) -> Response:
    """A parcel has left."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id)


@routes.post("/parcels/{parcel_id}/tracking", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def record_tracking(
    pool: PoolId,
    order_id: OrderId,
    fulfillment_id: FulfillmentId,
    parcel_id: ParcelId,
    body: TrackingIn,
    ask: Asking,
) -> Response:
    """State or correct a parcel's carrier and tracking number."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id, parcel_id)


@routes.post("/parcels/{parcel_id}/scan", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def scan(
    pool: PoolId,
    order_id: OrderId,
    fulfillment_id: FulfillmentId,
    parcel_id: ParcelId,
    body: ScanIn,
    ask: Asking,
) -> Response:
    """What the carrier says of the parcel, late, twice and in any order."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id, parcel_id)


@routes.post("/parcels/{parcel_id}/deliver", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def deliver(
    pool: PoolId,
    order_id: OrderId,
    fulfillment_id: FulfillmentId,
    parcel_id: ParcelId,
    body: DeliverIn,
    ask: Asking,
) -> Response:
    """The parcel has arrived."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id, parcel_id)


@routes.post("/parcels/{parcel_id}/lose", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def lose(
    pool: PoolId,
    order_id: OrderId,
    fulfillment_id: FulfillmentId,
    parcel_id: ParcelId,
    body: LoseIn,
    ask: Asking,
) -> Response:
    """The carrier has lost the parcel."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id, parcel_id)


@routes.post("/parcels/{parcel_id}/return", **_WRITE)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def return_to_sender(
    pool: PoolId,
    order_id: OrderId,
    fulfillment_id: FulfillmentId,
    parcel_id: ParcelId,
    body: ReturnIn,
    ask: Asking,
) -> Response:
    """The parcel came back undelivered."""
    return await _change(ask, pool, body.command, order_id, fulfillment_id, parcel_id)


async def _change(ask: Ask, pool: str, build: Callable[..., Command], order_id: str, *part: str) -> Response:
    """Ask what a body builds of the order's part: a fulfillment, and where it is of a parcel that too."""
    check_fulfillment(ask.services, ask.who, pool, order_id, part[0])
    return await change_order(ask, pool, order_id, lambda envelope: build(envelope, order_id, *part))
