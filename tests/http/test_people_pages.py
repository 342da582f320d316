import re
from html import unescape

import httpx2

from api.access import SESSION_COOKIE
from api.control.audit import Wanted
from api.control.sessions import csrf_token_of
from api.roles import Role
from api.security import Scope
from tests.support.people import HTML, add_user, browser, signed_in
from tests.support.system import System, client_of

PASSWORD = "four mild herons waiting"
LINK = re.compile(r"http://headrace\.test(/link/[\w-]{43})")
KEY = re.compile(r"hr_[0-9a-f]{8}_[\w-]{43}")


def link_in(answer: httpx2.Response) -> str:
    found = LINK.search(answer.text)
    assert found is not None, answer.text
    return found[1]


async def test_an_invitation_leads_from_a_link_to_a_password_to_the_pages(system: System) -> None:
    admin = add_user(system, f"admin-{system.pool}", Role.ADMIN)
    name = f"ann-{system.pool}"
    async with signed_in(system, admin) as client:
        form = {"name": name, "email": "ann@example.com", "role": "service", "pool": system.pool}
        invited = await client.post("/users", data=form, headers=HTML)
        listed = await client.get("/users", headers=HTML)
    link = link_in(invited)
    async with browser(system) as client:
        looked = await client.get(link, headers=HTML)
        again = await client.get(link, headers=HTML)
        short = await client.post(link, data={"password": "short", "again": "short"}, headers=HTML)
        other = await client.post(link, data={"password": PASSWORD, "again": PASSWORD + "x"}, headers=HTML)
        came = await client.post(link, data={"password": PASSWORD, "again": PASSWORD}, headers=HTML)
        me = await client.get("/me", headers=HTML)
        used = await client.get(link, headers=HTML)
        reused = await client.post(link, data={"password": PASSWORD, "again": PASSWORD}, headers=HTML)
    async with browser(system) as client:
        by_mail = await client.post("/sign-in", data={"name": "Ann@Example.com", "password": PASSWORD}, headers=HTML)

    assert (invited.status_code, listed.text.count(name)) == (200, 1)
    assert LINK.search(listed.text) is None, "a link is shown once"
    assert (looked.status_code, again.status_code) == (200, 200), "looking does not use a link up"
    assert (short.status_code, other.status_code) == (422, 422)
    assert "at least 12 characters" in short.text
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert f"<h1>{name}</h1>" in me.text
    assert (used.status_code, reused.status_code) == (404, 404)
    assert by_mail.status_code == 303


async def test_a_link_that_is_over_opens_nothing(system: System) -> None:
    user = add_user(system, f"late-{system.pool}", Role.VIEWER)
    links, now_ms = system.services.identity.links, system.services.now_ms()
    token = links.make(user, actor="test", now_ms=now_ms - 1_001, life_ms=1_000)
    newer = links.make(user, actor="test", now_ms=now_ms, life_ms=60_000)
    newest = links.make(user, actor="test", now_ms=now_ms, life_ms=60_000)
    async with browser(system) as client:
        answers = [await client.get(f"/link/{each}", headers=HTML) for each in (token, newer, newest)]

    assert [answer.status_code for answer in answers] == [404, 404, 200]


async def test_the_first_admin_may_come_in_without_a_password(system: System) -> None:
    user = add_user(system, f"first-{system.pool}", Role.ADMIN)
    links, now_ms = system.services.identity.links, system.services.now_ms()
    token = links.make(user, actor="cli:me", now_ms=now_ms, life_ms=60_000, is_password_needed=False)
    async with browser(system) as client:
        came = await client.post(f"/link/{token}", data={"password": "", "again": ""}, headers=HTML)
        users = await client.get("/users", headers=HTML)

    assert (came.status_code, users.status_code) == (303, 200)


async def test_a_role_is_changed_and_somebody_disabled_on_their_page(system: System) -> None:
    admin = add_user(system, f"admin-{system.pool}", Role.ADMIN)
    user = add_user(system, f"bob-{system.pool}", Role.VIEWER)
    url = f"/users/{user.user_id}"
    async with signed_in(system, admin) as client, signed_in(system, user) as theirs:
        shown = await client.get(url, headers=HTML)
        changed = await client.post(url, data={"role": "finance", "pool": "*", "reason": "moved"})
        audit = await theirs.get("/audit", headers=HTML)
        no_place = await client.post(url, data={"role": "floor", "pool": "*"}, headers=HTML)
        off = await client.post(f"{url}/disable", data={"reason": "left"})
        out = await theirs.get("/audit")
    lines = system.services.audit.lines(Wanted(target=f"user:{user.name}"))

    assert shown.status_code == 200
    assert (changed.status_code, audit.status_code) == (303, 200)
    assert (no_place.status_code, "bound to locations" in no_place.text) == (409, True)
    assert (off.status_code, out.status_code) == (303, 401)
    told = [(one.line.actor, one.line.action, one.line.reason) for one in lines]
    assert told[:2] == [
        (f"user:{admin.name}", "disable_user", "left"),
        (f"user:{admin.name}", "change_user", "moved"),
    ]


