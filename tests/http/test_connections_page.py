"""The pages of connections: what goes out and what comes in, and what a person does about it."""

from api.roles import Role
from tests.http.test_hooks import send, set_up
from tests.support.outbox import connect
from tests.support.people import HTML, add_user, signed_in
from tests.support.system import SKU, System, place
from tests.support.toy import order_said


async def test_connections_are_shown_paused_and_sent_again_on_their_pages(stocked: System) -> None:
    integrator = add_user(stocked, f"ivy-{stocked.pool}", Role.INTEGRATOR)
    body = {"url": "https://shop.example.com/hook", "events": ["*"], "note": "our shop"}
    made = (await stocked.client.post(f"{stocked.path}/webhooks", json=body)).json()
    connect(stocked, "warehouse-toy", live=False)
    base = f"/p/{stocked.pool}/connections"
    mine = f"{base}/webhook/{made['webhook_id']}"
    async with signed_in(stocked, integrator) as client:
        listed = (await client.get(base, headers=HTML)).text
        tested = await client.post(f"{mine}/test", data={})
        [row] = stocked.services.outbox.deliveries(f"webhook/{made['webhook_id']}")
        one = (await client.get(mine, headers=HTML)).text
        paused = await client.post(f"{mine}/pause", data={})
        banner = (await client.get(base, headers=HTML)).text
        again = await client.post(f"{mine}/deliveries/{row.delivery_id}/redeliver", data={})
        await client.post(f"{mine}/resume", data={})
        resumed = (await client.get(base, headers=HTML)).text

    assert "our shop" in listed
    assert "shadow" in listed
    assert "Nothing goes out to" not in listed + resumed
    assert (tested.status_code, tested.headers["location"]) == (303, f"{mine}?done=test")
    assert row.delivery_id in one
    assert paused.headers["location"] == f"{mine}?done=pause"
    assert "Nothing goes out to 1 connection:" in banner
    assert again.headers["location"] == f"{mine}?done=redeliver"


async def test_the_page_of_an_account_tells_what_came_in_what_waits_and_where_to_send_it(stocked: System) -> None:
    integrator = add_user(stocked, f"ivy-{stocked.pool}", Role.INTEGRATOR)
    account, bare = set_up(stocked), set_up(stocked, connector="bare-toy")
    stocked.services.exchange.secrets.put(account, "api_token", "x", "current", actor="test", now_ms=1)
    stocked.services.control.connection().execute("DELETE FROM connector_secrets WHERE account = ?", (bare,))
    await send(stocked, account, order_said("1", SKU))
    await send(stocked, account, b'{"kind": "what"}')
    await send(stocked, account, b'{"kind": "scan", "tracking": "T-1"}')
    async with signed_in(stocked, integrator) as client:
        shown = (await client.get(f"/p/{stocked.pool}/connections/account/{account}", headers=HTML)).text
        unsigned = (await client.get(f"/p/{stocked.pool}/connections/account/{bare}", headers=HTML)).text

    assert "1 taken, 1 set to wait, 1 refused, wholly or in part." in shown
    assert "1 waiting since" in shown
    assert "POST /v1/dead-letters/ID/replay" in shown
    assert f"/v1/hooks/{account}</span>" in shown
    assert "A secret is missing" not in shown
    assert f"headrace connectors secret {bare} webhook_secret" in unsigned
    assert f"/v1/hooks/{bare}/SECRET</span>" in unsigned
    assert "No message has come yet." in unsigned


async def test_those_who_cannot_do_anything_about_it_are_not_told_of_it(stocked: System) -> None:
    viewer = add_user(stocked, f"vic-{stocked.pool}", Role.VIEWER)
    body = {"url": "https://shop.example.com/hook", "events": ["*"]}
    made = (await stocked.client.post(f"{stocked.path}/webhooks", json=body)).json()
    await stocked.client.post(f"{stocked.path}/connections/webhook/{made['webhook_id']}/pause")
    await place(stocked, "CP-1", 1)
    async with signed_in(stocked, viewer) as client:
        orders = await client.get(f"/p/{stocked.pool}/orders", headers=HTML)
        page = await client.get(f"/p/{stocked.pool}/connections", headers=HTML)

    assert orders.status_code == 200
    assert "Connections" not in orders.text
    assert "Nothing goes out" not in orders.text
    assert page.status_code == 404
    assert page.text.count("Connections") == 0
