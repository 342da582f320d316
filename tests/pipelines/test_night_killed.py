"""The command `headrace nightly`, killed as a process at random moments and run again: as if it never had been."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from models import commands as c
from models import rows
from models.records.place import Destination
from models.topics import Catalogue, catalogue
from streams.admin import ensure_topics
from streams.brokers.embedded import EmbeddedBroker
from tests.brokers import new_prefix
from tests.pipelines.night_shop import FIRST_DAY, POOL, NightShop, day_number, opened, starts_ms
from tests.pipelines.night_worker import Answering, asked
from tests.support.builders import DAY_MS, HOUR_MS, Line

ROOT = Path(__file__).parents[2]
DAYS = 18
ORDERS_A_DAY = 36
NIGHT = DAYS - 1
TRANSIT_DAYS = {"BB": 1, "BY": 3}
KILLS = 5
# Of the time that a night takes which has nothing new to do: before that the process is only loading.
LOADING = 0.4


@pytest.fixture
def bootstrap() -> Iterator[str]:
    with EmbeddedBroker() as broker:
        yield broker.bootstrap


def weeks(folder: Path) -> NightShop:
    """Enough outcomes for a model that passes: near orders arrive after a day, far ones after three."""
    shop = opened(folder)
    shipped: dict[int, list[str]] = {}
    for number in range(DAYS):
        shop.now_ms = starts_ms(FIRST_DAY) + number * DAY_MS + 8 * HOUR_MS
        for name in shipped.pop(number, []):
            shop.delivered(name)
        names = [f"{'BY' if count % 2 else 'BB'}{number}-{count}" for count in range(ORDERS_A_DAY)]
        for name in names:
            shop.place(name, Line("A"), destination=Destination(country="DE", region=name[:2]))
        shop.later(2 * HOUR_MS)
        for name in names:
            shop.do(c.ShipParcel, parcel_id=f"P-{name}", **shop.on(name, 1))
            shipped.setdefault(number + TRANSIT_DAYS[name[:2]], []).append(name)
        # Of each day's last order the partner says another quantity, and of the one before nothing.
        shop.feed(number, "berlin-3pl", *[shop.row(name, 1) for name in names[:-2]], shop.row(names[-1], 5))
    return shop


class System:
    """A shop with topics of its own and a worker that answers."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.prefix = new_prefix()
        self.topics: Catalogue = catalogue(self.prefix)
        self.shop = weeks(folder)
        self.shop.night(NIGHT)
        self._bootstrap = bootstrap
        ensure_topics(bootstrap, self.topics, replication_factor=1)
        self.worker = Answering(bootstrap, self.shop, self.topics)

    def nightly(self, kill_after_seconds: float | None = None) -> int:
        """Run the night as a process of its own; give its exit code, which is negative for one that was killed."""
        where = ["--data", str(self.shop.folder), "--broker", self._bootstrap, "--prefix", self.prefix]
        command = [sys.executable, "-m", "cli.main", "nightly", "--day", day_number(NIGHT).isoformat(), *where]
        process = subprocess.Popen(
            [*command, "--wait", "30"], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
        )
        try:
            _, said = process.communicate(timeout=kill_after_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
        assert process.returncode <= 0, said.decode()
        return process.returncode

    def published(self) -> dict[str, dict[str, object]]:
        """What was asked by command id; it may be asked again, at another time, and must say the same."""
        found: dict[str, dict[str, object]] = {}
        for item in asked(self._bootstrap, self.topics, self.shop.engine.partition):
            command = msgspec.to_builtins(c.decode(item))
            del command["issued_at_ms"]
            assert found.setdefault(command["command_id"], command) == command
        return found

    def model(self) -> bytes:
        """The routing model that the worker has in force."""
        return self.shop.engine.rows[rows.pool_key(rows.MODEL, POOL)]


def test_a_night_killed_at_random_and_repeated_leaves_what_an_undisturbed_one_leaves(
    tmp_path: Path, bootstrap: str
) -> None:
    whole, killed = System(bootstrap, tmp_path / "whole"), System(bootstrap, tmp_path / "killed")
    random = Random(2026)
    for system in (whole, killed):
        system.worker.start()
    try:
        longest, shortest = undisturbed(whole), undisturbed(whole)
        moments = [random.uniform(LOADING * shortest, longest) for _ in range(KILLS)]
        # The latest comes last, else every later try would find all of it written.
        codes = [killed.nightly(seconds) for seconds in sorted(moments)]
        assert killed.nightly() == 0
    finally:
        for system in (whole, killed):
            system.worker.stop()

    # One that was quicker this time has ended by itself, which is a repeat without a kill.
    assert -signal.SIGKILL in codes
    kept = whole.shop.kept()
    assert killed.shop.kept() == kept
    assert {name for name, found in kept.items() if not found} == {"checkpoints", "quarantine", "rulings"}
    assert list(whole.published()) == [f"night/{POOL}/{day_number(NIGHT)}/{judged_hash(whole)}"]
    assert killed.published() == whole.published()
    assert killed.model() == whole.model()


def undisturbed(system: System) -> float:
    """Run the night to its end, and give how long that took; not all of it is spent anew when it is repeated."""
    began = time.monotonic()
    assert system.nightly() == 0
    return time.monotonic() - began


def judged_hash(system: System) -> str:
    judged = system.shop.store.read("routing_models").row(0, named=True)
    assert judged["passed"], judged["reason"]
    return str(judged["model_hash"])
