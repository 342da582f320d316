from api.schemas.pools import LocationsIn, PoolIn
from tests.support.system import System, example


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


async def test_a_pool_keeps_its_currency(stocked: System) -> None:
    answer = await stocked.client.put(stocked.path, json={"currency": "USD"})

    assert (answer.status_code, answer.json()["code"]) == (409, "currency_fixed")
    assert (await stocked.client.get(stocked.path)).json()["pool"]["currency"] == "EUR"


async def test_a_pool_that_is_not_there_is_404(system: System) -> None:
    read = await system.client.get(system.path)
    written = await system.client.put(f"{system.path}/locations", json=example(LocationsIn))

    assert [(answer.status_code, answer.json()["code"]) for answer in (read, written)] == [(404, "pool_unknown")] * 2
