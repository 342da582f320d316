"""Gauges of what goes out, from the control store: read when they are asked for, by kind and never by name."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.control.database import ControlDatabase

_RECENT_MS = 300_000
_PENDING = (
    "SELECT substr(target, 1, instr(target, '/') - 1), count(*), min(created_at_ms) FROM deliveries"
    " WHERE state = 'pending' GROUP BY 1"
)
_REFUSED = (
    "SELECT substr(target, 1, instr(target, '/') - 1), count(*) FROM deliveries WHERE state = 'refused' GROUP BY 1"
)
_STOPPED = (
    "SELECT substr(target, 1, instr(target, '/') - 1), count(*) FROM outbox_targets"
    " WHERE breaker <> 'closed' GROUP BY 1"
)
_RECENT = "SELECT outcome, count(*), avg(latency_ms) FROM delivery_attempts WHERE at_ms > ? GROUP BY 1"
KINDS = ("account", "webhook")
OUTCOMES = ("done", "later", "refused")


class OutboxFigures(Collector):
    """Read from whichever process serves metrics: what is delivered is in the store that all of them share."""

    def __init__(self, database: ControlDatabase, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._now_ms = now_ms

    def describe(self) -> list[GaugeMetricFamily]:
        """Give the names alone."""
        return list(_families())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give what waits, since when, what was refused, whose breakers are open, and how it went of late."""
        connection, now_ms = self._database.connection(), self._now_ms()
        pending, oldest, refused, stopped, attempts, latency = _families()
        waiting = {kind: (count, since) for kind, count, since in connection.execute(_PENDING).fetchall()}
        refusals = dict(connection.execute(_REFUSED).fetchall())
        broken = dict(connection.execute(_STOPPED).fetchall())
        for kind in KINDS:
            count, since_ms = waiting.get(kind, (0, now_ms))
            pending.add_metric([kind], count)
            oldest.add_metric([kind], max(0, now_ms - since_ms) / 1000)
            refused.add_metric([kind], refusals.get(kind, 0))
            stopped.add_metric([kind], broken.get(kind, 0))
        rows = connection.execute(_RECENT, (now_ms - _RECENT_MS,)).fetchall()
        recent = {outcome: (count, average) for outcome, count, average in rows}
        for outcome in OUTCOMES:
            count, average_ms = recent.get(outcome, (0, 0.0))
            attempts.add_metric([outcome], count)
            latency.add_metric([outcome], average_ms / 1000)
        yield from (pending, oldest, refused, stopped, attempts, latency)


def _families() -> tuple[GaugeMetricFamily, ...]:
    return (
        _of_kind("headrace_deliveries_pending", "Deliveries that wait."),
        _of_kind("headrace_deliveries_oldest_seconds", "How long the oldest delivery has waited."),
        _of_kind("headrace_deliveries_refused", "Deliveries that were refused for good and not sent again."),
        _of_kind("headrace_connections_broken", "Connections whose breaker is not closed."),
        _of_outcome("headrace_delivery_attempts_recent", "Attempts of the last five minutes."),
        _of_outcome("headrace_delivery_latency_recent_seconds", "How long those took on average."),
    )


def _of_kind(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=["kind"])


def _of_outcome(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=["outcome"])
