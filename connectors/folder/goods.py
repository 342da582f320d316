"""The CSV files of a pool: the catalogue, what its kits are made of, and the stock it opens with."""

from collections.abc import Mapping

from msgspec.structs import replace

from connectors.folder.cells import sku_in, whole_in
from connectors.folder.faults import Faults
from connectors.folder.setup import OpeningLine
from connectors.folder.sheets import Row, rows_of, sheet
from models.records.line import Component
from models.records.pool import CatalogueItem

CATALOGUE_COLUMNS = ("sku", "name", "weight_grams", "category", "untracked", "backorder_limit")
KIT_COLUMNS = ("kit", "component", "quantity")
OPENING_COLUMNS = ("sku", "location", "quantity")
OPENING_COMMENTS = (
    "Opening stock: the units that are at a location when Headrace begins to keep its book, for example by a count.",
    "Each line is booked once, as a receipt, where no stock of the SKU was ever booked at the location.",
    "Applied again it books nothing a second time, also with another quantity: from then on receive, adjust and count.",
)
_NAME_MAX, _CATEGORY_MAX, _MOST_COMPONENTS = 200, 200, 50
_YES, _NO = "yes", "no"


def read_catalogue(text: str, faults: Faults) -> tuple[CatalogueItem, ...]:
    """Give the items of catalogue.csv."""
    items: list[CatalogueItem] = []
    lines: dict[str, int] = {}
    for row in rows_of(text, CATALOGUE_COLUMNS, ("sku",), faults):
        sku = sku_in(row, faults)
        if sku is None:
            continue
        if sku in lines:
            faults.add(row.line, row.places["sku"], f"SKU {sku} stands in line {lines[sku]} already: keep one")
            continue
        lines[sku] = row.line
        item = CatalogueItem(
            sku=sku,
            name=_text(row, "name", _NAME_MAX, faults),
            category=_text(row, "category", _CATEGORY_MAX, faults).strip(),
            untracked=_yes_no(row, "untracked", faults),
        )
        if row.fields.get("weight_grams", "").strip():
            item = replace(item, weight_grams=whole_in(row, "weight_grams", faults))
        if row.fields.get("backorder_limit", "").strip():
            item = replace(item, backorder_limit=whole_in(row, "backorder_limit", faults))
        items.append(item)
    return tuple(items)


def read_kits(
    text: str, faults: Faults, items: tuple[CatalogueItem, ...], skus: frozenset[str]
) -> tuple[CatalogueItem, ...]:
    """Give the items with what kits.csv says that they are made of; kits and components must be among the SKUs."""
    made_of: dict[str, dict[str, int]] = {}
    lines: dict[str, int] = {}
    rows = list(rows_of(text, KIT_COLUMNS, KIT_COLUMNS, faults))
    kits = {row.fields["kit"].strip() for row in rows}
    for row in rows:
        kit, component = row.fields["kit"].strip(), row.fields["component"].strip()
        reason = None
        if component in kits:
            reason = f"{component} is a kit itself: name what it is made of instead"
        elif component in made_of.get(kit, {}):
            reason = f"the kit {kit} has {component} above already: keep one row, with all units"
        elif len(made_of.get(kit, {})) == _MOST_COMPONENTS:
            reason = f"the kit {kit} has more than {_MOST_COMPONENTS} components, from line {lines[kit]} on"
        if reason is not None:
            faults.add(row.line, row.places["component"], reason)
            continue
        for column, sku in (("kit", kit), ("component", component)):
            if sku not in skus:
                faults.add(row.line, row.places[column], f"there is no SKU {sku} in catalogue.csv: add it there")
        lines.setdefault(kit, row.line)
        made_of.setdefault(kit, {})[component] = whole_in(row, "quantity", faults, least=1)
    return tuple(replace(item, components=_components(made_of.get(item.sku, {}))) for item in items)


def read_opening(
    text: str, faults: Faults, locations: frozenset[str] | None, skus: frozenset[str] | None
) -> tuple[OpeningLine, ...]:
    """Give the lines of opening-stock.csv; locations and SKUs must be in the other files, where these are there."""
    opening: list[OpeningLine] = []
    lines: dict[tuple[str, str], int] = {}
    for row in rows_of(text, OPENING_COLUMNS, OPENING_COLUMNS, faults):
        sku = sku_in(row, faults)
        location = row.fields["location"].strip()
        quantity = whole_in(row, "quantity", faults)
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
    return sheet((), CATALOGUE_COLUMNS, map(cells_of, ordered))


def cells_of(item: CatalogueItem) -> tuple[str, ...]:
    """Give the fields of a row of catalogue.csv."""
    limit = "" if item.backorder_limit is None else str(item.backorder_limit)
    untracked = _YES if item.untracked else _NO
    return (item.sku, item.name, str(item.weight_grams), item.category, untracked, limit)


def kits_sheet(items: tuple[CatalogueItem, ...]) -> str:
    """Write kits.csv."""
    rows = sorted((item.sku, part.sku, str(part.quantity)) for item in items for part in item.components)
    return sheet((), KIT_COLUMNS, rows)


def opening_sheet(opening: tuple[OpeningLine, ...]) -> str:
    """Write opening-stock.csv."""
    ordered = sorted(opening, key=lambda line: (line.sku, line.location_id))
    rows = ((line.sku, line.location_id, str(line.quantity)) for line in ordered)
    return sheet(OPENING_COMMENTS, OPENING_COLUMNS, rows)


def _text(row: Row, column: str, most: int, faults: Faults) -> str:
    given = row.fields.get(column, "")
    if len(given) > most:
        faults.add(row.line, row.places[column], f"this {column} has {len(given)} characters: at most {most} are kept")
    return given


def _yes_no(row: Row, column: str, faults: Faults) -> bool:
    given = row.fields.get(column, "").strip().lower()
    if given not in {"", _YES, _NO}:
        faults.add(row.line, row.places[column], f"{column}: '{given}' is neither {_YES} nor {_NO}")
    return given == _YES


def _components(made_of: Mapping[str, int]) -> tuple[Component, ...]:
    return tuple(Component(sku=sku, quantity=made_of[sku]) for sku in sorted(made_of))
