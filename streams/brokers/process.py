"""A broker as a child process, with its output in a file, and gone when its parent is gone."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Below the range from which Linux takes the source ports of outgoing connections. A client that
# keeps calling a dead local port inside that range can be given the very port it calls, connect to
# itself, and keep the broker from starting again.
_PORTS = range(20_000, 32_000)
_POLL_SECONDS = 0.02
_LOG_TAIL_BYTES = 3_000
_PR_SET_PDEATHSIG = 1

# Loaded before any fork: between fork and exec nothing may allocate or take a lock.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class BrokerError(RuntimeError):
    """A broker could not be started or reached; the message says what to do about it."""


def free_port() -> int:
    """A local TCP port nobody listens on at the moment."""
    # Ports are not secrets, and different processes should not try them in the same order.
    for port in random.SystemRandom().sample(_PORTS, k=200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise BrokerError("no free port between 20000 and 32000 on 127.0.0.1: stop some local servers and try again")


def accepts_connections(port: int) -> bool:
    """Whether something listens on the local port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class ChildProcess:
    """One child in a session of its own, so that Ctrl-C reaches only the parent, which then stops
    things in order. When the parent is gone, the child is sent death_signal.

    Start it from a thread that lives as long as the child should: the kernel watches that thread.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log_path: Path,
        directory: Path,
        death_signal: signal.Signals,
    ) -> None:
        self.name = name
        self.log_path = log_path
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=directory,
                start_new_session=True,
                # It only calls a C function that was loaded before.
                preexec_fn=signal_on_death_of(os.getpid(), death_signal),  # noqa: PLW1509
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_seconds: float, report: Path | None = None) -> None:
        """Return once ready; a child that ends or stays unready is killed, and its report shown
        (the end of its output, unless it logs to another file).
        """
        deadline = time.monotonic() + timeout_seconds
        while not is_ready():
            if not self.is_running():
                raise self._failure(f"ended with code {self._process.returncode} before it was ready", report)
            if time.monotonic() > deadline:
                self.kill()
                raise self._failure(f"was not ready after {timeout_seconds:.0f} s", report)
            time.sleep(_POLL_SECONDS)

    def wait(self, *, timeout_seconds: float) -> int:
        """Its exit code; a child that takes longer is killed."""
        try:
            return self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.returncode

    def stop(self, *, grace_seconds: float) -> None:
        """Ask it to end, and kill it when it does not."""
        if self.is_running():
            self._process.send_signal(signal.SIGTERM)
        self.wait(timeout_seconds=grace_seconds)

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        if self.is_running():
            self._process.kill()
        self._process.wait()

    def _failure(self, what: str, report: Path | None) -> BrokerError:
        path = report if report is not None and report.exists() else self.log_path
        tail = path.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace").strip()
        return BrokerError(f"{self.name} {what}; its log is {path} and ends with:\n{tail}")


def signal_on_death_of(parent_pid: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl
    number = int(death_signal)

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        # The parent may have died before the request was in place.
        if os.getppid() != parent_pid:
            os._exit(1)

    return ask_kernel
