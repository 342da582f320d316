"""Signing in and out, and the one-time link under which somebody chooses a password."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access import SECURE_SESSION_COOKIE, SESSION_COOKIE, check_own_site, is_secure, session_secret_of
from api.context import Use, Who, services_of
from api.control.identity import SignedIn, Visit, Wait, wait_text
from api.control.passwords import LENGTH_MIN
from api.forms import form_of
from api.route import public, router
from api.security import digest_of, needs
from api.services import Services
from api.web.render import page

routes = router(tag="pages")
_WRONG = "Name or password is wrong."
_AGENT_MAX = 120


@routes.get("/sign-in", include_in_schema=False)
@public
async def sign_in_page(request: Request, services: Use) -> Response:
    """The form; who is signed in goes on to where they wanted to be."""
    there = own_path(request.query_params.get("next", ""))
    secret = session_secret_of(request)
    if secret is not None and services.identity.sessions.find(digest_of(secret), services.now_ms()) is not None:
        return RedirectResponse(there, 303)
    return sign_in_form(request, there)


@routes.post("/sign-in", include_in_schema=False)
@public
async def sign_in(request: Request, services: Use) -> Response:
    """Let somebody in by name and password."""
    check_own_site(request)
    form = await form_of(request)
    there, name = own_path(form.get("next", "")), form.get("name", "")
    outcome = await services.in_identity(
        services.identity.sign_in, name, form.get("password", ""), visit_of(request), services.now_ms()
    )
    if isinstance(outcome, Wait):
        answer = sign_in_form(request, there, name=name, fault=wait_text(outcome.milliseconds), status=429)
        answer.headers["Retry-After"] = str(-(-outcome.milliseconds // 1000))
        return answer
    if outcome is None:
        return sign_in_form(request, there, name=name, fault=_WRONG, status=401)
    return let_in(request, services, outcome, there)


@routes.get("/sign-out", include_in_schema=False)
@needs(located=True)
async def sign_out_page(request: Request) -> Response:
    """Asks, since a link alone must not sign anybody out."""
    return page(request, "sign_out.html")


@routes.post("/sign-out", include_in_schema=False)
@needs(located=True)
async def sign_out(request: Request, services: Use, who: Who) -> Response:
    """End this session."""
    user, secret = services.identity.users.find(who.key_id), request.scope["session"]
    if user is not None and secret is not None:
        await services.in_control(services.identity.sign_out, user, secret, services.now_ms())
    return signed_out(request)


@routes.get("/link/{token}", include_in_schema=False)
@public
async def link_page(request: Request, token: str, services: Use) -> Response:
    """The form for a password; looking at it does not use the link up."""
    return _link_form(request, services, token)


@routes.post("/link/{token}", include_in_schema=False)
@public
async def use_link(request: Request, token: str, services: Use) -> Response:
    """Set the password and let them in."""
    check_own_site(request)
    form = await form_of(request)
    if form.get("password", "") != form.get("again", ""):
        return _link_form(request, services, token, fault="The two are not the same: type it again.", status=422)
    outcome = await services.in_identity(
        services.identity.sign_in_by_link, token, form.get("password", ""), visit_of(request), services.now_ms()
    )
    if isinstance(outcome, str):
        return _link_form(request, services, token, fault=outcome, status=422)
    return let_in(request, services, outcome, "/")


def own_path(wanted: str) -> str:
    """Give where to go after signing in: a path of this site, whatever the address bar was made to hold."""
    parts = urlsplit(wanted)
    is_own = wanted.startswith("/") and not parts.scheme and not parts.netloc
    # Browsers read a backslash as a slash and skip control characters, so `/\host` would leave the site.
    if (
        not is_own
        or wanted.startswith("//")
        or "\\" in wanted
        or any(ord(character) < ord(" ") for character in wanted)
    ):
        return "/"
    return "/" if parts.path in {"/sign-in", "/sign-out"} else wanted


def visit_of(request: Request) -> Visit:
    """Give where a sign-in comes from."""
    address = request.client.host if request.client is not None else ""
    return Visit(address, request.headers.get("user-agent", "")[:_AGENT_MAX], session_secret_of(request))


def let_in(request: Request, services: Services, came: SignedIn, there: str) -> Response:
    """Put the session into a cookie that scripts cannot read, and go on."""
    answer = RedirectResponse(there, 303)
    secure = is_secure(request)
    answer.set_cookie(
        SECURE_SESSION_COOKIE if secure else SESSION_COOKIE,
        came.secret,
        max_age=services.settings.session_days * 86_400,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def signed_out(request: Request) -> Response:
    """Take the cookie away."""
    answer = RedirectResponse("/sign-in", 303)
    secure = is_secure(request)
    name = SECURE_SESSION_COOKIE if secure else SESSION_COOKIE
    answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def sign_in_form(request: Request, there: str, *, name: str = "", fault: str = "", status: int = 200) -> Response:
    """Give the form, with what was wrong the last time."""
    by_provider = services_of(request).oidc.is_configured
    given = {"there": there, "name": name, "fault": fault, "by_provider": by_provider}
    return page(request, "sign_in.html", status=status, **given)


def _link_form(request: Request, services: Services, token: str, *, fault: str = "", status: int = 200) -> Response:
    link = services.identity.links.find(token, services.now_ms())
    user = services.identity.users.find(link.user_id) if link is not None else None
    if link is None or user is None:
        return page(request, "link_over.html", status=404)
    given = {"user": user, "is_password_needed": link.is_password_needed, "length_min": LENGTH_MIN, "fault": fault}
    return page(request, "link.html", status=status, **given)
