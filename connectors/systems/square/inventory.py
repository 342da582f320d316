"""Square's inventory: what people counted, what changed its state, what went from one shop to another.

Which message moves stock is the account's choice, `stock_moves_by`. `orders`: sales and returns are told by orders, and
Square's own sums say nothing new; counts, receipts and losses are told here all the same, since no order tells them.
`inventory`: all is told here. Without it (a sample that is tried) everything says what it says.
Source: Square API reference, objects InventoryChange, InventoryAdjustment, InventoryPhysicalCount, InventoryTransfer,
InventoryCount and enum InventoryState.
"""

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.facts import AnyFact, StockAdjusted, StockCounted, StockLine, StockReceived, TillSold
from connectors.frame.message import Account, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, instant, read_json, whole, within
from connectors.systems.square.shapes import NOTHING
from models.types import MAX_QUANTITY

OURS = "headrace:"
"""How the reference of a count begins that we have sent: its echo is no news."""

IN_STOCK = "IN_STOCK"
_BY_ORDERS = "orders"
_TOLD_BY_ORDERS = {"SOLD", "RETURNED_BY_CUSTOMER", "UNLINKED_RETURN"}
_TOLD_BY_THEIR_ORDER = {"SOLD_ONLINE", "RESERVED_FOR_SALE"}
_BACK = ("SOLD", "RETURNED_BY_CUSTOMER", "UNLINKED_RETURN")
_CAME_IN = ("NONE", "RECEIVED_FROM_VENDOR", "ORDERED_FROM_VENDOR", "IN_TRANSIT", "IN_TRANSIT_TO")


class _Change(Given):
    """A physical count, an adjustment or a transfer."""

    id: str | None = None
    reference_id: str | None = None
    catalog_object_id: str | None = None
    location_id: str | None = None
    from_location_id: str | None = None
    to_location_id: str | None = None
    state: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    quantity: str | float | None = None
    occurred_at: str | None = None
    purchase_order_id: str | None = None


class _Wrapped(Given):
    type: str | None = None
    physical_count: msgspec.Raw = NOTHING
    adjustment: msgspec.Raw = NOTHING
    transfer: msgspec.Raw = NOTHING


class _Count(Given):
    catalog_object_id: str | None = None
    location_id: str | None = None
    state: str | None = None
    quantity: str | float | None = None
    calculated_at: str | None = None


def changes(entries: list[msgspec.Raw], account: Account) -> Translation:
    """Give what each change of a list says."""
    return translate_each(entries, "changes", lambda entry: _wrapped(entry, account), _name)


def _wrapped(body: bytes, account: Account) -> Translation:
    change = read_json(body, _Wrapped)
    for kind, raw in (
        ("physical_count", change.physical_count),
        ("adjustment", change.adjustment),
        ("transfer", change.transfer),
    ):
        if raw != NOTHING:
            return one_change(kind, bytes(raw), account)
    return ignored(f"a change of the type {change.type} moves no stock that is kept here")


def one_change(kind: str, body: bytes, account: Account) -> Translation:
    """Give what a physical count, an adjustment or a transfer says."""
    with within(kind):
        change = read_json(body, _Change)
        if (change.reference_id or "").startswith(OURS):
            return ignored("a count that we sent is no news")
        if kind == "physical_count":
            return _physical_count(change)
        if kind == "transfer":
            return _transfer(change)
        return _adjustment(change, account)


def _physical_count(change: _Change) -> Translation:
    if change.state != IN_STOCK:
        return ignored(f"a count of what is {change.state} says nothing of what is on the shelf")
    counted = StockCounted(
        document=_named(change.id, "id"),
        location=_named(change.location_id, "location_id"),
        as_of_ms=instant(change.occurred_at, "occurred_at"),
        lines=(_line(change, _units(change)),),
    )
    return Translation(facts=(counted,))


