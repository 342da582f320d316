"""The two CSV files of a pool: the catalogue, and the stock it opens with."""

import re

from connectors.folder.faults import Faults
from connectors.folder.setup import OpeningLine
from connectors.folder.sheets import Row, rows_of, sheet
from models.ids import is_sku
from models.records.pool import CatalogueItem
from models.types import MAX_QUANTITY

CATALOGUE_COLUMNS = ("sku", "name", "weight_grams")
OPENING_COLUMNS = ("sku", "location", "quantity")
OPENING_COMMENTS = (
    "Opening stock: the units that are at a location when Headrace begins to keep its book, for example by a count.",
    "Each line is booked once, as a receipt, where no stock of the SKU was ever booked at the location.",
    "Applied again it books nothing a second time, also with another quantity: from then on receive, adjust and count.",
)
_SKU_MAX, _NAME_MAX = 100, 200
_QUANTITY = re.compile(r"\d{1,12}", re.ASCII)
# What a spreadsheet makes of 12300045678 or 4E5.
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+?\d+", re.ASCII)


def read_catalogue(text: str, faults: Faults) -> tuple[CatalogueItem, ...]:
    """Give the items of catalogue.csv."""
    items: list[CatalogueItem] = []
    lines: dict[str, int] = {}
    usual = CatalogueItem(sku="")
    for row in rows_of(text, CATALOGUE_COLUMNS, ("sku",), faults):
        sku = _sku(row, faults)
        if sku is None:
            continue
        if sku in lines:
            faults.add(row.line, row.places["sku"], f"SKU {sku} stands in line {lines[sku]} already: keep one")
            continue
        lines[sku] = row.line
        name = row.fields.get("name", "")
        if len(name) > _NAME_MAX:
            faults.add(
                row.line, row.places["name"], f"this name has {len(name)} characters: at most {_NAME_MAX} are kept"
            )
        weight_grams = usual.weight_grams
        if row.fields.get("weight_grams", "").strip():
            weight_grams = _whole(row, "weight_grams", faults)
        items.append(CatalogueItem(sku=sku, name=name, weight_grams=weight_grams))
    return tuple(items)


def read_opening(
    text: str, faults: Faults, locations: frozenset[str] | None, skus: frozenset[str] | None
) -> tuple[OpeningLine, ...]:
    """Give the lines of opening-stock.csv; locations and SKUs must be in the other files, where these are there."""
    opening: list[OpeningLine] = []
    lines: dict[tuple[str, str], int] = {}
    for row in rows_of(text, OPENING_COLUMNS, OPENING_COLUMNS, faults):
        sku = _sku(row, faults)
        location = row.fields["location"].strip()
        quantity = _whole(row, "quantity", faults)
        if locations is not None and location not in locations:
            faults.add(
                row.line, row.places["location"], f"there is no location '{location}' in locations.yaml: add it there"
            )
        if sku is None:
            continue
        if skus is not None and sku not in skus:
            faults.add(row.line, row.places["sku"], f"there is no SKU {sku} in catalogue.csv: add it there")
        before = lines.setdefault((sku, location), row.line)
        if before != row.line:
            faults.add(
                row.line, row.places["sku"], f"SKU {sku} at {location} stands in line {before} already: keep one"
            )
        elif quantity:
            opening.append(OpeningLine(sku=sku, location_id=location, quantity=quantity))
    return tuple(opening)


def catalogue_sheet(items: tuple[CatalogueItem, ...]) -> str:
    """Write catalogue.csv."""
    ordered = sorted(items, key=lambda item: item.sku)
    return sheet((), CATALOGUE_COLUMNS, ((item.sku, item.name, str(item.weight_grams)) for item in ordered))


def opening_sheet(opening: tuple[OpeningLine, ...]) -> str:
    """Write opening-stock.csv."""
    ordered = sorted(opening, key=lambda line: (line.sku, line.location_id))
    rows = ((line.sku, line.location_id, str(line.quantity)) for line in ordered)
    return sheet(OPENING_COMMENTS, OPENING_COLUMNS, rows)


def _sku(row: Row, faults: Faults) -> str | None:
    sku = row.fields["sku"].strip()
    reason = None
    if not sku:
        reason = "this row has no SKU: fill it in, or delete the row"
    elif len(sku) > _SKU_MAX or not is_sku(sku):
        reason = f"{sku!r} cannot be a SKU: up to {_SKU_MAX} characters, composed (NFC), none of them invisible"
    elif _SCIENTIFIC.fullmatch(sku):
        reason = (
            f"{sku} is a number that a spreadsheet has shortened: format the column as text and fill the SKU in again"
        )
    if reason is not None:
        faults.add(row.line, row.places["sku"], reason)
        return None
    return sku


def _whole(row: Row, column: str, faults: Faults) -> int:
    given = row.fields[column].strip()
    if _QUANTITY.fullmatch(given) is None or int(given) > MAX_QUANTITY:
        faults.add(row.line, row.places[column], f"{column} '{given}' is no whole number from 0 to {MAX_QUANTITY}")
        return 0
    return int(given)
