"""To the identity provider and back. What has to be remembered meanwhile is in a cookie of this browser alone."""

import base64
from hmac import compare_digest
from typing import Annotated

import msgspec
import structlog
from fastapi import Query
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access import is_secure
from api.context import Use
from api.oidc import Attempt, OidcError
from api.problems import Problem
from api.route import public, router
from api.services import Services
from api.web.sign_in import let_in, own_path, sign_in_form, visit_of
from api.web.users import base_url

routes = router(tag="pages", prefix="/sign-in/provider")
_COOKIE = "headrace_provider"
_LIFE_SECONDS = 600
_BACK = "/sign-in/provider/back"
Given = Annotated[str, Query(max_length=4_000)]

log = structlog.get_logger(__name__)


class _Remembered(Struct, frozen=True):
    """Where somebody was going, and how their coming back is told from another's."""

    state: str
    nonce: str
    verifier: str
    there: str


@routes.get("", include_in_schema=False)
@public
async def go(request: Request, services: Use) -> Response:
    """Send the browser to the provider."""
    _configured(services)
    there = own_path(request.query_params.get("next", ""))
    try:
        address, attempt = await services.oidc.begin(base_url(request) + _BACK)
    except OidcError as error:
        return _refused(request, there, error)
    answer = RedirectResponse(address, 303)
    remembered = _Remembered(attempt.state, attempt.nonce, attempt.verifier, there)
    text = base64.urlsafe_b64encode(msgspec.json.encode(remembered)).decode()
    secure = is_secure(request)
    # Lax, so that it comes back with the browser that the provider sends here.
    answer.set_cookie(
        _name(request), text, max_age=_LIFE_SECONDS, path="/", secure=secure, httponly=True, samesite="lax"
    )
    return answer


@routes.get("/back", include_in_schema=False)
@public
async def come_back(
    request: Request, services: Use, state: Given = "", code: Given = "", error: Given = ""
) -> Response:
    """Let in whom the provider has sent back."""
    _configured(services)
    remembered = _remembered(request)
    if remembered is None or not compare_digest(remembered.state.encode(), state.encode()):
        return _refused(request, "/", OidcError("this sign-in was not begun here, or too long ago"))
    answer = await _answer(request, services, remembered, code, error)
    answer.delete_cookie(_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return answer


async def _answer(request: Request, services: Services, told: _Remembered, code: str, error: str) -> Response:
    if error or not code:
        return _refused(request, told.there, OidcError(f"the provider refused ({error[:60] or 'no code'})"))
    attempt = Attempt(told.state, told.nonce, told.verifier)
    try:
        person = await services.oidc.finish(code, attempt, base_url(request) + _BACK)
    except OidcError as failed:
        return _refused(request, told.there, failed)
    outcome = await services.in_control(
        services.identity.sign_in_by_provider,
        person,
        services.oidc.default_role,
        visit_of(request),
        services.now_ms(),
    )
    if isinstance(outcome, str):
        return sign_in_form(request, told.there, fault=outcome, status=403)
    return let_in(request, services, outcome, own_path(told.there))


def _refused(request: Request, there: str, error: OidcError) -> Response:
    correlation = request.scope.get("correlation_id", "")
    log.warning("a sign-in by the provider failed", reason=str(error), correlation_id=correlation)
    text = f"Signing in with your company account did not work: {error}. Try again, or ask an admin."
    return sign_in_form(request, there, fault=text, status=401)


def _remembered(request: Request) -> _Remembered | None:
    try:
        raw = base64.urlsafe_b64decode(request.cookies.get(_name(request), ""))
        return msgspec.json.decode(raw, type=_Remembered)
    except ValueError:
        return None


def _name(request: Request) -> str:
    return f"__Host-{_COOKIE}" if is_secure(request) else _COOKIE


def _configured(services: Services) -> None:
    if not services.oidc.is_configured:
        raise Problem(404, "provider_none", "No identity provider is configured here: sign in by password.")
