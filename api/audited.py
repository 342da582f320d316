"""The audit line of a command: whose get one, and what stands in it as before and after.

Whatever a person sends gets a line, and so does every change of the set-up. Orders, fulfillment events and stock facts
that machines send come by the thousand, and stand with their actor in the order's history and in the stock ledger.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from api.control.audit import UNKNOWN, AuditLine, summary
from api.present import item_of, order_of, pool_view_of, sku_view_of
from api.security import Principal
from api.views.queries import Views
from models.commands import (
    Command,
    DeclareStock,
    DocumentCommand,
    EditOrder,
    ExpectStock,
    OrderContent,
    PutCatalogue,
    PutChannels,
    PutLocations,
    PutPolicy,
    PutPool,
    PutRoutingModel,
    RepairLevel,
    SetUpCommand,
    StockCommand,
    order_id_of,
)
from models.records.pool import CatalogueItem, PoolView
from models.updates import CommandUpdate

_ENVELOPE = frozenset(Command.__struct_fields__) | {"order_id", "schema_version", "type"}
_SKUS_SHOWN = 20
State = dict[str, Any]


def needs_line(who: Principal, command: Command) -> bool:
    """Tell whether the audit log has a line of its own for this: a preview changes nothing."""
    if isinstance(command, EditOrder) and command.preview:
        return False
    return who.is_person or isinstance(command, SetUpCommand | RepairLevel)


def line_of(views: Views, command: Command) -> AuditLine:
    """Give the line of a command that is about to be sent."""
    return AuditLine(
        at_ms=command.issued_at_ms,
        actor=command.actor,
        action=str(command.__struct_config__.tag),
        pool=command.pool,
        target=target_of(command),
        reason=command.reason,
        before=summary(state_of(views, command)),
        command_id=command.command_id,
        correlation_id=command.correlation_id,
    )


def finished(line: AuditLine, views: Views, command: Command, update: CommandUpdate | None) -> AuditLine:
    """Give the line with what became of the command."""
    if update is None:
        return msgspec.structs.replace(line, after=UNKNOWN)
    if update.refusal is not None:
        refusal = f"{update.refusal.code}: {update.refusal.text}"
        return msgspec.structs.replace(line, refusal=refusal, after=summary(asked_of(command)))
    if isinstance(command, SetUpCommand):
        # What was asked is what stands now: a part of the set-up is replaced whole.
        return msgspec.structs.replace(line, after=summary(asked_of(command)))
    return msgspec.structs.replace(line, after=summary(asked_of(command) | state_of(views, command)))


def target_of(command: Command) -> str:
    """Name what a command is about."""
    order_id = order_id_of(command)
    if order_id:
        return f"order:{order_id}"
    if isinstance(command, StockCommand):
        skus = skus_of(command)
        return f"sku:{skus[0]}" if len(skus) == 1 else f"location:{command.location_id}"
    return f"pool:{command.pool}"


def asked_of(command: Command) -> State:
    """Give what was asked beside the envelope. Of an order's content only who sells it: the rest may name a person."""
    if isinstance(command, OrderContent):
        return {"channel": command.channel, "external_id": command.external_id, "lines": len(command.lines)}
    if isinstance(command, EditOrder):
        changes = [str(change.__struct_config__.tag) for change in command.changes]
        return {"changes": changes, "edition": command.edition}
    if isinstance(command, PutCatalogue):
        skus = [item.sku for item in command.items]
        return {"items": len(skus), "first": skus[0], "last": skus[-1]} | _listings_of(command.items)
    if isinstance(command, PutRoutingModel):
        return _without(command.model, "lanes") | {"lanes": len(command.model.lanes)}
    return {name: value for name, value in msgspec.to_builtins(command).items() if name not in _ENVELOPE}


def state_of(views: Views, command: Command) -> State:
    """Give how what the command is about stands in the views."""
    order_id = order_id_of(command)
    if order_id:
        row = views.order(command.pool, order_id)
        if row is None:
            return {}
        order = order_of(row[1])
        holds = [hold.type.value for hold in order.holds]
        return {"status": order.status.value, "version": order.version, "holds": holds}
    if isinstance(command, StockCommand):
        levels = {sku: _level(views, command, sku) for sku in skus_of(command)[:_SKUS_SHOWN]}
        return {"location_id": command.location_id, "levels": levels}
    if isinstance(command, PutCatalogue):
        rows = [views.item(command.pool, item.sku) for item in command.items] if len(command.items) == 1 else []
        return _listings_of([item_of(row).item for row in rows if row is not None])
    view = views.pool(command.pool)
    return {} if view is None else _set_up_of(pool_view_of(view[2]), command)


def _listings_of(items: Sequence[CatalogueItem]) -> State:
    """Give what channels call an item that is put alone: that is how one is mapped."""
    if len(items) != 1:
        return {}
    return {"listings": [f"{one.quantity} as {one.sku} on {one.channel}" for one in items[0].listings]}


def _set_up_of(view: PoolView, command: Command) -> State:
    """Give the part of the set-up that the command replaces."""
    match command:
        case PutPool():
            return {"currency": view.pool.currency, "name": view.pool.name, "simulated": view.pool.simulated}
        case PutPolicy():
            return {"policy": msgspec.to_builtins(view.pool.policy)}
        case PutLocations():
            replaced = {location.location_id for location in command.locations}
            return {"locations": [msgspec.to_builtins(one) for one in view.locations if one.location_id in replaced]}
        case PutChannels():
            ours = {channel.channel_id for channel in command.channels}
            return {"channels": [msgspec.to_builtins(one) for one in view.channels if one.channel_id in ours]}
        case PutRoutingModel() if view.routing_model is not None:
            return _without(view.routing_model, "lanes") | {"lanes": len(view.routing_model.lanes)}
        case _:
            return {}


def _level(views: Views, command: StockCommand, sku: str) -> State | None:
    row = views.sku(command.pool, sku)
    if row is None:
        return None
    for level in sku_view_of(row[2]).levels:
        if level.location_id == command.location_id:
            return {"on_hand": level.on_hand, "allocated": level.allocated, "unsellable": level.unsellable}
    return None


def skus_of(command: StockCommand) -> list[str]:
    """Give what a stock fact is about."""
    if isinstance(command, DocumentCommand | ExpectStock | DeclareStock):
        return sorted({line.sku for line in command.lines})
    sku: str = getattr(command, "sku", "")
    return [sku]


def _without(record: msgspec.Struct, name: str) -> State:
    return {field: value for field, value in msgspec.to_builtins(record).items() if field != name}
