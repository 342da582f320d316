"""How a request shows who it comes from: a key for machines, a session's cookie for people in a browser."""

from typing import NamedTuple
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection, Request

from api.control.sessions import csrf_token_of, is_csrf_token
from api.forms import form_lists_of, is_form
from api.problems import Problem
from api.security import Keyring, Principal, digest_of, unknown

SESSION_COOKIE = "headrace_session"
# Browsers take a cookie of this name only over HTTPS, for this host alone, so that no neighbouring host can set it.
SECURE_SESSION_COOKIE = "__Host-headrace_session"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
_FOR_MACHINES = ("/v1/", "/health/", "/metrics", "/openapi.json", "/static/")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})


class Visitor(NamedTuple):
    """Who asks, and the secret of their session if they came with one."""

    principal: Principal
    session: str | None


def authenticate(request: HTTPConnection, keyring: Keyring, sessions: Keyring, now_ms: int) -> Visitor:
    """Give who asks, by `Authorization: Bearer KEY` or by the session's cookie.

    Raises:
        Problem: 401 without either, or with one that does not hold.
    """
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and key:
        principal = keyring.find(digest_of(key.strip()), now_ms)
        if principal is None:
            raise unknown("key_invalid", "This API key is unknown, revoked or expired: ask for a new one.")
        return Visitor(principal, None)
    secret = session_secret_of(request)
    if secret is None:
        raise unknown("key_missing", "Send your API key as `Authorization: Bearer KEY` (headrace keys create).")
    principal = sessions.find(digest_of(secret), now_ms)
    if principal is None:
        raise unknown("session_ended", "You are not signed in any more: sign in again.")
    return Visitor(principal, secret)


def session_secret_of(request: HTTPConnection) -> str | None:
    """Give what the session's cookie holds; over HTTPS only the one that no neighbouring host can have set."""
    return request.cookies.get(SECURE_SESSION_COOKIE if is_secure(request) else SESSION_COOKIE)


def is_secure(request: HTTPConnection) -> bool:
    """Tell whether people come by HTTPS, also where a proxy ends it."""
    public_url: str = request.app.state.services.settings.public_url
    return public_url.startswith("https://") or request.url.scheme == "https"


def sign_in_url(path: str) -> str:
    """Give where somebody signs in to come back to a path."""
    return "/sign-in" if path == "/" else f"/sign-in?next={quote(path, safe='/')}"


def csrf_of(visitor: Visitor) -> str:
    """Give the token for the forms of this session's pages; keys need none."""
    return "" if visitor.session is None else csrf_token_of(visitor.session)


async def check_csrf(request: Request, visitor: Visitor) -> None:
    """Refuse a change that another site makes a signed-in browser send.

    Raises:
        Problem: 403.
    """
    if visitor.session is None or request.method in _SAFE_METHODS:
        return
    check_own_site(request)
    token = request.headers.get(CSRF_HEADER, "")
    if not token and is_form(request):
        [token, *_] = (await form_lists_of(request)).get(CSRF_FIELD, [""])
    if not is_csrf_token(visitor.session, token):
        raise Problem(403, "csrf_token_wrong", "This form is not of your present session: load the page again.")


def check_own_site(request: Request) -> None:
    """Refuse a form that another site's page has sent; browsers say where it comes from.

    Raises:
        Problem: 403.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = site not in _OWN_SITES if site is not None else origin is not None and not _is_own(request, origin)
    if foreign:
        raise Problem(403, "other_site", "This was sent by a page of another site: open it here and try again.")


def is_for_machines(path: str) -> bool:
    """Tell the paths of the API from those of pages."""
    return path.startswith(_FOR_MACHINES)


def _is_own(request: Request, origin: str) -> bool:
    return urlsplit(origin).netloc == request.headers.get("host", "")
