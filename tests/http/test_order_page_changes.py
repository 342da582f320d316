"""What the page of an order changes of people and parcels: personal data, and parcels in common."""

import re
from typing import Any

from api.roles import Role
from api.security import Scope
from tests.support.people import add_user, signed_in
from tests.support.system import System, place

HTMX = {"HX-Request": "true"}
ADA = {"customer_id": "c-771", "name": "Ada Example", "email": "ada@example.org", "address_lines": ["Weg 1"]}


def url(system: System, order: Any, rest: str = "") -> str:
    return f"/p/{system.pool}/orders/{order['order_id']}{rest}"


def part_of(order: Any) -> str:
    return str(order["fulfillments"][0]["fulfillment_id"])


def offered(text: str) -> list[str]:
    """What the page offers to put in one parcel with the order."""
    found = re.search(r'name="other".*?</select>', text, re.DOTALL)
    return re.findall(r">(\S+): ", found[0]) if found else []


async def test_personal_data_that_is_not_typed_stays_and_none_of_it_is_sent_open(stocked: System) -> None:
    order = await place(stocked, customer=ADA)
    form = {"address_lines": "Weg 2\r\n20095 Hamburg", "key": "k-1", "do": "preview"}
    preview = await stocked.client.post(url(stocked, order, "/edit"), data=form, headers=HTMX)
    digest = re.search(r'name="previewed" value="(\w+)"', preview.text)
    assert digest is not None, preview.text
    sure = form | {"previewed": digest[1], "edition": "0", "key": "k-2", "do": "confirm"}
    done = await stocked.client.post(url(stocked, order, "/edit"), data=sure, headers=HTMX)
    now = (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json()

    assert done.status_code == 200, done.text
    assert now["customer"] == ADA | {"personal": "open", "phone": "", "address_lines": ["Weg 2", "20095 Hamburg"]}
    assert not [item for item in stocked.worker.read if b"Weg 2" in item or b"Ada Example" in item]


async def test_who_may_not_read_personal_data_is_offered_no_field_for_it_and_cannot_change_it(stocked: System) -> None:
    order = await place(stocked, customer=ADA)
    before = stocked.sent
    async with stocked.client_of(Scope.ORDERS_READ, Scope.ORDERS_WRITE, name="integrator") as client:
        page = await client.get(url(stocked, order), headers={"Accept": "text/html"})
        form = {"name": "Eve", "key": "k-1", "do": "preview"}
        refused = await client.post(url(stocked, order, "/edit"), data=form, headers=HTMX)

    assert 'name="postcode"' in page.text
    assert 'name="address_lines"' not in page.text
    assert refused.status_code == 403
    assert "Nothing was changed: Changing personal data needs a role with the scope customers:read." in refused.text
    assert stocked.sent == before


async def test_units_of_a_part_are_moved_and_none_at_all_is_refused(stocked: System) -> None:
    order = await place(stocked)
    form = {"fulfillment_id": part_of(order), "location_id": "berlin", "reason": "a gift", "key": "k-1"}
    none = await stocked.client.post(url(stocked, order, "/move"), data=form | {"units.1": "0"}, headers=HTMX)
    elsewhere = form | {"units.1": "1", "location_id": "paris", "key": "k-2"}
    unknown = await stocked.client.post(url(stocked, order, "/move"), data=elsewhere, headers=HTMX)
    moved = await stocked.client.post(
        url(stocked, order, "/move"), data=form | {"units.1": "1", "key": "k-3"}, headers=HTMX
    )
    now = (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json()

    assert (none.status_code, unknown.status_code, moved.status_code) == (422, 422, 200)
    assert "Say of at least one line how many units." in none.text
    assert "the pool has no location paris" in unknown.text
    assert "Routed again because somebody named the location" in moved.text
    assert [part["lines"][0]["allocated"] for part in now["fulfillments"]] == [1, 1]
    assert now["version"] == 2


async def test_one_parcel_is_offered_for_open_parts_of_the_same_customer_at_the_same_place(stocked: System) -> None:
    first, second = [await place(stocked, number, 1, customer=ADA) for number in ("one", "two")]
    elsewhere = {"country": "DE", "postcode": "20095"}
    await place(stocked, "elsewhere", 1, customer=ADA, destination=elsewhere)
    await place(stocked, "another's", 1, customer=ADA | {"customer_id": "c-9"})
    shipped = await place(stocked, "shipped", 1, customer=ADA)
    ship = f"{stocked.path}/orders/{shipped['order_id']}/fulfillments/{part_of(shipped)}/ship"
    assert (await stocked.client.post(ship, json={"parcel_id": "P-1"})).status_code == 200
    before = await stocked.client.get(url(stocked, first), headers={"Accept": "text/html"})
    form = {"other": f"{second['order_id']} {part_of(second)}", "key": "k-1"}
    merged = await stocked.client.post(
        url(stocked, first, f"/fulfillments/{part_of(first)}/merge"), data=form, headers=HTMX
    )

    assert offered(before.text) == ["two"]
    assert merged.status_code == 200, merged.text
    assert "Leaves in one parcel with" in merged.text
    assert offered(merged.text) == []


async def test_the_floor_puts_nothing_of_other_locations_in_its_parcels(stocked: System) -> None:
    first, second = [await place(stocked, number, 1, customer=ADA) for number in ("one", "two")]
    floor = add_user(stocked, f"h-{stocked.pool}", Role.FLOOR, locations=("hamburg",))
    form = {"other": f"{second['order_id']} {part_of(second)}", "key": "k-1"}
    before = stocked.sent
    async with signed_in(stocked, floor) as hamburg:
        answer = await hamburg.post(url(stocked, first, f"/fulfillments/{part_of(first)}/merge"), data=form)
    here = add_user(stocked, f"b-{stocked.pool}", Role.FLOOR)
    async with signed_in(stocked, here) as berlin:
        page = await berlin.get(url(stocked, first), headers={"Accept": "text/html"})
        none = await berlin.post(
            url(stocked, first, f"/fulfillments/{part_of(first)}/merge"),
            data={"other": f"{second['order_id']} none", "key": "k-2"},
            headers=HTMX,
        )

    assert (answer.status_code, none.status_code, stocked.sent) == (404, 404, before)
    assert "There is no such part of an order at your locations." in none.text
    assert offered(page.text) == ["two"]
