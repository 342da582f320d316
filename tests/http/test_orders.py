import asyncio

from api.security import Scope
from tests.support.system import SKU, System, answered, order_body, place, shows_levels


async def test_a_placed_order_is_answered_routed_with_its_address(stocked: System) -> None:
    answer = await stocked.client.post(f"{stocked.path}/orders", json=order_body())

    order = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{stocked.path}/orders/{order['order_id']}"
    assert (order["status"], order["version"], order["total_minor"]) == ("routed", 1, 3998)
    assert [(line["sku"], line["quantity"], line["allocated"]) for line in order["lines"]] == [(SKU, 2, 2)]
    assert [part["location_id"] for part in order["fulfillments"]] == ["berlin"]
    assert (await stocked.client.get(answer.headers["location"])).json() == order


async def test_the_same_key_and_content_gives_the_same_order_once(stocked: System) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await stocked.client.post(f"{stocked.path}/orders", json=order_body(), headers=headers)
    again = await stocked.client.post(f"{stocked.path}/orders", json=order_body(), headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    await shows_levels(stocked, (40, 2))


async def test_the_same_key_with_other_content_names_the_field_and_changes_nothing(stocked: System) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await stocked.client.post(f"{stocked.path}/orders", json=order_body(quantity=2), headers=headers)
    sent = stocked.sent
    other = await stocked.client.post(f"{stocked.path}/orders", json=order_body(quantity=3), headers=headers)

    assert other.status_code == 409
    assert (other.json()["code"], other.json()["field"]) == ("idempotency_conflict", "lines[0].quantity")
    assert stocked.sent == sent
    assert (await stocked.client.get(first.headers["location"])).json() == first.json()


async def test_a_key_used_for_something_else_is_a_conflict(stocked: System) -> None:
    order = await place(stocked)
    headers = {"Idempotency-Key": "k-1"}
    await stocked.client.post(
        f"{stocked.path}/orders/{order['order_id']}/hold", json={"hold": "payment"}, headers=headers
    )
    other = await stocked.client.post(f"{stocked.path}/orders", json=order_body("2"), headers=headers)

    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")


async def test_the_channel_s_own_id_is_the_key_where_none_is_sent(stocked: System) -> None:
    first = await stocked.client.post(f"{stocked.path}/orders", json=order_body(quantity=2))
    again = await stocked.client.post(f"{stocked.path}/orders", json=order_body(quantity=2))
    other = await stocked.client.post(f"{stocked.path}/orders", json=order_body(quantity=3))

    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_duplicates_at_the_same_time_make_one_order(stocked: System) -> None:
    headers = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(
        *(stocked.client.post(f"{stocked.path}/orders", json=order_body(), headers=headers) for _ in range(8))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    await shows_levels(stocked, (40, 2))


async def test_keys_of_different_owners_do_not_meet(stocked: System) -> None:
    headers = {"Idempotency-Key": "k-1"}
    await stocked.client.post(f"{stocked.path}/orders", json=order_body("1"), headers=headers)
    async with stocked.client_of(Scope.ORDERS_WRITE, Scope.ORDERS_READ, name="another shop") as another:
        answer = await another.post(
            f"{stocked.path}/orders", json=order_body("2"), headers={**headers, "Prefer": "wait=20"}
        )

    assert (answer.status_code, answer.json()["external_id"]) == (201, "2")


async def test_without_waiting_the_answer_is_where_to_ask(stocked: System) -> None:
    stocked.worker.paused.clear()
    answer = await stocked.client.post(f"{stocked.path}/orders", json=order_body(), headers={"Prefer": "wait=0"})
    accepted = answer.json()
    unknown = await stocked.client.get(accepted["status_url"])
    stocked.worker.paused.set()

    assert (answer.status_code, accepted["status"], answer.headers["location"]) == (
        202,
        "accepted",
        accepted["status_url"],
    )
    assert (unknown.status_code, unknown.json()["code"]) == (404, "command_unknown")
    known = await answered(stocked.client, accepted["status_url"], lambda answer: answer.status_code == 200)
    assert known.json()["status"] == "applied"
    assert known.json()["update"]["order_id"] == accepted["order_id"]


async def test_a_reservation_becomes_its_order_when_it_is_placed(stocked: System) -> None:
    body = order_body()
    reserved = await stocked.client.post(f"{stocked.path}/reservations", json=body | {"time_to_live_seconds": 900})
    placed = await stocked.client.post(f"{stocked.path}/orders", json=body)

    assert (reserved.status_code, reserved.json()["status"]) == (201, "reserved")
    assert (placed.status_code, placed.json()["status"]) == (201, "routed")
    assert placed.json()["order_id"] == reserved.json()["order_id"]


async def test_units_are_cancelled_and_their_stock_is_free(stocked: System) -> None:
    order = await place(stocked, quantity=3)
    body = {"units": [{"line_id": "1", "quantity": 1}], "reason": "one too many"}
    answer = await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/cancel", json=body)

    line = answer.json()["lines"][0]
    assert (answer.status_code, line["cancelled"], line["allocated"]) == (200, 1, 2)


async def test_a_hold_is_applied_refused_twice_and_released(stocked: System) -> None:
    url = f"{stocked.path}/orders/{(await place(stocked))['order_id']}"
    held = await stocked.client.post(f"{url}/hold", json={"hold": "payment", "reason": "card refused"})
    twice = await stocked.client.post(f"{url}/hold", json={"hold": "payment"})
    released = await stocked.client.post(f"{url}/release", json={"hold": "payment"})

    assert (held.status_code, held.json()["status"]) == (200, "held")
    assert [hold["type"] for hold in held.json()["holds"]] == ["payment"]
    assert (twice.status_code, twice.json()["code"]) == (409, "hold_present")
    assert (released.status_code, released.json()["status"], released.json()["holds"]) == (200, "routed", [])


async def test_an_order_is_routed_anew_on_request(stocked: System) -> None:
    order = await place(stocked)
    answer = await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/reroute", json={"reason": "closed"})

    assert (answer.status_code, answer.json()["status"]) == (200, "routed")


async def test_history_tells_every_command_with_who_and_why(stocked: System) -> None:
    url = f"{stocked.path}/orders/{(await place(stocked))['order_id']}"
    await stocked.client.post(
        f"{url}/hold", json={"hold": "payment", "reason": "card refused"}, headers={"X-Correlation-ID": "case-7"}
    )
    await stocked.client.post(f"{url}/hold", json={"hold": "payment"})
    first = (await stocked.client.get(f"{url}/history", params={"limit": 2})).json()
    rest = (await stocked.client.get(f"{url}/history", params={"cursor": first["next_cursor"]})).json()

    updates = [*first["updates"], *rest["updates"]]
    assert [update["command"] for update in updates] == ["place_order", "hold_order", "hold_order"]
    assert [update["order_version"] for update in updates] == [1, 2, 0]
    assert [event["type"] for event in updates[0]["events"]] == ["order_placed", "units_routed"]
    assert updates[0]["events"][1]["trace"]["candidates"][0]["location_id"] == "berlin"
    assert (updates[1]["actor"], updates[1]["reason"], updates[1]["correlation_id"]) == (
        "key:tester",
        "card refused",
        "case-7",
    )
    assert updates[2]["refusal"]["code"] == "hold_present"
    assert rest["next_cursor"] is None


async def test_orders_are_listed_newest_first_in_pages_that_neither_skip_nor_repeat(stocked: System) -> None:
    for number in range(5):
        await place(stocked, str(number), 1, placed_at=f"2026-11-0{number + 1}T08:00:00Z")
    pages, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await stocked.client.get(f"{stocked.path}/orders", params=params)).json()
        pages.append([order["external_id"] for order in page["orders"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert pages == [["4", "3"], ["2", "1"], ["0"]]


async def test_orders_are_found_by_what_is_known_of_them(stocked: System) -> None:
    for number in range(3):
        await place(stocked, str(number), 1, placed_at=f"2026-11-0{number + 1}T08:00:00Z")
    held = await place(stocked, "3", 1, placed_at="2026-11-04T08:00:00Z", channel="till")
    await stocked.client.post(f"{stocked.path}/orders/{held['order_id']}/hold", json={"hold": "payment"})

    async def found(**filters: str) -> list[str]:
        answer = await stocked.client.get(f"{stocked.path}/orders", params=filters)
        return [order["external_id"] for order in answer.json()["orders"]]

    assert await found(status="held") == ["3"]
    assert await found(channel="shop-de", external_id="1") == ["1"]
    assert await found(sku=SKU) == ["3", "2", "1", "0"]
    assert await found(sku="OTHER") == []
    assert await found(placed_from="2026-11-02T08:00:00Z", placed_before="2026-11-03T08:00:00Z") == ["1"]


async def test_what_is_not_there_is_404_with_its_own_code(stocked: System) -> None:
    read = await stocked.client.get(f"{stocked.path}/orders/o000")
    history = await stocked.client.get(f"{stocked.path}/orders/o000/history")
    cancelled = await stocked.client.post(f"{stocked.path}/orders/o000/cancel", json={})

    assert [(answer.status_code, answer.json()["code"]) for answer in (read, history, cancelled)] == [
        (404, "order_unknown"),
        (404, "order_unknown"),
        (404, "order_unknown"),
    ]
