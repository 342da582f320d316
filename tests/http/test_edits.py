"""Editing over HTTP: previewed, confirmed with the edition it was made for, refused to whoever comes second."""

from typing import Any

from api.security import Scope
from tests.support.system import SKU, System, order_body, place, shows_levels

MORE = [{"action": "add_units", "line_id": "1", "quantity": 3}]


async def edited(system: System, order: Any, **body: Any) -> Any:
    return await system.client.post(f"{system.path}/orders/{order['order_id']}/edit", json=body)


async def test_a_preview_tells_money_and_routing_and_changes_nothing(stocked: System) -> None:
    order = await place(stocked, quantity=2)
    answer = await edited(stocked, order, changes=MORE, preview=True)

    found = answer.json()
    assert (answer.status_code, found["edition"]) == (200, 0)
    assert (found["total_before_minor"], found["total_minor"]) == (3998, 9995)
    assert [(one["location_id"], one["units"]) for one in found["assignments"]] == [
        ("berlin", [{"line_id": "1", "quantity": 3}])
    ]
    assert (found["waiting"], found["lines"][0]["quantity"]) == ([], 5)
    url = f"{stocked.path}/orders/{order['order_id']}"
    assert (await stocked.client.get(url)).json() == order
    await shows_levels(stocked, (40, 2))


async def test_it_is_confirmed_with_its_edition_and_the_former_one_is_kept(stocked: System) -> None:
    order = await place(stocked, quantity=2)
    edition = (await edited(stocked, order, changes=MORE, preview=True)).json()["edition"]
    answer = await edited(stocked, order, changes=MORE, edition=edition)

    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert (found["total_minor"], found["lines"][0]["allocated"], found["edits"]["edition"]) == (9995, 5, 1)
    [former] = found["edits"]["editions"]
    assert (former["number"], former["total_minor"], former["lines"][0]["quantity"]) == (0, 3998, 2)
    assert former["actor"] == "key:tester"
    assert found["edits"]["channel"]["lines"][0]["quantity"] == 2


async def test_of_two_edits_for_the_same_edition_the_second_is_a_conflict_and_changes_nothing(stocked: System) -> None:
    order = await place(stocked, quantity=2)
    first = await edited(stocked, order, changes=MORE, edition=0)
    second = await edited(stocked, order, changes=[{"action": "set_priority", "priority": 5}], edition=0)

    assert (second.status_code, second.json()["code"], second.json()["field"]) == (409, "edition_conflict", "edition")
    assert (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json() == first.json()


async def test_every_change_arrives(stocked: System) -> None:
    terms = {"destinations": {"gift": {"country": "FR", "postcode": "75001"}}}
    order = await place(stocked, quantity=2, terms=terms, promise_by="2099-01-01T00:00:00Z")
    line = {"line_id": "2", "sku": SKU, "quantity": 1, "unit_price_minor": 500, "ship_to": "gift"}
    changes: list[dict[str, Any]] = [
        {"action": "add_line", "line": line},
        {"action": "set_price", "line_id": "1", "unit_price_minor": 1000, "discount_minor": 100, "tax_minor": 7},
        {"action": "set_shipping", "shipping_minor": 300},
        {"action": "set_discount", "discount_minor": 50},
        {"action": "set_destination", "destination": {"country": "DE", "postcode": "20095"}},
        {"action": "set_destination", "name": "gift", "destination": {"country": "FR", "postcode": "75002"}},
        {"action": "set_customer", "customer": {"customer_id": "c-9", "name": "Ada Secret"}},
        {"action": "set_priority", "priority": 4},
        {"action": "set_promise", "promise_by": "2099-02-01T00:00:00Z"},
        {"action": "set_terms", "purchase_order": "PO-7", "cancel_at": "2099-03-01T00:00:00Z"},
        {"action": "remove_units", "line_id": "1", "quantity": 1},
    ]
    answer = await edited(stocked, order, changes=changes)

    found = answer.json()
    assert answer.status_code == 200, answer.text
    first, second = found["lines"]
    assert (first["unit_price_minor"], first["discount_minor"], first["tax_minor"], first["cancelled"]) == (
        1000,
        100,
        7,
        1,
    )
    assert (second["ship_to"], second["allocated"]) == ("gift", 1)
    assert (found["shipping_minor"], found["discount_minor"], found["priority"]) == (300, 50, 4)
    assert (found["destination"]["postcode"], found["terms"]["destinations"]["gift"]["postcode"]) == ("20095", "75002")
    assert (found["promise_by"], found["revised_promise"]) == ("2099-01-01T00:00:00.000Z", "2099-02-01T00:00:00.000Z")
    assert (found["terms"]["purchase_order"], found["terms"]["cancel_at"]) == ("PO-7", "2099-03-01T00:00:00.000Z")
    assert found["customer"] == {
        "customer_id": "c-9",
        "personal": "open",
        "name": "Ada Secret",
        "email": "",
        "phone": "",
        "address_lines": [],
    }


async def test_personal_data_of_an_edit_is_shown_to_nobody_who_may_not_see_it(stocked: System) -> None:
    order = await place(stocked, customer={"customer_id": "c-1", "name": "Ada Secret"})
    change = {"action": "set_customer", "customer": {"customer_id": "c-1", "name": "Ada Hidden"}}
    assert (await edited(stocked, order, changes=[change])).status_code == 200
    url = f"{stocked.path}/orders/{order['order_id']}"
    async with stocked.client_of(Scope.ORDERS_READ) as reader:
        shown, history = await reader.get(url), await reader.get(f"{url}/history")

    sealed = {"customer_id": "c-1", "personal": "sealed"}
    assert (shown.json()["customer"], shown.json()["edits"]["channel"]["customer"]) == (sealed, sealed)
    assert all('"sealed":"' not in answer.text and "Hidden" not in answer.text for answer in (shown, history))


async def test_an_edit_that_cannot_be_is_refused_whole(stocked: System) -> None:
    order = await place(stocked)
    unknown = await edited(stocked, order, changes=[*MORE, {"action": "add_units", "line_id": "9", "quantity": 1}])
    no_id = await edited(stocked, order, changes=[{"action": "add_line", "line": {"sku": SKU, "quantity": 1}}])
    no_such = await edited(stocked, order, changes=[{"action": "paint_it_blue"}])

    assert [(answer.status_code, answer.json()["code"]) for answer in (unknown, no_id, no_such)] == [
        (422, "line_unknown"),
        (422, "line_id_missing"),
        (422, "field_invalid"),
    ]
    assert (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json() == order


async def test_an_edit_and_an_older_update_of_the_channel_that_cross_keep_both(stocked: System) -> None:
    order = await place(stocked, quantity=2)
    await edited(stocked, order, changes=[{"action": "set_priority", "priority": 5}])
    body = order_body(quantity=3, source_version=1)
    merged = (await stocked.client.post(f"{stocked.path}/orders", json=body)).json()

    assert (merged["priority"], merged["lines"][0]["quantity"], merged["source_version"]) == (5, 3, 1)
    assert merged["holds"] == []
