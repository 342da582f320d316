"""The night after a replay: the partners' books of what was played, then `headrace nightly` over the day so far."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cli.nightly import show_night
from models.records.order import Order
from pipelines.feeds.shipments import ShipmentRow, path_of, sheet_of, shipments_of

# All sellers of a marketplace ship by the marketplace's book.
_SOURCE = "marketplace"


def write_books(data: Path, pool: str, orders: Iterable[Order]) -> int:
    """Write what was shipped as the partners' files, a day a file; return how many there are."""
    days: dict[str, list[ShipmentRow]] = defaultdict(list)
    for order in orders:
        for row in shipments_of(order):
            days[row.day].append(row)
    for day, rows in days.items():
        path = data / "feeds" / path_of(pool, day, _SOURCE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sheet_of(rows), encoding="utf-8")
    return len(days)


def night_after(data: Path, pool: str, bootstrap: str, prefix: str, *, as_json: bool) -> list[dict[str, object]]:
    """Run the night of today as far as it has come; give what each step came to."""
    return show_night(
        day=datetime.now(UTC).date(),
        lake=str(data / "lake"),
        data=data,
        broker=bootstrap,
        prefix=prefix,
        so_far=True,
        pools=(pool,),
        as_json=as_json,
    )
