"""Where the nights read and write, from the environment of whoever starts Dagster."""

import datetime as dt
import time
from pathlib import Path

from dagster import AssetExecutionContext, ConfigurableResource

from pipelines.night.steps.night import Night
from pipelines.night.store import Store


class Headrace(ConfigurableResource[None]):
    """A lake, the folder of feeds and reports, and the broker that models are published to."""

    lake: str
    data: str
    broker: str = ""
    """Empty: digests are not compared, and nothing is published."""
    prefix: str = ""
    wait_seconds: float = 300.0
    """For the workers to have decided the day, and for the archive to hold it."""

    def night(self, context: AssetExecutionContext, day: str) -> Night:
        """The night of a day, telling its way to Dagster's log."""
        said: set[str] = set()

        def told(step: str, _done: int, _total: int) -> None:
            # A line for each thing that is done, not for each of its steps.
            if step not in said:
                said.add(step)
                context.log.info(step)

        return Night(
            day=dt.date.fromisoformat(day),
            store=Store(self.lake),
            data=Path(self.data),
            broker=self.broker or None,
            prefix=self.prefix,
            wait_seconds=self.wait_seconds,
            now_ms=time.time_ns() // 1_000_000,
            told=told,
        )
