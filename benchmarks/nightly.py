"""A night after a day of many orders: the day is played through the core straight into a lake, then its night is run.

`python -m benchmarks.nightly --orders 100000` prints seconds by step as JSON on its last line.
"""

import argparse
import datetime as dt
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.machine import described
from models.commands import encode, encode_list
from models.engine import Engine
from models.partition import partition_of
from models.topics import catalogue
from pipelines.night.run import run_night
from pipelines.night.steps.night import Night
from pipelines.night.store import Store
from pipelines.traffic.set_up import set_up
from pipelines.traffic.stream import COMMANDS_PER_CYCLE, ORDERS_PER_CYCLE, Traffic
from pipelines.traffic.workload import Workload, shelf_of
from streams.archive.archiver import commit
from streams.archive.buffer import Buffer
from streams.archive.lake import LakeTable
from streams.archive.options import ArchiveOptions
from streams.archive.tables import tables

DAY = dt.date(2026, 3, 2)
DAY_MS = 86_400_000
POOL = "bench"
_ITEMS_PER_RECORD = 100
_RECORDS_PER_COMMIT = 200


class LakeWriter:
    """Appends what a pool's commands give to the archive's tables, as the archiver does, without a broker."""

    def __init__(self, lake: Path, pool: str) -> None:
        self._partition = partition_of(pool)
        options = ArchiveOptions(bootstrap="", lake=str(lake))
        self._tables = {table.topic: LakeTable(table, options, "bench") for table in tables(catalogue())}
        self._buffers = {topic: Buffer() for topic in self._tables}
        self._ends = dict.fromkeys(self._tables, 0)

    def add(self, topic: str, value: bytes, at_ms: int) -> None:
        if topic in self._buffers:
            self._buffers[topic].add(self._partition, [(self._partition, self._ends[topic], at_ms, value)], 0.0)
            self._ends[topic] += 1

    def commit(self) -> None:
        for topic, buffer in self._buffers.items():
            if buffer.records:
                commit(self._tables[topic], buffer)
                self._buffers[topic] = Buffer()


def records(orders: int, start_ms: int) -> Iterator[tuple[int, list[bytes]]]:
    """Set-up, then the workload spread over the day: the time of each record, and its commands."""
    workload = Workload()
    shelf = shelf_of(workload)
    for command in set_up(workload, shelf, POOL, "bench", start_ms):
        yield start_ms, [encode(command)]
    traffic = Traffic(workload, shelf, POOL, "bench")
    count = orders * COMMANDS_PER_CYCLE // ORDERS_PER_CYCLE
    for first in range(0, count, _ITEMS_PER_RECORD):
        at_ms = start_ms + first * (DAY_MS - 1) // count
        yield at_ms, traffic.take(min(_ITEMS_PER_RECORD, count - first), at_ms).commands


def play(orders: int, lake: Path) -> int:
    """Decide the day and archive it; return how many commands it had."""
    start_ms = int(dt.datetime.combine(DAY, dt.time(), dt.UTC).timestamp() * 1000)
    engine, writer = Engine(partition_of(POOL), strict=True), LakeWriter(lake, POOL)
    commands = 0
    for offset, (at_ms, items) in enumerate(records(orders, start_ms)):
        writer.add("commands", encode_list(items), at_ms)
        for index, item in enumerate(items):
            for applied in [engine.apply(item, offset, index), *iter(engine.drain, None)]:
                for update in applied.updates:
                    if update.value is not None:
                        writer.add(update.topic, update.value, at_ms)
        commands += len(items)
        if offset % _RECORDS_PER_COMMIT == 0:
            writer.commit()
    writer.commit()
    return commands


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return work(), round(time.monotonic() - began, 2)


def main() -> None:
    """Play, run the night, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--lake", type=Path, help="keep the lake there, or take the one that is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headrace-nightly-") as scratch:
        lake = options.lake or Path(scratch)
        played: dict[str, Any] = {}
        if not (lake / "commands").exists():
            commands, seconds = timed(lambda: play(options.orders, lake))
            played = {"commands": commands, "play_seconds": seconds}
        night = Night(
            day=DAY,
            store=Store(str(lake)),
            data=lake / "data",
            now_ms=time.time_ns() // 1_000_000,
            told=lambda *_: None,
        )
        steps: dict[str, float] = {}
        ok = True
        began = at = time.monotonic()
        processor = time.process_time()
        for _, done in run_night(night):
            steps[done.step] = round(time.monotonic() - at, 2)
            ok = ok and done.ok
            at = time.monotonic()
        result = {
            "orders": options.orders,
            **played,
            "night_seconds": round(at - began, 2),
            "processor_seconds": round(time.process_time() - processor, 2),
            "steps_seconds": steps,
            "clean": ok,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            **described(),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
