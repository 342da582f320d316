"""Children are started again when they end, given up when they never run, and gone when told to stop."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import children
from cli.children import Children

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.fixture(autouse=True)
def _quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(children, "_LONGEST_PAUSE_SECONDS", 0.02)


def test_a_killed_child_is_started_again() -> None:
    said: list[tuple[str, str]] = []
    family = Children(lambda name, line: said.append((name, line)))
    child = family.start("sleeper", [sys.executable, "-c", SLEEPER])
    wait_until(lambda: ("sleeper", "up") in said)
    first = child.pid
    seen: list[int | None] = []
    child.kill_and(lambda: seen.append(child.pid))
    wait_until(lambda: said.count(("sleeper", "up")) == 2)

    assert (child.starts, seen) == (2, [None])
    assert child.pid not in {None, first}
    assert any("ended with code -9" in line for _, line in said)
    family.stop()


def test_stop_ends_it_and_starts_it_no_more() -> None:
    family = Children(lambda *_: None)
    child = family.start("sleeper", [sys.executable, "-c", SLEEPER])
    wait_until(lambda: child.last_lines == ["up"])
    pid = child.pid
    assert pid is not None
    family.stop()

    assert not runs(pid)
    assert child.starts == 1


def test_one_that_does_not_listen_is_killed() -> None:
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
    family = Children(lambda *_: None)
    child = family.start("deaf", [sys.executable, "-c", deaf])
    wait_until(lambda: child.last_lines == ["up"])
    pid = child.pid
    assert pid is not None
    family.stop(grace_seconds=0.2)

    assert not runs(pid)


def test_one_that_never_runs_is_given_up_with_what_it_said() -> None:
    family = Children(lambda *_: None)
    child = family.start("broken", [sys.executable, "-c", "print('port taken'); raise SystemExit(1)"])
    wait_until(lambda: family.lost() is child)

    assert child.starts == children._BAD_RUNS_MAX
    assert child.last_lines[-1] == "port taken"
    family.stop()


def test_children_get_the_environment_they_are_given() -> None:
    family = Children(lambda *_: None)
    code = f"import os; print(os.environ['HEADRACE_X'], flush=True); {SLEEPER}"
    child = family.start("env", [sys.executable, "-c", code], {"HEADRACE_X": "y"})
    wait_until(lambda: child.last_lines[:1] == ["y"])

    assert "HEADRACE_X" not in os.environ
    family.stop()
