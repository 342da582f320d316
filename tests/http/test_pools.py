from api.schemas.channels import ChannelsIn
from api.schemas.pools import LocationsIn, PoolIn, RoutingModelIn
from tests.support.system import SKU, System, example, order_body, shows


async def test_a_pool_is_opened_and_read_as_it_stands(system: System) -> None:
    opened = await system.client.put(system.path, json=example(PoolIn))
    located = await system.client.put(f"{system.path}/locations", json=example(LocationsIn))
    read = await system.client.get(system.path)

    assert (opened.status_code, opened.json()["pool"]["currency"], opened.json()["locations"]) == (200, "EUR", [])
    assert [place["location_id"] for place in located.json()["locations"]] == ["berlin", "hamburg"]
    assert located.json()["locations"][0]["position"] == {"latitude": 52.52, "longitude": 13.41}
    assert read.json() == located.json()


async def test_a_policy_follows_the_version_before_it(stocked: System) -> None:
    second = await stocked.client.put(f"{stocked.path}/policy", json={"version": 2, "preset": "cheapest"})
    stale = await stocked.client.put(f"{stocked.path}/policy", json={"version": 2, "preset": "closest"})

    assert (second.status_code, second.json()["pool"]["policy"]["preset"]) == (200, "cheapest")
    assert (stale.status_code, stale.json()["code"]) == (409, "policy_version")
    assert (await stocked.client.get(stocked.path)).json() == second.json()


async def test_channels_and_a_routing_model_stand_in_the_pool_with_since_when(stocked: System) -> None:
    put = await stocked.client.put(f"{stocked.path}/channels", json=example(ChannelsIn) | {"reason": "opened"})
    learned = await stocked.client.put(f"{stocked.path}/routing-model", json=example(RoutingModelIn))
    stale = await stocked.client.put(f"{stocked.path}/routing-model", json=example(RoutingModelIn) | {"note": "again"})

    assert [channel["channel_id"] for channel in put.json()["channels"]] == ["shop-de"]
    applied = learned.json()["pool"]["applied"]
    assert set(applied) == {"pool", "locations", "catalogue", "channels", "routing_model"}
    assert (applied["channels"]["actor"], applied["channels"]["reason"]) == ("key:tester", "opened")
    assert applied["channels"]["at"].endswith("Z")
    assert learned.json()["routing_model"]["lanes"] == {"*": [0, 500, 900], "berlin/DE-BE": [100, 800, 950]}
    assert (stale.status_code, stale.json()["code"]) == (409, "model_version")
    assert (await stocked.client.get(stocked.path)).json() == learned.json()


async def test_the_catalogue_is_read_in_pages(stocked: System) -> None:
    more = {"category": "tops", "components": [{"sku": SKU, "quantity": 2}], "untracked": False, "backorder_limit": 7}
    items = [
        {"sku": sku, "name": f"Item {sku}", "weight_grams": 10}
        | {"listings": [{"channel": "shop-de", "sku": f"{sku}-6", "quantity": 6}]}
        | more
        for sku in ("B", "A/1", "C")
    ]
    await stocked.client.put(f"{stocked.path}/catalogue", json={"items": items})
    url = f"{stocked.path}/catalogue"
    await shows(stocked, url, lambda read: [item["sku"] for item in read["items"]], ["A/1", "B", "C", SKU])
    first = (await stocked.client.get(url, params={"limit": 2})).json()
    rest = (await stocked.client.get(url, params={"cursor": first["next_cursor"]})).json()

    assert first["items"] == [items[1], items[0]]
    assert ([item["sku"] for item in rest["items"]], rest["next_cursor"]) == (["C", SKU], None)


async def test_a_reservation_without_a_time_to_live_lives_as_long_as_its_channel_says(stocked: System) -> None:
    refused = await stocked.client.post(f"{stocked.path}/reservations", json=order_body())
    channel = {"channel_id": "shop-de", "name": "Web", "reservation_minutes": 15, "guest_reservation_minutes": 5}
    await stocked.client.put(f"{stocked.path}/channels", json={"channels": [channel]})
    reserved = await stocked.client.post(f"{stocked.path}/reservations", json=order_body("2"))

    assert (refused.status_code, refused.json()["field"]) == (422, "time_to_live")
    assert (reserved.status_code, reserved.json()["status"]) == (201, "reserved")


async def test_a_pool_keeps_its_currency(stocked: System) -> None:
    answer = await stocked.client.put(stocked.path, json={"currency": "USD"})

    assert (answer.status_code, answer.json()["code"]) == (409, "currency_fixed")
    assert (await stocked.client.get(stocked.path)).json()["pool"]["currency"] == "EUR"


async def test_a_pool_that_is_not_there_is_404(system: System) -> None:
    read = await system.client.get(system.path)
    written = await system.client.put(f"{system.path}/locations", json=example(LocationsIn))

    assert [(answer.status_code, answer.json()["code"]) for answer in (read, written)] == [(404, "pool_unknown")] * 2
