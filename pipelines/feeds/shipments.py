"""The shipment file of a third party: one row a line and parcel, by the partner's own book, a file a day and source."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol

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


class Named(Protocol):
    """A line, as far as it says what its units are."""

    @property
    def line_id(self) -> str: ...
    @property
    def sku(self) -> str: ...


class Placed(Protocol):
    """A fulfillment, as far as it says where units leave from."""

    @property
    def fulfillment_id(self) -> str: ...
    @property
    def location_id(self) -> str: ...


class Packed(Protocol):
    """Units of a line in a parcel."""

    @property
    def line_id(self) -> str: ...
    @property
    def quantity(self) -> int: ...


class Sent(Protocol):
    """A parcel, in the core's words or in a partner's."""

    @property
    def fulfillment_id(self) -> str: ...
    @property
    def carrier(self) -> str: ...
    @property
    def tracking_number(self) -> str: ...
    @property
    def units(self) -> Sequence[Packed]: ...


class Ordered(Protocol):
    """The order of a parcel, in the core's words or in a partner's."""

    @property
    def order_id(self) -> str: ...
    @property
    def lines(self) -> Sequence[Named]: ...
    @property
    def fulfillments(self) -> Sequence[Placed]: ...


def rows_of_parcel(order: Ordered, parcel: Sent, shipped_at_ms: int) -> Iterator[ShipmentRow]:
    """Give a row for each line in a parcel."""
    places = {part.fulfillment_id: part.location_id for part in order.fulfillments}
    skus = {line.line_id: line.sku for line in order.lines}
    for units in parcel.units:
        yield ShipmentRow(
            fulfillment_id=parcel.fulfillment_id,
            order_id=order.order_id,
            location_id=places[parcel.fulfillment_id],
            sku=skus[units.line_id],
            quantity=units.quantity,
            shipped_at=instant(shipped_at_ms),
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
        )


def shipments_of(order: Order) -> Iterator[ShipmentRow]:
    """Give the rows of every parcel that has left for an order."""
    for parcel in order.parcels:
        yield from rows_of_parcel(order, parcel, parcel.shipped_at_ms)


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
