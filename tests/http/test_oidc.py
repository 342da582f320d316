import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from joserfc.jwk import RSAKey

from api.control.audit import Wanted
from api.oidc import OpenId, roles_of
from api.roles import Role
from api.settings import ApiSettings
from tests.support.people import HTML, add_user, browser
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.support.system import System, new_pool, running_system


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connected(
    bootstrap: str, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """A system that knows the provider."""
    settings: dict[str, Any] = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_domains": "example.com, example.org",
        "oidc_roles": "oms-admins=admin,warehouse=floor,clerks=service",
    }
    async with running_system(bootstrap, tmp_path_factory.mktemp("oidc"), **settings) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def system(connected: System, provider: Provider) -> System:
    provider.be(secrets.token_hex(4), email=f"{secrets.token_hex(4)}@example.com", groups=["clerks"])
    return replace(connected, pool=new_pool())


async def to_provider(client: httpx2.AsyncClient, there: str = "/me") -> str:
    """Go to the provider and sign in there; gives the address it sends the browser back to."""
    away = await client.get("/sign-in/provider", params={"next": there}, headers=HTML)
    assert away.status_code == 303, away.text
    async with httpx2.AsyncClient() as elsewhere:
        back = await elsewhere.get(away.headers["location"])
    return str(back.headers["location"])


async def sign_in(client: httpx2.AsyncClient) -> httpx2.Response:
    return await client.get(await to_provider(client), headers=HTML)


async def test_the_sign_in_page_offers_it_only_where_it_is_configured(system: System, running: System) -> None:
    async with browser(system) as client:
        here = await client.get("/sign-in", headers=HTML)
    async with browser(running) as client:
        there = await client.get("/sign-in", headers=HTML)
        none = await client.get("/sign-in/provider")

    assert "/sign-in/provider" in here.text
    assert "/sign-in/provider" not in there.text
    assert (none.status_code, none.json()["code"]) == (404, "provider_none")


async def test_who_comes_with_a_mapped_group_is_added_with_that_role(system: System, provider: Provider) -> None:
    provider.be("s-1", email="Lee.Ann@Example.com", preferred_username="Lee Ann", groups=["other", "clerks"])
    async with browser(system) as client:
        came = await sign_in(client)
        me = await client.get("/me", headers=HTML)
    user = system.services.identity.users.named("lee-ann")

    assert (came.status_code, came.headers["location"]) == (303, "/me")
    assert "headrace_session=" in came.headers["set-cookie"]
    assert "<h1>lee-ann</h1>" in me.text
    assert user is not None
    assert (user.role, user.email, user.signs_in_elsewhere) == (Role.SERVICE, "lee.ann@example.com", True)
    actions = [one.line.action for one in system.services.audit.lines(Wanted(target="user:lee-ann"))]
    assert actions == ["sign_in", "add_user"]


async def test_a_role_that_changes_there_changes_here(system: System, provider: Provider) -> None:
    provider.be("s-2", email="kim@example.com", groups=["clerks"])
    async with browser(system) as client:
        await sign_in(client)
    provider.be("s-2", email="kim@example.com", groups=["oms-admins"])
    async with browser(system) as client:
        await sign_in(client)
        users = await client.get("/users", headers=HTML)
    [found] = [user for user in system.services.identity.users.list() if user.name == "kim"]

    assert (found.role, users.status_code) == (Role.ADMIN, 200)


async def test_who_was_invited_by_e_mail_keeps_the_place_that_the_admin_gave(
    system: System, provider: Provider
) -> None:
    users = system.services.identity.users
    users.add(
        name="pat",
        email="pat@example.com",
        role=Role.FLOOR,
        locations=("berlin",),
        actor="test",
        now_ms=system.services.now_ms(),
    )
    provider.be("s-3", email="pat@example.com", groups=["warehouse"])
    async with browser(system) as client:
        came = await sign_in(client)
    user = users.named("pat")

    assert came.status_code == 303
    assert user is not None
    assert (user.role, user.locations, user.signs_in_elsewhere) == (Role.FLOOR, ("berlin",), True)


@pytest.mark.parametrize(
    ("claims", "status", "text"),
    [
        ({"email": "x@elsewhere.example", "groups": ["clerks"]}, 401, "only addresses of example.com, example.org"),
        ({"email": "x@example.com", "email_verified": False, "groups": ["clerks"]}, 401, "only addresses of"),
        ({"email": "x1@example.com", "groups": ["unknown"]}, 403, "Nobody has given you a role"),
        ({"email": "x2@example.com", "groups": ["warehouse"]}, 403, "bound to locations"),
    ],
)
async def test_who_has_no_place_here_stays_out(
    system: System, provider: Provider, claims: dict[str, Any], status: int, text: str
) -> None:
    provider.be("s-out", **claims)
    before = len(system.services.identity.users.list())
    async with browser(system) as client:
        refused = await sign_in(client)

    assert (refused.status_code, text in refused.text) == (status, True), refused.text
    assert "headrace_session" not in refused.headers.get("set-cookie", "")
    assert len(system.services.identity.users.list()) == before


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "of another attempt"},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 3_600},
        {"iat": int(time.time()) + 3_600},
    ],
    ids=["nonce", "audience", "party", "issuer", "expired", "future"],
)
async def test_a_token_that_is_not_for_us_now_is_refused(
    system: System, provider: Provider, spoil: dict[str, Any]
) -> None:
    provider.spoil = spoil
    async with browser(system) as client:
        refused = await sign_in(client)

    assert refused.status_code == 401, refused.text
    assert "headrace_session" not in refused.headers.get("set-cookie", "")


