"""How long after kill -9 a worker decides again: with its local store kept, and with it wiped.

Fills pools with stock until there are so many rows, kills the worker, and waits until every pool has decided a command
sent after the kill. Prints one JSON object as the last line of standard output.
"""

import argparse
import json
import shutil
import sys
import time
from typing import Any

from confluent_kafka import Consumer, KafkaError, TopicPartition

from benchmarks.machine import described
from benchmarks.rig import Rig, rig, say, wait_for_command
from cli.offering import CommandProducer, now_ms, open_pools
from models.commands import PutPool, encode
from models.partition import partition_of
from models.topics import catalogue
from pipelines.traffic.set_up import ACTOR, CURRENCY
from pipelines.traffic.workload import Workload, shelf_of

_RUN = "restart"
_ROWS_PER_POOL = 100_000
_PROMISED_SECONDS = 20.0
_PROMISED_ROWS_PER_SECOND = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", default="embedded", help="embedded, kafka or HOST:PORT (default embedded)")
    parser.add_argument("--rows", dest="rows_wanted", type=int, default=100_000, help="about so many rows")
    arguments = parser.parse_args()
    pools = [f"restart-{number}" for number in range(max(1, round(arguments.rows_wanted / _ROWS_PER_POOL)))]
    with rig(arguments.broker, 1) as made:
        producer = CommandProducer(made.bootstrap, catalogue().commands.name)
        workload = Workload()
        say(f"filling {len(pools)} pools")
        for pool in pools:
            open_pools(producer, workload, shelf_of(workload), [pool], _RUN)
            _decided(made, producer, [pool], f"{_RUN}/filled-{pool}")
        rows = _rows(made, pools)
        say(f"{rows:,} rows; killing the worker")
        kept = _back_after_kill(made, producer, pools, wiped=False)
        wiped = _back_after_kill(made, producer, pools, wiped=True)
    allowed = _PROMISED_SECONDS + rows / _PROMISED_ROWS_PER_SECOND
    result: dict[str, Any] = {
        "rows": rows,
        "pools": len(pools),
        "kept_seconds": round(kept, 2),
        "wiped_seconds": round(wiped, 2),
        "kept_allowed_seconds": _PROMISED_SECONDS,
        "wiped_allowed_seconds": round(allowed, 2),
    }
    print(json.dumps(result | vars(arguments) | described()))
    sys.exit(0 if kept < _PROMISED_SECONDS and wiped < allowed else 1)


def _back_after_kill(made: Rig, producer: CommandProducer, pools: list[str], *, wiped: bool) -> float:
    """Seconds from the kill until all pools have decided a command sent after it."""
    worker = made.workers[0]
    killed_at = time.monotonic()
    if wiped:
        worker.kill_and(lambda: shutil.rmtree(made.folder / worker.name))
    else:
        worker.kill_and(lambda: None)
    _decided(made, producer, pools, f"{_RUN}/back-{'wiped' if wiped else 'kept'}")
    took = time.monotonic() - killed_at
    say(f"store {'wiped' if wiped else 'kept'}: back after {took:.1f} s")
    return took


def _decided(made: Rig, producer: CommandProducer, pools: list[str], command_id: str) -> None:
    """Send a command to each pool, and return when all are decided."""
    for pool in pools:
        command = PutPool(command_id=command_id, pool=pool, issued_at_ms=now_ms(), actor=ACTOR, currency=CURRENCY)
        producer.send(pool, [encode(command)])
    producer.flush()
    wait_for_command(made, pools, command_id)


def _rows(made: Rig, pools: list[str]) -> int:
    """How many rows the changelog holds, by its keys."""
    consumer = Consumer(
        {
            "bootstrap.servers": made.bootstrap,
            "group.id": "headrace-benchmark",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
        }
    )
    left = {partition_of(pool) for pool in pools}
    consumer.assign([TopicPartition(catalogue().pool_changelog.name, partition, 0) for partition in left])
    keys: set[tuple[int, bytes]] = set()
    while left:
        for message in consumer.consume(10_000, 0.1):
            error, key, partition = message.error(), message.key(), message.partition() or 0
            if error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 # Its public name.
                left.discard(partition)
            elif isinstance(key, bytes):
                keys.add((partition, key))
    consumer.close()
    return len(keys)


if __name__ == "__main__":
    main()
