"""Orders that have left the core's table: read as they were, and brought back by whatever is asked of them."""

from typing import Any

import pytest

from models.commands import ReopenOrder, Tick, decode, encode
from tests.support.system import System, answered, order_body, place, shows, shows_levels

DAY_MS = 86_400_000


async def let_pass(system: System, days: int) -> None:
    """Let time pass in the pool by a tick of the far future."""
    at_ms = system.services.now_ms() + days * DAY_MS
    tick = Tick(command_id=f"tick-{system.pool}-{days}", pool=system.pool, issued_at_ms=at_ms, actor="clock")
    await system.services.sender.submit(system.pool, encode(tick))


async def told(system: System, url: str, **body: Any) -> Any:
    answer = await system.client.post(url, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def closed_order(system: System, *, lost: bool = False) -> Any:
    """Give an order that was shipped, delivered or lost, and closed a month later."""
    order = await place(system, "old", 2)
    url = f"{system.path}/orders/{order['order_id']}"
    at = f"{url}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    await told(system, f"{at}/ship", parcel_id="P-1")
    await told(system, f"{at}/parcels/P-1/{'lose' if lost else 'deliver'}")
    await let_pass(system, 31)
    return (await answered(system.client, url, lambda answer: answer.json()["closed_at"])).json()


async def commands_on(system: System, order_id: str) -> list[tuple[str, bool]]:
    """Give the commands of an order's history, and whether each was refused."""
    history = (await system.client.get(f"{system.path}/orders/{order_id}/history")).json()
    return [(update["command"], update["refusal"] is not None) for update in history["updates"]]


async def test_a_closed_order_is_read_and_listed_as_it_was(stocked: System) -> None:
    order = await closed_order(stocked)
    listed = (await stocked.client.get(f"{stocked.path}/orders")).json()["orders"]

    assert (order["status"], order["lines"][0]["delivered"]) == ("delivered", 2)
    assert order["closed_at"].endswith("Z")
    assert [(one["order_id"], one["closed_at"]) for one in listed] == [(order["order_id"], order["closed_at"])]


async def test_newer_content_of_the_channel_ninety_days_later_brings_it_back(stocked: System) -> None:
    order = await closed_order(stocked)
    await let_pass(stocked, 31 + 90)
    body = order_body("old", 2, source_version=1, shipping_minor=100)
    answer = await stocked.client.post(f"{stocked.path}/orders", json=body)

    assert answer.status_code == 201, answer.text
    back = answer.json()
    assert (back["order_id"], back["source_version"], back["closed_at"]) == (order["order_id"], 1, None)
    assert (back["status"], back["total_minor"]) == ("delivered", order["total_minor"])
    assert back["version"] > order["version"]
    assert await commands_on(stocked, order["order_id"]) == [
        ("place_order", False),
        ("ship_parcel", False),
        ("deliver_parcel", False),
        ("tick", False),
        ("reopen_order", False),
        ("place_order", False),
    ]
    await shows_levels(stocked, (38, 0))


async def test_what_the_channel_sends_again_leaves_it_closed(stocked: System) -> None:
    order = await closed_order(stocked)
    headers = {"Idempotency-Key": "again"}
    again = await stocked.client.post(f"{stocked.path}/orders", json=order_body("old", 2), headers=headers)

    assert again.status_code == 201, again.text
    assert again.json()["closed_at"] == order["closed_at"]
    assert "reopen_order" not in [command for command, _ in await commands_on(stocked, order["order_id"])]


async def test_a_parcel_that_comes_back_ninety_days_after_brings_its_order_back(stocked: System) -> None:
    order = await closed_order(stocked, lost=True)
    await let_pass(stocked, 31 + 90)
    url = f"{stocked.path}/orders/{order['order_id']}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    back = await told(stocked, f"{url}/parcels/P-1/return", restock=True, reason="found")

    assert (back["closed_at"], back["lines"][0]["lost"], back["lines"][0]["returned_to_sender"]) == (None, 0, 2)
    await shows_levels(stocked, (40, 0))


async def test_it_closes_again_and_comes_back_again(stocked: System) -> None:
    order = await closed_order(stocked, lost=True)
    url = f"{stocked.path}/orders/{order['order_id']}"
    at = f"{url}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}/parcels/P-1"
    await told(stocked, f"{at}/tracking", carrier="DHL", tracking_number="2")
    await let_pass(stocked, 100)
    closed = await answered(stocked.client, url, lambda answer: answer.json()["closed_at"])
    back = await told(stocked, f"{at}/deliver")

    assert closed.json()["closed_at"] > order["closed_at"]
    assert (back["closed_at"], back["status"], back["parcels"][0]["tracking_number"]) == (None, "delivered", "2")


async def test_both_commands_stand_in_one_record(stocked: System) -> None:
    order = await closed_order(stocked, lost=True)
    records = stocked.services.sender.records  # type: ignore[attr-defined] # The one that counts.
    sent = stocked.sent
    at = f"{stocked.path}/orders/{order['order_id']}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    await told(stocked, f"{at}/parcels/P-1/deliver")

    assert stocked.services.sender.records - records == 1  # type: ignore[attr-defined] # As above.
    assert stocked.sent - sent == 2


async def test_an_order_that_closed_behind_the_views_is_brought_back_too(
    stocked: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await place(stocked, "cancelled", 1)
    url = f"{stocked.path}/orders/{order['order_id']}"
    await told(stocked, f"{url}/cancel")
    views = stocked.services.views
    open_row = views.order(stocked.pool, order["order_id"])
    await let_pass(stocked, 31)
    closed = (await answered(stocked.client, url, lambda answer: answer.json()["closed_at"])).json()
    read = views.order
    late = [open_row]
    monkeypatch.setattr(views, "order", lambda pool, order_id: late.pop() if late else read(pool, order_id))
    answer = await stocked.client.post(f"{url}/hold", json={"hold": "payment"})

    assert (answer.status_code, answer.json()["code"]) == (409, "status_forbids")
    await shows(stocked, url, lambda now: (now["closed_at"], now["version"]), (None, closed["version"] + 1))


async def test_the_row_that_is_sent_is_the_one_of_the_views(stocked: System, monkeypatch: pytest.MonkeyPatch) -> None:
    order = await closed_order(stocked)
    sent: list[bytes] = []
    submit = stocked.services.sender.submit

    def keep(pool: str, command: bytes, *, after: bytes | None = None) -> Any:
        sent.extend([after] if after is not None else [])
        return submit(pool, command, after=after)

    monkeypatch.setattr(stocked.services.sender, "submit", keep)
    await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/hold", json={"hold": "payment"})
    [reopen] = [decode(raw) for raw in sent]

    assert isinstance(reopen, ReopenOrder)
    assert (reopen.order_id, reopen.order.version) == (order["order_id"], order["version"])


async def test_a_preview_on_a_closed_order_says_why_not_and_leaves_it_closed(stocked: System) -> None:
    order = await closed_order(stocked)
    url = f"{stocked.path}/orders/{order['order_id']}"
    body = {"changes": [{"action": "set_priority", "priority": 3}], "preview": True}
    answer = await stocked.client.post(f"{url}/edit", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "status_forbids")
    assert (await stocked.client.get(url)).json() == order


async def test_a_cart_that_expired_long_ago_can_still_be_placed(stocked: System) -> None:
    body = order_body("cart", 2)
    url = f"{stocked.path}/reservations"
    reserved = (await stocked.client.post(url, json=body | {"time_to_live_seconds": 60})).json()
    await let_pass(stocked, 1)
    await let_pass(stocked, 40)
    at = f"{stocked.path}/orders/{reserved['order_id']}"
    closed = (await answered(stocked.client, at, lambda answer: answer.json()["closed_at"])).json()
    placed = await stocked.client.post(f"{stocked.path}/orders", json=body)

    assert closed["status"] == "expired"
    assert (placed.status_code, placed.json()["status"], placed.json()["closed_at"]) == (201, "routed", None)
    await shows_levels(stocked, (40, 2))
