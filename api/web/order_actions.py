"""What people do with an order: hold, release, cancel, reroute; and what locations and carriers do with its parts.

A form is sent with its own key, so that sending it twice is one command. It is answered with the page, or with the
parts of it that changed where HTMX asks; a refusal stands beside the field it is about, and nothing has changed.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import FulfillmentId, OrderId, ParcelId, PoolId
from api.forms import form_of
from api.located import check_fulfillment
from api.problems import Problem
from api.route import router
from api.routes.orders import submit_change
from api.schemas.base import Envelope
from api.schemas.fulfillments import AcceptIn, DeliverIn, LoseIn, PackIn, PickIn, RejectIn, ReturnIn, ShipIn
from api.schemas.orders import CancelIn, HoldIn, ReleaseIn, RerouteIn
from api.security import Scope, needs
from api.submit import Ask, Asking, Outcome
from api.web.bodies import Form, attempt_of, body_of, instant_of, units_of, with_key
from api.web.order import done_text
from api.web.order_facts import order_context
from api.web.render import fragment, page, zone_of
from models.commands import Command

routes = router(tag="pages", prefix="/p/{pool}/orders/{order_id}")
Step = Literal["accept", "reject", "pick", "pack", "ship"]
ParcelFact = Literal["deliver", "lose", "return"]
_REFUSED = frozenset({404, 409, 422, 503})


class Asked(NamedTuple):
    """An action on an order as its form was sent."""

    request: Request
    ask: Ask
    pool: str
    order_id: str
    form: Form

    async def submit(self, build: Callable[[Envelope], Command]) -> Outcome:
        """Submit the command once, however often the form is sent."""
        return await submit_change(with_key(self.ask, self.form), self.pool, self.order_id, build)


@routes.post("/hold", include_in_schema=False)
@needs(Scope.ORDERS_WRITE)
async def hold(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Keep the order from moving."""

    def body(form: Form) -> HoldIn:
        release_at = instant_of(form, "release_at", zone_of(request))
        return body_of(HoldIn, {"hold": form.get("hold"), "release_at": release_at, "reason": form.get("reason")})

    return await _on_order(request, pool, order_id, ask, "hold", body)


@routes.post("/release", include_in_schema=False)
@needs(Scope.HOLDS_RELEASE)
async def release(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Take a hold off."""

    def body(form: Form) -> ReleaseIn:
        return body_of(ReleaseIn, {"hold": form.get("hold"), "reason": form.get("reason")})

    return await _on_order(request, pool, order_id, ask, "release", body)


@routes.post("/cancel", include_in_schema=False)
@needs(Scope.ORDERS_WRITE)
async def cancel(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Cancel the named units."""

    def body(form: Form) -> CancelIn:
        units = units_of(form)
        if not units:
            raise Problem(422, "units_missing", "Say of at least one line how many units to cancel.", field="units")
        return body_of(CancelIn, {"units": units, "cause": form.get("cause"), "reason": form.get("reason")})

    return await _on_order(request, pool, order_id, ask, "cancel", body)


@routes.post("/reroute", include_in_schema=False)
@needs(Scope.ORDERS_WRITE)
async def reroute(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Choose locations anew for what none has accepted."""

    def body(form: Form) -> RerouteIn:
        return body_of(RerouteIn, {"reason": form.get("reason")})

    return await _on_order(request, pool, order_id, ask, "reroute", body)


@routes.post("/fulfillments/{fulfillment_id}/{step}", include_in_schema=False)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def take_step(
    request: Request, pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, step: Step, ask: Asking
) -> Response:
    """What the location does with its part."""
    asked = Asked(request, ask, pool, order_id, await form_of(request))
    check_fulfillment(ask.services, ask.who, pool, order_id, fulfillment_id)
    form, said = asked.form, {"reason": asked.form.get("reason")}

    async def submit() -> Outcome:
        body: AcceptIn | RejectIn | PickIn | PackIn | ShipIn
        match step:
            case "accept":
                body = body_of(AcceptIn, said | {"partner_reference": form.get("partner_reference")})
            case "reject":
                body = body_of(RejectIn, said | {"cause": form.get("cause")})
            case "pick":
                body = body_of(PickIn, said | {"units": units_of(form)})
            case "pack":
                body = body_of(PackIn, said)
            case "ship":
                names = ("parcel_id", "carrier", "tracking_number")
                body = body_of(ShipIn, said | {name: form.get(name) for name in names} | {"units": units_of(form)})
        return await asked.submit(lambda envelope: body.command(envelope, order_id, fulfillment_id))

    return await _answered(asked, f"{fulfillment_id}/{step}", step, submit)


@routes.post("/fulfillments/{fulfillment_id}/parcels/{parcel_id}/{fact}", include_in_schema=False)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def state_parcel(  # noqa: PLR0917 # Each is a part of the address.
    request: Request,
    pool: PoolId,
    order_id: OrderId,
    fulfillment_id: FulfillmentId,
    parcel_id: ParcelId,
    fact: ParcelFact,
    ask: Asking,
) -> Response:
    """What became of a parcel."""
    asked = Asked(request, ask, pool, order_id, await form_of(request))
    check_fulfillment(ask.services, ask.who, pool, order_id, fulfillment_id)
    form, said = asked.form, {"reason": asked.form.get("reason")}

    async def submit() -> Outcome:
        body: DeliverIn | LoseIn | ReturnIn
        match fact:
            case "deliver":
                body = body_of(DeliverIn, said)
            case "lose":
                body = body_of(LoseIn, said)
            case "return":
                body = body_of(ReturnIn, said | {"restock": form.get("restock") == "yes"})
        return await asked.submit(lambda envelope: body.command(envelope, order_id, fulfillment_id, parcel_id))

    return await _answered(asked, f"{parcel_id}/{fact}", fact, submit)


OrderBody = HoldIn | ReleaseIn | CancelIn | RerouteIn


async def _on_order(
    request: Request, pool: str, order_id: str, ask: Ask, action: str, read: Callable[[Form], OrderBody]
) -> Response:
    asked = Asked(request, ask, pool, order_id, await form_of(request))

    async def submit() -> Outcome:
        body = read(asked.form)
        return await asked.submit(lambda envelope: body.command(envelope, order_id))

    return await _answered(asked, action, action, submit)


async def _answered(asked: Asked, form_id: str, action: str, submit: Callable[[], Any]) -> Response:
    """Do it and show the order as it is then, or the form again with the reason why not."""
    request, pool, order_id = asked.request, asked.pool, asked.order_id
    is_fragment = "hx-request" in request.headers
    try:
        outcome = await submit()
    except Problem as problem:
        if problem.status_code not in _REFUSED:
            raise
        attempt = attempt_of(form_id, asked.form, problem)
        context = await order_context(request, pool, order_id, attempt) | {"opened": form_id, "done": ""}
        if is_fragment:
            return fragment(request, "order/actions.html", status=problem.status_code, **context)
        return page(request, "order/order.html", status=problem.status_code, **context)
    done = action if outcome.update is not None else "accepted"
    if is_fragment:
        context = await order_context(request, pool, order_id) | {"opened": "", "done": done_text(done)}
        return fragment(request, "order/changed.html", **context)
    return RedirectResponse(f"/p/{pool}/orders/{order_id}?done={done}", 303)
