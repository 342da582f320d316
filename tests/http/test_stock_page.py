import csv
import io
from typing import Any

import pytest

from api.roles import Role
from api.schemas import pools
from api.security import Scope
from tests.support.people import add_user, signed_in
from tests.support.system import SKU, System, answered, example, new_pool, place, shows_levels

HTML = {"Accept": "text/html"}
HTMX = {"HX-Request": "true"}


async def text_of(system: System, path: str, status: int = 200) -> str:
    answer = await system.client.get(f"/p/{system.pool}{path}", headers=HTML)
    assert answer.status_code == status, answer.text
    return str(answer.text)


async def sent(system: System, action: str, location: str, form: dict[str, str], headers: dict[str, str]) -> Any:
    address = f"/p/{system.pool}/locations/{location}/{action}"
    return await system.client.post(address, data={"sku": SKU, "on": "sku", "key": "k-1", **form}, headers=headers)


async def post(system: System, action: str, location: str = "berlin", **form: str) -> Any:
    return await sent(system, action, location, form, HTML)


async def movements(system: System) -> list[Any]:
    found: list[Any] = (await system.client.get(f"{system.path}/stock/{SKU}/movements")).json()["movements"]
    return found


async def receive(system: System, sku: str, quantity: int, location: str = "berlin") -> None:
    await system.client.put(f"{system.path}/catalogue", json={"items": [{"sku": sku}]})
    answer = await post(system, "receive", location=location, sku=sku, quantity=str(quantity), key=f"r-{sku}")
    assert answer.status_code == 303, answer.text


async def exported(system: System, query: str = "") -> list[list[str]]:
    text = (await system.client.get(f"/p/{system.pool}/locations/berlin/stock.csv{query}")).text
    return list(csv.reader(io.StringIO(text)))[1:]


async def test_a_sku_is_shown_by_location_with_its_movements(stocked: System) -> None:
    order = await place(stocked, quantity=3)
    await shows_levels(stocked, (40, 3))
    await answered(stocked.client, f"{stocked.path}/stock/{SKU}/movements", lambda a: len(a.json()["movements"]) == 2)
    text = await text_of(stocked, f"/stock/{SKU}")

    assert "3 promised, 37 to promise of 40 on hand" in text
    assert f'href="/p/{stocked.pool}/orders/{order["order_id"]}"' in text
    assert 'document <span class="code">ASN-20031</span> of wms-1' in text


async def test_units_are_received_adjusted_and_counted(stocked: System) -> None:
    received = await post(stocked, "receive", quantity="10", document="ASN-7", reason="truck 3", key="k-1")
    adjusted = await post(stocked, "adjust", delta="-2", unsellable_delta="1", reason="dropped", key="k-2")
    counted = await post(stocked, "count", counted="45", expected_on_hand="48", key="k-3")
    await answered(stocked.client, f"{stocked.path}/stock/{SKU}/movements", lambda a: len(a.json()["movements"]) == 4)
    rows = [
        (row["kind"], row["on_hand_delta"], row["unsellable_delta"], row["source"], row["reason"], row["actor"])
        for row in await movements(stocked)
    ]

    assert [answer.status_code for answer in (received, adjusted, counted)] == [303, 303, 303]
    assert rows[:3] == [
        ("counted", -3, 0, "manual", "", "key:tester"),
        ("adjusted", -2, 1, "manual", "dropped", "key:tester"),
        ("received", 10, 0, "manual", "truck 3", "key:tester"),
    ]
    page = await stocked.client.get(counted.headers["location"], headers=HTML)
    assert "Counted." in page.text
    assert "Our book says <strong>45</strong> on hand" in page.text


async def test_a_count_of_what_somebody_else_changed_meanwhile_is_refused(stocked: System) -> None:
    answer = await post(stocked, "count", counted="39", expected_on_hand="38")

    assert answer.status_code == 409
    assert "on hand is 40, not 38; look again and repeat" in answer.text
    assert '<input type="hidden" name="expected_on_hand" value="40">' in answer.text
    assert 'value="39"' in answer.text
    assert len(await movements(stocked)) == 1


