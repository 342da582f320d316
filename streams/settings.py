"""Settings of a stream worker, from HEADRACE_ variables; built at the entry point and passed down."""

import socket
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from streams.commit.deciding import Limits
from streams.store import StoreKind


class WorkerSettings(BaseSettings):
    """What one worker process needs to know."""

    model_config = SettingsConfigDict(env_prefix="HEADRACE_", frozen=True)

    broker: str = "127.0.0.1:9092"
    topic_prefix: str = ""
    # Each worker on a machine needs its own, and keeps it over restarts: its stores make a takeover fast.
    worker_id: str = Field(default_factory=socket.gethostname, min_length=1)
    state_dir: Path = Path("data/worker")
    store: StoreKind = StoreKind.ROCKSDB

    # The group counts a silent worker out after the session. A join takes up to half the rebalance timeout.
    session_timeout_seconds: float = Field(default=6.0, gt=0)
    heartbeat_seconds: float = Field(default=1.0, gt=0)
    rebalance_timeout_seconds: float = Field(default=6.0, gt=0)
    # Nothing is written when less than this is left of the session.
    lease_margin_seconds: float = Field(default=1.0, gt=0)
    produce_timeout_seconds: float = Field(default=5.0, gt=0)

    batch_rows: int = Field(default=1_000, gt=0)
    batch_items: int = Field(default=1_000, gt=0)
    batch_bytes: int = Field(default=1 << 20, gt=0)
    queue_records: int = Field(default=2_048, gt=0)
    queue_bytes: int = Field(default=16 << 20, gt=0)

    # 0 sends none.
    tick_interval_ms: int = Field(default=1_000, ge=0)
    # 0 takes a free port.
    metrics_port: int = Field(default=9_464, ge=0, le=65_535)
    log_level: str = "INFO"
    # For chaos tests: `point:file` freezes the process at a named point of the commit when the file appears.
    pause_at: str = ""

    @model_validator(mode="after")
    def _timeouts_fit(self) -> Self:
        if self.heartbeat_seconds * 3 > self.session_timeout_seconds:
            raise ValueError("heartbeat_seconds: at least three heartbeats must fit in a session")
        if self.produce_timeout_seconds >= self.session_timeout_seconds:
            raise ValueError(
                "produce_timeout_seconds: must be below session_timeout_seconds, or a batch of unknown outcome could "
                "land after the next owner has begun"
            )
        if self.lease_seconds <= 0:
            raise ValueError("lease_margin_seconds: must be below the session and rebalance timeouts")
        return self

    @property
    def lease_seconds(self) -> float:
        """How long after a heartbeat we may write."""
        timeout = min(self.session_timeout_seconds, self.rebalance_timeout_seconds)
        return timeout - self.lease_margin_seconds

    def limits(self) -> Limits:
        return Limits(
            batch_rows=self.batch_rows,
            batch_items=self.batch_items,
            batch_bytes=self.batch_bytes,
            queue_records=self.queue_records,
            queue_bytes=self.queue_bytes,
        )
