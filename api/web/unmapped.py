"""On the list of work of unmapped orders: the names that orders wait for, each with a form that maps it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import PoolId, principal_of, services_of
from api.forms import form_of
from api.listings import put_listing, waiting_for
from api.problems import Problem
from api.route import router
from api.schemas.listings import MapIn
from api.security import Scope, needs
from api.submit import Asking, Outcome
from api.views.unmapped import QUEUE
from api.web.bodies import Attempt, Form, attempt_of, body_of, new_key, whole, with_key
from api.web.pools import pool_view
from api.web.render import fragment

routes = router(tag="pages", prefix=f"/p/{{pool}}/work/{QUEUE}")
_SHOWN = 20
_REFUSED = frozenset({404, 409, 422, 503})
_DONE = {
    "mapped": "Mapped: every order that waited for it alone goes on.",
    "accepted": "It is on record and not decided yet: load the page again in a moment.",
}


@routes.post("", include_in_schema=False)
@needs(Scope.POOLS_WRITE)
async def map_name(request: Request, pool: PoolId, ask: Asking) -> Response:
    """Say what a channel's SKU is with us; sent twice, a form is one command."""
    pool_view(ask.services, pool)
    form = await form_of(request)
    attempt, done, mapped = None, "", None
    try:
        outcome, _ = await put_listing(with_key(ask, form), pool, _body(form))
        done, mapped = _done(outcome), (form["channel"], form["sku"])
    except Problem as problem:
        if problem.status_code not in _REFUSED:
            raise
        attempt = attempt_of(action_of(form.get("channel", ""), form.get("sku", "")), form, problem)
    if "hx-request" not in request.headers and attempt is None:
        return RedirectResponse(f"/p/{pool}/work/{QUEUE}?done={done}", 303)
    context = await groups_context(request, pool, attempt=attempt, done=done, mapped=mapped)
    status = 200 if attempt is None else attempt.problem.status_code
    return fragment(request, "work/groups.html", status=status, **context)


async def groups_context(
    request: Request,
    pool: str,
    *,
    attempt: Attempt | None = None,
    done: str = "",
    mapped: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Give what the part of the page shows; what was mapped just now is left out, though its orders may still wait."""
    found = await waiting_for(services_of(request), pool, _SHOWN)
    groups = [one for one in found.groups if (one.unmapped.channel, one.unmapped.sku) != mapped]
    return {
        "pool": pool,
        "groups": groups,
        "hidden_groups": found.total - len(found.groups),
        "all_counted": found.complete,
        "may_map": principal_of(request).may(Scope.POOLS_WRITE),
        "attempt": attempt,
        "done": _DONE.get(done, ""),
        "new_key": new_key,
        "action_of": action_of,
    }


def action_of(channel: str, sku: str) -> str:
    """Name the form of a group, so that a refusal is shown there."""
    return f"map {channel} {sku}"


def _body(form: Form) -> MapIn:
    to_sku = form.get("to_sku") or form.get("suggested")
    if not to_sku:
        raise Problem(422, "sku_missing", "Choose one of our SKUs, or write it.", field="to_sku")
    if not form.get("reason"):
        raise Problem(422, "reason_missing", "Say why: it stands in the audit log.", field="reason")
    stated = {name: form.get(name) for name in ("channel", "sku", "reason")}
    return body_of(MapIn, stated | {"to_sku": to_sku, "quantity": whole(form, "quantity")})


def _done(outcome: Outcome) -> str:
    return "accepted" if outcome.update is None else "mapped"
