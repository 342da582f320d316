"""What is done to a system under load. Each scenario leaves its first worker to be brought to rest and judged."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from msgspec import Struct

from streams.brokers.kafka import KafkaBroker
from tests.chaos.load import Load
from tests.chaos.orders_by_api import OrdersByApi
from tests.chaos.processes import until
from tests.chaos.system import System, Worker

PAUSE_POINTS: Final = ("before_send", "after_send", "before_store", "before_outbox")
WIPED_OF_KILLS: Final = 4
_FREEZE_SECONDS = 20.0
# So long the others go on with a frozen one's partitions before it wakes up.
_MEANWHILE_SECONDS = 2.0
_JOINED_SECONDS = 2.0
# Longer than a session and a send may take.
_NOTICED_SECONDS = 6.0
_PLACED_SECONDS = 4.0
_BACK_SECONDS = 120.0


class Options(Struct, frozen=True, kw_only=True):
    """What makes a run repeatable, and how much of it there is."""

    seed: int = 1
    kills: int = 20
    orders_per_second: float = 300.0
    pools: int = 8


@dataclass
class Happened:
    """What was done in a run, and how long it took each time until all was well again."""

    kills: int = 0
    wiped: int = 0
    freezes: int = 0
    joins: int = 0
    leaves: int = 0
    broker_kills: int = 0
    broker_restarts: int = 0
    api_kills: int = 0
    api_restarts: int = 0
    zombies: dict[str, str] = field(default_factory=dict)
    """By the point where a worker was frozen: what became of it."""
    back_seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    clients: OrdersByApi | None = None

    def back(self, seconds: float) -> None:
        self.back_seconds.append(round(seconds, 1))

    def ended(self, worker: Worker, code: int) -> None:
        """Note that a worker was asked to stop, and has."""
        if code != 0:
            said = worker.process.log_tail()
            self.problems.append(f"{worker.name} was asked to stop and ended with code {code}; it said last:\n{said}")

    def figures(self) -> dict[str, Any]:
        """What is worth printing."""
        return {
            "kills": self.kills,
            "wiped": self.wiped,
            "freezes": self.freezes,
            "joins": self.joins,
            "leaves": self.leaves,
            "broker_kills": self.broker_kills,
            "broker_restarts": self.broker_restarts,
            "api_kills": self.api_kills,
            "api_restarts": self.api_restarts,
            "zombies": self.zombies,
            "back_seconds": self.back_seconds,
            **({} if self.clients is None else self.clients.figures()),
        }


def kills(system: System, load: Load, options: Options, happened: Happened) -> None:
    """The worker is killed (-9) at random moments, one time in four with its state wiped, and started again at once."""
    random = Random(f"kills/{options.seed}")
    worker = _first(system, load)
    wiped = set(random.sample(range(options.kills), options.kills // WIPED_OF_KILLS))
    for number in range(options.kills):
        # Each fourth time it is still starting, joining or restoring.
        early = number % 4 == 3
        time.sleep(random.uniform(1.0, 4.0) if early else random.uniform(0.2, 2.0))
        if number == options.kills - 1:
            worker.without_ticks()
        worker.process.kill(wipe=number in wiped)
        happened.kills += 1
        happened.wiped += number in wiped
        if number % 4 != 2:
            happened.back(system.until_running(worker))
    system.until_running(worker)
    time.sleep(_MEANWHILE_SECONDS)


def freezes(system: System, load: Load, options: Options, happened: Happened) -> None:
    """A worker stops in the midst of a commit for longer than its session, while another takes over, and wakes up."""
    del options
    keeper = _first(system, load)
    zombie = system.start_worker(pause_at=PAUSE_POINTS[0])
    for point, next_point in zip(PAUSE_POINTS, (*PAUSE_POINTS[1:], ""), strict=True):
        system.until_running(keeper, zombie)
        zombie.freeze(_FREEZE_SECONDS)
        happened.freezes += 1
        happened.back(system.until_running(keeper))
        time.sleep(_MEANWHILE_SECONDS)
        before = len(zombie.process.exits)
        # Most often it ends when it finds out that it was overtaken, and is then started for the next point.
        zombie.pause_at(next_point)
        zombie.process.thaw()
        system.until_running(keeper, zombie)
        codes = zombie.process.exits[before:]
        happened.zombies[point] = f"ended with {codes[0]}" if codes else "rejoined"
        if not codes and next_point:
            zombie.process.kill()
            happened.kills += 1
    _stop(zombie, happened)
    happened.back(system.until_running(keeper))


def joins(system: System, load: Load, options: Options, happened: Happened) -> None:
    """One worker, two, three, and one again, none of them killed."""
    del options
    workers = [_first(system, load)]
    for _ in range(2):
        workers.append(system.start_worker())
        happened.back(system.until_running(*workers))
        happened.joins += 1
        time.sleep(_JOINED_SECONDS)
    for worker in (workers[2], workers[1]):
        _stop(worker, happened)
        happened.leaves += 1
    happened.back(system.until_running(workers[0]))
    time.sleep(_JOINED_SECONDS)


def broker(system: System, load: Load, options: Options, happened: Happened) -> None:
    """The broker is restarted in good order, and then killed; only one that keeps its data can be."""
    del options
    assert isinstance(system.broker, KafkaBroker), "the embedded broker forgets everything with its process"
    worker = _first(system, load)
    time.sleep(_MEANWHILE_SECONDS)
    system.broker.restart()
    happened.broker_restarts += 1
    happened.back(system.until_decided(worker))
    time.sleep(_MEANWHILE_SECONDS)
    system.broker.kill()
    system.broker.start()
    happened.broker_kills += 1
    happened.back(system.until_decided(worker))
    # What it was sending when the broker was killed may end it late, and it is to be asked to stop while it is well.
    time.sleep(_NOTICED_SECONDS)
    system.until_decided(worker)


def api(system: System, load: Load, options: Options, happened: Happened) -> None:
    """The API is killed and restarted while orders are placed through it by clients that try again."""
    _first(system, load)
    process, url, key = system.start_api()
    clients = happened.clients = OrdersByApi(url, key, load.pools, load.shelf, seed=options.seed)
    until(clients.is_ready, "the API is ready", _BACK_SECONDS)
    clients.start()
    random = Random(f"api/{options.seed}")
    for number in range(3):
        time.sleep(_PLACED_SECONDS + random.random())
        if number == 1:
            process.restart()
            happened.api_restarts += 1
        else:
            process.kill()
            happened.api_kills += 1
        happened.back(until(clients.is_ready, "the API is ready again", _BACK_SECONDS))
    time.sleep(_PLACED_SECONDS)
    clients.stop()


SCENARIOS: Final[dict[str, Callable[[System, Load, Options, Happened], None]]] = {
    # First, while the broker has few topics: with those of all scenarios a Kafka here takes a minute to come back.
    "broker": broker,
    "kills": kills,
    "freezes": freezes,
    "joins": joins,
    "api": api,
}


def _first(system: System, load: Load) -> Worker:
    worker = system.start_worker()
    system.until_running(worker)
    load.start()
    return worker


def _stop(worker: Worker, happened: Happened) -> None:
    happened.ended(worker, worker.process.stop())
