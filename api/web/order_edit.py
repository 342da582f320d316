"""Editing on the page of an order: changes are previewed in money and routing, and then confirmed as they were."""

from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.context import OrderId, PoolId
from api.forms import form_of
from api.personal import open_personal
from api.problems import Problem
from api.route import router
from api.routes.order_changes import edit_of, previewed, submit_preview
from api.routes.orders import visible_order
from api.schemas.edits import EditIn
from api.security import Scope, needs
from api.submit import Asking, Outcome
from api.web.bodies import attempt_of, body_of, whole, with_key
from api.web.order_actions import REFUSED, Asked, answered
from api.web.order_changes import changes_of, digest_of
from api.web.order_facts import order_context
from api.web.pools import pool_view
from api.web.render import fragment, page, zone_of
from api.web.words import listed, name_of
from models.records.line import UnitsOfLine
from models.rejections import RejectionCode

routes = router(tag="pages", prefix="/p/{pool}/orders/{order_id}")


class PreviewFacts(NamedTuple):
    """What an edit would come to, and what confirms it."""

    edition: int
    digest: str
    before_minor: int
    after_minor: int
    routed: list[str]
    waiting: str


@routes.post("/edit", include_in_schema=False)
@needs(Scope.ORDERS_WRITE)
async def edit(request: Request, pool: PoolId, order_id: OrderId, ask: Asking) -> Response:
    """Preview changes, or make those that were previewed."""
    asked = Asked(request, ask, pool, order_id, await form_of(request))
    if asked.form.get("do") != "confirm":
        return await _preview(asked)

    async def submit() -> Outcome:
        changes = _changes(asked)
        if asked.form.get("previewed") != digest_of(changes):
            raise Problem(422, "edit_not_previewed", "This is not what was previewed: preview it again.", field="do")
        stated = {"edition": whole(asked.form, "edition"), "reason": asked.form.get("reason")}
        body = body_of(EditIn, stated | {"changes": changes})
        try:
            return await asked.submit(await edit_of(asked.ask, pool, order_id, body))
        except Problem as problem:
            raise _told(problem) from None

    return await answered(asked, "edit", "edit", submit)


async def _preview(asked: Asked) -> Response:
    request, pool, order_id = asked.request, asked.pool, asked.order_id
    status, more = 200, dict[str, Any]()
    try:
        changes = _changes(asked)
        body = body_of(EditIn, {"changes": changes, "preview": True, "reason": asked.form.get("reason")})
        ask = with_key(asked.ask, asked.form)
        outcome = await submit_preview(ask, pool, order_id, await edit_of(ask, pool, order_id, body))
        more = {"preview": _facts(asked, digest_of(changes), outcome), "form": asked.form}
    except Problem as problem:
        if problem.status_code not in REFUSED:
            raise
        status, more = problem.status_code, {"attempt": attempt_of("edit", asked.form, problem)}
    context = await order_context(request, pool, order_id) | {"opened": "edit", "done": ""} | more
    if "hx-request" in request.headers:
        return fragment(request, "order/actions.html", status=status, **context)
    return page(request, "order/order.html", status=status, **context)


def _changes(asked: Asked) -> list[dict[str, Any]]:
    services, who = asked.ask.services, asked.ask.who
    order = visible_order(services, who, asked.pool, asked.order_id)
    personal = (open_personal(services, who, order) or {}) if who.may(Scope.CUSTOMERS_READ) else None
    return changes_of(order, asked.form, zone_of(asked.request), personal)


def _facts(asked: Asked, digest: str, outcome: Outcome) -> PreviewFacts:
    if outcome.update is None:
        raise Problem(503, "preview_late", "The preview was not there in time: ask for it again.")
    event = previewed(outcome.update)
    places = {place.location_id: place for place in pool_view(asked.ask.services, asked.pool).locations}
    skus = {line.line_id: line.sku for line in event.lines}

    def units(parts: tuple[UnitsOfLine, ...]) -> str:
        return listed([f"{part.quantity} × {skus.get(part.line_id, part.line_id)}" for part in parts])

    return PreviewFacts(
        event.edition,
        digest,
        event.total_before_minor - event.cancelled_before_minor,
        event.total_minor - event.cancelled_minor,
        [f"{units(one.units)} from {name_of(places, one.location_id)}" for one in event.assignments],
        units(tuple(part for part in event.waiting if part.quantity)),
    )


def _told(problem: Problem) -> Problem:
    """Say what to do where somebody else's edit came first."""
    if problem.code != RejectionCode.EDITION_CONFLICT:
        return problem
    detail = "somebody changed the order after your preview. Look at it as it is now, and preview your changes again."
    return Problem(problem.status_code, problem.code, detail, field=problem.field)
