"""listings.csv: the SKUs under which channels sell so many units of an item."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from connectors.folder.cells import sku_in, whole_in
from connectors.folder.faults import Faults
from connectors.folder.sheets import rows_of, sheet
from models.records.pool import CatalogueItem, Listing

LISTING_COLUMNS = ("channel", "listing_sku", "sku", "quantity")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", re.ASCII)
MOST_LISTINGS, MOST_UNITS = 200, 1_000

Name = tuple[str, str]
"""A channel and its SKU."""


def read_listings(
    text: str,
    faults: Faults,
    items: tuple[CatalogueItem, ...],
    skus: frozenset[str],
    channels: frozenset[str] | None,
) -> tuple[CatalogueItem, ...]:
    """Give the items with what listings.csv says that channels call them.

    SKUs must be in catalogue.csv, and channels in channels.yaml where that is there.
    """
    listed: dict[str, list[Listing]] = {}
    lines: dict[Name, int] = {}
    for row in rows_of(text, LISTING_COLUMNS, LISTING_COLUMNS, faults):
        channel, theirs = row.fields["channel"].strip(), sku_in(row, faults, "listing_sku")
        sku = sku_in(row, faults)
        quantity = whole_in(row, "quantity", faults, least=1, most=MOST_UNITS)
        wrong = _wrong(channel, sku, skus, channels)
        for column, reason in wrong:
            faults.add(row.line, row.places[column], reason)
        if wrong or theirs is None or sku is None:
            continue
        before = lines.setdefault((channel, theirs), row.line)
        some = listed.setdefault(sku, [])
        if before != row.line:
            reason = f"{channel} sells {theirs} in line {before} already: keep one"
            faults.add(row.line, row.places["listing_sku"], reason)
        elif len(some) == MOST_LISTINGS:
            faults.add(row.line, row.places["sku"], f"{sku} has more than {MOST_LISTINGS} listings")
        else:
            some.append(Listing(channel=channel, sku=theirs, quantity=quantity))
    return tuple(replace(item, listings=in_order(listed.get(item.sku, ()))) for item in items)


def listings_sheet(items: Sequence[CatalogueItem]) -> str:
    """Write listings.csv."""
    rows = sorted(
        (listing.channel, listing.sku, item.sku, str(listing.quantity)) for item in items for listing in item.listings
    )
    return sheet((), LISTING_COLUMNS, rows)


def in_order(listings: Sequence[Listing]) -> tuple[Listing, ...]:
    """Give listings in the order in which two items are compared by them."""
    return tuple(sorted(listings, key=lambda listing: (listing.channel, listing.sku)))


def owners(items: Sequence[CatalogueItem]) -> dict[Name, str]:
    """Give the SKU of the item that each name stands for."""
    return {(listing.channel, listing.sku): item.sku for item in items for listing in item.listings}


def taken(wanted: Sequence[CatalogueItem], present: Sequence[CatalogueItem]) -> Iterator[str]:
    """Tell of the names that an item has which is not in the folder, and so keeps them."""
    kept = owners(present)
    put = {item.sku for item in wanted}
    for (channel, theirs), sku in owners(wanted).items():
        owner = kept.get((channel, theirs), sku)
        if owner not in put:
            yield (
                f"listings.csv: {channel} sells {owner} as {theirs} already, and {owner} is not in catalogue.csv: "
                "add it there"
            )


def together(wanted: Sequence[CatalogueItem], present: Sequence[CatalogueItem]) -> list[list[CatalogueItem]]:
    """Give the items between which names move, those that hang together in one list.

    A name is one item's at any time, so one command has to take it from the one and give it to the other.
    """
    by_sku = {item.sku: item for item in wanted}
    moves = _moves(owners(present), wanted)
    groups: list[list[CatalogueItem]] = []
    seen: set[str] = set()
    for start in moves:
        if start in seen:
            continue
        reached, left = {start}, [start]
        while left:
            new = moves[left.pop()] - reached
            reached |= new
            left += new
        seen |= reached
        groups.append([by_sku[sku] for sku in sorted(reached) if sku in by_sku])
    return groups


def _moves(kept: Mapping[Name, str], wanted: Sequence[CatalogueItem]) -> dict[str, set[str]]:
    """Give by SKU with which others it shares a name, before or after."""
    moves: dict[str, set[str]] = {}
    for name, sku in owners(wanted).items():
        before = kept.get(name, sku)
        if before != sku:
            moves.setdefault(before, set()).add(sku)
            moves.setdefault(sku, set()).add(before)
    return moves


def _wrong(
    channel: str, sku: str | None, skus: frozenset[str], channels: frozenset[str] | None
) -> list[tuple[str, str]]:
    wrong = []
    if not channel:
        wrong.append(("channel", "this row has no channel: fill it in, or delete the row"))
    elif channels is None and _ID.fullmatch(channel) is None:
        wrong.append(("channel", f"'{channel}' cannot be a channel: up to 60 letters, digits, _, . and -, no spaces"))
    elif channels is not None and channel not in channels:
        wrong.append(("channel", f"there is no channel '{channel}' in channels.yaml: add it there"))
    if sku is not None and sku not in skus:
        wrong.append(("sku", f"there is no SKU {sku} in catalogue.csv: add it there"))
    return wrong
