"""Gauges of what comes in by connectors, from the control store: by account, of which there are few.

What every process counts is in the store that all of them share, so whichever serves metrics tells all of it.
"""

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.exchange.stores import ExchangeStores


class ExchangeFigures(Collector):
    """Messages by what came of them, how old each cursor is, and what waits."""

    def __init__(self, stores: ExchangeStores, now_ms: Callable[[], int]) -> None:
        self._stores = stores
        self._now_ms = now_ms

    def describe(self) -> list[Metric]:
        """Give the names alone."""
        return list(_families())

    def collect(self) -> Iterator[Metric]:
        """Give the figures as they are now; an account that is paused is read on purpose no more."""
        now_ms = self._now_ms()
        messages, age, parked, oldest = _families()
        for account, outcomes in self._stores.counts.all().items():
            for outcome, count in outcomes.items():
                messages.add_metric([account, outcome], count)
        running = {one.name for one in self._stores.accounts.all() if one.paused_at_ms is None}
        for read in self._stores.cursors.all():
            if read.account in running:
                age.add_metric([read.account, read.topic], max(0, now_ms - read.at_ms) / 1000)
        for account, (count, since_ms) in self._stores.parking.since().items():
            parked.add_metric([account], count)
            oldest.add_metric([account], max(0, now_ms - since_ms) / 1000)
        yield from (messages, age, parked, oldest)


def _families() -> tuple[CounterMetricFamily, GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
    return (
        CounterMetricFamily(
            "headrace_connector_messages", "Messages of an account by what came of them.", labels=["account", "outcome"]
        ),
        GaugeMetricFamily(
            "headrace_connector_read_age_seconds",
            "Since a poll or folder of an account was last read to its end.",
            labels=["account", "topic"],
        ),
        GaugeMetricFamily("headrace_connector_parked", "Messages that wait.", labels=["account"]),
        GaugeMetricFamily(
            "headrace_connector_parked_oldest_seconds", "Since the first message that waits came.", labels=["account"]
        ),
    )
