"""Puts the API together from its services."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import metadata
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.answers import answer
from api.exports import Exports
from api.invalid import problem_of
from api.middleware import Envelope
from api.problems import Problem
from api.route import router
from api.routes import (
    accounts,
    availability,
    connections,
    customers,
    dead_letters,
    demo,
    events,
    exports,
    fulfillments,
    going_live,
    health,
    hooks,
    listings,
    mails,
    order_changes,
    orders,
    pools,
    queues,
    stock,
    webhooks,
    why,
)
from api.security import needs
from api.services import Services
from api.web import (
    assets,
    audit,
    keys,
    me,
    now,
    order_actions,
    order_edit,
    provider,
    set_up,
    sign_in,
    stock_actions,
    tracking,
    unmapped,
    users,
    work,
)
from api.web import connections as connections_page
from api.web import demo as demo_page
from api.web import mails as mails_page
from api.web import order as order_page
from api.web import orders as orders_page
from api.web import pools as pool_pages
from api.web import stock as stock_page
from api.web.now_screen import Screen
from api.web.often import Often
from api.web.problem_page import answer_problem

_DESCRIPTION = """Order management on a stream: every write is a command that is on record when it is answered.

Amounts are integers in minor units; times are ISO 8601, in UTC in answers. Send your key as
`Authorization: Bearer KEY`. Errors are RFC 9457 problem documents with a stable `code`.
"""
_CODES = {404: "not_found", 405: "method_not_allowed"}


# Routes are tried in this order: what is asked most comes first.
# The list of orders and its exports come before what takes the rest of the path for an order's id.
_MACHINES = (
    exports,
    order_changes,
    orders,
    why,
    stock,
    availability,
    queues,
    fulfillments,
    events,
    listings,
    mails,
    pools,
    health,
    customers,
    dead_letters,
    hooks,
    accounts,
    going_live,
    webhooks,
    connections,
)
_PEOPLE = (
    assets,
    pool_pages,
    now,
    orders_page,
    order_page,
    order_actions,
    order_edit,
    work,
    unmapped,
    stock_page,
    stock_actions,
    set_up,
    connections_page,
    mails_page,
    sign_in,
    provider,
    me,
    users,
    keys,
    audit,
    tracking,
)


def create_app(services: Services) -> FastAPI:
    """Give the application; starting and stopping it starts and stops the services."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.start()
        try:
            yield
        finally:
            await services.stop()

    app = FastAPI(
        title="Headrace",
        version=metadata.version("headrace"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        # Documents are for those with a key; see below.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.screen = Screen(services)
    app.state.exports = Exports()
    app.state.tracking_often = Often(services.settings.tracking_per_minute)
    for module in _MACHINES + _PEOPLE:
        app.include_router(module.routes)
    if services.settings.demo:
        app.include_router(demo.routes)
        app.include_router(demo_page.routes)
    app.include_router(_documents(app))
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_middleware(Envelope, metrics=services.metrics)
    return app


def openapi_of(app: FastAPI) -> Mapping[str, Any]:
    """Give the OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["apiKey"] = {"type": "http", "scheme": "bearer", "description": "headrace keys create"}
        app.openapi_schema = document
    return app.openapi_schema


def _documents(app: FastAPI) -> Any:
    routes = router(tag="documents")

    @routes.get("/openapi.json", include_in_schema=False)
    @needs()
    async def openapi() -> Response:
        return answer(openapi_of(app))

    return routes


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        problem = error
    else:
        code = _CODES.get(error.status_code, "request_invalid")
        headers = dict(error.headers) if error.headers else None
        detail = f"{error.detail}: see /openapi.json for what there is."
        problem = Problem(error.status_code, code, detail, headers=headers)
    return answer_problem(request, problem)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    inside = str(errors[0]["loc"][0])
    problem = problem_of(errors, inside=inside)
    return answer_problem(request, problem)
