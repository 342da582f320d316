"""The Olist marketplace as a plan: seller cities or hubs as locations, products as SKUs, orders to place."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeVar

import polars as pl

from models.commands import (
    Command,
    NewLine,
    PlaceOrder,
    PutCatalogue,
    PutLocations,
    PutPolicy,
    PutPool,
    ReceiveStock,
    StockLine,
)
from models.geo import position_of
from models.records.order import Customer
from models.records.place import Destination
from models.records.pool import CatalogueItem, Location, LocationKind, Policy
from pipelines.replay import frames, stock
from pipelines.replay.plan import ACTOR, SOURCE, Plan, ReplayOrder, Stamps

Scenario = Literal["as-it-was", "hubs"]
City = tuple[str, str]
T = TypeVar("T")

CHANNEL = "olist"
CURRENCY = "BRL"
HUBS = 12
SHORT_SHARE = 0.05
INFERRED = "Inferred, not counted: stock is not in the data, so what was sold is taken for what was there."
_DAY_MS = 86_400_000
_LOCATIONS_PER_COMMAND = 100
_ITEMS_PER_COMMAND = 500
_LINES_PER_DOCUMENT = 100
_ID_CHARACTERS_MAX = 60
# States that do not keep the time of Sao Paulo.
_ZONES = {
    "AC": "America/Rio_Branco",
    "AM": "America/Manaus",
    "RO": "America/Porto_Velho",
    "MT": "America/Cuiaba",
    "MS": "America/Campo_Grande",
    "PA": "America/Belem",
    "MA": "America/Fortaleza",
    "PI": "America/Fortaleza",
    "CE": "America/Fortaleza",
    "RN": "America/Fortaleza",
    "PB": "America/Fortaleza",
    "PE": "America/Recife",
    "BA": "America/Bahia",
    "SE": "America/Maceio",
}


def olist_plan(folder: Path, scenario: Scenario, pool: str, limit: int | None = None) -> Plan:
    """Read the files and lay out the replay of one scenario.

    Raises:
        OlistFilesError: a file is not there.
    """
    orders = frames.read_orders(folder, limit)
    lines = frames.read_lines(folder, orders)
    products = frames.read_products(folder, lines)
    sold = stock.sold_lines(lines)
    places = _places(frames.read_cities(folder), {line.city for line in sold})
    location_of = {city: place.location_id for city, place in places.items()}
    begin_ms = int(orders["purchased_ms"].to_list()[0]) - _DAY_MS
    receipts: list[stock.Receipt] = []
    short_lines = 0
    if scenario == "hubs":
        weights = stock.top_cities(sold, HUBS)
        places = {city: places[city] for city in weights}
        hubs = {location_of[city]: count for city, count in weights.items()}
        opening, receipts, short_lines = stock.at_hubs(sold, hubs, SHORT_SHARE)
    else:
        opening = stock.as_sold(sold, location_of)
    book = _Book(pool)
    return Plan(
        pool=pool,
        scenario=scenario,
        set_up=tuple(_set_up(book, list(places.values()), products, opening, begin_ms)),
        orders=tuple(_orders(book, orders, lines, location_of)),
        receipts=tuple(_receipts(book, receipts)),
        locations=len(places),
        skus=products.height,
        opening_units=sum(opening.values()),
        short_lines=short_lines,
    )


class _Book:
    """Envelopes and stock documents of the pool."""

    def __init__(self, pool: str) -> None:
        self.pool = pool

    def envelope(self, command_id: str, at_ms: int, reason: str = "") -> dict[str, Any]:
        return {"command_id": command_id, "pool": self.pool, "issued_at_ms": at_ms, "actor": ACTOR, "reason": reason}

    def receipt(self, document: str, location: str, at_ms: int, units: Iterable[tuple[str, int]]) -> ReceiveStock:
        return ReceiveStock(
            source=SOURCE,
            document=document,
            location_id=location,
            occurred_at_ms=at_ms,
            lines=tuple(
                StockLine(line=str(number), sku=sku, quantity=quantity)
                for number, (sku, quantity) in enumerate(units, start=1)
            ),
            **self.envelope(document, at_ms, INFERRED),
        )


def _set_up(
    book: _Book,
    places: list[Location],
    products: pl.DataFrame,
    opening: Mapping[tuple[str, str], int],
    at_ms: int,
) -> Iterator[Command]:
    yield PutPool(
        currency=CURRENCY,
        name="Olist, a marketplace in Brazil, 2016 to 2018",
        simulated=True,
        **book.envelope("pool", at_ms),
    )
    for part, some in enumerate(_parts(places, _LOCATIONS_PER_COMMAND)):
        yield PutLocations(locations=tuple(some), **book.envelope(f"locations-{part}", at_ms))
    yield PutPolicy(policy=Policy(version=2, preset="closest"), **book.envelope("policy", at_ms))
    items = [CatalogueItem(sku=sku, name=category, weight_grams=grams) for sku, category, grams in products.iter_rows()]
    for part, some_items in enumerate(_parts(items, _ITEMS_PER_COMMAND)):
        yield PutCatalogue(items=tuple(some_items), **book.envelope(f"catalogue-{part}", at_ms))
    for location, cells in groupby(sorted(opening.items()), key=lambda item: item[0][0]):
        units = [(sku, quantity) for (_, sku), quantity in cells]
        for part, some_units in enumerate(_parts(units, _LINES_PER_DOCUMENT)):
            yield book.receipt(f"inferred-opening/{location}/{part}", location, at_ms, some_units)


def _receipts(book: _Book, receipts: list[stock.Receipt]) -> Iterator[ReceiveStock]:
    """One document a day and location, when the last of its units would be there."""
    ordered = sorted(receipts, key=lambda receipt: (receipt.at_ms // _DAY_MS, receipt.location_id, receipt.at_ms))
    for (day, location), some in groupby(ordered, key=lambda receipt: (receipt.at_ms // _DAY_MS, receipt.location_id)):
        day_receipts = list(some)
        for part, lines in enumerate(_parts(day_receipts, _LINES_PER_DOCUMENT)):
            units = [(receipt.sku, receipt.quantity) for receipt in lines]
            yield book.receipt(f"inferred-later/{day}/{location}/{part}", location, lines[-1].at_ms, units)


def _orders(
    book: _Book, orders: pl.DataFrame, lines: pl.DataFrame, location_of: Mapping[City, str]
) -> Iterator[ReplayOrder]:
    by_order = {str(key[0]): list(group.iter_rows(named=True)) for key, group in lines.group_by("order_id")}
    for row in orders.iter_rows(named=True):
        order_lines = sorted(by_order[row["order_id"]], key=lambda line: line["line"])
        sellers = {str(line["line"]): location_of[line["seller_city"], line["seller_state"]] for line in order_lines}
        yield ReplayOrder(place=_place(book, row, order_lines), stamps=_stamps(row), sellers=sellers)


def _place(book: _Book, row: dict[str, Any], lines: list[dict[str, Any]]) -> PlaceOrder:
    return PlaceOrder(
        channel=CHANNEL,
        external_id=row["order_id"],
        currency=CURRENCY,
        lines=tuple(
            NewLine(
                line_id=str(line["line"]),
                sku=line["product_id"],
                quantity=line["quantity"],
                unit_price_minor=line["unit_price_minor"],
            )
            for line in lines
        ),
        destination=Destination(
            country="BR",
            postcode=row["postcode"],
            region=row["region"],
            position=position_of(row["lat"], row["lng"]),
        ),
        placed_at_ms=row["purchased_ms"],
        promise_by_ms=row["promised_ms"],
        shipping_minor=sum(line["freight_minor"] for line in lines),
        customer=Customer(customer_id=row["buyer"]),
        **book.envelope(f"{row['order_id']}/place", row["purchased_ms"]),
    )


def _stamps(row: dict[str, Any]) -> Stamps:
    cancelled = row["status"] == "canceled"
    return Stamps(
        approved_ms=row["approved_ms"],
        handed_over_ms=None if cancelled else row["handed_over_ms"],
        delivered_ms=None if cancelled else row["delivered_ms"],
        # The files say that it was cancelled, not when; nothing later than its last stamp is known.
        cancelled_ms=max(row["purchased_ms"], row["approved_ms"] or 0) if cancelled else None,
    )


def _places(cities: pl.DataFrame, wanted: set[City]) -> dict[City, Location]:
    """A location a city: a drop-shipper where one seller is, a third party's where several are."""
    places: dict[City, Location] = {}
    taken: set[str] = set()
    for name, state, latitude, longitude, sellers in cities.iter_rows():
        if (name, state) not in wanted:
            continue
        location_id = _unused(_slug(f"{name}-{state}"), taken)
        places[name, state] = Location(
            location_id=location_id,
            name=f"{name.title()}, {state}",
            kind=LocationKind.DROP_SHIPPER if sellers == 1 else LocationKind.THIRD_PARTY,
            time_zone=_ZONES.get(state, frames.LOCAL_ZONE),
            country="BR",
            position=position_of(latitude, longitude),
        )
    return places


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_ID_CHARACTERS_MAX]


def _unused(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted[: _ID_CHARACTERS_MAX - 4]}-{number}", number + 1
    taken.add(name)
    return name


def _parts(items: list[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
