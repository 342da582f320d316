"""What would have been caught: what left twice, or after it was called off, or never; counts that differ; no SKU."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from models.records.pool import DAY_MS
from pipelines.shadow.book import Book
from pipelines.shadow.history import Bought, History

OVERDUE_DAYS = 7

WORDS = {
    "oversold": "sold beyond what any location had",
    "shipped_twice": "more units left than were bought",
    "shipped_cancelled": "units left after the order was called off",
    "never_shipped": "units never left",
    "count_differs": "a count is not what the movements come to",
    "unmapped_sku": "a SKU that is not ours",
    "parcel_of_no_order": "a parcel of an order that nobody stated",
    "unmapped_location": "a location that the account does not map",
}
"""Sorts of breaks, the gravest first."""


class Found(NamedTuple):
    """A break: its sort, when, of which order or document, where, how many units, and a sentence."""

    kind: str
    at_ms: int
    about: str
    location: str
    sku: str
    units: int
    text: str


def breaks_of(history: History, book: Book, overdue_days: int = OVERDUE_DAYS) -> list[Found]:
    """Give all breaks, by sort and time."""
    found = [*_oversold(book), *_differences(book), *_problems(history)]
    late_ms = history.end_ms - overdue_days * DAY_MS
    for order in history.orders:
        found += _of_order(order, late_ms, overdue_days)
    rank = {kind: number for number, kind in enumerate(WORDS)}
    return sorted(found, key=lambda one: (rank[one.kind], one.at_ms, one.about, one.sku))


def _oversold(book: Book) -> Iterator[Found]:
    for one in book.oversold:
        text = f"order {one.order.name} wanted {one.wanted} of {one.sku}, and {one.there} were there and free"
        yield Found("oversold", one.at_ms, one.order.name, "", one.sku, one.wanted - one.there, text)


def _differences(book: Book) -> Iterator[Found]:
    for one in book.differences:
        text = f"{one.account} counted {one.counted} of {one.sku}, by the movements it is {one.by_book}"
        units = one.counted - one.by_book
        yield Found("count_differs", one.at_ms, one.document, one.location, one.sku, units, text)


def _problems(history: History) -> Iterator[Found]:
    """Give each thing that could not be found once, however often it was named."""
    seen: dict[tuple[str, str, str], Found] = {}
    for one in history.problems:
        key = (one.kind, one.account, one.about)
        known = seen.get(key)
        times = 1 if known is None else known.units + 1
        first = Found(one.kind, one.at_ms, one.about, "", one.about if one.kind == "unmapped_sku" else "", 1, one.text)
        seen[key] = (known or first)._replace(units=times)
    yield from seen.values()


def _of_order(order: Bought, late_ms: int, overdue_days: int) -> Iterator[Found]:
    gone, wanted = order.sent_units(), order.quantities
    skus = {line.line_id: line.sku for line in order.lines}
    for line_id, bought in wanted.items():
        over = gone.get(line_id, 0) - bought
        if over > 0:
            parcels = [parcel for parcel in order.sent if parcel.units.get(line_id)]
            text = f"order {order.name}: {bought + over} of {skus[line_id]} left, {bought} were bought"
            yield Found("shipped_twice", parcels[-1].at_ms, order.name, parcels[-1].location, skus[line_id], over, text)
    off_ms = order.cancelled_at_ms
    if off_ms is not None:
        yield from _after(order, off_ms, skus)
        return
    # A channel may say that units have left without saying in which parcel.
    said = {line.line_id: line.fulfilled for line in order.stated.lines}
    missing = {line_id: units - max(gone.get(line_id, 0), said.get(line_id, 0)) for line_id, units in wanted.items()}
    missing = {line_id: units for line_id, units in missing.items() if units > 0}
    if missing and order.stated.placed_at_ms < late_ms:
        units = sum(missing.values())
        text = f"order {order.name}: {units} units had not left after {overdue_days} days"
        sku = ", ".join(sorted({skus[line_id] for line_id in missing}))
        yield Found("never_shipped", order.stated.placed_at_ms, order.name, "", sku, units, text)


def _after(order: Bought, off_ms: int, skus: dict[str, str]) -> Iterable[Found]:
    for parcel in order.sent:
        if parcel.at_ms > off_ms:
            units, sku = sum(parcel.units.values()), ", ".join(sorted({skus[line_id] for line_id in parcel.units}))
            text = f"order {order.name}: parcel {parcel.parcel_id} left after the order was called off"
            yield Found("shipped_cancelled", parcel.at_ms, order.name, parcel.location, sku, units, text)
