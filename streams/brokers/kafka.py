"""A real single-node Apache Kafka in KRaft mode, whose log outlives restarts and crashes."""

import signal
from collections.abc import Callable
from pathlib import Path

from streams.brokers.kafka_config import (
    LOG_CONFIG,
    KafkaSettings,
    new_cluster_id,
    server_properties,
)
from streams.brokers.kafka_jars import default_cache_dir, find_java, resolve_jars
from streams.brokers.local import LocalBroker
from streams.brokers.process import BrokerError, ChildProcess, free_port

_FORMAT_SECONDS = 60.0
_FORMAT_HEAP_MB = 128


class KafkaBroker(LocalBroker):
    """One Kafka on the data in its folder. Ports stay the same over restarts of this object."""

    ready_seconds = 90.0
    stop_seconds = 30.0

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        settings: KafkaSettings | None = None,
        cache_dir: Path | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(port=port)
        self.data_dir = data_dir.absolute()
        self._controller_port = free_port()
        self._settings = settings or KafkaSettings()
        self._cache_dir = cache_dir or default_cache_dir()
        self._progress = progress

    @property
    def log_path(self) -> Path:
        """What the server logs; rolled over by size, the last few kept."""
        return self.data_dir / "logs" / "server.log"

    def _prepare(self) -> None:
        """Resolve the jars, then configure and, the first time, format the data folder."""
        find_java()
        self._jars()
        for folder in (self._config_path.parent, self.log_path.parent, self._scratch_dir):
            folder.mkdir(parents=True, exist_ok=True)
        # Native libraries are unpacked here at each start, and a killed process leaves them.
        for leftover in self._scratch_dir.iterdir():
            leftover.unlink(missing_ok=True)
        self._config_path.write_text(
            server_properties(
                self._settings,
                listener=self.bootstrap,
                controller=f"127.0.0.1:{self._controller_port}",
                topics_dir=self._topics_dir,
            )
        )
        self._log_config_path.write_text(LOG_CONFIG)
        if not (self._topics_dir / "meta.properties").exists():
            self._format()

    def _format(self) -> None:
        command = [
            *self._java_command(heap_mb=_FORMAT_HEAP_MB),
            *("kafka.tools.StorageTool", "format"),
            # A format that was interrupted is done again.
            "--ignore-formatted",
            *("--cluster-id", new_cluster_id()),
            *("--config", str(self._config_path)),
        ]
        formatter = self._child("Kafka's storage tool", command, death_signal=signal.SIGKILL)
        if formatter.wait(timeout_seconds=_FORMAT_SECONDS) != 0:
            raise BrokerError(
                f"Kafka could not format {self._topics_dir}: see {self._console_path}, "
                "then mend or remove that folder, or give another"
            )

    def _spawn(self) -> ChildProcess:
        command = [
            *self._java_command(heap_mb=self._settings.heap_mb),
            *("kafka.Kafka", str(self._config_path)),
        ]
        # Left without its parent it still closes its log in good order.
        return self._child("Kafka", command, death_signal=signal.SIGTERM)

    def _child(self, name: str, command: list[str], *, death_signal: signal.Signals) -> ChildProcess:
        return ChildProcess(
            name,
            command,
            log_path=self._console_path,
            directory=self.log_path.parent,
            death_signal=death_signal,
        )

    def _java_command(self, *, heap_mb: int) -> list[str]:
        return [
            str(find_java()),
            f"-Xms{heap_mb}m",
            f"-Xmx{heap_mb}m",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:+ExitOnOutOfMemoryError",
            # Else the JVM keeps a file of counters under /tmp.
            "-XX:-UsePerfData",
            f"-XX:ErrorFile={self.log_path.parent / 'hs_err_%p.log'}",
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={self._scratch_dir}",
            f"-Dlog4j2.configurationFile={self._log_config_path}",
            f"-Dheadrace.log={self.log_path}",
            *("-cp", f"{self._jars()}/*"),
        ]

    def _jars(self) -> Path:
        return resolve_jars(self._cache_dir, progress=self._progress)

    @property
    def _topics_dir(self) -> Path:
        return self.data_dir / "topics"

    @property
    def _scratch_dir(self) -> Path:
        return self.data_dir / "tmp"

    @property
    def _config_path(self) -> Path:
        return self.data_dir / "config" / "server.properties"

    @property
    def _log_config_path(self) -> Path:
        return self.data_dir / "config" / "log4j2.properties"

    @property
    def _console_path(self) -> Path:
        return self.log_path.parent / "console.log"
