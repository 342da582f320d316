"""Who may do what, decided here route by route: a new route without a decision fails."""

from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from api.control.audit import Wanted
from api.roles import PURPOSES, SCOPES, Role
from api.security import Scope
from tests.http.roles_of_routes import EVERYBODY, NOBODY_SIGNED_IN, ROLES_OF
from tests.support.people import add_user, signed_in
from tests.support.routes import routes_of
from tests.support.system import SKU, System, answered, open_pool, place

# These answer for as long as somebody listens.
STREAMS = ("/events", "/live")
ENDS_SESSION = {"POST /sign-out", "POST /me/sign-out-everywhere"}
REFUSALS = {"scope_missing", "not_found"}


@dataclass
class Known:
    """What is there to be asked for."""

    pool: str
    order_id: str
    fulfillment_id: str

    def url(self, path: str) -> str:
        names = {
            "{pool}": self.pool,
            "{order_id}": self.order_id,
            "{fulfillment_id}": self.fulfillment_id,
            "{parcel_id}": "no-parcel",
            "{location_id}": "berlin",
            "{sku:path}": SKU,
            "{step}": "accept",
            "{fact}": "deliver",
        }
        for name, value in names.items():
            path = path.replace(name, value)
        return path.replace("{", "none-").replace("}", "").replace(":path", "")


async def known_in(system: System) -> Known:
    await open_pool(system)
    order = await place(system)
    return Known(system.pool, order["order_id"], order["fulfillments"][0]["fulfillment_id"])


def code_of(answer: httpx2.Response) -> str:
    is_problem = answer.headers.get("content-type", "") == "application/problem+json"
    return str(answer.json()["code"]) if is_problem else ""


async def test_every_route_has_its_roles_decided(system: System) -> None:
    assert set(routes_of(system.app)) == set(ROLES_OF)


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_what_was_decided_and_a_refusal_changes_nothing(system: System, role: Role) -> None:
    known = await known_in(system)
    user = add_user(system, f"{role}-{system.pool}", role, locations=("berlin",))
    refused, allowed = {}, {}
    async with signed_in(system, user) as client:
        sent, order = system.sent, await system.client.get(known.url("/v1/pools/{pool}/orders/{order_id}"))
        lines = len(system.services.audit.lines(Wanted(), limit=10_000))
        for route, roles in ROLES_OF.items():
            if roles is not NOBODY_SIGNED_IN and role not in roles:
                method, path = route.split(" ")
                answer = await client.request(method, known.url(path), json={})
                refused[route] = code_of(answer)
        unchanged = await system.client.get(known.url("/v1/pools/{pool}/orders/{order_id}"))
        assert (system.sent, unchanged.json()) == (sent, order.json())
        assert len(system.services.audit.lines(Wanted(), limit=10_000)) == lines
        for route, roles in ROLES_OF.items():
            if role in roles and not route.endswith(STREAMS) and route not in ENDS_SESSION:
                method, path = route.split(" ")
                answer = await client.request(method, known.url(path), json={})
                allowed[route] = (answer.status_code, code_of(answer))

    assert {route: code for route, code in refused.items() if code not in REFUSALS} == {}
    assert {route: code for route, code in refused.items() if code == "not_found" and is_action(route, role)} == {}
    assert {route: told for route, told in allowed.items() if told[1] in REFUSALS or told[0] in {401, 500}} == {}


def is_action(route: str, role: Role) -> bool:
    """An action of a role that is not bound says that a scope is missing; a page is not there."""
    return not route.startswith("GET ") and not role.is_bound_to_locations


