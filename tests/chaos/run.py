"""One scenario from a fresh system to its verdict."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streams.brokers.embedded import EmbeddedBroker
from streams.brokers.kafka import KafkaBroker
from tests.chaos.evidence import Evidence, report
from tests.chaos.load import Load
from tests.chaos.scenarios import SCENARIOS, Happened, Options
from tests.chaos.system import System, opened


@contextmanager
def broker_of(kind: str, folder: Path) -> Iterator[EmbeddedBroker | KafkaBroker]:
    """A running broker: `embedded` or `kafka`."""
    with EmbeddedBroker() if kind == "embedded" else KafkaBroker(folder / "kafka") as running:
        yield running


def run(name: str, broker: EmbeddedBroker | KafkaBroker, folder: Path, options: Options) -> dict[str, Any]:
    """Do it to a system of its own under load; then, with all faults over, let it come to rest and judge it."""
    began = time.monotonic()
    happened = Happened()
    prefix = f"{name}-{uuid.uuid4().hex[:6]}-"
    with opened(broker, prefix, folder / prefix) as system:
        load = Load(
            broker.bootstrap,
            system.topics.commands.name,
            pools=options.pools,
            seed=options.seed,
            orders_per_second=options.orders_per_second,
        )
        try:
            SCENARIOS[name](system, load, options, happened)
        except TimeoutError as error:
            tails = "\n".join(worker.process.log_tail() for worker in system.workers)
            raise TimeoutError(f"{error}; the workers said last:\n{tails}") from error
        finally:
            load.stop()
        faults_seconds = time.monotonic() - began
        return {
            "scenario": name,
            "broker": "kafka" if isinstance(broker, KafkaBroker) else "embedded",
            "seed": options.seed,
            **_judge(system, load, happened),
            "faults_seconds": round(faults_seconds, 1),
            "seconds": round(time.monotonic() - began, 1),
        }


def _judge(system: System, load: Load, happened: Happened) -> dict[str, Any]:
    worker = system.workers[0]
    if worker.ticks():
        worker.without_ticks()
        happened.ended(worker, worker.process.restart())
    system.until_settled(worker)
    evidence = Evidence(system.bootstrap, system.topics)
    orders = set(load.orders)
    evidence.problems += happened.problems
    if happened.clients is not None:
        orders |= set(happened.clients.placed.values())
        evidence.problems += happened.clients.problems + happened.clients.compare_with(evidence.views)
    evidence.check_orders(orders)
    return {
        **happened.figures(),
        "exits": {worker.name: worker.process.exits for worker in system.workers},
        "acknowledged_orders": len(orders),
        "acknowledged_commands": load.commands + load.set_up_commands,
        "sent_again": load.repeated,
        **report(system.bootstrap, system.prefix, evidence),
    }
