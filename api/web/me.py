"""What everybody may do with their own account: change the password, see where they are signed in, end that."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.context import Use, Who, principal_of, services_of
from api.control.passwords import LENGTH_MIN
from api.control.sessions import session_id_of
from api.control.user import User
from api.forms import form_of
from api.roles import PURPOSES
from api.route import router
from api.security import Principal, digest_of, needs, not_here
from api.services import Services
from api.web.render import page
from api.web.sign_in import let_in, signed_out, visit_of

routes = router(tag="pages", prefix="/me")


@routes.get("", include_in_schema=False)
@needs(located=True)
async def me_page(request: Request) -> Response:
    """One's own account."""
    return _page(request)


@routes.post("/password", include_in_schema=False)
@needs(located=True)
async def change_password(request: Request, services: Use, who: Who) -> Response:
    """Change the password; every session but this one ends."""
    user = person(services, who)
    form = await form_of(request)
    new = form.get("password", "")
    if new != form.get("again", ""):
        return _page(request, fault="The two are not the same: type it again.", status=422)
    outcome = await services.in_identity(
        services.identity.change_password, user, form.get("old", ""), new, visit_of(request), services.now_ms()
    )
    if isinstance(outcome, str):
        return _page(request, fault=outcome, status=422)
    return let_in(request, services, outcome, "/me?done=1")


@routes.post("/sign-out-everywhere", include_in_schema=False)
@needs(located=True)
async def sign_out_everywhere(request: Request, services: Use, who: Who) -> Response:
    """End every session, this one too."""
    user = person(services, who)
    await services.in_control(services.identity.sign_out_everywhere, user, services.now_ms())
    return signed_out(request)


def person(services: Services, who: Principal) -> User:
    """Give who is signed in; a key has no account.

    Raises:
        Problem: 404.
    """
    user = services.identity.users.find(who.key_id) if who.is_person else None
    if user is None:
        raise not_here()
    return user


def _page(request: Request, *, status: int = 200, **context: Any) -> Response:
    services, who = services_of(request), principal_of(request)
    user = person(services, who)
    secret = request.scope["session"]
    given = {
        "user": user,
        "purpose": PURPOSES[user.role],
        "sessions": services.identity.sessions.list(user.user_id, services.now_ms()),
        "this_session": session_id_of(digest_of(secret)) if secret else "",
        "length_min": LENGTH_MIN,
        "done": "done" in request.query_params,
        "fault": "",
    }
    return page(request, "people/me.html", status=status, **given | context)