def _transfer(change: _Change) -> Translation:
    units, document = _units(change), _named(change.id, "id")
    at_ms = instant(change.occurred_at, "occurred_at")
    ends = ((change.from_location_id, "from_location_id", -units), (change.to_location_id, "to_location_id", units))
    return Translation(
        facts=tuple(
            StockAdjusted(
                document=document,
                location=_named(location, field),
                at_ms=at_ms,
                lines=(_line(change, count, "transfer"),),
            )
            for location, field, count in ends
        )
    )


def _adjustment(change: _Change, account: Account) -> Translation:
    """Give what an adjustment moves on the shelf, in the words of the field: sold, back, received, or adjusted."""
    before, after = change.from_state or "", change.to_state or ""
    states = {before, after}
    if states == {IN_STOCK} and change.from_location_id != change.to_location_id:
        return _transfer(change)
    if IN_STOCK not in states or before == after:
        return ignored(f"units from {before} to {after} were not on the shelf, before or after")
    if states & _TOLD_BY_THEIR_ORDER:
        # Either way: what was not taken off the shelf when it was reserved does not come back onto it.
        return ignored(f"units from {before} to {after} are told by the order that has them")
    if states & _TOLD_BY_ORDERS and account.settings.get("stock_moves_by") == _BY_ORDERS:
        return ignored(f"units from {before} to {after}: in this account orders tell sales and returns")
    # Newer messages name both ends; what left the shelf left it at the first, what came onto it came at the second.
    end = change.from_location_id if before == IN_STOCK else change.to_location_id
    document, location = _named(change.id, "id"), _named(change.location_id or end, "location_id")
    at_ms, units = instant(change.occurred_at, "occurred_at"), _units(change)
    fact: AnyFact
    if after == "SOLD":
        fact = TillSold(document=document, location=location, at_ms=at_ms, lines=(_line(change, units),))
    elif before in _BACK:
        fact = TillSold(document=document, location=location, at_ms=at_ms, lines=(_line(change, -units),))
    elif before in _CAME_IN:
        fact = StockReceived(
            document=document,
            location=location,
            at_ms=at_ms,
            lines=(_line(change, units),),
            expected=change.purchase_order_id or "",
        )
    else:
        moved = units if after == IN_STOCK else -units
        other = after if before == IN_STOCK else before
        reason = other.lower() or "adjusted"
        fact = StockAdjusted(document=document, location=location, at_ms=at_ms, lines=(_line(change, moved, reason),))
    return Translation(facts=(fact,))


def counts(entries: list[msgspec.Raw], field: str, account: Account) -> Translation:
    """Give Square's own sums, where its inventory is what moves stock."""
    if account.settings.get("stock_moves_by") == _BY_ORDERS:
        return ignored("Square's own sums say nothing new: in this account orders move the stock")
    return translate_each(entries, field, _count)


def _count(body: bytes) -> Translation:
    count = read_json(body, _Count)
    if count.state != IN_STOCK:
        return ignored(f"a sum of what is {count.state} says nothing of what is on the shelf")
    sku = _named(count.catalog_object_id, "catalog_object_id")
    # A till goes on selling below zero; on the shelf there is nothing then.
    units = max(0, whole(count.quantity, "quantity", least=-MAX_QUANTITY))
    counted = StockCounted(
        document=f"{sku} {count.calculated_at}",
        location=_named(count.location_id, "location_id"),
        as_of_ms=instant(count.calculated_at, "calculated_at"),
        lines=(StockLine(line=sku, sku=sku, quantity=units),),
    )
    return Translation(facts=(counted,))


def _line(change: _Change, units: int, reason: str = "") -> StockLine:
    sku = _named(change.catalog_object_id, "catalog_object_id")
    return StockLine(line=sku, sku=sku, quantity=units, reason=reason)


def _units(change: _Change) -> int:
    return whole(change.quantity, "quantity")


def _named(text: str | None, field: str) -> str:
    if not text:
        raise UnreadableError(field, "it is missing")
    return text


def _name(entry: bytes) -> str:
    change = read_json(entry, _Wrapped)
    for raw in (change.physical_count, change.adjustment, change.transfer):
        if raw != NOTHING:
            return read_json(bytes(raw), _Change).id or ""
    return ""
