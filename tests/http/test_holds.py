"""Holds of lines, fulfillments and many orders, and who may take which off."""

from typing import Any

import pytest

from api.roles import SCOPES, Role
from api.security import Scope
from models.records.hold import HoldType
from models.rules.holds import HOLD_RULES
from tests.support.people import add_user, signed_in
from tests.support.system import System, place, shows

LATER = "2099-01-01T00:00:00Z"


async def held(system: System, order: Any, **body: Any) -> Any:
    answer = await system.client.post(f"{system.path}/orders/{order['order_id']}/hold", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("role", [role for role in Role if Scope.HOLDS_RELEASE in SCOPES[role] or role is Role.ADMIN])
async def test_a_role_takes_off_the_holds_it_may_resolve_and_no_others(stocked: System, role: Role) -> None:
    kinds = [kind for kind in HoldType if kind is not HoldType.UNMAPPED_SKU]
    order = await place(stocked)
    for kind in kinds:
        order = await held(stocked, order, hold=kind)
    url = f"{stocked.path}/orders/{order['order_id']}"
    user = add_user(stocked, f"{role}-{stocked.pool}", role)
    taken_off, refused = set(), set()
    async with signed_in(stocked, user) as client:
        for kind in kinds:
            sent = stocked.sent
            answer = await client.post(f"{url}/release", json={"hold": kind}, headers={"Prefer": "wait=20"})
            if answer.status_code == 200:
                taken_off.add(kind)
            else:
                refused.add((kind, answer.status_code, answer.json()["code"], stocked.sent - sent))
    left = (await stocked.client.get(url)).json()["holds"]

    may = {kind for kind in kinds if role in HOLD_RULES[kind].resolvers}
    assert taken_off == may
    assert refused == {(kind, 403, "hold_not_yours", 0) for kind in kinds if kind not in may}
    assert {hold["type"] for hold in left} == {kind.value for kind in kinds if kind not in may}


async def test_a_key_needs_its_own_scope_to_take_holds_off(stocked: System) -> None:
    order = await held(stocked, await place(stocked), hold="payment")
    url = f"{stocked.path}/orders/{order['order_id']}/release"
    async with stocked.client_of(Scope.ORDERS_WRITE, name="shop") as shop:
        refused = await shop.post(url, json={"hold": "payment"})
    async with stocked.client_of(Scope.HOLDS_RELEASE, name="bank") as bank:
        released = await bank.post(url, json={"hold": "payment", "reason": "paid"}, headers={"Prefer": "wait=20"})

    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert (released.status_code, released.json()["holds"]) == (200, [])


async def test_a_line_and_a_fulfillment_are_held_by_themselves(stocked: System) -> None:
    order = await place(stocked)
    part = order["fulfillments"][0]["fulfillment_id"]
    await held(stocked, order, hold="other", line_id="1", reason="broken glass")
    both = await held(stocked, order, hold="customer_request", fulfillment_id=part, release_at=LATER, cancel_at=LATER)
    url = f"{stocked.path}/orders/{order['order_id']}"
    blocked = await stocked.client.post(f"{url}/fulfillments/{part}/accept", json={})
    released = await stocked.client.post(f"{url}/release", json={"hold": "other", "line_id": "1"})

    first, second = both["holds"]
    assert (first["line_id"], first["fulfillment_id"], first["note"]) == ("1", "", "broken glass")
    assert (second["fulfillment_id"], second["release_at"], second["cancel_at"]) == (
        part,
        "2099-01-01T00:00:00.000Z",
        "2099-01-01T00:00:00.000Z",
    )
    assert second["resolvers"] == ["admin", "service", "ops"]
    assert (blocked.status_code, blocked.json()["code"]) == (409, "order_held")
    assert [hold["type"] for hold in released.json()["holds"]] == ["customer_request"]


async def test_many_orders_are_held_until_a_date_each_with_its_outcome(stocked: System) -> None:
    orders = [await place(stocked, str(number), 1) for number in range(3)]
    ids = [order["order_id"] for order in orders]
    await stocked.client.post(f"{stocked.path}/orders/{ids[1]}/cancel", json={})
    body = {"order_ids": [*ids, "none", ids[0]], "hold": "customer_request", "release_at": LATER, "reason": "holiday"}
    headers = {"Idempotency-Key": "many"}
    answer = await stocked.client.post(f"{stocked.path}/orders/hold", json=body, headers=headers)
    sent = stocked.sent
    again = await stocked.client.post(f"{stocked.path}/orders/hold", json=body, headers=headers)

    outcomes = answer.json()["outcomes"]
    assert [(one["order_id"], one["status"], one.get("code")) for one in outcomes] == [
        (ids[0], "applied", None),
        (ids[1], "refused", "status_forbids"),
        (ids[2], "applied", None),
        ("none", "refused", "order_unknown"),
    ]
    await shows(
        stocked,
        f"{stocked.path}/orders/{ids[2]}",
        lambda shown: [(hold["type"], hold["release_at"], hold["note"]) for hold in shown["holds"]],
        [("customer_request", "2099-01-01T00:00:00.000Z", "holiday")],
    )
    assert (again.json(), stocked.sent) == (answer.json(), sent)


async def test_a_date_replaces_the_former_one_of_the_same_hold_in_many_orders(stocked: System) -> None:
    order = await held(stocked, await place(stocked), hold="scheduled", release_at="2098-01-01T00:00:00Z")
    body = {"order_ids": [order["order_id"]], "hold": "scheduled", "release_at": LATER}
    answer = await stocked.client.post(f"{stocked.path}/orders/hold", json=body)
    past = body | {"release_at": "2020-01-01T00:00:00Z"}
    refused = await stocked.client.post(f"{stocked.path}/orders/hold", json=past)

    assert [one["status"] for one in answer.json()["outcomes"]] == ["applied"]
    assert [(one["status"], one["code"]) for one in refused.json()["outcomes"]] == [("refused", "hold_in_past")]
    shown = (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json()
    assert [hold["release_at"] for hold in shown["holds"]] == ["2099-01-01T00:00:00.000Z"]


async def test_what_may_be_done_now_is_shown_to_those_who_may_do_it(stocked: System) -> None:
    order = await held(stocked, await place(stocked), hold="payment")
    url = f"{stocked.path}/orders/{order['order_id']}"
    seen = {}
    for role in (Role.SERVICE, Role.OPS, Role.FINANCE, Role.FLOOR, Role.VIEWER):
        user = add_user(stocked, f"{role}-{stocked.pool}", role, locations=("berlin",))
        async with signed_in(stocked, user) as client:
            shown = (await client.get(url)).json()
        seen[role] = (shown["actions"], shown["fulfillments"][0]["actions"])

    steps = ["reject", "merge", "ship"]
    assert seen == {
        Role.SERVICE: (["edit", "cancel", "hold", "release", "reroute", "move"], []),
        Role.OPS: (["edit", "cancel", "hold", "reroute", "move"], steps),
        Role.FINANCE: (["release"], []),
        Role.FLOOR: ([], steps),
        Role.VIEWER: ([], []),
    }