async def test_a_key_is_shown_once_works_and_is_revoked(system: System) -> None:
    integrator = add_user(system, f"int-{system.pool}", Role.INTEGRATOR)
    async with signed_in(system, integrator) as client:
        form = {"name": f"shop-{system.pool}", "scope": "orders:read", "days": "30"}
        made = await client.post("/keys", data=form, headers=HTML)
        too_high = await client.post("/keys", data={"name": "x", "scope": "users:write"}, headers=HTML)
        listed = await client.get("/keys", headers=HTML)
        found = KEY.search(made.text)
        assert found is not None
        async with client_of(system.app, found[0]) as machine:
            before = await machine.get("/v1/pools")
            key_id = found[0][:11]
            revoked = await client.post(f"/keys/{key_id}/revoke", data={"reason": "lost"})
            after = await machine.get("/v1/pools")
    admin_key = system.key(Scope.ADMIN)[:11]
    async with signed_in(system, integrator) as client:
        not_theirs = await client.post(f"/keys/{admin_key}/revoke", data={}, headers=HTML)

    assert KEY.search(listed.text) is None
    assert (too_high.status_code, "scope_too_high" in too_high.text) == (403, True)
    assert (before.status_code, revoked.status_code, after.status_code) == (200, 303, 401)
    assert not_theirs.status_code == 403


async def test_the_audit_is_filtered_exported_and_checked(system: System) -> None:
    finance = add_user(system, f"fin-{system.pool}", Role.FINANCE)
    target = f"user:{finance.name}"
    async with signed_in(system, finance) as client:
        day = await client.get("/audit", params={"target": target, "day": "1999-01-01"}, headers=HTML)
        found = await client.get("/audit", params={"target": target}, headers=HTML)
        wrong = await client.get("/audit", params={"day": "soon"}, headers=HTML)
        export = await client.get("/audit/lines.csv", params={"target": target})
        check = await client.get("/audit/check", headers=HTML)

    assert "No line fits." in day.text
    assert ("add user" in found.text, "sign in" in found.text) == (True, True)
    assert wrong.status_code == 422
    rows = export.text.splitlines()
    assert rows[0].startswith("line,at,actor,action,pool,target,reason,before,after,refusal,")
    assert [row.split(",")[3] for row in rows[1:]] == ["sign_in", "add_user"]
    assert "lines are there as they were written" in check.text


async def test_a_password_is_changed_by_who_knows_the_present_one(system: System) -> None:
    user = add_user(system, f"me-{system.pool}", Role.VIEWER)
    identity = system.services.identity
    kept = await system.services.in_identity(identity.passwords.hash, PASSWORD)
    identity.users.set_password(user, kept, actor="test", now_ms=system.services.now_ms())
    new = "five quiet otters asleep"
    async with signed_in(system, user) as other, signed_in(system, user) as client:
        page = await client.get("/me", headers=HTML)
        wrong = await client.post(
            "/me/password", data={"old": "not the present one", "password": new, "again": new}, headers=HTML
        )
        common = await client.post(
            "/me/password",
            data={"old": PASSWORD, "password": "password1234", "again": "password1234"},
            headers=HTML,
        )
        still = await other.get("/v1/pools")
        done = await client.post("/me/password", data={"old": PASSWORD, "password": new, "again": new})
        ended = await other.get("/v1/pools")
        secret = done.headers["set-cookie"].split("=", 1)[1].split(";")[0]
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, secret)
        goes_on = await client.get("/me", headers=HTML)
        client.headers["X-CSRF-Token"] = csrf_token_of(secret)
        all_out = await client.post("/me/sign-out-everywhere")
        out = await client.get("/v1/pools")

    assert page.text.count("<td") == 4, "two sessions, since and last used of each"
    assert (wrong.status_code, "present password is another" in unescape(wrong.text)) == (422, True)
    assert (common.status_code, "first that anybody would try" in common.text) == (422, True)
    assert (still.status_code, done.status_code, ended.status_code, goes_on.status_code) == (200, 303, 401, 200)
    assert (all_out.status_code, out.status_code) == (303, 401)
