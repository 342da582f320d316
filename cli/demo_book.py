"""The partners' book on disk: what they shipped, kept by themselves, and the files that they send of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipelines.demo.asks import SeenOrder
from pipelines.demo.book import by_location, reported
from pipelines.demo.draws import Draws
from pipelines.feeds.shipments import ShipmentRow, lines_of, path_of, rows_of, rows_of_parcel, sheet_of


class Book:
    """Rows are added as parcels leave; `publish` writes the files of a day as they stand."""

    def __init__(self, data: Path, pool: str, draws: Draws) -> None:
        self._folder = data / "demo" / pool / "shipped"
        self._feeds = data / "feeds"
        self._pool = pool
        self._draws = draws
        self._changed: set[str] = set()

    def add(self, order: SeenOrder, parcel_id: str, shipped_at_ms: int) -> None:
        """Note a parcel that has left, by what was put into it."""
        parcels = [parcel for parcel in order.parcels if parcel.parcel_id == parcel_id]
        for row in (row for parcel in parcels for row in rows_of_parcel(order, parcel, shipped_at_ms)):
            path = self._path(row.day)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = lines_of([row]) if path.exists() else sheet_of([row])
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
            self._changed.add(row.day)

    def publish(self) -> None:
        """Write the files of every day of which anything new is in the book; what was late then comes the day after."""
        days, self._changed = self._changed, set()
        stated = {date.fromisoformat(day) for day in days}
        for day in sorted(stated | {day + timedelta(days=1) for day in stated if day < today()}):
            self.publish_day(day)

    def publish_day(self, day: date) -> list[Path]:
        """Write a day's files, one a location, and give where they are."""
        rows = reported(self._draws, self._rows(day), self._rows(day - timedelta(days=1)))
        written = []
        for location_id, some in by_location(rows).items():
            path = self._feeds / path_of(self._pool, day.isoformat(), location_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whoever reads it meanwhile finds the old one or the new one, whole.
            whole = path.with_suffix(".part")
            whole.write_text(sheet_of(some), encoding="utf-8")
            whole.replace(path)
            written.append(path)
        return written

    def _rows(self, day: date) -> list[ShipmentRow]:
        path = self._path(day.isoformat())
        return rows_of(path.read_text(encoding="utf-8")) if path.exists() else []

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.csv"


def today() -> date:
    """Give the day by UTC, as files are named."""
    return datetime.now(UTC).date()
