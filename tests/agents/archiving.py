"""A broker with topics to archive, the `headrace archive` process, and what is in the lake."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from confluent_kafka import Producer
from deltalake import DeltaTable

from models.topics import MESSAGE_BYTES_MAX, catalogue
from tests.pipelines.played import Log

ROOT = Path(__file__).parents[2]
NAMES = catalogue()


class Feeder:
    """Sends the records of a log, or parts of it, to their topics on one partition."""

    def __init__(self, bootstrap: str, partition: int) -> None:
        self._partition = partition
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 0, "message.max.bytes": MESSAGE_BYTES_MAX}
        )

    def send(self, topic: str, records: list[tuple[bytes, bytes]]) -> None:
        """Send and wait until all are acknowledged."""
        for key, value in records:
            self._producer.produce(topic, key=key, value=value, partition=self._partition)
        assert self._producer.flush(30) == 0

    async def send_all(self, log: Log) -> None:
        for topic, records in log.items():
            await asyncio.to_thread(self.send, topic, records)


@contextmanager
def archive_process(bootstrap: str, lake: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real command, committing five times a second; killed at the end if it still runs."""
    command = [sys.executable, "-m", "cli.main", "archive", "--broker", bootstrap, "--lake", str(lake)]
    log_path = lake.parent / "archive.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [*command, "--flush-seconds", "0.2"], cwd=ROOT, env=os.environ, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def archived(lake: Path, table: str, columns: str) -> list[tuple[object, ...]]:
    """Columns of all rows, sorted; nothing while there is no table."""
    uri = str(lake / table)
    if not DeltaTable.is_deltatable(uri):
        return []
    with duckdb.connect() as connection:
        connection.register("frame", DeltaTable(uri).to_pyarrow_dataset())
        return connection.execute(f"SELECT {columns} FROM frame ORDER BY ALL").fetchall()


async def until_archived(lake: Path, counts: dict[str, int], *, timeout_seconds: float = 60.0) -> None:
    """Wait until each table has at least so many rows."""
    async with asyncio.timeout(timeout_seconds):
        while True:
            if all(len(archived(lake, table, "partition")) >= count for table, count in counts.items()):
                return
            await asyncio.sleep(0.2)
