"""What the topics say after toy workers were through with their traffic."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from models.topics import Catalogue
from streams.commit.batches import BatchReader
from streams.commit.digest import Digest
from streams.commit.ports import LogRecord
from streams.commit.rows import POSITION, RESERVED, PositionRow
from streams.kafka_offsets import end_offsets
from tests.agents.toy import Told


class Found:
    """What the topics say: rows by the rules of the log, and what was told."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[bytes, bytes]] = {}
        self.positions: dict[int, PositionRow] = {}
        self.voided = 0
        self.batches = 0
        # Keys that a late owner published an older view of; the newest must still come last.
        self.stale = 0
        self.told: dict[int, list[Told]] = {}
        self.views: dict[int, dict[str, list[int]]] = {}

    def problems(self, sent: Counter[tuple[int, str]]) -> list[str]:
        """Everything that contradicts 'each item was applied exactly once, and told as it was applied'."""
        wrong = []
        for (partition, key), count in sorted(sent.items()):
            row = int(self.rows.get(partition, {}).get(b"count/" + key.encode(), b"0"))
            if row != count:
                wrong.append(f"{partition} {key}: sent {count}, counted {row}")
            seen = self.views.get(partition, {}).get(key, [0])
            if seen[-1] != count:
                wrong.append(f"{partition} {key}: sent {count}, views end with {seen[-5:]}")
        for partition, told in sorted(self.told.items()):
            wrong += self._told_wrongly(partition, told)
        for partition, position in self.positions.items():
            if Digest(self.rows[partition].items()).value() != position.digest:
                wrong.append(f"{partition}: the digest is not that of the rows")
        if sum(map(len, self._by_place.values())) != sum(sent.values()):
            wrong.append(f"{sum(sent.values())} items sent, {sum(map(len, self._by_place.values()))} told")
        return wrong

    @property
    def _by_place(self) -> dict[int, dict[tuple[int, int], Told]]:
        return {partition: {(item.offset, item.index): item for item in told} for partition, told in self.told.items()}

    def _told_wrongly(self, partition: int, told: list[Told]) -> list[str]:
        wrong = []
        first: dict[tuple[int, int], Told] = {}
        counts: Counter[str] = Counter()
        for item in told:
            place = (item.offset, item.index)
            if place in first:
                if first[place] != item:
                    wrong.append(f"{partition} {place}: told as {first[place]} and as {item}")
                continue
            first[place] = item
            counts[item.key] += 1
            if counts[item.key] != item.count:
                wrong.append(f"{partition} {place}: told as number {item.count} of {item.key}")
        return wrong


async def read_all(bootstrap: str, topics: Catalogue, partitions: Sequence[int]) -> Found:
    """Read changelog, updates and views from their beginnings."""
    found = Found()
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        for partition in partitions:
            rows: dict[bytes, bytes] = {}
            reader = BatchReader()
            changelog = await _read(consumer, topics.pool_changelog.name, partition)
            for batch in reader.feed(LogRecord(r.offset, r.key, r.value) for r in changelog):
                found.batches += 1
                if batch.row is None:
                    found.voided += 1
                    continue
                found.positions[partition] = batch.row
                for record in batch.kept:
                    if record.value is None:
                        rows.pop(record.key, None)
                    elif not record.key.startswith(RESERVED) and record.key != POSITION:
                        rows[record.key] = record.value
            assert reader.is_whole()
            found.rows[partition] = rows
            updates = await _read(consumer, topics.order_updates.name, partition)
            found.told[partition] = [msgspec.json.decode(record.value, type=Told) for record in updates]
            views: dict[str, list[int]] = {}
            for record in await _read(consumer, topics.order_views.name, partition):
                views.setdefault(record.key.decode(), []).append(int(record.value))
            found.stale += sum(seen != sorted(seen) for seen in views.values())
            found.views[partition] = views
    return found


async def _read(consumer: AIOKafkaConsumer, topic: str, partition: int) -> list[Any]:
    tp = TopicPartition(topic, partition)
    end = (await end_offsets(consumer, [tp]))[tp]
    consumer.assign([tp])
    consumer.seek(tp, 0)
    records: list[Any] = []
    while end and (not records or records[-1].offset < end - 1):
        records += (await consumer.getmany(tp, timeout_ms=1_000)).get(tp, [])
    consumer.unsubscribe()
    return records
