"""The shipment file of a third party: one row a line and parcel, by the partner's own book, a file a day and source."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from models.records.order import Order


class ShipmentRow(NamedTuple):
    """Units of a line that left in a parcel; the fields are the columns."""

    fulfillment_id: str
    order_id: str
    location_id: str
    sku: str
    quantity: int
    shipped_at: str
    carrier: str
    tracking_number: str

    @property
    def day(self) -> str:
        """The day, by UTC, in whose file it belongs."""
        return self.shipped_at[:10]


def shipments_of(order: Order) -> Iterator[ShipmentRow]:
    """Give the rows of every parcel that has left for an order."""
    places = {fulfillment.fulfillment_id: fulfillment.location_id for fulfillment in order.fulfillments}
    skus = {line.line_id: line.sku for line in order.lines}
    for parcel in order.parcels:
        for units in parcel.units:
            yield ShipmentRow(
                fulfillment_id=parcel.fulfillment_id,
                order_id=order.order_id,
                location_id=places[parcel.fulfillment_id],
                sku=skus[units.line_id],
                quantity=units.quantity,
                shipped_at=instant(parcel.shipped_at_ms),
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
            )


def instant(at_ms: int) -> str:
    """Write an instant as the file has it."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def path_of(pool: str, day: str, source: str) -> PurePosixPath:
    """Give where the file of a day and source lies below the folder of feeds."""
    return PurePosixPath(pool) / "shipments" / day / f"{source}.csv"


def sheet_of(rows: Iterable[ShipmentRow]) -> str:
    """Write the file."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(ShipmentRow._fields)
    writer.writerows(rows)
    return written.getvalue()


def lines_of(rows: Iterable[ShipmentRow]) -> str:
    """Write rows without the header, to be added to a file."""
    return sheet_of(rows).partition("\n")[2]


def rows_of(text: str) -> list[ShipmentRow]:
    """Read a file that `sheet_of` wrote; a last line that was torn in writing is left out."""
    whole = text[: text.rfind("\n") + 1]
    return [
        ShipmentRow(**{**row, "quantity": int(row["quantity"])})  # type: ignore[arg-type] # One column is a number.
        for row in csv.DictReader(io.StringIO(whole))
    ]
