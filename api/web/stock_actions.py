"""What people state about stock at a location: receive, adjust, count, restate, fence, expect.

Sent twice, a form is one command.
"""

from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import PoolId
from api.forms import form_of
from api.problems import Problem
from api.route import router
from api.routes.stock import submit_fact
from api.schemas.stock import AdjustIn, CountIn, ReceiveIn
from api.schemas.stock_stated import ExpectIn, FenceIn, RestateIn
from api.security import Scope, needs
from api.submit import Ask, Asking, Outcome
from api.web.bodies import Attempt, Form, attempt_of, body_of, instant_of, new_key, whole, with_key
from api.web.render import fragment, page, zone_of
from api.web.stock import LocationPath, done_text
from api.web.stock_facts import SOURCE, location_context, sku_context, visible_location
from api.web.stock_waiting import expected_document
from models.events import StockCompared

routes = router(tag="pages", prefix="/p/{pool}/locations/{location_id}")
_REFUSED = frozenset({404, 409, 422, 503})
Fact = ReceiveIn | AdjustIn | CountIn | RestateIn | FenceIn | ExpectIn
Action = Literal["receive", "adjust", "count", "restate", "fence", "expect"]


@routes.post("/receive", include_in_schema=False)
@needs(Scope.STOCK_WRITE, located=True)
async def receive(request: Request, pool: PoolId, location_id: LocationPath, ask: Asking) -> Response:
    """Units came in."""

    def body(form: Form, head: dict[str, object]) -> ReceiveIn:
        quantity = whole(form, "quantity")
        if quantity is None:
            raise Problem(422, "quantity_missing", "Say how many units came in.", field="quantity")
        sku, expected = form.get("sku", ""), form.get("expected", "")
        if expected:
            head |= {"expected": expected_document(expected, location_id, sku)}
        return body_of(ReceiveIn, head | {"lines": [{"line": "1", "sku": sku, "quantity": quantity}]})

    return await _state(request, pool, location_id, ask, "receive", body)


@routes.post("/adjust", include_in_schema=False)
@needs(Scope.STOCK_WRITE, located=True)
async def adjust(request: Request, pool: PoolId, location_id: LocationPath, ask: Asking) -> Response:
    """Correct on hand or unsellable by a difference, with the reason."""

    def body(form: Form, head: dict[str, object]) -> AdjustIn:
        if not form.get("reason"):
            raise Problem(422, "reason_missing", "Say why: it stands in the ledger for ever.", field="reason")
        delta, unsellable = whole(form, "delta") or 0, whole(form, "unsellable_delta") or 0
        if not delta and not unsellable:
            raise Problem(422, "delta_missing", "Say by how many units, for example −1.", field="delta")
        return body_of(AdjustIn, head | {"sku": form.get("sku"), "delta": delta, "unsellable_delta": unsellable})

    return await _state(request, pool, location_id, ask, "adjust", body)


@routes.post("/count", include_in_schema=False)
@needs(Scope.STOCK_COUNT, Scope.STOCK_WRITE, located=True)
async def count(request: Request, pool: PoolId, location_id: LocationPath, ask: Asking) -> Response:
    """State what was counted; booked only if on hand is still what the counter saw."""

    def body(form: Form, head: dict[str, object]) -> CountIn:
        counted = whole(form, "counted")
        if counted is None:
            raise Problem(
                422, "counted_missing", "Say how many units were counted; 0 if there are none.", field="counted"
            )
        expected = whole(form, "expected_on_hand")
        return body_of(CountIn, head | {"sku": form.get("sku"), "counted": counted, "expected_on_hand": expected})

    return await _state(request, pool, location_id, ask, "count", body)


@routes.post("/restate", include_in_schema=False)
@needs(Scope.STOCK_WRITE, located=True)
async def restate(request: Request, pool: PoolId, location_id: LocationPath, ask: Asking) -> Response:
    """Move units from one state to another, or to those for sale."""

    def body(form: Form, head: dict[str, object]) -> RestateIn:
        states = {name: form.get(name) for name in ("before", "after")}
        return body_of(RestateIn, head | states | {"sku": form.get("sku"), "quantity": _units(form)})

    return await _state(request, pool, location_id, ask, "restate", body)


