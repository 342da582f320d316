import asyncio
import re
from typing import Any

import pytest

from api.roles import Role
from api.schemas import pools
from api.security import Scope
from tests.support.people import add_user, signed_in
from tests.support.system import SKU, System, example, new_pool, place

HTML = {"Accept": "text/html"}
HTMX = {"HX-Request": "true"}


def url(system: System, order: Any, rest: str = "") -> str:
    return f"/p/{system.pool}/orders/{order['order_id']}{rest}"


async def text_of(system: System, order: Any, rest: str = "", status: int = 200) -> str:
    answer = await system.client.get(url(system, order, rest), headers=HTML)
    assert answer.status_code == status, answer.text
    return str(answer.text)


async def told_on(system: System, order: Any, sentence: str) -> str:
    """The page once it tells something; asked again until then, or until it is plain that it will not."""
    text = ""
    for _ in range(200):
        text = await text_of(system, order)
        if sentence in text:
            break
        await asyncio.sleep(0.05)
    assert sentence in text
    return text


async def now_of(system: System, order: Any) -> Any:
    return (await system.client.get(f"{system.path}/orders/{order['order_id']}")).json()


async def history_of(system: System, order: Any) -> list[Any]:
    answer = await system.client.get(f"{system.path}/orders/{order['order_id']}/history")
    updates: list[Any] = answer.json()["updates"]
    return updates


def fulfillment(order: Any, step: str) -> str:
    return f"/fulfillments/{order['fulfillments'][0]['fulfillment_id']}/{step}"


async def test_the_page_tells_where_an_order_stands_and_its_whole_story(stocked: System) -> None:
    order = await place(stocked, quantity=3)
    text = await text_of(stocked, order)

    assert "Berlin warehouse has not answered since" in text
    assert f"Placed by shop-de as 100234: 3 × {SKU}, €59.97" in text
    assert f"Routed: Berlin warehouse sends 3 × {SKU}" in text
    assert "Chose Berlin warehouse: 2 km away." in text
    assert "T-shirt, blue, M" in text


async def test_personal_data_is_shown_only_to_those_who_may(stocked: System) -> None:
    order = await place(stocked, customer={"name": "Ada Example", "address_lines": ["Weg 1"]})
    async with stocked.client_of(Scope.ORDERS_READ, name="reader") as reader:
        sealed = (await reader.get(url(stocked, order), headers=HTML)).text

    assert "Ada Example" in await text_of(stocked, order)
    assert "Ada Example" not in sealed
    assert "Name and address are sealed" in sealed


async def test_an_order_of_another_pool_is_not_there(stocked: System) -> None:
    order = await place(stocked)
    other = new_pool()
    await stocked.client.put(f"/v1/pools/{other}", json=example(pools.PoolIn))

    assert (await stocked.client.get(f"/p/{other}/orders/{order['order_id']}", headers=HTML)).status_code == 404
    assert (await stocked.client.get(f"/p/{stocked.pool}/orders/o123", headers=HTML)).status_code == 404


async def test_without_the_scope_the_page_is_not_there_and_an_action_is_refused(stocked: System) -> None:
    order = await place(stocked)
    before = stocked.sent
    async with stocked.client_of(Scope.STOCK_READ, name="stock") as nobody:
        page = await nobody.get(url(stocked, order), headers=HTML)
        act = await nobody.post(url(stocked, order, "/hold"), data={"hold": "payment"}, headers=HTMX)
    async with stocked.client_of(Scope.ORDERS_READ, name="viewer") as viewer:
        look = await viewer.get(url(stocked, order), headers=HTML)
        refused = await viewer.post(url(stocked, order, "/hold"), data={"hold": "payment"}, headers=HTMX)

    assert (page.status_code, act.status_code, look.status_code, refused.status_code) == (404, 403, 200, 403)
    assert "You may look, and change nothing." in look.text
    assert "Nothing was changed." in refused.text
    assert stocked.sent == before
    assert (await now_of(stocked, order))["version"] == 1


async def test_those_bound_to_a_location_see_only_orders_in_which_it_has_a_part(stocked: System) -> None:
    order = await place(stocked)
    async with signed_in(stocked, add_user(stocked, f"f-{stocked.pool}", Role.FLOOR, locations=("berlin",))) as berlin:
        own = await berlin.get(url(stocked, order), headers=HTML)
        accepted = await berlin.post(url(stocked, order, fulfillment(order, "accept")), data={"key": "1"}, headers=HTML)
        held = await berlin.post(url(stocked, order, "/hold"), data={"hold": "payment"}, headers=HTML)
    async with signed_in(
        stocked, add_user(stocked, f"g-{stocked.pool}", Role.FLOOR, locations=("hamburg",))
    ) as hamburg:
        foreign = await hamburg.get(url(stocked, order), headers=HTML)
        picked = await hamburg.post(url(stocked, order, fulfillment(order, "pick")), data={"key": "1"}, headers=HTML)

    assert (own.status_code, accepted.status_code, held.status_code) == (200, 303, 403)
    assert (foreign.status_code, picked.status_code) == (404, 404)
    after = await now_of(stocked, order)
    assert (after["version"], after["fulfillments"][0]["status"], after["holds"]) == (2, "accepted", [])


