"""Events by Kafka, SQS and Pub/Sub keep the promises of webhooks: each in effect once, in order per order."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import msgspec
import pytest
from moto.server import ThreadedMotoServer

from api.roles import Role
from connectors.frame.message import Message
from connectors.frame.signatures import standard_webhooks
from streams.brokers.embedded import EmbeddedBroker
from tests.brokers import create_topic
from tests.support.outbox import HOST, sending
from tests.support.partner import Answer, partner, until
from tests.support.people import HTML, add_user, signed_in
from tests.support.system import System, place
from tests.support.transports import TOPIC_PATH, Account, PubSub, read_topic

_REGION = "eu-central-1"
_AWS = {"access_key_id": "AKIAEXAMPLE", "secret_access_key": "never-shown-again-40-letters-of-a-secret"}
_STORY = ["order.placed", "order.hold_applied", "order.units_cancelled"]


@pytest.fixture(autouse=True)
def _private_host(running: System) -> None:
    object.__setattr__(
        running.services, "settings", running.services.settings.model_copy(update={"private_hosts": HOST})
    )


@pytest.fixture(scope="module")
def sqs() -> Iterator[Any]:
    """Amazon's queues, as moto serves them over HTTP."""
    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "sqs",
        region_name=_REGION,
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    yield client
    client.close()
    server.stop()


async def subscribe(system: System, url: str, credentials: dict[str, str] | None = None) -> Any:
    body = {"url": url, "events": _STORY, "credentials": credentials or {}}
    answer = await system.client.post(f"{system.path}/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def live_through(system: System, number: str) -> str:
    """Let an order be placed, held and cancelled."""
    order_id: str = (await place(system, number, 1))["order_id"]
    for step, body in (("hold", {"hold": "address"}), ("cancel", {})):
        answer = await system.client.post(f"{system.path}/orders/{order_id}/{step}", json=body)
        assert answer.status_code == 200, answer.text
    return order_id


async def log_of(system: System, made: Any) -> list[Any]:
    path = f"{system.path}/connections/webhook/{made['webhook_id']}/deliveries"
    rows = (await system.client.get(path)).json()["deliveries"]
    return [(await system.client.get(f"{path}/{row['delivery_id']}")).json() for row in reversed(rows)]


def target(made: Any) -> str:
    return f"webhook/{made['webhook_id']}"


def all_done(system: System, made: Any) -> bool:
    rows = system.services.outbox.deliveries(target(made))
    return len(rows) >= len(_STORY) and {one.state for one in rows} == {"done"}


def tried(system: System, made: Any) -> bool:
    """Tell whether the first delivery has been tried, and what came of it noted."""
    rows = system.services.outbox.deliveries(target(made))
    return bool(rows) and len(rows) == len(_STORY) and rows[-1].note != ""


async def wait_a_little(seconds: float = 0.1) -> None:
    await asyncio.sleep(seconds)


def drained(sqs: Any, queue: str) -> list[Any]:
    """Take all messages of a queue."""
    found: list[Any] = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
        )
        if not answer.get("Messages"):
            return found
        for one in answer["Messages"]:
            found.append(one)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])


def signed_by(system: System, made: Any, headers: dict[str, str], body: bytes) -> bool:
    message = Message(body=body, headers=headers, received_at_ms=system.services.now_ms())
    return standard_webhooks(message, (made["secret"],))


async def everything_shown(system: System, made: Any) -> str:
    """Give all that the API answers of a subscription, and the page."""
    texts = [msgspec.json.encode(made).decode(), msgspec.json.encode(await log_of(system, made)).decode()]
    paths = (f"{system.path}/webhooks", f"{system.path}/connections")
    texts += [(await system.client.get(path)).text for path in paths]
    integrator = add_user(system, f"ivy-{system.pool}", Role.INTEGRATOR)
    async with signed_in(system, integrator) as client:
        shown = await client.get(f"/p/{system.pool}/connections/{target(made)}", headers=HTML)
        assert shown.status_code == 200
    rows = system.services.control.connection().execute("SELECT * FROM audit_lines").fetchall()
    return "".join([*texts, shown.text, str(rows)])


