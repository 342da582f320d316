import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.access import is_for_machines
from api.app import openapi_of
from api.route import PUBLIC, router
from api.security import Scope
from tests.support.at_rest import bytes_at_rest
from tests.support.system import System, client_of, new_pool, order_body, place

# Messages of other systems prove themselves by a signature, or by a secret in their address.
PUBLIC_PATHS = {"/health/live", "/health/ready", "/metrics", "/v1/hooks/{account}", "/v1/hooks/{account}/{secret}"}
PUBLIC_PAGES = {
    "/static/{version}/{name:path}",
    "/sign-in",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/link/{token}",
    # The link is sealed: who has it sees one order, and nothing of who bought.
    "/t/{token}",
}
FOR_EVERYBODY_KNOWN = {"/v1/pools", "/v1/pools/{pool}", "/openapi.json", "/", "/p/{pool}", "/sign-out"} | {
    "/me/password",
    "/me/sign-out-everywhere",
}
PARTS = {
    "pool": "asia",
    "order_id": "o1",
    "fulfillment_id": "f1",
    "parcel_id": "p1",
    "command_id": "c1",
    "sku:path": "S",
    "customer_id": "c1",
    "dead_letter_id": "d1",
}


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path that the application answers, as the router has them."""
    found: list[tuple[str, str]] = []

    def walk(routes: object, prefix: str = "") -> None:
        for route in routes:  # type: ignore[attr-defined]
            if isinstance(route, APIRoute):
                found.extend((method, prefix + route.path) for method in sorted(route.methods or ()))
            elif hasattr(route, "original_router"):
                walk(route.original_router.routes, prefix)
            else:
                raise AssertionError(f"a route of another kind: {route!r}")

    walk(app.routes)
    return found


def concrete(path: str) -> str:
    for name, value in PARTS.items():
        path = path.replace("{" + name + "}", value)
    return path


async def test_every_route_but_health_and_figures_demands_a_key(system: System) -> None:
    routes = routes_of(system.app)
    answers = {}
    async with client_of(system.app, "") as stranger:
        for method, path in routes:
            answers[method, path] = (await stranger.request(method, concrete(path))).status_code

    assert len(routes) > 40
    assert {path for (_, path), status in answers.items() if status != 401} == PUBLIC_PATHS | PUBLIC_PAGES


async def test_every_route_demands_its_scope(system: System) -> None:
    """A key without any scope gets nowhere but to what every key may see."""
    async with system.client_of() as powerless:
        answers = {
            (method, path): (await powerless.request(method, concrete(path))).status_code
            for method, path in routes_of(system.app)
        }

    open_to_all = {path for (method, path), status in answers.items() if status != _refusal_of(method, path)}
    # Of a link that is none, and where there is no pool, the answer is 404 to everybody.
    assert (
        open_to_all | {"/", "/link/{token}", "/t/{token}", "/sign-in/provider", "/sign-in/provider/back"}
        == PUBLIC_PATHS | PUBLIC_PAGES | FOR_EVERYBODY_KNOWN
    )
    assert answers["PUT", "/v1/pools/{pool}"] == 403


def _refusal_of(method: str, path: str) -> int:
    """A page that is not for somebody is not there; everything else says what is missing."""
    return 404 if method == "GET" and not is_for_machines(path) else 403


def test_a_route_without_a_scope_cannot_be_made() -> None:
    async def endpoint() -> None: ...

    with pytest.raises(TypeError, match="denied by default"):
        router(tag="x").get("/x")(endpoint)


async def test_the_document_names_the_scope_of_every_route(system: System) -> None:
    document = openapi_of(system.app)
    without = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "security" not in operation
    }

    assert without == PUBLIC_PATHS
    assert PUBLIC == "public"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        (Scope.ORDERS_READ, "POST", "/orders"),
        (Scope.ORDERS_WRITE, "GET", "/orders"),
        (Scope.STOCK_READ, "POST", "/stock/receive"),
        (Scope.ORDERS_WRITE, "POST", "/orders/o1/fulfillments/f1/ship"),
        (Scope.FULFILLMENT_WRITE, "POST", "/orders/o1/cancel"),
        (Scope.STOCK_WRITE, "PUT", "/policy"),
        (Scope.CUSTOMERS_READ, "POST", "/customers/c1/erase"),
    ],
)
async def test_a_scope_allows_nothing_beside_it(stocked: System, scope: Scope, method: str, path: str) -> None:
    async with stocked.client_of(scope) as client:
        answer = await client.request(method, stocked.path + path, json={})

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_another_tenant_s_pool_looks_like_none_at_all(stocked: System) -> None:
    order = await place(stocked)
    mine = new_pool()
    scopes = [scope for scope in Scope if scope is not Scope.ADMIN]
    async with stocked.client_of(*scopes, pools=(mine,)) as tenant:
        for method, path in routes_of(stocked.app):
            if "{pool}" not in path:
                continue
            url = path.replace("{pool}", stocked.pool).replace("{order_id}", order["order_id"])
            answer = await tenant.request(method, concrete(url), json={})
            if "erase" in path or "repair" in path:
                assert answer.status_code == 403
                continue
            assert (answer.status_code, answer.json()["code"]) == (404, "pool_unknown"), path
        other = await tenant.get(f"/v1/pools/{mine}/orders/{order['order_id']}")
        listed = await tenant.get("/v1/pools")

    assert (other.status_code, other.json()["code"]) == (404, "order_unknown")
    assert listed.json() == {"pools": []}


async def test_dead_letters_need_a_key_for_all_pools(system: System) -> None:
    async with system.client_of(Scope.ADMIN, pools=(system.pool,)) as tenant:
        answer = await tenant.get("/v1/dead-letters")

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_a_revoked_or_expired_key_opens_nothing(system: System) -> None:
    keyring, now_ms = system.services.keyring, system.services.now_ms()
    text, key = keyring.create(name="a", scopes=[Scope.ADMIN], pools=["*"], actor="test", now_ms=now_ms)
    late, _ = keyring.create(
        name="b", scopes=[Scope.ADMIN], pools=["*"], actor="test", now_ms=now_ms - 2, expires_at_ms=now_ms - 1
    )
    async with client_of(system.app, text) as client, client_of(system.app, late) as expired:
        before = await client.get("/v1/pools")
        assert keyring.revoke(key.key_id, actor="test", reason="lost", now_ms=now_ms)
        after = await client.get("/v1/pools")
        ended = await expired.get("/v1/pools")

    assert (before.status_code, after.status_code, ended.status_code) == (200, 401, 401)
    assert after.headers["www-authenticate"] == "Bearer"


async def test_only_the_hash_of_a_key_is_kept(system: System) -> None:
    text = system.key(Scope.ADMIN)
    system.services.control.forget_deleted()
    raw = bytes_at_rest(system.settings.data_dir.glob("control.db*"))

    assert text.startswith("hr_")
    assert text.encode() not in raw
    assert text.split("_", 2)[2].encode() not in raw
    assert system.settings.control_path.stat().st_mode & 0o077 == 0


async def test_answers_carry_the_security_headers_and_no_permission_for_other_sites(stocked: System) -> None:
    for path in ("/health/live", f"{stocked.path}/orders", "/nothing"):
        answer = await stocked.client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cache-control"] == "no-store"
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/nothing", "/v1/pools/europe/orders/"])
async def test_nothing_else_is_served(system: System, path: str) -> None:
    answer = await system.client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_wrong_method_is_405(stocked: System) -> None:
    answer = await stocked.client.delete(f"{stocked.path}/orders")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_a_correlation_id_is_given_back_and_stands_in_the_problem(stocked: System) -> None:
    given = await stocked.client.get(f"{stocked.path}/orders/o1", headers={"X-Correlation-ID": "case-7"})
    odd = await stocked.client.get(f"{stocked.path}/orders/o1", headers={"X-Correlation-ID": "a b"})

    assert (given.headers["x-correlation-id"], given.json()["instance"]) == ("case-7", "case-7")
    assert odd.headers["x-correlation-id"] != "a b"


async def test_a_fault_of_ours_is_a_problem_without_its_inside(
    stocked: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("inside 4711")

    monkeypatch.setattr(stocked.services.views, "orders", break_down)
    answer = await stocked.client.get(f"{stocked.path}/orders")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "4711" not in answer.text


async def test_figures_name_routes_and_no_pool(stocked: System) -> None:
    await stocked.client.post(f"{stocked.path}/orders", json=order_body())
    text = (await stocked.client.get("/metrics")).text

    assert 'headrace_http_requests_total{method="POST",route="/v1/pools/{pool}/orders",status="201"}' in text
    assert "headrace_views_lag_records" in text
    assert stocked.pool not in text