ORDER_ACTIONS = [
    pytest.param("hold", {"hold": "payment"}, "hold_order", "Held for payment", id="hold"),
    pytest.param("cancel", {"units.1": "1"}, "cancel_units", f"Cancelled 1 × {SKU} (customer): €19.99", id="cancel"),
    pytest.param("reroute", {}, "reroute_order", "Routed again because somebody asked for it", id="reroute"),
]


@pytest.mark.parametrize(("action", "form", "command", "told"), ORDER_ACTIONS)
async def test_an_action_without_scripts_is_a_command_and_leads_back_to_the_page(
    stocked: System, action: str, form: dict[str, str], command: str, told: str
) -> None:
    order = await place(stocked)
    sent = form | {"reason": "they called", "key": "k-1"}
    answer = await stocked.client.post(url(stocked, order, f"/{action}"), data=sent, headers=HTML)
    page = await stocked.client.get(answer.headers["location"], headers=HTML)
    last = (await history_of(stocked, order))[-1]

    assert answer.status_code == 303
    assert (last["command"], last["reason"], last["actor"]) == (command, "they called", "key:tester")
    assert told in page.text
    assert 'class="notice good"' in page.text


async def test_a_hold_ends_by_release_or_at_a_local_time(stocked: System) -> None:
    order = await place(stocked)
    until = {"hold": "payment", "release_at": "2030-07-01T12:00", "key": "k-1"}
    zone = {"Cookie": "zone=Europe%2FBerlin"}
    await stocked.client.post(url(stocked, order, "/hold"), data=until, headers=HTML | zone)
    held = await now_of(stocked, order)
    await stocked.client.post(url(stocked, order, "/release"), data={"hold": "payment", "key": "k-2"}, headers=HTML)

    assert held["holds"][0]["release_at"] == "2030-07-01T10:00:00.000Z"
    assert (await now_of(stocked, order))["holds"] == []


async def test_a_form_sent_twice_is_one_command(stocked: System) -> None:
    order = await place(stocked, quantity=3)
    form = {"units.1": "1", "key": "k-1"}
    for _ in range(2):
        answer = await stocked.client.post(url(stocked, order, "/cancel"), data=form, headers=HTML)
        assert answer.status_code == 303

    assert [update["command"] for update in await history_of(stocked, order)] == ["place_order", "cancel_units"]
    assert (await now_of(stocked, order))["lines"][0]["cancelled"] == 1


async def test_a_refusal_stands_beside_its_field_with_what_was_typed_and_nothing_changes(stocked: System) -> None:
    order = await place(stocked)
    form = {"units.1": "9", "reason": "all of it", "key": "k-1"}
    answer = await stocked.client.post(url(stocked, order, "/cancel"), data=form, headers=HTML)

    assert answer.status_code == 409
    assert 'id="cancel-error" role="alert">line 1 has 2 such units, not 9' in answer.text
    assert 'value="all of it"' in answer.text
    assert re.search(r'<details class="action" open>\s*<summary>Cancel units', answer.text)
    assert (await now_of(stocked, order))["version"] == 1


async def test_units_are_never_cancelled_without_naming_them(stocked: System) -> None:
    order = await place(stocked)
    before = stocked.sent
    answer = await stocked.client.post(url(stocked, order, "/cancel"), data={"units.1": "", "key": "1"}, headers=HTML)

    assert answer.status_code == 422
    assert "Say of at least one line how many units to cancel." in answer.text
    assert stocked.sent == before


@pytest.mark.parametrize(
    ("units", "amount"),
    [pytest.param("1", "€13.34", id="the odd cent"), pytest.param("2", "€26.67", id="two of three")],
)
async def test_the_refund_is_shown_from_the_stored_cents_before_anything_is_cancelled(
    stocked: System, units: str, amount: str
) -> None:
    lines = [{"sku": SKU, "quantity": 3, "unit_price_minor": 1000}]
    order = await place(stocked, lines=lines, shipping_minor=1000)
    fragment = await stocked.client.get(url(stocked, order, f"/cancel?units.1={units}"), headers=HTMX)
    page = await text_of(stocked, order, f"/cancel?units.1={units}")

    assert f"To refund: <strong>{amount}</strong>" in fragment.text
    assert "<html" not in fragment.text
    assert f"To refund: <strong>{amount}</strong>" in page
    assert f'max="3" value="{units}"' in page
    assert (await now_of(stocked, order))["version"] == 1


