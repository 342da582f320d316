"""What partners report of what they shipped: their own book, with the mistakes that such files have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from pipelines.demo.draws import Draws
from pipelines.feeds.shipments import ShipmentRow

MISSING, WRONG, UNKNOWN, REPEATED, LATE = 0.004, 0.004, 0.002, 0.003, 0.005
"""Of the rows: left out, with another quantity, of an order nobody knows, twice, and a day late."""


def reported(draws: Draws, today: Iterable[ShipmentRow], yesterday: Iterable[ShipmentRow]) -> list[ShipmentRow]:
    """Give the rows of a day's files: the same for the same book, however often they are written."""
    late = [row for row in yesterday if _fault(draws, row) == "late"]
    return [*late, *(told for row in today for told in _told(draws, row))]


def by_location(rows: Sequence[ShipmentRow]) -> Mapping[str, list[ShipmentRow]]:
    """Give the rows of each partner's own file, in the order of time."""
    ordered = sorted(rows, key=lambda row: (row.location_id, row.shipped_at, row.fulfillment_id, row.sku))
    return {place: list(some) for place, some in groupby(ordered, key=attrgetter("location_id"))}


def _told(draws: Draws, row: ShipmentRow) -> Iterator[ShipmentRow]:
    match _fault(draws, row):
        case "missing" | "late":
            return
        case "wrong":
            yield row._replace(quantity=row.quantity + 1)
        case "unknown":
            yield row
            stray = f"{row.order_id[:-4]}0000"
            yield row._replace(order_id=stray, fulfillment_id=f"{stray}-1", tracking_number="")
        case "repeated":
            yield row
            yield row
        case _:
            yield row


def _fault(draws: Draws, row: ShipmentRow) -> str:
    share = draws.share("book", row.fulfillment_id, row.sku, row.tracking_number)
    for name, part in (
        ("missing", MISSING),
        ("wrong", WRONG),
        ("unknown", UNKNOWN),
        ("repeated", REPEATED),
        ("late", LATE),
    ):
        if share < part:
            return name
        share -= part
    return ""
