from typing import Any

from tests.support.system import SKU, System, answered, place, shows


async def available(system: System, *skus: str, **params: str) -> Any:
    answer = await system.client.get(f"{system.path}/availability", params={"sku": list(skus or (SKU,)), **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def put(system: System, part: str, **body: Any) -> None:
    answer = await system.client.put(f"{system.path}/{part}", json=body)
    assert answer.status_code == 200, answer.text


async def book(system: System, fact: str, **body: Any) -> None:
    head = {"source": "wms-1", "document": fact, "location_id": "berlin"}
    answer = await system.client.post(f"{system.path}/stock/{fact}", json=head | body)
    assert answer.status_code == 200, answer.text


async def incoming_is(system: System, count: int) -> None:
    await shows(system, f"{system.path}/stock/{SKU}", lambda sku: len(sku["incoming"]), count)


async def test_what_is_there_can_be_fulfilled_and_ordered_at_its_location(stocked: System) -> None:
    await place(stocked, quantity=3)
    await shows(stocked, f"{stocked.path}/stock/{SKU}", lambda sku: sku["available"], 37)
    found = await available(stocked)

    assert (found["channel"], len(found["skus"])) == (None, 1)
    assert found["skus"][0] == {
        "sku": SKU,
        "available_to_fulfil": 37,
        "available_to_order": 37,
        "waiting": 0,
        "backorder_left": None,
        "published": None,
        "untracked": False,
        "locations": [{"location_id": "berlin", "available_to_fulfil": 37, "incoming": 0}],
    }


async def test_what_is_expected_counts_from_its_date_by_its_confidence(stocked: System) -> None:
    lines = [{"line": "1", "sku": SKU, "quantity": 10}]
    await book(stocked, "expect", lines=lines, expected_at="2099-03-01T08:00:00Z", confidence_per_mille=750)
    await incoming_is(stocked, 1)
    before, after = [
        (await available(stocked, at=at))["skus"][0] for at in ("2099-03-01T07:59:59Z", "2099-03-01T08:00:00Z")
    ]

    assert (before["available_to_fulfil"], before["available_to_order"]) == (40, 40)
    assert (after["available_to_fulfil"], after["available_to_order"]) == (40, 47)
    assert after["locations"] == [{"location_id": "berlin", "available_to_fulfil": 40, "incoming": 7}]


async def test_a_channel_is_told_by_its_rule_and_has_its_ring_fenced_stock(stocked: System) -> None:
    rules = [{"threshold": 10}, {"sku": SKU, "percent": 50, "maximum": 12}]
    shop = {"channel_id": "shop", "name": "Shop", "publishing": rules[:1]}
    vip = {"channel_id": "vip", "name": "For some", "segment": "vip", "publishing": rules}
    await put(stocked, "channels", channels=[shop, vip])
    await book(stocked, "fence", sku=SKU, segment="vip", quantity=5)
    await shows(stocked, f"{stocked.path}/stock/{SKU}", lambda sku: sku["levels"][0]["fenced"], {"vip": 5})
    told = {name: (await available(stocked, channel=name))["skus"][0] for name in ("shop", "vip")}

    assert (told["shop"]["available_to_fulfil"], told["shop"]["published"]) == (35, 25)
    assert (told["vip"]["available_to_fulfil"], told["vip"]["published"]) == (40, 12)


async def test_kits_are_made_up_from_what_lies_at_one_location(stocked: System) -> None:
    kit = {"sku": "SET", "components": [{"sku": SKU, "quantity": 3}, {"sku": "CAP", "quantity": 1}]}
    await put(stocked, "catalogue", items=[{"sku": "CAP"}, kit, {"sku": "CARD", "untracked": True}])
    await book(stocked, "receive", lines=[{"line": "1", "sku": "CAP", "quantity": 6}])
    await answered(stocked.client, f"{stocked.path}/stock/CAP", lambda answer: answer.status_code == 200)
    await shows(stocked, f"{stocked.path}/catalogue", lambda read: len(read["items"]), 4)
    found = {one["sku"]: one for one in (await available(stocked, "SET", "CAP", "CARD"))["skus"]}

    assert [found[sku]["available_to_fulfil"] for sku in ("SET", "CAP")] == [6, 6]
    assert found["SET"]["locations"] == [{"location_id": "berlin", "available_to_fulfil": 6, "incoming": 0}]
    assert (found["CARD"]["untracked"], found["CARD"]["available_to_order"]) == (True, 1_000_000)


async def test_what_is_not_known_is_named(stocked: System) -> None:
    url = f"{stocked.path}/availability"
    asked: list[dict[str, Any]] = [{"sku": "NONE"}, {"sku": SKU, "channel": "none"}, {}, {"sku": SKU, "at": "soon"}]
    answers = [await stocked.client.get(url, params=params) for params in asked]

    assert [(answer.status_code, answer.json()["code"], answer.json()["field"]) for answer in answers] == [
        (404, "sku_unknown", "sku"),
        (404, "channel_unknown", "channel"),
        (422, "field_missing", "sku"),
        (422, "field_invalid", "at"),
    ]
