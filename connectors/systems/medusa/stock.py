"""What a Medusa may sell, told in absolute numbers for one location: what lies there is what may be sold and what is
reserved, so that the reservations of its own orders stay as they are.

Source: Medusa, Inventory Module, "Inventory Concepts"; Admin API reference, "List Inventory Items", "List Product
Variants" and "Manage Inventory Levels".
"""

from collections.abc import Generator, Iterable
from typing import NamedTuple

import msgspec

from connectors.frame.declaration import Sending
from connectors.frame.documents import Available, Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, instant_or_none, whole
from connectors.systems.medusa.asking import Asked, asked
from connectors.systems.medusa.calls import address
from connectors.systems.medusa.shapes import Amount
from connectors.systems.medusa.shipping import LOCATION

_ASKED_AT_ONCE = 50
_MOST_NAMED = 10
_LEAST = -(10**9)

_SALE_MS = 600_000
"""So long after it was sold at the latest its order is here, by the poll."""


class _Level(Given):
    location_id: str
    stocked_quantity: Amount = None
    reserved_quantity: Amount = None
    updated_at: str | None = None


class _Item(Given):
    id: str
    sku: str | None = None
    location_levels: tuple[_Level | None, ...] = ()


class _Items(Given):
    inventory_items: tuple[_Item, ...]


class _Part(Given):
    inventory_item_id: str
    required_quantity: Amount = None


class _Variant(Given):
    id: str
    inventory_items: tuple[_Part | None, ...] | None = None


class _Variants(Given):
    variants: tuple[_Variant, ...]


class Stock(NamedTuple):
    """An inventory item at a location; without `is_there` it has no level at it yet."""

    item: str
    available: int
    reserved: int
    changed_at_ms: int | None
    is_there: bool


def tell_stock(occasion: Occasion, account: Account) -> Sending:
    """Set those that differ: what Medusa had instead of what it was last told is observed."""
    observed: dict[str, int] = {}
    missing: list[str] = []
    wanted = occasion.available
    if not all(_place(one, account) for one in wanted):
        return Sent(outcome=Outcome.REFUSED, note=f"the account has no setting '{LOCATION}': name Medusa's location")
    for begin in range(0, len(wanted), _ASKED_AT_ONCE):
        chunk = wanted[begin : begin + _ASKED_AT_ONCE]
        found = yield from _read(chunk, account)
        if isinstance(found, Sent):
            return found
        missing += [one.sku for one in chunk if one not in found]
        observed |= {one.sku: stock.available for one, stock in found.items() if _is_edit(one, stock, occasion.at_ms)}
        done = yield from _set(found, account, occasion.at_ms)
        if isinstance(done, Sent):
            return msgspec.structs.replace(done, observed=observed)
    if missing:
        named = ", ".join(missing[:_MOST_NAMED])
        note = f"Medusa has no inventory item with the SKU {named}"
        return Sent(outcome=Outcome.REFUSED, note=note, observed=observed)
    return Sent(outcome=Outcome.DONE, observed=observed)


Read = Generator[HttpRequest, HttpResponse, dict[Available, Stock] | Sent]


def _read(chunk: Iterable[Available], account: Account) -> Read:
    """Find items by SKU, and what has none by the variant that order lines named."""
    chunk = list(chunk)
    answer = yield from _items(account, "sku", [one.sku for one in chunk])
    if isinstance(answer, Sent):
        return answer
    by_sku = {item.sku: item for item in answer.inventory_items}
    items = {one: by_sku[one.sku] for one in chunk if one.sku in by_sku}
    others = [one for one in chunk if one not in items and one.listing_ref]
    if others:
        named = yield from _by_variant(account, others)
        if isinstance(named, Sent):
            return named
        items |= named
    return {one: _stock(item, _place(one, account)) for one, item in items.items()}


def _items(account: Account, by: str, values: list[str]) -> Asked[_Items]:
    query = {f"{by}[{number}]": value for number, value in enumerate(values)}
    url = address(account, "/inventory-items", limit=len(values), fields="id,sku,*location_levels", **query)
    return (yield from asked(get_request(url), _Items))


def _by_variant(account: Account, others: list[Available]) -> Asked[dict[Available, _Item]]:
    """A kit is several items, and has no stock of its own."""
    query = {f"id[{number}]": one.listing_ref for number, one in enumerate(others)}
    url = address(account, "/product-variants", limit=len(others), fields="id,*inventory_items", **query)
    answer = yield from asked(get_request(url), _Variants)
    if isinstance(answer, Sent):
        return answer
    single = {one.id: item for one in answer.variants if (item := _single(one))}
    wanted = {one: single[one.listing_ref] for one in others if one.listing_ref in single}
    if not wanted:
        return {}
    items = yield from _items(account, "id", list(wanted.values()))
    if isinstance(items, Sent):
        return items
    by_id = {item.id: item for item in items.inventory_items}
    return {one: by_id[item] for one, item in wanted.items() if item in by_id}


def _single(variant: _Variant) -> str:
    parts = [part for part in variant.inventory_items or () if part is not None]
    is_single = len(parts) == 1 and whole(parts[0].required_quantity or 1, "required_quantity") == 1
    return parts[0].inventory_item_id if is_single else ""


def _place(one: Available, account: Account) -> str:
    return one.location or account.settings.get(LOCATION, "")


def _stock(item: _Item, location: str) -> Stock:
    level = next((level for level in item.location_levels if level is not None and level.location_id == location), None)
    if level is None:
        return Stock(item.id, 0, 0, None, is_there=False)
    reserved = whole(level.reserved_quantity or 0, "reserved_quantity", least=_LEAST)
    available = whole(level.stocked_quantity or 0, "stocked_quantity", least=_LEAST) - reserved
    return Stock(item.id, available, reserved, instant_or_none(level.updated_at, "updated_at"), is_there=True)


def _may_be_sale(one: Available, stock: Stock, at_ms: int) -> bool:
    """Fewer than it was told, a moment ago: an order that has not come here yet has reserved them."""
    if one.last_sent is None or stock.available >= one.last_sent or stock.changed_at_ms is None:
        return False
    return at_ms - stock.changed_at_ms < _SALE_MS


def _is_edit(one: Available, stock: Stock, at_ms: int) -> bool:
    if not stock.is_there or one.last_sent is None or stock.available in {one.last_sent, one.quantity}:
        return False
    return not _may_be_sale(one, stock, at_ms)


def _set(found: dict[Available, Stock], account: Account, at_ms: int) -> Asked[None]:
    changes: dict[str, list[dict[str, str | int]]] = {"create": [], "update": []}
    for one, stock in found.items():
        if stock.is_there and stock.available == one.quantity:
            continue
        if one.quantity > stock.available and _may_be_sale(one, stock, at_ms):
            continue
        level: dict[str, str | int] = {
            "inventory_item_id": stock.item,
            "location_id": _place(one, account),
            "stocked_quantity": max(0, one.quantity + stock.reserved),
        }
        changes["update" if stock.is_there else "create"].append(level)
    told = {name: levels for name, levels in changes.items() if levels}
    if not told:
        return None
    url = address(account, "/inventory-items/location-levels/batch")
    done = yield from asked(json_request("POST", url, told), msgspec.Raw)
    return done if isinstance(done, Sent) else None