async def test_a_topic_of_a_customers_kafka_has_each_order_in_one_partition_in_order(stocked: System) -> None:
    with EmbeddedBroker() as broker:
        create_topic(broker.bootstrap, "customer.orders", 4)
        async with sending(stocked):
            made = await subscribe(stocked, f"kafka+plaintext://{broker.bootstrap}/customer.orders")
            orders = [await live_through(stocked, f"K-{number}") for number in range(3)]
            tested = await stocked.client.post(f"{stocked.path}/webhooks/{made['webhook_id']}/test")
            records = await read_topic(broker.bootstrap, "customer.orders", 10)
            log = await log_of(stocked, made)

    for order_id in orders:
        mine = [one for one in records if one.key == order_id]
        assert [one.event["type"] for one in mine] == _STORY
        assert [one.headers["event-type"] for one in mine] == _STORY
        assert len({one.partition for one in mine}) == 1
    assert all(signed_by(stocked, made, one.headers, one.body) for one in records)
    assert len({one.headers["webhook-id"] for one in records}) == 10
    assert tested.json()["delivery_id"] in {one.headers["webhook-id"] for one in records}
    assert {row["state"] for row in log} == {"done"}
    assert log[0]["reference"].startswith("customer.orders-")
    assert (made["transport"], made["has_credentials"]) == ("kafka", False)


async def test_brokers_that_are_away_get_everything_later_in_order_and_a_replay_under_the_same_ids(
    stocked: System,
) -> None:
    broker = EmbeddedBroker()
    with broker:
        bootstrap = broker.bootstrap
    port = int(bootstrap.rpartition(":")[2])
    async with sending(stocked, timeout_seconds=5.0):
        made = await subscribe(stocked, f"kafka+plaintext://{bootstrap}/customer.orders")
        order_id = await live_through(stocked, "KA-1")
        path = f"{stocked.path}/connections/webhook/{made['webhook_id']}"
        await until(lambda: tried(stocked, made), "tried")
        failed = (await log_of(stocked, made))[0]
        with EmbeddedBroker(port=port):
            create_topic(bootstrap, "customer.orders", 4)
            await stocked.client.post(f"{path}/reset")
            records = await read_topic(bootstrap, "customer.orders", 3)
            answer = await stocked.client.post(f"{path}/replay", json={"from": "2020-01-01T00:00:00Z"})
            again = (await read_topic(bootstrap, "customer.orders", 6))[3:]

    assert failed["log"][-1]["outcome"] == "later"
    assert [one.event["type"] for one in records] == _STORY
    assert {one.key for one in records} == {order_id}
    assert answer.json()["deliveries"] == 3
    assert [one.headers["webhook-id"] for one in again] == [one.headers["webhook-id"] for one in records]


async def test_a_fifo_queue_has_each_event_once_in_order_though_answers_are_lost(stocked: System, sqs: Any) -> None:
    queue = sqs.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    place_of = queue.removeprefix("http://")
    backend = sqs.meta.endpoint_url.removeprefix("http://")
    async with sending(stocked):
        made = await subscribe(stocked, f"sqs+http://{backend}/{place_of.partition('/')[2]}?region={_REGION}", _AWS)
        orders = [await live_through(stocked, f"S-{number}") for number in range(2)]
        await until(lambda: all_done(stocked, made), "done")
        first = stocked.services.outbox.deliveries(target(made))[-1]
        path = f"{stocked.path}/connections/{target(made)}/deliveries/{first.delivery_id}/redeliver"
        await stocked.client.post(path)
        await until(lambda: len(stocked.services.outbox.attempts(first.delivery_id)) == 2, "it is sent again")
        messages = drained(sqs, queue)
        log = await log_of(stocked, made)
        shown = await everything_shown(stocked, made)

    events = [(msgspec.json.decode(one["Body"]), one) for one in messages]
    assert len(events) == 6
    for order_id in orders:
        mine = [(event, one) for event, one in events if event["order_id"] == order_id]
        assert [event["type"] for event, _ in mine] == _STORY
        assert {one["Attributes"]["MessageGroupId"] for _, one in mine} == {order_id}
    for event, one in events:
        headers = {name: value["StringValue"] for name, value in one["MessageAttributes"].items()}
        assert headers["webhook-id"] == one["Attributes"]["MessageDeduplicationId"]
        assert headers["event-type"] == event["type"]
        assert signed_by(stocked, made, headers, one["Body"].encode())
    assert {entry["status"] for row in log for entry in row["log"]} == {200}
    assert all(value not in shown for value in _AWS.values())


