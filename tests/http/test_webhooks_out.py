import asyncio
from typing import Any

import msgspec
import pytest

from connectors.frame.message import Message
from connectors.frame.signatures import standard_webhooks
from tests.support.outbox import HOST, sending
from tests.support.partner import Answer, Got, Partner, partner, until
from tests.support.system import System, place, shows


@pytest.fixture(autouse=True)
def _private_host(running: System) -> None:
    """The partners of these tests are on this machine."""
    object.__setattr__(
        running.services, "settings", running.services.settings.model_copy(update={"private_hosts": HOST})
    )


async def subscribe(system: System, receiver: Partner, *patterns: str) -> Any:
    body = {"url": f"{receiver.url}/hook", "events": list(patterns)}
    answer = await system.client.post(f"{system.path}/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def events_in(receiver: Partner) -> list[Any]:
    return [msgspec.json.decode(got.body) for got in receiver.got]


def is_signed(system: System, got: Got, secret: str) -> bool:
    message = Message(body=got.body, headers=got.headers, received_at_ms=system.services.now_ms())
    return standard_webhooks(message, (secret,))


def told(receiver: Partner, order: Any) -> list[str]:
    return [event["type"] for event in events_in(receiver) if event["order_id"] == order["order_id"]]


async def cancel(system: System, order: Any) -> None:
    answer = await system.client.post(f"{system.path}/orders/{order['order_id']}/cancel", json={})
    assert answer.status_code == 200, answer.text


def path_of(system: System, made: Any) -> str:
    return f"{system.path}/connections/webhook/{made['webhook_id']}"


async def delivered(system: System, made: Any, **wanted: str) -> list[Any]:
    answer = await system.client.get(f"{path_of(system, made)}/deliveries", params=wanted)
    assert answer.status_code == 200, answer.text
    rows: list[Any] = answer.json()["deliveries"]
    return rows


async def test_a_subscription_is_sent_signed_events_of_its_pattern(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver, "order.placed", "fulfillment.*")
        order = await place(stocked, "100300", 1)
        await until(lambda: receiver.got, "the event has come")
        await asyncio.sleep(0.3)

    [got] = receiver.got
    event = msgspec.json.decode(got.body)
    assert (event["type"], event["pool"], event["order_id"]) == ("order.placed", stocked.pool, order["order_id"])
    assert is_signed(stocked, got, made["secret"])
    assert not is_signed(stocked, got, "whsec_" + "A" * 44)
    assert "secret" not in (await stocked.client.get(f"{stocked.path}/webhooks")).json()["webhooks"][0]


async def test_both_secrets_sign_while_one_is_replaced(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver, "order.placed")
        rotated = (await stocked.client.post(f"{stocked.path}/webhooks/{made['webhook_id']}/rotate")).json()
        await asyncio.sleep(1.2)
        await place(stocked, "100301", 1)
        await until(lambda: receiver.got, "the event has come")

    assert rotated["secret"] != made["secret"]
    assert is_signed(stocked, receiver.got[0], made["secret"])
    assert is_signed(stocked, receiver.got[0], rotated["secret"])


async def test_what_fails_is_repeated_under_its_id_and_holds_back_the_same_order_alone(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        failing: set[str] = set()
        receiver.otherwise = lambda got: Answer(500 if failing & {msgspec.json.decode(got.body)["order_id"]} else 200)
        made = await subscribe(stocked, receiver, "order.placed", "order.units_cancelled", "order.hold_applied")
        first = await place(stocked, "100302", 1)
        await until(lambda: receiver.got, "the first event has come")
        failing.add(first["order_id"])
        url = f"{stocked.path}/orders/{first['order_id']}/hold"
        assert (await stocked.client.post(url, json={"hold": "address"})).status_code == 200
        await until(lambda: len(receiver.got) >= 2, "it is tried")
        await cancel(stocked, first)
        other = await place(stocked, "100303", 1)
        await cancel(stocked, other)
        await until(lambda: len(told(receiver, other)) == 2, "the other order goes on")
        failing.clear()
        waiting = (await delivered(stocked, made, state="pending"))[-1]
        path = f"{path_of(stocked, made)}/deliveries/{waiting['delivery_id']}"
        await stocked.client.post(f"{path}/redeliver")
        await until(lambda: "order.units_cancelled" in told(receiver, first), "it is repeated, and then the next")
        log = (await stocked.client.get(path)).json()["log"]

    tries = [got for got in receiver.got if got.headers["webhook-id"] == waiting["delivery_id"]]
    assert told(receiver, other) == ["order.placed", "order.units_cancelled"]
    assert list(dict.fromkeys(told(receiver, first))) == ["order.placed", "order.hold_applied", "order.units_cancelled"]
    assert len(tries) == len(log) >= 2
    assert len({got.body for got in tries}) == 1
    assert (log[0]["outcome"], log[0]["status"]) == ("done", 200)
    assert (log[-1]["outcome"], log[-1]["status"]) == ("later", 500)


@pytest.mark.parametrize(("status", "state"), [(301, "refused"), (400, "refused"), (401, "refused"), (503, "pending")])
async def test_only_faults_of_the_receiver_are_tried_again(stocked: System, status: int, state: str) -> None:
    async with partner() as receiver, sending(stocked):
        receiver.otherwise = lambda _: Answer(status, headers={"location": "http://127.0.0.1:9/elsewhere"})
        made = await subscribe(stocked, receiver, "order.placed")
        await place(stocked, f"1003-{status}", 1)
        await until(lambda: receiver.got, "it is tried")
        url = f"{path_of(stocked, made)}/deliveries"
        await shows(
            stocked, url, lambda view: [(row["state"], row["attempts"]) for row in view["deliveries"]], [(state, 1)]
        )
    assert len(receiver.got) == 1


async def test_who_is_gone_is_not_sent_anything_more_until_somebody_resumes_it(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        receiver.answers.append(Answer(410))
        made = await subscribe(stocked, receiver, "order.placed")
        await place(stocked, "100305", 1)
        await until(lambda: receiver.got, "it is tried")
        await asyncio.sleep(1.5)
        await place(stocked, "100306", 1)
        await asyncio.sleep(1.0)
        [shown] = (await stocked.client.get(f"{stocked.path}/webhooks")).json()["webhooks"]
        assert (shown["disabled_why"], len(receiver.got)) == ("it answered 410 Gone", 1)

        assert (await stocked.client.post(f"{path_of(stocked, made)}/resume")).json()["done"]
        await until(lambda: len(receiver.got) == 2, "what waited is sent")


async def test_a_paused_subscription_keeps_what_comes_and_a_test_event_shows_that_it_works(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver, "order.placed")
        await stocked.client.post(f"{path_of(stocked, made)}/pause")
        await asyncio.sleep(1.2)
        order = await place(stocked, "100307", 1)
        await asyncio.sleep(0.5)
        assert receiver.got == []
        [shown] = (await stocked.client.get(f"{stocked.path}/connections")).json()["connections"]
        assert (shown["pending"], shown["paused_at"] is not None) == (1, True)

        await stocked.client.post(f"{path_of(stocked, made)}/resume")
        await until(lambda: receiver.got, "what waited is sent")
        await stocked.client.post(f"{stocked.path}/webhooks/{made['webhook_id']}/test")
        await until(lambda: len(receiver.got) == 2, "the test event has come")

    assert [event["type"] for event in events_in(receiver)] == ["order.placed", "test.sent"]
    assert events_in(receiver)[0]["order_id"] == order["order_id"]


async def test_a_replay_sends_what_was_before_the_subscription_too_each_fact_once(stocked: System) -> None:
    before = stocked.services.now_ms()
    order = await place(stocked, "100308", 1)
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver, "order.placed")
        body = {"from": "2020-01-01T00:00:00Z"}
        answer = await stocked.client.post(f"{path_of(stocked, made)}/replay", json=body)
        assert answer.json()["deliveries"] == 1
        await until(lambda: receiver.got, "the past has come")
        await asyncio.sleep(0.2)
        await stocked.client.post(f"{path_of(stocked, made)}/replay", json=body)
        await until(lambda: len(receiver.got) == 2, "it has come again")

    assert before <= stocked.services.now_ms()
    assert [event["order_id"] for event in events_in(receiver)] == [order["order_id"]] * 2
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]
    assert events_in(receiver)[0]["event_id"] == events_in(receiver)[1]["event_id"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://shop.example.com/hook", "url_invalid"),
        ("https://user:secret@shop.example.com/hook", "url_invalid"),
        ("https://10.0.0.1/hook", "url_private"),
        ("https://[::1]/hook", "url_private"),
        ("https://metadata.internal/hook", "url_private"),
    ],
)
async def test_an_address_that_may_not_be_called_is_refused_and_nothing_is_kept(
    stocked: System, url: str, code: str
) -> None:
    answer = await stocked.client.post(f"{stocked.path}/webhooks", json={"url": url, "events": ["*"]})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await stocked.client.get(f"{stocked.path}/webhooks")).json()["webhooks"] == []


async def test_events_that_there_are_not_are_refused(stocked: System) -> None:
    body = {"url": "https://shop.example.com/hook", "events": ["orders.*"]}
    answer = await stocked.client.post(f"{stocked.path}/webhooks", json=body)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "event_unknown", "events")


async def test_a_deleted_subscription_is_sent_nothing_more(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver, "order.placed")
        answer = await stocked.client.delete(f"{stocked.path}/webhooks/{made['webhook_id']}")
        assert answer.json()["deleted"]
        await place(stocked, "100309", 1)
        await asyncio.sleep(0.5)

    assert receiver.got == []
    assert (await stocked.client.delete(f"{stocked.path}/webhooks/{made['webhook_id']}")).status_code == 404
