import re
from itertools import count

import httpx2
import pytest

from api.access import CSRF_HEADER, SESSION_COOKIE
from api.control.identity import Visit
from api.control.sessions import csrf_token_of
from api.control.user import User
from api.roles import Role
from tests.support.at_rest import bytes_at_rest
from tests.support.people import HTML, add_user, browser, signed_in
from tests.support.system import System

PASSWORD = "four mild herons waiting"
_numbers = count(1)


async def person(system: System, role: Role = Role.VIEWER, password: str = PASSWORD) -> User:
    user = add_user(system, f"ann{next(_numbers)}", role)
    identity = system.services.identity
    kept = await system.services.in_identity(identity.passwords.hash, password)
    identity.users.set_password(user, kept, actor="test", now_ms=system.services.now_ms())
    return user


async def try_sign_in(
    client: httpx2.AsyncClient, name: str, password: str = PASSWORD, there: str = ""
) -> httpx2.Response:
    return await client.post("/sign-in", data={"name": name, "password": password, "next": there}, headers=HTML)


async def test_a_page_leads_to_sign_in_and_signing_in_leads_back(stocked: System) -> None:
    user = await person(stocked)
    async with browser(stocked) as client:
        away = await client.get(f"/p/{stocked.pool}?x=1", headers=HTML)
        form = await client.get(away.headers["location"], headers=HTML)
        came = await try_sign_in(client, user.name, there=f"/p/{stocked.pool}?x=1")
        orders = await client.get(f"{stocked.path}/orders")

    assert (away.status_code, away.headers["location"]) == (303, f"/sign-in?next=/p/{stocked.pool}%3Fx%3D1")
    assert f'value="/p/{stocked.pool}?x=1"' in form.text
    assert (came.status_code, came.headers["location"]) == (303, f"/p/{stocked.pool}?x=1")
    assert (orders.status_code, orders.json()["orders"]) == (200, [])


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(system: System) -> None:
    user = await person(system)
    async with browser(system) as client:
        came = await try_sign_in(client, user.name)
    cookie = came.headers["set-cookie"]

    assert re.fullmatch(r"headrace_session=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax", cookie), cookie


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(system: System) -> None:
    user = await person(system)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=system.app), base_url="https://headrace.test"
    ) as client:
        came = await try_sign_in(client, user.name)
        me = await client.get("/v1/pools")
        client.cookies.clear()
        planted = await client.get("/v1/pools", headers={"Cookie": f"{SESSION_COOKIE}={_secret_of(came)}"})

    assert came.headers["set-cookie"].startswith("__Host-headrace_session=")
    assert came.headers["set-cookie"].endswith("; Path=/; SameSite=lax; Secure")
    assert me.status_code == 200
    assert planted.status_code == 401


def _secret_of(answer: httpx2.Response) -> str:
    return answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(system: System) -> None:
    user = await person(system)
    async with browser(system) as client:
        wrong = await try_sign_in(client, user.name, "four mild herons leaving")
        nobody = await try_sign_in(client, "nobody-at-all")

    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.text.replace(user.name, "") == nobody.text.replace("nobody-at-all", "")
    assert "set-cookie" not in wrong.headers


async def test_a_session_that_was_planted_is_not_taken_over(system: System) -> None:
    user = await person(system)
    async with browser(system) as client:
        client.cookies.set(SESSION_COOKIE, "planted-by-somebody-else-0123456789abcdefgh")
        came = await try_sign_in(client, user.name)
        first = _secret_of(came)
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, first)
        second = _secret_of(await try_sign_in(client, user.name))
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, first)
        old = await client.get("/v1/pools")

    assert first != "planted-by-somebody-else-0123456789abcdefgh"
    assert first != second
    assert old.status_code == 401, "signing in again ends the session that the browser had"


@pytest.mark.parametrize(
    "there",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "elsewhere",
        "",
        "/sign-in",
        "/sign-out",
    ],
)
async def test_sign_in_leads_to_no_other_site(system: System, there: str) -> None:
    user = await person(system)
    async with browser(system) as client:
        came = await try_sign_in(client, user.name, there=there)
        again = await client.get("/sign-in", params={"next": there}, headers=HTML)

    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert (again.status_code, again.headers["location"]) == (303, "/")


async def test_a_change_by_cookie_needs_the_token_of_that_session(stocked: System) -> None:
    ops = add_user(stocked, f"ops{next(_numbers)}", Role.OPS)
    body = {"reason": "x"}
    url = f"{stocked.path}/orders/none/reroute"
    sent = stocked.sent
    async with signed_in(stocked, ops) as client:
        with_token = await client.post(url, json=body)
        client.headers[CSRF_HEADER] = csrf_token_of("another session")
        with_another = await client.post(url, json=body)
        del client.headers[CSRF_HEADER]
        without = await client.post(url, json=body)

    assert with_token.json()["code"] == "order_unknown"
    for refused in (with_another, without):
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_wrong")
    assert stocked.sent == sent + 1


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}],
)
async def test_a_form_on_another_site_neither_signs_in_nor_changes_anything(
    system: System, headers: dict[str, str]
) -> None:
    user = await person(system)
    async with browser(system) as client:
        del client.headers["Sec-Fetch-Site"]
        came = await client.post("/sign-in", data={"name": user.name, "password": PASSWORD}, headers=headers)
    async with signed_in(system, user) as client:
        del client.headers["Sec-Fetch-Site"]
        left = await client.post("/sign-out", headers=headers)
        still = await client.get("/v1/pools")

    assert (came.status_code, came.json()["code"], "set-cookie" in came.headers) == (403, "other_site", False)
    assert (left.status_code, still.status_code) == (403, 200)


async def test_signing_out_ends_the_session_on_our_side_too(system: System) -> None:
    user = await person(system)
    async with browser(system) as client:
        secret = _secret_of(await try_sign_in(client, user.name))
        asked = await client.get("/sign-out", headers=HTML)
        left = await client.post("/sign-out", data={"csrf": csrf_token_of(secret)})
        client.cookies.set(SESSION_COOKIE, secret)
        after = await client.get("/v1/pools")

    assert asked.status_code == 200
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert 'headrace_session=""' in left.headers["set-cookie"]
    assert (after.status_code, after.json()["code"]) == (401, "session_ended")


async def test_who_is_disabled_is_out_at_once(system: System) -> None:
    user = await person(system)
    async with signed_in(system, user) as client:
        before = await client.get("/v1/pools")
        system.services.identity.users.change(
            user.user_id, actor="test", reason="left", now_ms=system.services.now_ms(), disabled=True
        )
        after = await client.get("/v1/pools")
        back = await try_sign_in(client, user.name)

    assert (before.status_code, after.status_code, back.status_code) == (200, 401, 401)


async def test_only_hashes_of_sessions_links_and_passwords_are_kept(system: System) -> None:
    user = await person(system)
    identity, now_ms = system.services.identity, system.services.now_ms()
    secret = identity.let_in(user, Visit("127.0.0.1", "t", None), now_ms, by="test").secret
    token = identity.links.make(user, actor="test", now_ms=now_ms, life_ms=60_000)
    system.services.control.forget_deleted()
    raw = bytes_at_rest(system.settings.data_dir.glob("control.db*"))

    assert secret.encode() not in raw
    assert token.encode() not in raw
    assert PASSWORD.encode() not in raw
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in raw


async def test_pages_carry_a_policy_without_inline_scripts(system: System) -> None:
    async with browser(system) as client:
        answer = await client.get("/sign-in", headers=HTML)
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