REFUSED = [
    pytest.param("receive", {"quantity": ""}, 422, "Say how many units came in.", id="no quantity"),
    pytest.param("receive", {"quantity": "0"}, 422, "quantity is 0", id="none"),
    pytest.param("receive", {"quantity": "1.5"}, 422, "is not a whole number", id="a half"),
    pytest.param("receive", {"quantity": "1", "sku": "NEW"}, 422, "the catalogue has no SKU NEW", id="unknown SKU"),
    pytest.param("adjust", {"delta": "-1"}, 422, "Say why: it stands in the ledger for ever.", id="no reason"),
    pytest.param("adjust", {"delta": "", "reason": "x"}, 422, "Say by how many units", id="no difference"),
    pytest.param(
        "adjust", {"unsellable_delta": "-1", "reason": "x"}, 409, "only 0 units are unsellable", id="nothing unsellable"
    ),
    pytest.param("count", {"counted": ""}, 422, "Say how many units were counted", id="no count"),
]


@pytest.mark.parametrize(("action", "form", "status", "text"), REFUSED)
async def test_a_refused_form_says_why_and_changes_nothing(
    stocked: System, action: str, form: dict[str, str], status: int, text: str
) -> None:
    on = "location" if "sku" in form else "sku"
    answer = await sent(stocked, action, "berlin", form | {"on": on}, HTML)

    assert answer.status_code == status, answer.text
    assert text in answer.text
    assert len(await movements(stocked)) == 1


async def test_a_form_sent_twice_is_booked_once(stocked: System) -> None:
    for _ in range(2):
        assert (await post(stocked, "receive", quantity="5")).status_code == 303
    await shows_levels(stocked, (45, 0))


async def test_what_another_source_moves_is_compared_only_and_that_is_said(stocked: System) -> None:
    body = example(pools.LocationsIn)
    body["locations"][0]["authority"] = {"counter": "wms-1"}
    assert (await stocked.client.put(f"{stocked.path}/locations", json=body)).status_code == 200
    answer = await sent(stocked, "count", "berlin", {"counted": "39", "expected_on_hand": "40"}, HTMX)

    assert "Counts of this location are stated by wms-1: what you count is compared only." in answer.text
    assert "Compared only: another source moves the stock of this location. Nothing was changed." in answer.text
    await shows_levels(stocked, (40, 0))


async def test_a_sku_of_the_catalogue_without_stock_can_be_received(stocked: System) -> None:
    await stocked.client.put(f"{stocked.path}/catalogue", json={"items": [{"sku": "A/B 1", "name": "New"}]})
    await answered(stocked.client, f"/p/{stocked.pool}/stock/A%2FB%201", lambda answer: answer.status_code == 200)
    answer = await post(stocked, "receive", sku="A/B 1", quantity="3")

    assert answer.headers["location"] == f"/p/{stocked.pool}/stock/A%2FB%201?at=berlin&done=receive"
    assert "No location has had any of it yet." not in await text_of(stocked, "/stock/A%2FB%201?at=berlin")


async def test_a_location_s_skus_are_searched_filtered_and_paged(stocked: System) -> None:
    for number in range(52):
        await receive(stocked, f"P-{number:02}", 3 if number == 7 else 20)
    first = await text_of(stocked, "/locations/berlin")
    cursor = first.split("&amp;cursor=")[1].split('"')[0]
    second = await text_of(stocked, f"/locations/berlin?cursor={cursor}")
    low = await text_of(stocked, "/locations/berlin?only=low")

    assert ("P-00" in first, "P-51" in first, "P-51" in second, SKU in second) == (True, False, True, True)
    assert ("P-07" in low, "P-08" in low) == (True, False)
    assert "5 or fewer to promise (1)" in low
    assert "P-11" in await text_of(stocked, "/locations/berlin?q=p-11&only=all")
    assert [row[0] for row in await exported(stocked, "?q=p-1&only=all")] == [f"P-1{n}" for n in range(10)]


