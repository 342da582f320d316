"""Keys for machines: made here, shown once, revoked here. Nobody makes a key that may do more than they may."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import Use, Who, principal_of, services_of
from api.control.keys import ApiKey
from api.forms import form_lists_of
from api.problems import Problem
from api.route import router
from api.security import ALL_POOLS, Principal, Scope, needs
from api.web.render import page
from api.web.users import every_pool, one

routes = router(tag="pages", prefix="/keys")
_NAME_MAX = 60
_REASON_MAX = 300
_DAY_MS = 86_400_000
_DAYS_MAX = 3_650


@routes.get("", include_in_schema=False)
@needs(Scope.KEYS_WRITE)
async def keys_page(request: Request) -> Response:
    """All keys, without what opens anything."""
    return _page(request)


@routes.post("", include_in_schema=False)
@needs(Scope.KEYS_WRITE)
async def create_key(request: Request, services: Use, who: Who) -> Response:
    """Make a key and show it, now and never again."""
    every_pool(who)
    form = await form_lists_of(request)
    name, days, now_ms = one(form, "name"), _days_of(one(form, "days")), services.now_ms()
    if not 1 <= len(name) <= _NAME_MAX or not name.isprintable():
        return _page(
            request, fault=f"A key needs a name of up to {_NAME_MAX} characters: who uses it?", form=form, status=422
        )
    scopes, pools = _scopes_of(form), frozenset(form.get("pool", [ALL_POOLS]))
    if not scopes:
        return _page(request, fault="Choose at least one thing that the key may do.", form=form, status=422)
    _check_gift(who, scopes, pools)
    ends_at_ms = None if days is None else now_ms + days * _DAY_MS

    def create() -> tuple[str, ApiKey]:
        return services.keyring.create(
            name=name, scopes=scopes, pools=pools, actor=who.actor, now_ms=now_ms, expires_at_ms=ends_at_ms
        )

    text, key = await services.in_control(create)
    return _page(request, made=text, made_key=key)


@routes.post("/{key_id}/revoke", include_in_schema=False)
@needs(Scope.KEYS_WRITE)
async def revoke_key(request: Request, key_id: str, services: Use, who: Who) -> Response:
    """End a key now."""
    every_pool(who)
    reason, now_ms = one(await form_lists_of(request), "reason")[:_REASON_MAX], services.now_ms()
    key = next((key for key in services.keyring.list() if key.key_id == key_id), None)
    if key is not None:
        _check_gift(who, frozenset(key.scopes), frozenset(key.pools))

    def revoke() -> bool:
        return services.keyring.revoke(key_id, actor=who.actor, reason=reason, now_ms=now_ms)

    if not await services.in_control(revoke):
        raise Problem(404, "key_unknown", "There is no living key of this id: load the page again.")
    return RedirectResponse("/keys?done=revoked", 303)


def _page(request: Request, *, status: int = 200, **context: Any) -> Response:
    services, who = services_of(request), principal_of(request)
    every_pool(who)
    given = {"fault": "", "form": {}, "made": "", "made_key": None, "done": "done" in request.query_params} | context
    shown = {
        "keys": services.keyring.list()[::-1],
        "scopes": [scope for scope in Scope if who.may_give(frozenset({scope}), frozenset())],
        "all_pools": services.views.pool_names(),
    }
    return page(request, "people/keys.html", status=status, **shown, **given)


def _scopes_of(form: dict[str, list[str]]) -> frozenset[Scope]:
    try:
        return frozenset(Scope(text) for text in form.get("scope", []))
    except ValueError:
        raise Problem(422, "scope_unknown", f"Choose from {', '.join(Scope)}.") from None


def _days_of(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _DAYS_MAX:
        raise Problem(422, "days_invalid", f"A key ends after 1 to {_DAYS_MAX} days, or never.", field="days")
    return int(text)


def _check_gift(who: Principal, scopes: frozenset[Scope], pools: frozenset[str]) -> None:
    if not who.may_give(scopes, pools):
        raise Problem(403, "scope_too_high", "This key may do more than you, so you can neither make nor end it.")
