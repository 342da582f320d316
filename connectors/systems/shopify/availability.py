"""What a shop may sell: read by SKU, then set against what was read, so that nothing that came between is lost.

A shop takes off what it sells by itself, before its order has come here. Units that are missing since a few minutes may
be such a sale: they are not put back. Any other difference from what was last sent is an edit at the shop: it is
overwritten and reported. Sources: Shopify, productVariants, inventorySetQuantities ("compare and swap", @idempotent).
"""

import uuid
from collections.abc import Generator, Iterable
from typing import NamedTuple

import msgspec

from connectors.frame.declaration import Sending
from connectors.frame.documents import Available, Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account
from connectors.frame.reading import Given, instant_or_none, whole
from connectors.systems.shopify.calls import UserError, change, refused_for
from connectors.systems.shopify.shapes import QuantityGiven
from connectors.systems.shopify.values import ident

LOCATION = "stock_location"

_UNMAPPED = "listing "
"""Goods without a SKU are known here by the id of their variant, as `listing 808950810`."""

_SALE_MS = 600_000
"""So long after it was sold at the latest its order is here: by its webhook, or by the poll."""

_TRIES = 3
_ASKED_AT_ONCE = 50
_SET_AT_ONCE = 250
"""Shopify, "API limits": no array of an input has more entries."""

_STALE = "STALE"

_READ = """
query Stock($search: String!, $location: ID!, $after: String) {
  productVariants(first: 100, query: $search, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id sku
      inventoryItem {
        id
        inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity updatedAt } }
      }
    }
  }
}
"""
_SET = """
mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code message } }
}
"""


class _Quantity(QuantityGiven, rename="camel"):
    updated_at: str | None = None


class _Level(Given):
    quantities: list[_Quantity] = []


class _Item(Given, rename="camel"):
    id: str
    inventory_level: _Level | None = None


class _Variant(Given, rename="camel"):
    id: str
    sku: str | None = None
    inventory_item: _Item | None = None


class _PageInfo(Given, rename="camel"):
    has_next_page: bool = False
    end_cursor: str | None = None


class _Variants(Given, rename="camel"):
    nodes: list[_Variant] = []
    page_info: _PageInfo = _PageInfo()


class _Found(Given, rename="camel"):
    product_variants: _Variants


class _Setting(Given, rename="camel"):
    user_errors: list[UserError] = []


class _Done(Given, rename="camel"):
    inventory_set_quantities: _Setting


class Stock(NamedTuple):
    """What the shop has of an item at the location, and since when."""

    item: str
    quantity: int
    changed_at_ms: int | None


Read = Generator[HttpRequest, HttpResponse, dict[str, list[Stock]] | Sent]


def tell_available(occasion: Occasion, account: Account) -> Sending:
    """Set what the shop may sell of each listing, at the location that the account names."""
    location = next((one.location for one in occasion.available if one.location), account.settings.get(LOCATION, ""))
    if not location:
        return Sent(outcome=Outcome.REFUSED, note=f"the account has no setting '{LOCATION}': name the shop's location")
    place = f"gid://shopify/Location/{ident(location)}"
    observed: dict[str, int] = {}
    for _ in range(_TRIES):
        found = yield from _read(account, occasion, place)
        if isinstance(found, Sent):
            return found
        observed |= _edits(occasion, found)
        changes = _changes(occasion, found)
        if not changes:
            return _outcome(occasion, found, observed)
        errors: list[UserError] = []
        for start in range(0, len(changes), _SET_AT_ONCE):
            done = yield from _set(account, occasion, place, changes[start : start + _SET_AT_ONCE])
            if isinstance(done, Sent):
                return done
            errors += done.inventory_set_quantities.user_errors
        if not errors:
            return _outcome(occasion, found, observed)
        if not all(_STALE in (error.code or "") for error in errors):
            refused = refused_for(errors)
            assert refused is not None, "there are errors"
            return msgspec.structs.replace(refused, observed=observed)
    return Sent(outcome=Outcome.LATER, note="the shop's stock changes while it is set", observed=observed)


