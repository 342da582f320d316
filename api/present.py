"""From the core's records to what HTTP shows: times as ISO 8601, positions as degrees, nothing internal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from connectors.positions import degrees_of
from models.records.order import Customer, Order
from models.records.place import Position
from models.records.pool import CatalogueView, PoolView
from models.records.stock import SkuView, StockMovement
from models.updates import CommandUpdate

# An order's memory of commands serves the core alone.
_INTERNAL = frozenset({"recent", "forgotten_before_ms", "schema_version"})
_INSTANT_ENDINGS = ("at_ms", "by_ms", "as_of_ms", "from_ms", "since_ms", "revised_promise_ms")

order_of = msgspec.json.Decoder(Order).decode
update_of = msgspec.json.Decoder(CommandUpdate).decode
pool_view_of = msgspec.json.Decoder(PoolView).decode
item_of = msgspec.json.Decoder(CatalogueView).decode
sku_view_of = msgspec.json.Decoder(SkuView).decode
movement_of = msgspec.json.Decoder(StockMovement).decode
encode = msgspec.json.encode


def iso(instant_ms: int) -> str:
    """Write an instant in UTC with its milliseconds."""
    seconds, milliseconds = divmod(instant_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def http_name(name: str) -> str:
    """Give the name that a field of a record has in HTTP."""
    return name.removesuffix("_ms") if name.endswith(_INSTANT_ENDINGS) else name


def present(value: Any) -> Any:
    """Give a record as plain objects, complete: fields at their default are shown too."""
    match value:
        case Position():
            return _degrees(value)
        case Customer():
            return {"customer_id": value.customer_id, **sealed_state(value)}
        case Enum():
            return value.value
        case Struct():
            return _present_record(value)
        case list() | tuple():
            return [present(inner) for inner in value]
        case dict():
            return {str(name): present(inner) for name, inner in value.items()}
        case _:
            # What is published only where there is any.
            return [] if value is UNSET else value


def present_order(order: Order, personal: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give an order; `personal` says what may be shown of its customer."""
    shown = _present_record(order)
    if order.customer is not None and personal:
        shown["customer"] = {"customer_id": order.customer.customer_id, **personal}
    return shown


def present_sku(view: SkuView) -> dict[str, Any]:
    """Give the levels of a SKU, each with what is apart of it."""
    shown = _present_record(view)
    apart = {one.pop("location_id"): one for one in shown.pop("apart")}
    nothing: dict[str, Any] = {"states": {}, "fenced": {}, "declared_at": None}
    shown["levels"] = [level | apart.get(level["location_id"], nothing) for level in shown["levels"]]
    return shown


def present_update(update: CommandUpdate) -> dict[str, Any]:
    """Give what a command did, with its place."""
    return _present_record(update)


def sealed_state(customer: Customer) -> dict[str, Any]:
    """Say that there is personal data, without any of it."""
    return {"personal": "sealed" if customer.sealed else "none"}


def _present_record(record: Struct) -> dict[str, Any]:
    tag = record.__struct_config__.tag
    shown: dict[str, Any] = {"type": tag} if isinstance(tag, str) else {}
    for name in record.__struct_fields__:
        if name in _INTERNAL:
            continue
        value = getattr(record, name)
        if name.endswith(_INSTANT_ENDINGS):
            shown[name.removesuffix("_ms")] = None if value is None else iso(value)
        else:
            shown[name] = present(value)
    return shown


def _degrees(position: Position) -> dict[str, float]:
    latitude, longitude = degrees_of(position)
    return {"latitude": latitude, "longitude": longitude}
