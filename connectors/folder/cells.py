"""Cells of CSV rows that several files have: SKUs and whole numbers, each with the mistake that it may be."""

import re

from connectors.folder.faults import Faults
from connectors.folder.sheets import Row
from models.ids import is_sku
from models.types import MAX_QUANTITY

_SKU_MAX = 100
_QUANTITY = re.compile(r"\d{1,12}", re.ASCII)
# What a spreadsheet makes of 12300045678 or 4E5.
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+?\d+", re.ASCII)


def sku_in(row: Row, faults: Faults, column: str = "sku") -> str | None:
    """Give the SKU of a row; None where there is none, which is noted."""
    sku = row.fields[column].strip()
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
        faults.add(row.line, row.places[column], reason)
        return None
    return sku


def whole_in(row: Row, column: str, faults: Faults, *, least: int = 0, most: int = MAX_QUANTITY) -> int:
    """Give a whole number of a row; the least there may be where it is none, which is noted."""
    given = row.fields[column].strip()
    if _QUANTITY.fullmatch(given) is None or not least <= int(given) <= most:
        faults.add(row.line, row.places[column], f"{column} '{given}' is no whole number from {least} to {most}")
        return least
    return int(given)