@routes.post("/fence", include_in_schema=False)
@needs(Scope.STOCK_WRITE, located=True)
async def fence(request: Request, pool: PoolId, location_id: LocationPath, ask: Asking) -> Response:
    """Set units apart for a segment; none gives them back to all."""

    def body(form: Form, head: dict[str, object]) -> FenceIn:
        stated = {"sku": form.get("sku"), "segment": form.get("segment"), "quantity": _units(form)}
        return body_of(FenceIn, head | stated)

    return await _state(request, pool, location_id, ask, "fence", body)


@routes.post("/expect", include_in_schema=False)
@needs(Scope.STOCK_WRITE, located=True)
async def expect(request: Request, pool: PoolId, location_id: LocationPath, ask: Asking) -> Response:
    """State what comes and when; said again of the same document it replaces what was expected."""

    def body(form: Form, head: dict[str, object]) -> ExpectIn:
        document, sku, quantity = form.get("document", ""), form.get("sku", ""), _units(form)
        if not document:
            detail = "Name its document: the same one changes or fulfils it later."
            raise Problem(422, "document_missing", detail, field="document")
        percent = whole(form, "confidence_percent")
        stated = {
            "document": expected_document(document, location_id, sku),
            "lines": [{"line": "1", "sku": sku, "quantity": quantity}] if quantity else [],
            "expected_at": instant_of(form, "expected_at", zone_of(request)),
            "confidence_per_mille": None if percent is None else 10 * percent,
        }
        return body_of(ExpectIn, head | stated)

    return await _state(request, pool, location_id, ask, "expect", body)


def _units(form: Form) -> int:
    quantity = whole(form, "quantity")
    if quantity is None:
        raise Problem(422, "quantity_missing", "Say how many units.", field="quantity")
    return quantity


async def _state(
    request: Request,
    pool: str,
    location_id: str,
    ask: Ask,
    action: Action,
    read: Callable[[Form, dict[str, object]], Fact],
) -> Response:
    """Book it and show the page as it is then, or the form again with the reason why not."""
    visible_location(ask.services, ask.who, pool, location_id)
    form = await form_of(request)
    try:
        head: dict[str, object] = {
            "source": SOURCE,
            "location_id": location_id,
            # A form without a document of somebody else's is its own.
            "document": form.get("document") or f"page-{form.get('key') or new_key()}",
            "occurred_at": instant_of(form, "occurred_at", zone_of(request)),
            "reason": form.get("reason"),
        }
        outcome = await submit_fact(with_key(ask, form), pool, read(form, head))
    except Problem as problem:
        if problem.status_code not in _REFUSED:
            raise
        return await _shown(request, pool, location_id, form, attempt_of(action, form, problem))
    done = _done(action, outcome)
    if "hx-request" in request.headers:
        return await _shown(request, pool, location_id, form, None, done)
    back = _address(pool, location_id, form)
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}done={done}", 303)


async def _shown(
    request: Request, pool: str, location_id: str, form: Form, attempt: Attempt | None, done: str = ""
) -> Response:
    """Give the page that the form stands on, or its part where HTMX asks."""
    if form.get("on") == "location":
        kind, context = "location", await location_context(request, pool, location_id, attempt=attempt)
    else:
        kind, context = "sku", await sku_context(request, pool, form.get("sku", ""), location_id, None, attempt)
    context |= {"done": done_text(done), "opened": attempt.action if attempt is not None else ""}
    status = attempt.problem.status_code if attempt is not None else 200
    if "hx-request" in request.headers:
        return fragment(request, f"stock/{kind}_part.html", status=status, **context)
    return page(request, f"stock/{kind}.html", status=status, **context)


def _address(pool: str, location_id: str, form: Form) -> str:
    if form.get("on") == "location":
        return f"/p/{pool}/locations/{location_id}"
    return f"/p/{pool}/stock/{quote(form.get('sku', ''), safe='')}?at={location_id}"


def _done(action: Action, outcome: Outcome) -> str:
    if outcome.update is None:
        return "accepted"
    is_compared = any(isinstance(event, StockCompared) for event in outcome.update.events)
    return "compared" if is_compared else action
