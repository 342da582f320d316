"""What channels call our goods over HTTP: mapped, taken off, and what orders wait for."""

import asyncio
import json
from typing import Any

from api.control.audit import Wanted
from api.schemas.listings import MapIn
from api.security import Scope
from tests.support.system import SKU, System, example, order_body, place, shows

SIX = {"channel": "shop-de", "sku": "SIX", "to_sku": SKU, "quantity": 6}


async def sold(system: System, number: str, sku: str, quantity: int = 1, **more: Any) -> Any:
    """An order that a channel has sold, of a SKU that may be nobody's."""
    body = order_body(number, sold=True, **more) | {"lines": [{"line_id": "1", "sku": sku, "quantity": quantity}]}
    answer = await system.client.post(f"{system.path}/orders", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def item(system: System, sku: str = SKU) -> Any:
    items = (await system.client.get(f"{system.path}/catalogue")).json()["items"]
    return next(one for one in items if one["sku"] == sku)


async def test_mapping_a_sku_frees_all_that_wait_for_it_and_is_told_in_the_audit_log(stocked: System) -> None:
    orders = [await sold(stocked, number, "SIX") for number in ("1", "2")]
    assert [order["status"] for order in orders] == ["held", "held"]

    mapped = await stocked.client.post(f"{stocked.path}/listings", json=SIX | {"reason": "a pack of six"})

    assert mapped.status_code == 200, mapped.text
    assert mapped.json()["listings"] == [{"channel": "shop-de", "sku": "SIX", "quantity": 6}]
    assert mapped.json() == await item(stocked)
    for order in orders:
        url = f"{stocked.path}/orders/{order['order_id']}"
        await shows(stocked, url, lambda read: (read["status"], read["lines"][0]["sku"]), ("routed", SKU))
    line = stocked.services.audit.lines(Wanted(), limit=1)[0].line
    assert (line.action, line.reason, line.refusal) == ("put_catalogue", "a pack of six", "")
    assert json.loads(line.before) == {"listings": []}
    assert json.loads(line.after) == {"items": 1, "first": SKU, "last": SKU, "listings": ["6 as SIX on shop-de"]}


async def test_what_orders_wait_for_is_counted_by_channel_with_what_it_may_mean(stocked: System) -> None:
    await sold(stocked, "1", "TSHIRT_BLUE_M-6PK", 2)
    await sold(stocked, "2", "TSHIRT_BLUE_M-6PK", 3)
    await sold(stocked, "3", "TSHIRT_BLUE_M-6PK", channel="market")
    await sold(stocked, "4", "XQ-777")
    url = f"{stocked.path}/unmapped"
    await shows(stocked, url, lambda read: [one["orders"] for one in read["unmapped"]], [2, 1, 1])

    read = (await stocked.client.get(url)).json()
    first = (await stocked.client.get(url, params={"limit": 1})).json()

    told = [
        (one["channel"], one["sku"], one["units"], [hint["sku"] for hint in one["suggestions"]])
        for one in read["unmapped"]
    ]
    assert told == [
        ("shop-de", "TSHIRT_BLUE_M-6PK", 5, [SKU]),
        ("market", "TSHIRT_BLUE_M-6PK", 1, [SKU]),
        ("shop-de", "XQ-777", 1, []),
    ]
    assert (read["total"], read["complete"]) == (3, True)
    assert (first["total"], first["unmapped"]) == (3, read["unmapped"][:1])


async def test_only_the_line_that_nobody_knows_is_counted(stocked: System) -> None:
    lines = [{"line_id": "1", "sku": SKU, "quantity": 1}, {"line_id": "2", "sku": "SIX", "quantity": 4}]
    body = order_body("1", sold=True) | {"lines": lines}
    await stocked.client.post(f"{stocked.path}/orders", json=body)

    url = f"{stocked.path}/unmapped"
    await shows(stocked, url, lambda read: [(one["sku"], one["units"]) for one in read["unmapped"]], [("SIX", 4)])


async def test_a_name_of_another_sku_is_refused_with_whose_it_is_and_nothing_changes(stocked: System) -> None:
    await sold(stocked, "1", "SIX")
    await stocked.client.put(f"{stocked.path}/catalogue", json={"items": [{"sku": "OTHER"}]})
    await stocked.client.post(f"{stocked.path}/listings", json=SIX)
    sent = stocked.sent

    taken = await stocked.client.post(f"{stocked.path}/listings", json=SIX | {"to_sku": "OTHER"})

    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (409, "listing_taken", "sku")
    assert taken.json()["detail"] == f"shop-de sells {SKU} as SIX already: take it off there first."
    assert stocked.sent == sent


async def test_what_is_not_there_is_told(stocked: System) -> None:
    await sold(stocked, "1", "SIX")
    sent = stocked.sent
    url = f"{stocked.path}/listings"

    unknown = await stocked.client.post(url, json=SIX | {"to_sku": "NOWHERE"})
    strange = await stocked.client.post(url, json=SIX | {"channel": "shop-dee"})
    absent = await stocked.client.delete(url, params={"channel": "shop-de", "sku": "SIX"})

    assert [(one.status_code, one.json()["code"], one.json()["field"]) for one in (unknown, strange, absent)] == [
        (404, "sku_unknown", "to_sku"),
        (422, "channel_unknown", "channel"),
        (404, "listing_unknown", "sku"),
    ]
    assert "known are shop-de." in strange.json()["detail"]
    assert stocked.sent == sent


async def test_a_name_gets_another_quantity_and_is_taken_off_for_later_orders(stocked: System) -> None:
    first = await sold(stocked, "1", "SIX")
    url = f"{stocked.path}/listings"
    await stocked.client.post(url, json=SIX)
    twelve = await stocked.client.post(url, json=SIX | {"quantity": 12})
    assert [one["quantity"] for one in twelve.json()["listings"]] == [12]

    gone = await stocked.client.delete(url, params={"channel": "shop-de", "sku": "SIX", "reason": "not sold any more"})

    assert (gone.status_code, gone.json()["listings"]) == (200, [])
    assert (await sold(stocked, "2", "SIX"))["status"] == "held"
    kept = (await stocked.client.get(f"{stocked.path}/orders/{first['order_id']}")).json()
    assert (kept["status"], kept["lines"][0]["listing"]) == ("routed", "SIX")


async def test_names_given_to_one_item_at_the_same_time_are_all_there(stocked: System) -> None:
    await place(stocked, "1", channel="shop-de")
    names = [f"N{number}" for number in range(12)]

    answers = await asyncio.gather(
        *(stocked.client.post(f"{stocked.path}/listings", json=SIX | {"sku": name}) for name in names)
    )

    assert {one.status_code for one in answers} == {200}
    assert sorted(one["sku"] for one in (await item(stocked))["listings"]) == sorted(names)


async def test_the_same_key_maps_once(stocked: System) -> None:
    await place(stocked, "1", channel="shop-de")
    url, key = f"{stocked.path}/listings", {"Idempotency-Key": f"map-{stocked.pool}"}

    first = await stocked.client.post(url, json=SIX, headers=key)
    again = await stocked.client.post(url, json=SIX, headers=key)
    other = await stocked.client.post(url, json=SIX | {"quantity": 5}, headers=key)

    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_who_may_not_set_up_may_not_map(stocked: System) -> None:
    listed = example(MapIn)
    async with stocked.client_of(Scope.ORDERS_READ, Scope.ORDERS_WRITE) as reader:
        read = await reader.get(f"{stocked.path}/unmapped")
        put = await reader.post(f"{stocked.path}/listings", json=listed)
        gone = await reader.delete(f"{stocked.path}/listings", params={"channel": "shop-de", "sku": "SIX"})

    assert [one.status_code for one in (read, put, gone)] == [200, 403, 403]
