"""One kind of route for everything: first who asks, then a strictly read body, then the endpoint.

FastAPI would read and check the body before any dependency, so a stranger's body would be looked at first.
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api import strict_json
from api.access import authenticate, check_csrf, csrf_of, is_for_machines
from api.invalid import problem_of
from api.problems import Problem
from api.security import LOCATED_ATTRIBUTE, SCOPES_ATTRIBUTE, Principal, Scope, authorize, not_here

PUBLIC = "public"
_JSON = "application/json"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def public(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that needs no key: health and metrics, which tell nothing of anybody."""
    setattr(endpoint, SCOPES_ATTRIBUTE, PUBLIC)
    return endpoint


class StrictRequest(Request):
    """Reads the body up to a limit and hands FastAPI the model itself, made in one strict pass over the text."""

    model: type[BaseModel] | None = None
    bytes_max = 0

    async def body(self) -> bytes:
        if hasattr(self, "_body"):
            return self._body
        if self.model is not None and self.headers.get("content-type", "").split(";")[0].strip().lower() != _JSON:
            raise Problem(415, "content_type_unsupported", f"Send the body as `Content-Type: {_JSON}`.")
        self._body = await self._read()
        if not self._body and self.model is not None:
            raise Problem(400, "json_malformed", "The body is empty: send a JSON object.")
        return self._body

    async def json(self) -> Any:
        raw = await self.body()
        strict_json.check(raw)
        assert self.model is not None
        try:
            return self.model.model_validate_json(raw)
        except ValidationError as error:
            raise problem_of(error.errors(include_url=False), inside="body") from None

    async def _read(self) -> bytes:
        declared = self.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > self.bytes_max:
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0
        try:
            async for chunk in self.stream():
                size += len(chunk)
                if size > self.bytes_max:
                    raise self._too_large()
                chunks.append(chunk)
        except ClientDisconnect:
            raise Problem(400, "body_incomplete", "The connection ended within the body: send it again.") from None
        return b"".join(chunks)

    def _too_large(self) -> Problem:
        detail = f"The body is over {self.bytes_max} bytes: send less in one request, for example fewer lines or items."
        return Problem(413, "body_too_large", detail)


class StrictRoute(APIRoute):
    """A route that demands a scope; one that names none cannot be made."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.scopes: tuple[Scope, ...] | str | None = getattr(endpoint, SCOPES_ATTRIBUTE, None)
        if self.scopes is None:
            raise TypeError(f"{path}: mark the endpoint with @needs(scope), so that access is denied by default")
        self.located: bool = getattr(endpoint, LOCATED_ATTRIBUTE, False)
        if self.scopes != PUBLIC:
            extra = options.get("openapi_extra") or {}
            options["openapi_extra"] = extra | {"security": [{"apiKey": list(self.scopes)}]}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        assert self.scopes is not None
        scopes: tuple[Scope, ...] | str = self.scopes
        field = self.body_field
        model: Any = field.field_info.annotation if field is not None else None
        assert model is None or issubclass(model, BaseModel)

        async def handle_strictly(request: Request) -> Response:
            services = request.app.state.services
            strict = StrictRequest(request.scope, request.receive)
            strict.model = model
            strict.bytes_max = services.settings.body_bytes_max
            if not isinstance(scopes, str):
                visitor = authenticate(request, services.keyring, services.identity.sessions, services.now_ms())
                self._admit(visitor.principal, scopes, request)
                await check_csrf(strict, visitor)
                request.scope["principal"] = visitor.principal
                request.scope["session"] = visitor.session
                request.scope["csrf"] = csrf_of(visitor)
            return await handle(strict)

        return handle_strictly

    def _admit(self, principal: Principal, scopes: tuple[Scope, ...], request: Request) -> None:
        try:
            authorize(principal, scopes, request.path_params.get("pool"), located=self.located)
        except Problem as problem:
            # A page that is not for somebody is not there for them; an action says that it is not allowed.
            if problem.code == "scope_missing" and request.method == "GET" and not is_for_machines(request.url.path):
                raise not_here() from None
            raise


def router(*, tag: str, prefix: str = "") -> APIRouter:
    """Give a router whose routes are all strict."""
    return APIRouter(prefix=prefix, route_class=StrictRoute, tags=[tag])
