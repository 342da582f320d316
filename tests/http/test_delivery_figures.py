from pathlib import Path

from prometheus_client import CollectorRegistry

from api.control.database import ControlDatabase
from api.exchange.outbox import rows
from api.exchange.outbox.telling import NewDelivery
from api.outbox_figures import OutboxFigures


def figures(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"headrace_{name}", labels)


def test_what_waits_is_counted_by_kind_with_the_age_of_the_oldest(tmp_path: Path) -> None:
    database, registry = ControlDatabase(tmp_path / "control.db"), CollectorRegistry()
    registry.register(OutboxFigures(database, lambda: 600_000))
    database.connection().execute(
        "INSERT INTO outbox_targets (target, pool, breaker) VALUES"
        " ('account/wms', 'p', 'open'), ('webhook/wh_1', 'p', 'closed')"
    )
    for number, target in enumerate(("account/wms", "account/wms", "webhook/wh_1")):
        row = NewDelivery(
            delivery_id=f"d{number}",
            target=target,
            pool="p",
            lane=f"o{number}",
            kind="event",
            event_id=f"e{number}",
            about="{}",
            occurred_at_ms=1,
        )
        now_ms = 100_000 * (number + 1)
        database.write(lambda c, row=row, now_ms=now_ms: rows.add(c, [row], now_ms))  # type: ignore[misc]

    assert figures(registry, "deliveries_pending", kind="account") == 2
    assert figures(registry, "deliveries_pending", kind="webhook") == 1
    assert figures(registry, "deliveries_oldest_seconds", kind="account") == 500
    assert figures(registry, "connections_broken", kind="account") == 1
    assert figures(registry, "connections_broken", kind="webhook") == 0
    assert figures(registry, "delivery_attempts_recent", outcome="later") == 0
    database.close()
