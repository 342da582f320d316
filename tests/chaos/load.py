"""The seeded workload at a fixed rate, with clients that send a record again now and then."""

import threading
import time
from random import Random

from cli.offering import CommandProducer, now_ms, open_pools
from models.partition import partition_of
from pipelines.traffic.stream import COMMANDS_PER_CYCLE, ORDERS_PER_CYCLE, Traffic
from pipelines.traffic.workload import Workload, shelf_of

# A pool's commands of so long go into one record, as the API gathers them too.
_GATHER_SECONDS = (0.02, 0.2)
_SERVE_SECONDS = 0.01
_ORDERS_EXPECTED = 20_000
_REPEATED_SHARE = 0.02
_REPEATED_WITHIN_SECONDS = 3.0
_STOP_SECONDS = 90.0


def pools_apart(count: int) -> list[str]:
    """Names of so many pools, each on a partition of its own."""
    by_partition: dict[int, str] = {}
    number = 0
    while len(by_partition) < count:
        by_partition.setdefault(partition_of(f"chaos-{number}"), f"chaos-{number}")
        number += 1
    return list(by_partition.values())


class Load:
    """Traffic of several pools from a thread of its own. Every id that it notes was acknowledged by the broker."""

    def __init__(self, bootstrap: str, topic: str, *, pools: int, seed: int, orders_per_second: float) -> None:
        self.pools = pools_apart(pools)
        # Few articles, so that orders compete for them and counts break promises.
        workload = Workload(
            seed=seed,
            skus=120,
            locations=8,
            locations_per_sku=4,
            orders_expected=_ORDERS_EXPECTED // pools,
            follow_up_after=60,
        )
        self.shelf = shelf_of(workload)
        self.orders: set[str] = set()
        self.commands = 0
        self.repeated = 0
        self._random = Random(f"load/{seed}")
        self._producer = CommandProducer(bootstrap, topic)
        self._traffics = [Traffic(workload, self.shelf, pool, "chaos") for pool in self.pools]
        self._again: list[tuple[float, str, list[bytes]]] = []
        self._per_pool = orders_per_second * COMMANDS_PER_CYCLE / ORDERS_PER_CYCLE / pools
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self.set_up_commands = open_pools(self._producer, workload, self.shelf, self.pools, "chaos")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the broker has acknowledged everything."""
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)
        if self._failure is not None:
            raise self._failure
        self._producer.flush()

    def _run(self) -> None:
        try:
            self._offer()
        except BaseException as error:  # noqa: BLE001 # Raised again where the load is stopped.
            self._failure = error

    def _offer(self) -> None:
        started = time.monotonic()
        sent = [0] * len(self.pools)
        due_at = [started] * len(self.pools)
        while not self._stopping.is_set():
            now = time.monotonic()
            wanted = int((now - started) * self._per_pool)
            for number, pool in enumerate(self.pools):
                if now >= due_at[number] and wanted > sent[number]:
                    self._send(self._traffics[number], pool, wanted - sent[number])
                    sent[number] = wanted
                    due_at[number] = now + self._random.uniform(*_GATHER_SECONDS)
            self._send_again()
            self._producer.serve(_SERVE_SECONDS)

    def _send(self, traffic: Traffic, pool: str, count: int) -> None:
        batch = traffic.take(count, now_ms())
        orders = {traffic.order_id(number) for number in range(batch.first_order, batch.end_order)}

        def acknowledge(_: float) -> None:
            self.orders |= orders
            self.commands += count

        self._producer.send(pool, batch.commands, acknowledge)
        if self._random.random() < _REPEATED_SHARE:
            due_at = time.monotonic() + self._random.uniform(0.0, _REPEATED_WITHIN_SECONDS)
            self._again.append((due_at, pool, batch.commands))

    def _send_again(self) -> None:
        """As a client does that did not hear the answer."""
        now = time.monotonic()
        for entry in [entry for entry in self._again if entry[0] <= now]:
            self._again.remove(entry)
            self.repeated += len(entry[2])
            self._producer.send(entry[1], entry[2])