async def test_waiting_and_short_shelves_are_found(stocked: System) -> None:
    await place(stocked, quantity=50)
    await shows_levels(stocked, (40, 40))

    assert [(row[0], row[5], row[6]) for row in await exported(stocked, "?only=waiting")] == [(SKU, "0", "10")]
    assert await exported(stocked, "?only=short") == []
    assert await exported(stocked, "?only=negative") == []


async def test_an_export_holds_no_formula(stocked: System) -> None:
    await receive(stocked, "=1+1", 3)
    rows = {row[0]: row[1:] for row in await exported(stocked)}

    assert rows == {"'=1+1": ["3", "0", "0", "0", "3", "0"], SKU: ["40", "0", "0", "0", "40", "0"]}


async def test_all_skus_are_searched_in_any_case(stocked: System) -> None:
    await receive(stocked, "Mug", 3)

    assert (await text_of(stocked, "/stock")).count('<th scope="row">') == 2
    assert "TSHIRT" not in await text_of(stocked, "/stock?q=MUG")
    assert "No SKU with stock contains “50%”." in await text_of(stocked, "/stock?q=50%25")


async def test_what_is_not_in_the_pool_is_not_there(stocked: System) -> None:
    other = new_pool()
    await stocked.client.put(f"/v1/pools/{other}", json=example(pools.PoolIn))

    await text_of(stocked, "/stock/NONE", 404)
    await text_of(stocked, "/locations/nowhere", 404)
    assert (await stocked.client.get(f"/p/{other}/stock/{SKU}", headers=HTML)).status_code == 404
    assert (await stocked.client.get(f"/p/{other}/locations/berlin", headers=HTML)).status_code == 404


async def test_without_the_scope_pages_are_not_there_and_actions_are_refused(stocked: System) -> None:
    before = stocked.sent
    async with stocked.client_of(Scope.ORDERS_READ, name="nobody") as nobody:
        pages = [
            (await nobody.get(f"/p/{stocked.pool}{path}", headers=HTML)).status_code
            for path in ("/stock", f"/stock/{SKU}", "/locations/berlin", "/locations/berlin/stock.csv")
        ]
    async with stocked.client_of(Scope.STOCK_READ, name="viewer") as viewer:
        look = await viewer.get(f"/p/{stocked.pool}/stock/{SKU}", headers=HTML)
        acts = [
            (
                await viewer.post(
                    f"/p/{stocked.pool}/locations/berlin/{action}", data={"sku": SKU, "key": "1"}, headers=HTMX
                )
            ).status_code
            for action in ("receive", "adjust", "count")
        ]

    assert pages == [404, 404, 404, 404]
    assert "You may look, and change nothing." in look.text
    assert acts == [403, 403, 403]
    assert stocked.sent == before


async def test_the_floor_counts_at_its_own_location_and_sees_no_other(stocked: System) -> None:
    await receive(stocked, SKU, 7, "hamburg")
    floor = add_user(stocked, f"f-{stocked.pool}", Role.FLOOR, locations=("berlin",))
    async with signed_in(stocked, floor) as berlin:
        home = await berlin.get(f"/p/{stocked.pool}/stock", headers=HTML)
        page = await berlin.get(f"/p/{stocked.pool}/stock/{SKU}", headers=HTML)
        foreign = await berlin.get(f"/p/{stocked.pool}/locations/hamburg", headers=HTML)
        form = {"sku": SKU, "on": "sku", "counted": "38", "expected_on_hand": "40", "key": "k-1"}
        counted = await berlin.post(f"/p/{stocked.pool}/locations/berlin/count", data=form, headers=HTML)
        elsewhere = await berlin.post(f"/p/{stocked.pool}/locations/hamburg/count", data=form, headers=HTML)

    assert home.headers["location"] == f"/p/{stocked.pool}/locations/berlin"
    assert ("Berlin warehouse" in page.text, "Hamburg" in page.text) == (True, False)
    assert "40 to promise at your locations" in page.text
    assert (counted.status_code, foreign.status_code, elsewhere.status_code) == (303, 404, 404)
    await shows_levels(stocked, (38, 0), (7, 0))
