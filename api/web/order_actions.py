"""What people do with an order: hold, release, cancel, reroute; and what locations and carriers do with its parts.

A form is sent with its own key, so that sending it twice is one command. It is answered with the page, or with the
parts of it that changed where HTMX asks; a refusal stands beside the field it is about, and nothing has changed.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import FulfillmentId, OrderId, ParcelId, PoolId
from api.forms import form_of
from api.located import check_fulfillment
from api.problems import Problem
from api.route import router
from api.routes.orders import submit_change
from api.schemas.base import Envelope
from api.schemas.fulfillments import MergeIn
from api.schemas.orders import CancelIn, HoldIn, MoveIn, ReleaseIn, RerouteIn
from api.security import Scope, needs
from api.submit import Ask, Asking, Outcome
from api.web.bodies import Form, attempt_of, body_of, units_of, with_key
from api.web.order import done_text
from api.web.order_facts import order_context
from api.web.order_steps import ParcelFact, Step, fact_body, hold_body, release_body, some_units, step_body
from api.web.render import fragment, page, zone_of
from models.commands import Command

routes = router(tag="pages", prefix="/p/{pool}/orders/{order_id}")
# Who may send the form at all is decided before: 403 is of a hold that others take off.
REFUSED = frozenset({403, 404, 409, 422, 503})


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
    """Keep the order, a line or a fulfillment from moving."""
    return await _on_order(request, pool, order_id, ask, "hold", lambda form: hold_body(form, zone_of(request)))


@routes.post("/release", include_in_schema=False)
@needs(Scope.HOLDS_RELEASE)
async def release(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Take a hold off."""
    return await _on_order(request, pool, order_id, ask, "release", release_body)


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


@routes.post("/move", include_in_schema=False)
@needs(Scope.ORDERS_WRITE)
async def move(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Let another location ship units of a part."""

    def body(form: Form) -> MoveIn:
        said = {name: form.get(name) for name in ("fulfillment_id", "location_id", "reason")}
        return body_of(MoveIn, said | {"units": some_units(form)})

    return await _on_order(request, pool, order_id, ask, "move", body)


@routes.post("/fulfillments/{fulfillment_id}/{step}", include_in_schema=False)
@needs(Scope.FULFILLMENT_WRITE, located=True)
async def take_step(
    request: Request, pool: PoolId, order_id: OrderId, fulfillment_id: FulfillmentId, step: Step, ask: Asking
) -> Response:
    """What the location does with its part."""
    asked = Asked(request, ask, pool, order_id, await form_of(request))
    check_fulfillment(ask.services, ask.who, pool, order_id, fulfillment_id)

    async def submit() -> Outcome:
        body = step_body(step, asked.form)
        if isinstance(body, MergeIn):
            check_fulfillment(ask.services, ask.who, pool, body.other_order_id, body.other_fulfillment_id)
        return await asked.submit(lambda envelope: body.command(envelope, order_id, fulfillment_id))

    return await answered(asked, f"{fulfillment_id}/{step}", step, submit)


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
    """What is said of a parcel."""
    asked = Asked(request, ask, pool, order_id, await form_of(request))
    check_fulfillment(ask.services, ask.who, pool, order_id, fulfillment_id)

    async def submit() -> Outcome:
        body = fact_body(fact, asked.form, zone_of(request))
        return await asked.submit(lambda envelope: body.command(envelope, order_id, fulfillment_id, parcel_id))

    return await answered(asked, f"{parcel_id}/{fact}", fact, submit)


OrderBody = HoldIn | ReleaseIn | CancelIn | RerouteIn | MoveIn


async def _on_order(
    request: Request, pool: str, order_id: str, ask: Ask, action: str, read: Callable[[Form], OrderBody]
) -> Response:
    asked = Asked(request, ask, pool, order_id, await form_of(request))
    # Of what is asked of a part there is a form for each.
    part = asked.form.get("fulfillment_id")

    async def submit() -> Outcome:
        body = read(asked.form)
        return await asked.submit(lambda envelope: body.command(envelope, order_id))

    return await answered(asked, f"{part}/{action}" if part else action, action, submit)


async def answered(asked: Asked, form_id: str, action: str, submit: Callable[[], Any]) -> Response:
    """Do it and show the order as it is then, or the form again with the reason why not."""
    request, pool, order_id = asked.request, asked.pool, asked.order_id
    is_fragment = "hx-request" in request.headers
    try:
        outcome = await submit()
    except Problem as problem:
        if problem.status_code not in REFUSED:
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
