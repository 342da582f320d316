"""Processes that are killed, frozen and wiped by a test, and started again at once by a supervisor."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from streams.brokers.process import signal_on_death_of

_ROOT = Path(__file__).parents[2]
_AGAIN_SECONDS = 0.1
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.01
_LOG_TAIL_BYTES = 3_000


def until(is_so: Callable[[], bool], what: str, seconds: float) -> float:
    """Wait until something is so, and return how long it took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(_POLL_SECONDS)
    return time.monotonic() - began


class Supervised:
    """One process that is started again whenever it ends, until it is stopped; it dies with this one."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.environment = dict(environment)
        self.kept = folder / name
        """Its own directory, which a wipe removes."""
        self.starts = 0
        self.exits: list[int] = []
        """Codes with which it ended by itself."""
        self._command = list(command)
        self._log_path = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._asked = False
        self._wipe = False
        # The kernel ends the process when the thread that started it ends, so that it is this one throughout.
        self._thread = threading.Thread(target=self._watch, name=f"watch {name}", daemon=True)
        self._thread.start()
        until(lambda: self.starts > 0, f"{name} is started", _STOP_SECONDS)

    @property
    def pid(self) -> int:
        assert self._process is not None, "started in the constructor"
        return self._process.pid

    def log_tail(self) -> str:
        return self._log_path.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")

    def kill(self, *, wipe: bool = False) -> None:
        """End it as a crash would, and return when it has been started again, without its state if it was wiped."""
        before = self.starts
        self._wipe = wipe
        self._asked = True
        self._signal(signal.SIGKILL)
        until(lambda: self.starts > before, f"{self.name} is started again", _STOP_SECONDS)

    def restart(self) -> int:
        """Let it end in good order, and return its exit code when it has been started again."""
        before, process = self.starts, self._process
        assert process is not None, "started in the constructor"
        self._asked = True
        self._signal(signal.SIGTERM)
        until(lambda: self.starts > before, f"{self.name} ends and is started again", _STOP_SECONDS)
        return process.wait()

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def is_frozen(self) -> bool:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state == "T"

    def stop(self) -> int:
        """Let it end in good order, and start it no more; its exit code."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            self.destroy()
        assert self._process is not None, "started in the constructor"
        return self._process.wait()

    def destroy(self) -> None:
        """End it at once, and start it no more."""
        self._stopping.set()
        self._signal(signal.SIGKILL)
        self._thread.join(_STOP_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(number)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            with self._log_path.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command,
                    cwd=_ROOT,
                    env=os.environ | self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    # It only calls a C function that was loaded before.
                    preexec_fn=signal_on_death_of(os.getpid(), signal.SIGKILL),  # noqa: PLW1509
                )
            self.starts += 1
            if self._stopping.is_set():
                # Asked to stop while it was being started.
                self._process.kill()
            code = self._process.wait()
            if not self._stopping.is_set():
                self._after(code)

    def _after(self, code: int) -> None:
        if not self._asked:
            self.exits.append(code)
            # One that cannot start, because the broker is away, must not use up the machine.
            self._stopping.wait(_AGAIN_SECONDS)
        if self._wipe:
            shutil.rmtree(self.kept, ignore_errors=True)
        self._asked = self._wipe = False