async def test_a_token_signed_by_somebody_else_is_refused(system: System, provider: Provider) -> None:
    provider.signed_by = RSAKey.generate_key(2048, {"kid": "k1"})
    async with browser(system) as client:
        refused = await sign_in(client)

    assert (refused.status_code, "not signed by the provider" in refused.text) == (401, True)


async def test_new_keys_of_the_provider_are_taken_up(system: System, provider: Provider) -> None:
    async with browser(system) as client:
        before = await sign_in(client)
        provider.key = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig", "alg": "RS256"})
        after = await sign_in(client)

    assert (before.status_code, after.status_code) == (303, 303)


async def test_coming_back_takes_the_state_of_this_browser_and_the_code_once(
    system: System, provider: Provider
) -> None:
    async with browser(system) as client:
        back = await to_provider(client)
        given = provider.tokens_given
        async with browser(system) as victim:
            planted = await victim.get(back, headers=HTML)
        cookie = client.cookies["headrace_provider"]
        forged = await client.get(back.replace("state=", "state=x"), headers=HTML)
        assert provider.tokens_given == given, "no code is even sent for a state that is not this browser's"
        back = await to_provider(client)
        cookie = client.cookies["headrace_provider"]
        came = await client.get(back, headers=HTML)
        client.cookies.set("headrace_provider", cookie)
        again = await client.get(back, headers=HTML)

    assert (planted.status_code, forged.status_code) == (401, 401)
    assert (came.status_code, again.status_code) == (303, 401)


async def test_the_way_there_has_a_challenge_and_no_secret(system: System) -> None:
    async with browser(system) as client:
        away = await client.get("/sign-in/provider", params={"next": "//elsewhere.example"}, headers=HTML)
        back = urlsplit(away.headers["location"])
        async with httpx2.AsyncClient() as elsewhere:
            sent = await elsewhere.get(away.headers["location"])
        came = await client.get(sent.headers["location"], headers=HTML)
    query = parse_qs(back.query)

    assert query["redirect_uri"] == ["http://headrace.test/sign-in/provider/back"]
    assert (query["code_challenge_method"], query["scope"]) == (["S256"], ["openid profile email"])
    assert CLIENT_SECRET not in away.headers["location"]
    assert "HttpOnly" in away.headers["set-cookie"]
    assert "SameSite=lax" in away.headers["set-cookie"]
    assert came.headers["location"] == "/"


async def test_a_provider_that_calls_itself_otherwise_or_is_gone_is_told(provider: Provider, system: System) -> None:
    provider.told_issuer = "https://elsewhere.example"
    fresh = OpenId(system.settings, system.services.now_ms)
    with pytest.raises(Exception, match="calls itself"):
        await fresh.begin("http://headrace.test/sign-in/provider/back")
    gone = OpenId(system.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"}), system.services.now_ms)
    with pytest.raises(Exception, match="does not answer"):
        await gone.begin("http://headrace.test/sign-in/provider/back")


async def test_who_is_disabled_here_stays_out_whatever_the_provider_says(system: System, provider: Provider) -> None:
    provider.be("s-off", email="off@example.com", groups=["clerks"])
    async with browser(system) as client:
        await sign_in(client)
    user = system.services.identity.users.named("off")
    assert user is not None
    system.services.identity.users.change(
        user.user_id, actor="test", reason="", now_ms=system.services.now_ms(), disabled=True
    )
    add_user(system, f"admin-{system.pool}", Role.ADMIN)
    async with browser(system) as client:
        refused = await sign_in(client)

    assert (refused.status_code, "disabled" in refused.text) == (403, True)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"oidc_issuer": "http://sso.example.com", "oidc_client_id": "x"}, "begin it with https://"),
        ({"oidc_issuer": "https://sso.example.com"}, "HEADRACE_OIDC_CLIENT_ID is missing"),
        ({"oidc_roles": "admins"}, "VALUE=ROLE"),
        ({"oidc_default_role": "boss"}, "boss"),
    ],
)
def test_wrong_settings_end_the_start(fields: dict[str, str], text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=text):
        OpenId(ApiSettings(data_dir=tmp_path, **fields), lambda: 0)  # type: ignore[arg-type]


def test_roles_are_read_in_their_order() -> None:
    assert roles_of("a=admin, b=c=ops") == [("a", Role.ADMIN), ("b=c", Role.OPS)]
