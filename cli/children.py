"""Child processes that are started again when they end: crash-only programs, watched by one parent.

A worker ends itself when it cannot know what the broker has (exit code 70), and is right again when it starts anew.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from streams.brokers.process import signal_on_death_of

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
_GOOD_RUN_SECONDS = 30.0
_BAD_RUN_SECONDS = 5.0
# So many short runs in a row are no accident: something must be put right by a person.
_BAD_RUNS_MAX = 6
_ROOT = Path(__file__).parents[1]
_SAID_LAST = 20


def headrace_command(*arguments: str) -> list[str]:
    """How to run a subcommand of this very checkout."""
    return [sys.executable, "-m", "cli.main", *arguments]


class Child:
    """One supervised process; its output goes line by line to `emit`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        emit: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.starts = 0
        self.last_lines: list[str] = []
        self._command = list(command)
        self._environment = os.environ | {
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(_ROOT),
            **environment,
        }
        self._emit = emit
        self._before_start: Callable[[], None] | None = None
        self._stopping = threading.Event()
        self._given_up = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        # The kernel ends the child when this thread does.
        self._thread = threading.Thread(target=self._watch, name=f"watch {name}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def has_given_up(self) -> bool:
        """Whether it ended at once too often to be started again."""
        return self._given_up.is_set()

    def stop(self, grace_seconds: float) -> None:
        """Ask it to end in good order, kill it when it does not, and start it no more."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        self._thread.join(grace_seconds)
        if self._thread.is_alive():
            self._signal(signal.SIGKILL)
            self._thread.join(grace_seconds)

    def kill_and(self, before_restart: Callable[[], None]) -> None:
        """End it as a crash would, do something while it is down, and have it started again."""
        self._before_start = before_restart
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(number)

    def _watch(self) -> None:
        pause, bad_runs = _FIRST_PAUSE_SECONDS, 0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run_once()
            ran = time.monotonic() - started
            if self._stopping.is_set():
                return
            bad_runs = bad_runs + 1 if ran < _BAD_RUN_SECONDS else 0
            if bad_runs >= _BAD_RUNS_MAX:
                self._given_up.set()
                return
            pause = _FIRST_PAUSE_SECONDS if ran > _GOOD_RUN_SECONDS else pause
            self._emit(self.name, f"ended with code {code}; it is started again in {pause:.1f} s")
            self._stopping.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _run_once(self) -> int:
        if self._before_start is not None:
            self._before_start()
            self._before_start = None
        self.starts += 1
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self._environment,
            # Ctrl-C is for the parent, which then stops its children in order.
            start_new_session=True,
            # It only calls a C function that was loaded before.
            preexec_fn=signal_on_death_of(os.getpid(), signal.SIGKILL),  # noqa: PLW1509
        )
        if self._stopping.is_set():
            # Asked to stop while it was being started.
            self._signal(signal.SIGTERM)
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.last_lines = [*self.last_lines[-_SAID_LAST:], line.rstrip()]
                self._emit(self.name, line.rstrip())
        return self._process.wait()


class Children:
    """Several supervised processes that stop together, the last started first."""

    def __init__(self, emit: Callable[[str, str], None]) -> None:
        self._emit = emit
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Child:
        child = Child(name, command, environment or {}, self._emit)
        self._children.append(child)
        return child

    def lost(self) -> Child | None:
        """A child that will not run without help, if there is one."""
        return next((child for child in self._children if child.has_given_up), None)

    def stop(self, grace_seconds: float = 10.0) -> None:
        while self._children:
            self._children.pop().stop(grace_seconds)