async def test_the_floor_sees_its_own_part_of_an_order_and_no_other(system: System) -> None:
    known = await known_in(system)
    url = known.url("/v1/pools/{pool}/orders/{order_id}")
    here = add_user(system, f"here-{system.pool}", Role.FLOOR, locations=("berlin",))
    there = add_user(system, f"there-{system.pool}", Role.FLOOR, locations=("hamburg",))
    list_url = f"{system.path}/orders"
    async with signed_in(system, here) as client:
        await answered(client, list_url, lambda answer: answer.json()["orders"])
        own, listed = await client.get(url), await client.get(list_url)
    async with signed_in(system, there) as client:
        other, none = await client.get(url), await client.get(list_url)
        missing = await client.get(known.url("/v1/pools/{pool}/orders/none"))
        sku = await client.get(known.url("/v1/pools/{pool}/stock/{sku:path}"))
        movements = await client.get(known.url("/v1/pools/{pool}/stock/{sku:path}/movements"))

    assert [part["location_id"] for part in own.json()["fulfillments"]] == ["berlin"]
    assert (own.json()["story"], own.json()["refused_by"]) == ([], [])
    assert [order["order_id"] for order in listed.json()["orders"]] == [known.order_id]
    assert (other.status_code, other.json()["code"]) == (404, "order_unknown")
    assert other.json()["detail"].replace(known.order_id, "none") == missing.json()["detail"]
    assert none.json()["orders"] == []
    assert (sku.status_code, sku.json()["code"]) == (404, "sku_unknown")
    assert movements.json()["movements"] == []


async def test_the_floor_acts_at_its_own_location_alone(system: System) -> None:
    known = await known_in(system)
    accept = known.url("/v1/pools/{pool}/orders/{order_id}/fulfillments/{fulfillment_id}/accept")
    order_url = known.url("/v1/pools/{pool}/orders/{order_id}")
    count = {
        "source": "hand",
        "document": "count-1",
        "location_id": "berlin",
        "sku": SKU,
        "counted": 39,
    }
    here = add_user(system, f"here-{system.pool}", Role.FLOOR, locations=("berlin",))
    there = add_user(system, f"there-{system.pool}", Role.FLOOR, locations=("hamburg",))
    sent, before = system.sent, (await system.client.get(order_url)).json()
    async with signed_in(system, there) as client:
        refused = await client.post(accept, json={})
        counted = await client.post(f"{system.path}/stock/count", json=count)
        page = await client.post(accept.replace("/v1/pools/", "/p/"), data={"reason": ""})
    unchanged = (system.sent, (await system.client.get(order_url)).json()) == (sent, before)
    async with signed_in(system, here) as client:
        accepted = await client.post(accept, json={})
        own_count = await client.post(f"{system.path}/stock/count", json=count)

    assert (refused.status_code, refused.json()["code"]) == (404, "fulfillment_unknown")
    assert (counted.status_code, counted.json()["code"]) == (404, "location_unknown"), counted.text
    assert page.status_code == 404
    assert unchanged
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["fulfillments"][0]["status"] == "accepted"
    assert own_count.status_code == 200, own_count.text


async def test_somebody_of_one_pool_sees_no_other(stocked: System) -> None:
    order = await place(stocked)
    ops = add_user(stocked, f"ops-{stocked.pool}", Role.OPS, pools=("elsewhere",))
    sent = stocked.sent
    async with signed_in(stocked, ops) as client:
        read = await client.get(f"{stocked.path}/orders/{order['order_id']}")
        held = await client.post(f"{stocked.path}/orders/{order['order_id']}/hold", json={"hold": "payment"})
        page = await client.get(f"/p/{stocked.pool}/now")
        pools = await client.get("/v1/pools")
        audit = await client.get("/audit")

    assert [answer.json()["code"] for answer in (read, held, page)] == ["pool_unknown"] * 3
    assert (stocked.sent, pools.json()) == (sent, {"pools": []})
    assert (audit.status_code, audit.json()["code"]) == (404, "not_found")


def test_the_document_shows_the_roles_as_they_are() -> None:
    text = (Path(__file__).parents[2] / "docs" / "access.md").read_text()
    scopes = [scope for scope in Scope if scope is not Scope.ADMIN]
    rows = ["| role | " + " | ".join(scopes) + " |", "|---" * (len(scopes) + 1) + "|"]
    for role in Role:
        held = SCOPES[role]
        marks = ["yes" if scope in held or Scope.ADMIN in held else "" for scope in scopes]
        rows.append(f"| {role} | " + " | ".join(marks) + " |")

    assert "\n".join(rows) in text, "docs/access.md must hold this table:\n" + "\n".join(rows)
    assert all(f"| {role} | {PURPOSES[role]} |" in text for role in Role)
    assert frozenset(Role) == EVERYBODY