def _outcome(occasion: Occasion, found: dict[str, list[Stock]], observed: dict[str, int]) -> Sent:
    missing = [one.sku for one in occasion.available if not found.get(one.sku)]
    if missing:
        note = f"the shop stocks nothing at this location with the SKU {', '.join(missing)}"
        return Sent(outcome=Outcome.REFUSED, note=note, observed=observed)
    return Sent(outcome=Outcome.DONE, observed=observed)


def _read(account: Account, occasion: Occasion, place: str) -> Read:
    """Read what the shop has, by the listing's SKU; several variants may have the same one."""
    found: dict[str, list[Stock]] = {}
    skus = [one.sku for one in occasion.available]
    for start in range(0, len(skus), _ASKED_AT_ONCE):
        asked = set(skus[start : start + _ASKED_AT_ONCE])
        search = " OR ".join(sorted(_term(sku) for sku in asked))
        after: str | None = None
        while True:
            variables = {"search": search, "location": place, "after": after}
            answer = yield from change(account, _READ, variables, _Found)
            if isinstance(answer, Sent):
                return answer
            _note(found, answer.product_variants.nodes, asked)
            page = answer.product_variants.page_info
            after = page.end_cursor
            if not page.has_next_page or not after:
                break
    return found


def _term(sku: str) -> str:
    variant = sku.removeprefix(_UNMAPPED)
    if variant != sku and variant.isdecimal():
        return f"id:{variant}"
    escaped = sku.replace("\\", "\\\\").replace('"', '\\"')
    return f'sku:"{escaped}"'


def _note(found: dict[str, list[Stock]], variants: Iterable[_Variant], asked: set[str]) -> None:
    """Take what was asked for: the shop's search finds what is like it as well."""
    for variant in variants:
        sku = (variant.sku or "").strip() or f"{_UNMAPPED}{ident(variant.id)}"
        item = variant.inventory_item
        if sku not in asked or item is None or item.inventory_level is None:
            continue
        for one in item.inventory_level.quantities:
            changed_at_ms = instant_or_none(one.updated_at, "updatedAt")
            count = whole(one.quantity, "quantity", least=-(10**9))
            found.setdefault(sku, []).append(Stock(item.id, count, changed_at_ms))


def _may_be_sale(one: Available, stock: Stock, at_ms: int) -> bool:
    if one.last_sent is None or stock.quantity >= one.last_sent or stock.changed_at_ms is None:
        return False
    return at_ms - stock.changed_at_ms < _SALE_MS


def _edits(occasion: Occasion, found: dict[str, list[Stock]]) -> dict[str, int]:
    return {
        one.sku: stock.quantity
        for one in occasion.available
        for stock in found.get(one.sku, ())
        if one.last_sent is not None
        and stock.quantity not in {one.last_sent, one.quantity}
        and not _may_be_sale(one, stock, occasion.at_ms)
    }


def _changes(occasion: Occasion, found: dict[str, list[Stock]]) -> list[tuple[Stock, int]]:
    return [
        (stock, one.quantity)
        for one in occasion.available
        for stock in found.get(one.sku, ())
        if stock.quantity != one.quantity
        and not (one.quantity > stock.quantity and _may_be_sale(one, stock, occasion.at_ms))
    ]


def _set(
    account: Account, occasion: Occasion, place: str, changes: list[tuple[Stock, int]]
) -> Generator[HttpRequest, HttpResponse, _Done | Sent]:
    quantities = [
        {"inventoryItemId": stock.item, "locationId": place, "quantity": units, "changeFromQuantity": stock.quantity}
        for stock, units in changes
    ]
    given = {
        "name": "available",
        "reason": "correction",
        "referenceDocumentUri": f"gid://headrace/Delivery/{occasion.delivery_id}",
        "quantities": quantities,
    }
    # The same key with other quantities would be refused: what was read since is part of it.
    told = msgspec.json.encode([occasion.delivery_id, quantities]).decode()
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, told))
    return (yield from change(account, _SET, {"input": given, "key": key}, _Done))
