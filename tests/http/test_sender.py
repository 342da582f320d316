import asyncio
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.app import create_app
from api.ports import Position, SendError
from api.security import Scope
from api.sender import COMMANDS_PER_RECORD, KafkaSender
from api.services import Services
from models.partition import partition_of
from streams.brokers.process import free_port
from tests.brokers import create_topic, new_prefix
from tests.support.system import api_settings, client_of, order_body


async def started(bootstrap: str, topic: str, **more: float) -> KafkaSender:
    settings = {"gather_seconds": 0.005, "commands_max": 10_000, "acknowledge_seconds": 5.0} | more
    sender = KafkaSender(broker=bootstrap, topic=topic, **settings)  # type: ignore[arg-type]
    await sender.start()
    async with asyncio.timeout(20):
        while True:
            if sender.is_connected():
                return sender
            await asyncio.sleep(0.01)


async def records(bootstrap: str, topic: str, pool: str) -> list[list[int]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        tp = TopicPartition(topic, partition_of(pool))
        consumer.assign([tp])
        batch = await consumer.getmany(timeout_ms=5_000)
        return [msgspec.json.decode(record.value) for record in batch[tp]]
    finally:
        await consumer.stop()


async def test_commands_within_the_time_share_a_record_in_their_order(bootstrap: str) -> None:
    topic = new_prefix() + "commands"
    await asyncio.to_thread(create_topic, bootstrap, topic, 48)
    sender = await started(bootstrap, topic)
    positions = await asyncio.gather(*(sender.submit("europe", str(number).encode()) for number in range(1_200)))
    await sender.stop()

    found = await records(bootstrap, topic, "europe")
    assert [len(record) for record in found] == [COMMANDS_PER_RECORD, COMMANDS_PER_RECORD, 200]
    assert [number for record in found for number in record] == list(range(1_200))
    assert positions[0] == Position(partition_of("europe"), 0, 0)
    assert positions[1_199] == Position(partition_of("europe"), 2, 199)
    assert sender.pending() == 0


async def test_a_command_stands_behind_the_one_it_comes_after_in_one_record_also_where_that_is_full(
    bootstrap: str,
) -> None:
    topic = new_prefix() + "commands"
    await asyncio.to_thread(create_topic, bootstrap, topic, 48)
    sender = await started(bootstrap, topic)
    for number in range(COMMANDS_PER_RECORD - 1):
        sender.submit("europe", str(number).encode())
    position = await sender.submit("europe", b"-1", after=b"-2")
    await sender.stop()

    found = await records(bootstrap, topic, "europe")
    assert [len(record) for record in found] == [COMMANDS_PER_RECORD - 1, 2]
    assert found[1] == [-2, -1]
    assert position == Position(partition_of("europe"), 1, 1)
    assert (sender.pending(), sender.sent) == (0, COMMANDS_PER_RECORD + 1)


async def test_pools_do_not_share_records(bootstrap: str) -> None:
    topic = new_prefix() + "commands"
    await asyncio.to_thread(create_topic, bootstrap, topic, 48)
    sender = await started(bootstrap, topic)
    positions = await asyncio.gather(sender.submit("europe", b"1"), sender.submit("asia", b"2"))
    await sender.stop()

    assert [*positions] == [Position(partition_of("europe"), 0, 0), Position(partition_of("asia"), 0, 0)]


async def test_more_than_may_wait_is_refused_and_not_kept(bootstrap: str) -> None:
    topic = new_prefix() + "commands"
    await asyncio.to_thread(create_topic, bootstrap, topic, 48)
    sender = await started(bootstrap, topic, commands_max=2)
    first = [sender.submit("europe", b"1"), sender.submit("europe", b"2")]
    with pytest.raises(SendError) as refused:
        sender.submit("europe", b"3")
    await asyncio.gather(*first)
    await sender.stop()

    assert refused.value.overloaded
    assert await records(bootstrap, topic, "europe") == [[1, 2]]


async def test_without_a_broker_every_write_is_503_with_when_to_come_back(tmp_path: Path) -> None:
    services = Services(api_settings(f"127.0.0.1:{free_port()}", "", tmp_path))
    key, _ = services.keyring.create(name="a", scopes=[Scope.ADMIN], pools=["*"], actor="test", now_ms=1)
    app = create_app(services)
    async with app.router.lifespan_context(app), client_of(app, key) as client:
        written = await client.post("/v1/pools/europe/orders", json=order_body())
        ready = await client.get("/health/ready")
        live = await client.get("/health/live")

    assert (written.status_code, written.json()["code"]) == (503, "broker_unavailable")
    assert written.headers["retry-after"] == "1"
    assert (ready.status_code, ready.json()["broker"], live.status_code) == (503, "unreachable", 200)
