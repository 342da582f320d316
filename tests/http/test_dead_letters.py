import asyncio
import base64
import re
from typing import Any

from aiokafka import AIOKafkaProducer

from models.commands import Tick, encode, encode_list
from models.partition import partition_of
from models.topics import PARTITIONS, catalogue
from tests.support.system import System, answered


async def send_raw(system: System, value: bytes, partition: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=system.settings.broker)
    await producer.start()
    try:
        topic = catalogue(system.settings.topic_prefix).commands.name
        await producer.send_and_wait(topic, value, key=system.pool.encode(), partition=partition)
    finally:
        await producer.stop()


async def letter_with(system: System, needle: bytes) -> Any:
    def found(answer: Any) -> Any:
        return next(
            (
                letter
                for letter in answer.json()["dead_letters"]
                if needle in base64.b64decode(letter["payload_base64"])
            ),
            None,
        )

    return found(await answered(system.client, "/v1/dead-letters?limit=200", found))


def counted(answer: Any) -> int:
    """How many the page Now says wait for somebody."""
    found = re.search(r'(\d+)</span><span class="label">dead letters', answer.text)
    assert found is not None
    return int(found[1])


async def test_a_message_that_cannot_be_read_is_shown_whole_and_its_neighbours_are_done(stocked: System) -> None:
    bad = f'{{"type":"nonsense","pool":"{stocked.pool}","command_id":"bad-1"}}'.encode()
    good = encode(Tick(command_id="good-1", pool=stocked.pool, issued_at_ms=1, actor="test"))
    await send_raw(stocked, encode_list([bad, good]), partition_of(stocked.pool))

    letter = await letter_with(stocked, stocked.pool.encode())
    assert (letter["code"], letter["source"], letter["replayed"]) == ("undecodable", "commands", False)
    assert base64.b64decode(letter["payload_base64"]) == bad
    await answered(stocked.client, f"{stocked.path}/commands/good-1", lambda answer: answer.status_code == 200)


async def test_a_message_is_sent_again_once_and_it_is_recorded(stocked: System) -> None:
    misplaced = encode(Tick(command_id="misplaced-1", pool=stocked.pool, issued_at_ms=1, actor="test"))
    elsewhere = (partition_of(stocked.pool) + 1) % PARTITIONS
    await send_raw(stocked, encode_list([misplaced]), elsewhere)
    letter = await letter_with(stocked, stocked.pool.encode())
    page = f"/p/{stocked.pool}/now"
    waiting = counted(await stocked.client.get(page))

    url = f"/v1/dead-letters/{letter['dead_letter_id']}/replay"
    answers = await asyncio.gather(*(stocked.client.post(url) for _ in range(3)))
    done = next(answer for answer in answers if answer.status_code == 202)

    assert sorted(answer.status_code for answer in answers) == [202, 409, 409]
    assert done.json()["command_id"] == "misplaced-1"
    known = await answered(stocked.client, done.json()["status_url"], lambda answer: answer.status_code == 200)
    assert known.json()["update"]["command"] == "tick"
    assert (await letter_with(stocked, stocked.pool.encode()))["replayed"] is True
    await answered(stocked.client, page, lambda answer: counted(answer) == waiting - 1)


async def test_what_is_no_command_is_not_sent_again(stocked: System) -> None:
    bad = f'"only a text {stocked.pool}"'.encode()
    await send_raw(stocked, encode_list([bad]), partition_of(stocked.pool))
    letter = await letter_with(stocked, bad)
    sent = stocked.sent
    answer = await stocked.client.post(f"/v1/dead-letters/{letter['dead_letter_id']}/replay")

    assert (answer.status_code, answer.json()["code"]) == (422, "dead_letter_unreadable")
    assert stocked.sent == sent


async def test_a_letter_that_is_not_there_is_404(system: System) -> None:
    answer = await system.client.post("/v1/dead-letters/d0/replay")

    assert (answer.status_code, answer.json()["code"]) == (404, "dead_letter_unknown")
