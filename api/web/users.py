"""The people: invite them, give them roles, disable them. For those who may, and only for all pools."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import Use, Who, principal_of, services_of
from api.control.links import INVITATION_MS
from api.control.user import User, UserError
from api.forms import form_lists_of
from api.present import pool_view_of
from api.problems import Problem
from api.roles import PURPOSES, SCOPES, Role
from api.route import router
from api.security import ALL_POOLS, Principal, Scope, needs, not_here
from api.services import Services
from api.web.render import page

routes = router(tag="pages", prefix="/users")
_REASON_MAX = 300


@routes.get("", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def users_page(request: Request) -> Response:
    """Everybody."""
    return await _page(request)


@routes.post("", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def invite(request: Request, services: Use, who: Who) -> Response:
    """Add somebody, and show the link that they choose their password under."""
    every_pool(who)
    form = await form_lists_of(request)
    role = role_of(one(form, "role"))
    pools, locations = form.get("pool", [ALL_POOLS]), form.get("location", [])
    check_gift(who, role, pools)
    identity, now_ms = services.identity, services.now_ms()

    def add() -> User:
        return identity.users.add(
            name=one(form, "name"),
            email=one(form, "email"),
            role=role,
            pools=pools,
            locations=locations,
            actor=who.actor,
            now_ms=now_ms,
        )

    try:
        user = await services.in_control(add)
    except UserError as error:
        return await _page(request, fault=str(error), form=form, status=422)
    return await _page(request, link=await _link(request, services, user, who), invited=user)


@routes.get("/{user_id}", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def user_page(request: Request, user_id: str) -> Response:
    """Somebody, and what can be changed."""
    return await _user_page(request, user_id)


@routes.post("/{user_id}", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def change(request: Request, user_id: str, who: Who) -> Response:
    """Give another role, other pools or locations."""
    every_pool(who)
    form = await form_lists_of(request)
    role = role_of(one(form, "role"))
    pools, locations = form.get("pool", [ALL_POOLS]), form.get("location", [])
    check_gift(who, role, pools)
    return await _changed(request, user_id, form, {"role": role, "pools": pools, "locations": locations})


@routes.post("/{user_id}/disable", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def disable(request: Request, user_id: str, who: Who) -> Response:
    """Sign them out everywhere and let them in no more."""
    every_pool(who)
    return await _changed(request, user_id, await form_lists_of(request), {"disabled": True})


@routes.post("/{user_id}/enable", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def enable(request: Request, user_id: str, who: Who) -> Response:
    """Let them in again."""
    every_pool(who)
    return await _changed(request, user_id, await form_lists_of(request), {"disabled": False})


@routes.post("/{user_id}/link", include_in_schema=False)
@needs(Scope.USERS_WRITE)
async def give_link(request: Request, user_id: str, services: Use, who: Who) -> Response:
    """Show a new link under which they choose a password."""
    every_pool(who)
    user = _known(services, user_id)
    check_gift(who, user.role, list(user.pools))
    if user.disabled_at_ms is not None:
        raise Problem(409, "user_disabled", f"{user.name} is disabled: enable them first.")
    return await _user_page(request, user_id, link=await _link(request, services, user, who))


def every_pool(who: Principal) -> None:
    """People and keys are the whole system's, so who sees only some pools does not see them.

    Raises:
        Problem: 404.
    """
    if ALL_POOLS not in who.pools:
        raise not_here()


def check_gift(who: Principal, role: Role, pools: list[str]) -> None:
    """Let nobody give what they do not have.

    Raises:
        Problem: 403.
    """
    if not who.may_give(SCOPES[role], frozenset(pools)):
        raise Problem(403, "role_too_high", f"The role {role} may do more than you, so you cannot give it.")


def role_of(text: str) -> Role:
    """Read a role.

    Raises:
        Problem: 422.
    """
    try:
        return Role(text)
    except ValueError:
        raise Problem(422, "role_unknown", f"{text!r} is no role: choose one of {', '.join(Role)}.") from None


def one(form: dict[str, list[str]], name: str, default: str = "") -> str:
    """Give a field that comes once."""
    return form.get(name, [default])[-1].strip()


def base_url(request: Request) -> str:
    """Give where people reach these pages."""
    given: str = services_of(request).settings.public_url
    return (given or str(request.base_url)).rstrip("/")


async def places_of(services: Services, who: Principal) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give each pool with the ids and names of its locations."""
    rows = await services.views.pools()
    views = [(pool, pool_view_of(body)) for pool, body in rows if who.sees(pool)]
    return [(pool, [(one.location_id, one.name or one.location_id) for one in view.locations]) for pool, view in views]


async def _changed(request: Request, user_id: str, form: dict[str, list[str]], what: dict[str, Any]) -> Response:
    services, who = services_of(request), principal_of(request)
    user = _known(services, user_id)
    check_gift(who, user.role, list(user.pools))
    reason, now_ms = one(form, "reason")[:_REASON_MAX], services.now_ms()

    def change() -> User:
        return services.identity.users.change(user_id, actor=who.actor, reason=reason, now_ms=now_ms, **what)

    try:
        await services.in_control(change)
    except UserError as error:
        return await _user_page(request, user_id, fault=str(error), status=409)
    return RedirectResponse(f"/users/{user_id}?done=1", 303)


async def _link(request: Request, services: Services, user: User, who: Principal) -> str:
    links, now_ms = services.identity.links, services.now_ms()
    token = await services.in_control(lambda: links.make(user, actor=who.actor, now_ms=now_ms, life_ms=INVITATION_MS))
    return f"{base_url(request)}/link/{token}"


async def _page(request: Request, *, status: int = 200, **context: Any) -> Response:
    services, who = services_of(request), principal_of(request)
    every_pool(who)
    given = {"fault": "", "form": {}, "link": "", "invited": None} | context
    people = services.identity.users.list()
    return page(request, "people/users.html", status=status, people=people, **await _choices(services, who), **given)


async def _user_page(request: Request, user_id: str, *, status: int = 200, **context: Any) -> Response:
    services, who = services_of(request), principal_of(request)
    every_pool(who)
    user = _known(services, user_id)
    given = {"fault": "", "link": "", "done": "done" in request.query_params} | context
    sessions = services.identity.sessions.list(user_id, services.now_ms())
    shown = {"user": user, "sessions": sessions} | await _choices(services, who) | given
    return page(request, "people/user.html", status=status, **shown)


async def _choices(services: Services, who: Principal) -> dict[str, Any]:
    roles = [(role, PURPOSES[role]) for role in Role if who.may_give(SCOPES[role], frozenset())]
    return {"roles": roles, "places": await places_of(services, who)}


def _known(services: Services, user_id: str) -> User:
    user = services.identity.users.find(user_id)
    if user is None:
        raise Problem(404, "user_unknown", "There is nobody of this id: list the users again.")
    return user
