"""Editing on the page of an order: changes are previewed in money and routing, and then confirmed as they were."""

import re
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from babel.numbers import get_currency_precision
from starlette.requests import Request
from starlette.responses import Response

from api.context import OrderId, PoolId
from api.forms import form_of
from api.problems import Problem
from api.route import router
from api.routes.order_changes import previewed, submit_preview
from api.routes.orders import visible_order
from api.schemas.edits import EditIn
from api.security import Scope, needs
from api.submit import Asking, Outcome
from api.web.bodies import Form, attempt_of, body_of, instant_of, whole, with_key
from api.web.order_actions import REFUSED, Asked, answered
from api.web.order_facts import order_context
from api.web.pools import pool_view
from api.web.render import fragment, page, zone_of
from api.web.words import listed, name_of
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.rejections import RejectionCode

routes = router(tag="pages", prefix="/p/{pool}/orders/{order_id}")
MORE_PREFIX = "more."
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_ADDRESS = ("country", "postcode", "region")


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
            return await asked.submit(lambda envelope: body.command(envelope, order_id, None))
        except Problem as problem:
            raise _told(problem) from None

    return await answered(asked, "edit", "edit", submit)


async def _preview(asked: Asked) -> Response:
    request, pool, order_id = asked.request, asked.pool, asked.order_id
    status, more = 200, dict[str, Any]()
    try:
        changes = _changes(asked)
        body = body_of(EditIn, {"changes": changes, "preview": True, "reason": asked.form.get("reason")})
        outcome = await submit_preview(with_key(asked.ask, asked.form), pool, order_id, body, None)
        more = {"preview": _facts(asked, digest_of(changes), outcome), "form": asked.form}
    except Problem as problem:
        if problem.status_code not in REFUSED:
            raise
        status, more = problem.status_code, {"attempt": attempt_of("edit", asked.form, problem)}
    context = await order_context(request, pool, order_id) | {"opened": "edit", "done": ""} | more
    if "hx-request" in request.headers:
        return fragment(request, "order/actions.html", status=status, **context)
    return page(request, "order/order.html", status=status, **context)


def changes_of(order: Order, form: Form, zone: str) -> list[dict[str, Any]]:
    """Read the changes of the form: an empty field changes nothing, so nobody puts back what others changed meanwhile.

    Raises:
        Problem: 422, also where the form changes nothing.
    """
    changes = [change for line in order.lines if (change := _units(form, line.line_id)) is not None]
    if form.get("new_sku"):
        changes.append({"action": "add_line", "line": _new_line(order, form)})
    if any(form.get(name) for name in _ADDRESS):
        stated = {name: form.get(name) or getattr(order.destination, name) for name in _ADDRESS}
        changes.append({"action": "set_destination", "destination": stated})
    shipping_minor = minor_of(form, "shipping", order.currency)
    if shipping_minor is not None:
        changes.append({"action": "set_shipping", "shipping_minor": shipping_minor})
    priority = whole(form, "priority")
    if priority is not None:
        changes.append({"action": "set_priority", "priority": priority})
    promise_by = instant_of(form, "promise_by", zone)
    if promise_by is not None:
        changes.append({"action": "set_promise", "promise_by": promise_by})
    if not changes:
        raise Problem(422, "changes_missing", "Say what is to be changed: every field is empty.", field="changes")
    return changes


def minor_of(form: Form, name: str, currency: str) -> int | None:
    """Read an amount of the currency, as 4.90, in minor units; None where the field is empty.

    Raises:
        Problem: 422.
    """
    text = form.get(name, "")
    if not text:
        return None
    # Decimal alone would take an exponent, whose whole number fills the memory.
    amount = Decimal(text if _AMOUNT.fullmatch(text) else "NaN").scaleb(get_currency_precision(currency))
    if amount != amount.to_integral_value():
        raise Problem(422, "amount_invalid", f"{text!r} is not an amount in {currency}, like 4.90.", field=name)
    return int(amount)


def digest_of(changes: list[dict[str, Any]]) -> str:
    """Give what tells a set of changes from another."""
    return sha256(msgspec.json.encode(changes)).hexdigest()[:32]


def _changes(asked: Asked) -> list[dict[str, Any]]:
    order = visible_order(asked.ask.services, asked.ask.who, asked.pool, asked.order_id)
    return changes_of(order, asked.form, zone_of(asked.request))


def _units(form: Form, line_id: str) -> dict[str, Any] | None:
    count = whole(form, f"{MORE_PREFIX}{line_id}")
    if not count:
        return None
    action = "add_units" if count > 0 else "remove_units"
    return {"action": action, "line_id": line_id, "quantity": abs(count)}


def _new_line(order: Order, form: Form) -> dict[str, Any]:
    numbers = [int(line.line_id) for line in order.lines if line.line_id.isdecimal()]
    quantity = whole(form, "new_quantity")
    return {
        "line_id": str(max([len(order.lines), *numbers]) + 1),
        "sku": form["new_sku"],
        "quantity": 1 if quantity is None else quantity,
        "unit_price_minor": minor_of(form, "new_price", order.currency) or 0,
    }


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
