"""What partners report is their book but for the few mistakes that such files have."""

from collections import Counter
from pathlib import Path

from cli.demo_book import Book
from pipelines.demo.asks import SeenDestination, SeenFulfillment, SeenLine, SeenOrder, SeenParcel, SeenUnits
from pipelines.demo.book import by_location, reported
from pipelines.demo.draws import Draws
from pipelines.feeds.shipments import ShipmentRow, lines_of, path_of, rows_of, sheet_of

DRAWS = Draws(1)


def book(count: int, day: str = "2026-11-22") -> list[ShipmentRow]:
    return [
        ShipmentRow(
            fulfillment_id=f"o{number:024d}-1",
            order_id=f"o{number:024d}",
            location_id=("columbus", "reno")[number % 2],
            sku="MUG-CLAY",
            quantity=1 + number % 3,
            shipped_at=f"{day}T{number % 24:02d}:00:00Z",
            carrier="UPS",
            tracking_number=f"1Z{number}",
        )
        for number in range(count)
    ]


def test_most_rows_are_as_in_the_book_and_the_rest_is_wrong_in_each_way() -> None:
    rows = book(5_000)
    told = reported(DRAWS, rows, [])
    known = set(rows)
    times = Counter(told)

    assert sum(times[row] == 1 for row in rows) == 4_916
    assert sum(times[row] == 2 for row in rows) == 13
    assert sum(row.order_id.endswith("0000") and row not in known for row in times) == 9
    assert sum(row not in known and row._replace(quantity=row.quantity - 1) in known for row in times) == 21
    assert sum(row not in times for row in rows) == 71


def test_what_was_late_comes_a_day_later() -> None:
    yesterday = book(1_000, "2026-11-21")
    today = reported(DRAWS, book(10), yesterday)
    late = [row for row in today if row.day == "2026-11-21"]

    assert len(late) == 9
    assert not set(late) & set(reported(DRAWS, yesterday, []))


def test_a_parcel_is_noted_as_it_was_shown_with_a_row_a_line(tmp_path: Path) -> None:
    order = SeenOrder(
        order_id="o1",
        channel="web",
        external_id="1",
        status="shipped",
        version=3,
        destination=SeenDestination(country="US"),
        lines=(SeenLine(line_id="1", sku="MUG", quantity=2), SeenLine(line_id="2", sku="BOWL", quantity=1)),
        fulfillments=(
            SeenFulfillment(fulfillment_id="o1-1", location_id="reno", status="shipped", lines=()),
            SeenFulfillment(fulfillment_id="o1-2", location_id="columbus", status="accepted", lines=()),
        ),
        parcels=(
            SeenParcel(
                parcel_id="P1",
                fulfillment_id="o1-1",
                status="shipped",
                units=(SeenUnits(line_id="1", quantity=2), SeenUnits(line_id="2", quantity=1)),
                carrier="UPS",
                tracking_number="1Z",
            ),
        ),
    )
    own = Book(tmp_path, "demo", DRAWS)
    own.add(order, "P1", 1_772_375_400_000)
    own.add(order, "P2", 1_772_375_400_000)

    noted = rows_of((tmp_path / "demo" / "demo" / "shipped" / "2026-03-01.csv").read_text())
    told = ("2026-03-01T14:30:00Z", "UPS", "1Z")
    assert noted == [
        ShipmentRow("o1-1", "o1", "reno", "MUG", 2, *told),
        ShipmentRow("o1-1", "o1", "reno", "BOWL", 1, *told),
    ]


def test_a_file_written_again_says_the_same() -> None:
    assert reported(DRAWS, book(300), book(300, "2026-11-21")) == reported(DRAWS, book(300), book(300, "2026-11-21"))


def test_a_file_reads_as_it_was_written() -> None:
    rows = book(3)

    assert rows_of(sheet_of(rows[:1]) + lines_of(rows[1:])) == rows
    assert sheet_of(rows).splitlines()[0] == (
        "fulfillment_id,order_id,location_id,sku,quantity,shipped_at,carrier,tracking_number"
    )
    assert str(path_of("demo", "2026-11-22", "reno")) == "demo/shipments/2026-11-22/reno.csv"


def test_a_row_that_was_torn_in_writing_is_left_out() -> None:
    assert rows_of(sheet_of(book(2))[:-5]) == book(1)


def test_each_location_has_a_file_of_its_own() -> None:
    assert {place: len(rows) for place, rows in by_location(book(5)).items()} == {"columbus": 3, "reno": 2}