async def test_htmx_is_answered_with_the_parts_that_changed(stocked: System) -> None:
    order = await place(stocked)
    form = {"hold": "payment", "key": "k-1"}
    done = await stocked.client.post(url(stocked, order, "/hold"), data=form, headers=HTMX)
    again = await stocked.client.post(url(stocked, order, "/hold"), data=form | {"key": "k-2"}, headers=HTMX)

    assert done.status_code == 200
    assert '<hx-partial hx-target="#order-why"' in done.text
    assert "Held for payment since" in done.text
    assert again.status_code == 409
    assert "<hx-partial" not in again.text


async def test_the_floor_takes_an_order_from_accepting_to_shipping(stocked: System) -> None:
    order = await place(stocked)

    async def step(name: str, **form: str) -> None:
        sent = {"key": name, **form}
        answer = await stocked.client.post(url(stocked, order, fulfillment(order, name)), data=sent, headers=HTML)
        assert answer.status_code == 303, answer.text

    await step("accept", partner_reference="WMS-1")
    await step("pick", **{"units.1": "1"})
    await step("pack")
    await step("ship", parcel_id="P-1", carrier="DHL", tracking_number="0034", **{"units.1": "1"})
    after = await now_of(stocked, order)

    assert (after["fulfillments"][0]["status"], after["fulfillments"][0]["partner_reference"]) == ("shipped", "WMS-1")
    assert (after["parcels"][0]["carrier"], after["parcels"][0]["tracking_number"]) == ("DHL", "0034")
    assert after["lines"][0]["waiting"] == 1
    text = await text_of(stocked, order)
    assert f"Berlin warehouse picked, but did not find 1 × {SKU}" in text
    assert "Waits for stock of 1 ×" in text


@pytest.mark.parametrize(
    ("fact", "form", "status"),
    [("deliver", {}, "delivered"), ("lose", {}, "lost"), ("return", {"restock": "yes"}, "returned_to_sender")],
)
async def test_what_became_of_a_parcel_is_stated(stocked: System, fact: str, form: dict[str, str], status: str) -> None:
    order = await place(stocked)
    ship = {"parcel_id": "P-1", "key": "k-1"}
    await stocked.client.post(url(stocked, order, fulfillment(order, "ship")), data=ship, headers=HTML)
    path = url(stocked, order, fulfillment(order, f"parcels/P-1/{fact}"))
    answer = await stocked.client.post(path, data=form | {"key": "k-2"}, headers=HTML)

    assert answer.status_code == 303
    assert (await now_of(stocked, order))["parcels"][0]["status"] == status


async def test_a_rejection_is_routed_elsewhere_with_its_cause(stocked: System) -> None:
    order = await place(stocked)
    form = {"cause": "closed", "reason": "snow", "key": "k-1"}
    await stocked.client.post(url(stocked, order, fulfillment(order, "reject")), data=form, headers=HTML)
    # The page shows what the views have; they are told of an order and of its stock one after the other.
    text = await told_on(stocked, order, "Berlin warehouse has 40 but has refused it before")

    assert "Berlin warehouse rejected: closed" in text
    assert "“snow”" in text


async def test_when_the_history_is_gone_the_order_tells_its_own_story(stocked: System) -> None:
    order = await place(stocked)
    stocked.services.views._store.connection().execute("DELETE FROM updates WHERE pool = ?", (stocked.pool,))
    text = await text_of(stocked, order)

    assert "Order placed" in text
    assert "Units routed: berlin" in text
    assert "No routing is on record any more." in text


async def test_what_a_channel_sends_is_text_on_the_page(stocked: System) -> None:
    order = await place(stocked, external_id="<script>alert(1)</script>")
    text = await text_of(stocked, order)

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_the_sentence_of_the_page_can_be_asked_for_alone(stocked: System) -> None:
    order = await place(stocked)
    address = f"{stocked.path}/orders/{order['order_id']}"
    await stocked.client.post(f"{address}/hold", json={"hold": "payment", "release_at": "2031-01-01T00:00:00Z"})
    answer = (await stocked.client.get(f"{address}/why")).json()

    assert (answer["order_id"], answer["tone"], answer["is_late"]) == (order["order_id"], "held", False)
    assert answer["text"].endswith("not there yet, and it goes on by itself at 2031-01-01T00:00:00.000Z.")
    assert (await stocked.client.get(f"{stocked.path}/orders/o123/why")).status_code == 404