async def test_a_queue_that_is_not_there_keeps_everything_until_somebody_makes_it(stocked: System, sqs: Any) -> None:
    backend = sqs.meta.endpoint_url.removeprefix("http://")
    async with sending(stocked):
        made = await subscribe(stocked, f"sqs+http://{backend}/123456789012/later?region={_REGION}", _AWS)
        await live_through(stocked, "S-9")
        await until(lambda: tried(stocked, made), "it is tried")
        await until(lambda: tried(stocked, made), "it is noted")
        [row, *_] = await log_of(stocked, made)
        queue = sqs.create_queue(QueueName="later")["QueueUrl"]
        await stocked.client.post(f"{stocked.path}/connections/{target(made)}/reset")
        await until(lambda: all_done(stocked, made), "done")
        messages = drained(sqs, queue)

    assert (row["state"], row["log"][0]["status"], row["log"][0]["answer"]) == ("pending", 400, "")
    assert "check the queue and the credentials" in row["note"]
    assert sorted(msgspec.json.decode(one["Body"])["type"] for one in messages) == sorted(_STORY)


async def test_a_pubsub_topic_gets_each_order_in_order_though_it_fails_stalls_and_loses_answers(
    stocked: System,
) -> None:
    account = Account()
    fake = PubSub(account, lambda: stocked.services.now_ms() // 1000)
    async with partner() as google, sending(stocked, timeout_seconds=0.5):
        google.otherwise = fake.answer
        google.answers += [Answer(503), Answer(after_seconds=1.0), Answer(429), Answer(lost=True)]
        made = await subscribe(stocked, f"pubsub+http://{HOST}:{google.port}/{TOPIC_PATH}", account.file)
        orders = [await live_through(stocked, f"G-{number}") for number in range(2)]

        async def go_on() -> bool:
            await stocked.client.post(f"{stocked.path}/connections/{target(made)}/reset")
            return all_done(stocked, made)

        for _ in range(100):
            if await go_on():
                break
            await wait_a_little()
        shown = await everything_shown(stocked, made)

    for order_id in orders:
        mine = [one for one in fake.messages if one["orderingKey"] == order_id]
        first = list(dict.fromkeys(one["attributes"]["webhook-id"] for one in mine))
        assert list(dict.fromkeys(one["attributes"]["event-type"] for one in mine)) == _STORY
        assert len(first) == 3
    for one in fake.messages:
        assert signed_by(stocked, made, one["attributes"], base64.b64decode(one["data"]))
    assert "PRIVATE KEY" not in shown
    assert account.file["private_key"][60:100] not in shown


async def test_what_an_endpoint_repeats_of_a_request_is_not_logged_and_new_credentials_let_it_go_on(
    stocked: System,
) -> None:
    account, other = Account(), Account()
    fake = PubSub(account, lambda: stocked.services.now_ms() // 1000)
    async with partner() as google, sending(stocked):
        google.otherwise = lambda got: (
            answer
            if (answer := fake.answer(got)).status == 200
            else Answer(answer.status, b'{"error": {"status": "' + got.headers["authorization"].encode() + b'"}}')
        )
        made = await subscribe(stocked, f"pubsub+http://{HOST}:{google.port}/{TOPIC_PATH}", other.file)
        await live_through(stocked, "G-9")
        await until(lambda: tried(stocked, made), "it is refused")
        shown = await everything_shown(stocked, made)
        tokens = {got.headers["authorization"].removeprefix("Bearer ") for got in google.got}
        path = f"{stocked.path}/webhooks/{made['webhook_id']}/credentials"
        replaced = await stocked.client.put(path, json={"credentials": account.file})
        await wait_a_little(1.2)
        await stocked.client.post(f"{stocked.path}/connections/{target(made)}/reset")
        await until(lambda: len(fake.messages) == 3, "all has come")

    assert tokens
    assert not any(token in shown for token in tokens)
    assert (replaced.status_code, replaced.json()["has_credentials"]) == (200, True)
    assert "private_key" not in replaced.text
