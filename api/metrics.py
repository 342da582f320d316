"""Figures for Prometheus: of this process and of what it is told, by route or account and never by customer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.exchange_figures import ExchangeFigures
from api.night_figures import NightFigures
from api.outbox_figures import OutboxFigures
from api.ports import CommandSender
from api.views.consumer import ViewConsumer
from api.views.hub import Hub
from api.views.pulse import all_orders_at_risk
from api.views.rows import Changes
from api.views.store import ViewStore

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """A registry of its own, so that several apps fit in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "headrace_http_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "headrace_http_request_seconds",
            "From the request to the head of its answer.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.commands = Counter(
            "headrace_commands_total",
            "Commands of this process by what became of them.",
            ["outcome"],
            registry=self.registry,
        )

    def watch(self, sender: CommandSender, consumer: ViewConsumer[Changes], hub: Hub, store: ViewStore) -> None:
        """Read gauges from what they measure."""
        self._gauge("headrace_commands_pending", "Commands that wait for the broker.", sender.pending)
        self._gauge("headrace_broker_connected", "1 while the broker takes commands.", sender.is_connected)
        self._gauge("headrace_views_lag_records", "Records not yet in the views.", lambda: consumer.progress.lag or 0)
        self._gauge("headrace_views_records", "Records read since the start.", lambda: consumer.progress.records)
        self._gauge("headrace_stream_clients", "Open event streams.", lambda: hub.clients)
        self._gauge("headrace_stream_clients_dropped", "Streams ended for not keeping up.", lambda: hub.dropped)

        self._gauge(
            "headrace_orders_at_risk",
            "Orders whose promise is near or past and that have not shipped.",
            lambda: all_orders_at_risk(store.connection()),
        )

    def watch_nights(self, nights: NightFigures) -> None:
        """Tell what the nights came to."""
        self.registry.register(nights)

    def watch_outbox(self, outbox: OutboxFigures) -> None:
        """Tell what goes out."""
        self.registry.register(outbox)

    def watch_exchange(self, exchange: ExchangeFigures) -> None:
        """Tell what comes in."""
        self.registry.register(exchange)

    def text(self) -> bytes:
        """Give the exposition."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, help_text: str, read: object) -> None:
        Gauge(name, help_text, registry=self.registry).set_function(read)  # type: ignore[arg-type]
