"""People in a browser: signed in for a test, with the cookie and the token that their pages carry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from api.access import CSRF_HEADER, SESSION_COOKIE
from api.control.identity import Visit
from api.control.sessions import csrf_token_of
from api.control.user import User
from api.roles import Role
from tests.support.system import System

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def add_user(
    system: System, name: str, role: Role, *, pools: tuple[str, ...] = ("*",), locations: tuple[str, ...] = ()
) -> User:
    """Add somebody, with a location if their role needs one."""
    if role.is_bound_to_locations and not locations:
        locations = ("berlin",)
    return system.services.identity.users.add(
        name=name, role=role, pools=pools, locations=locations, actor="test", now_ms=system.services.now_ms()
    )


@asynccontextmanager
async def signed_in(system: System, user: User) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a browser in which somebody is signed in; its changes carry their session's token."""
    identity, now_ms = system.services.identity, system.services.now_ms()
    secret = identity.let_in(user, Visit("127.0.0.1", "test", None), now_ms, by="test").secret
    async with browser(system) as client:
        client.cookies.set(SESSION_COOKIE, secret)
        client.headers[CSRF_HEADER] = csrf_token_of(secret)
        yield client


def browser(system: System) -> httpx2.AsyncClient:
    """Give a browser in which nobody is signed in."""
    transport = httpx2.ASGITransport(app=system.app)
    return httpx2.AsyncClient(
        transport=transport,
        base_url="http://headrace.test",
        headers={"Prefer": "wait=20", "Sec-Fetch-Site": "same-origin"},
    )
