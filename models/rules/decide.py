"""The one door to the rules: (view, command) -> a decision, a refusal, or a repeat."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from models import commands as c
from models.events import OlderContentIgnored, StockShort
from models.ids import order_id
from models.records.order import Order, StoryEntry
from models.records.pool import Work
from models.rejections import Rejected, RejectionCode
from models.rules import memory, setup, story
from models.rules.draft import Cause, Draft
from models.rules.memory import Repeated
from models.rules.orders import (
    cancel,
    close,
    edit,
    fulfillment,
    hold,
    move,
    parcels,
    past,
    place,
    reject,
    risk,
    stated,
    together,
)
from models.rules.settle import settle
from models.rules.status import with_status
from models.rules.stock import count, declare, documents, expect, repair, states, transfer
from models.rules.tick import HOUR_MS, tick, try_waiting_again
from models.rules.view import View

Decision = Draft | Rejected | Repeated


def decide(view: View, command: c.AnyCommand, offset: int, index: int) -> Decision:
    """Decide one command on a pool as it stands. Changes nothing itself."""
    if not view.known and not isinstance(command, c.PutPool):
        return Rejected(RejectionCode.POOL_UNKNOWN, f"there is no pool {command.pool}; put it first", "pool")
    key = c.order_id_of(command)
    order = view.order(key) if key else None
    recalled = memory.recall(command, order, view.answered(command.command_id))
    if recalled is not None:
        return recalled
    draft = Draft(view, _cause(command, offset, index), time_after(view, command))
    if view.work is not None:
        draft.work.update(dict.fromkeys(view.work.items))
    refused = _apply(draft, command, order)
    if refused is not None:
        return refused
    if draft.now_ms // HOUR_MS > view.time_ms // HOUR_MS:
        try_waiting_again(draft)
    # What set-up changes is seen by the rules only after it, so it leaves the settling to the next slice.
    if not isinstance(command, c.SetUpCommand):
        settle(draft)
    _finish(draft, command, key)
    return draft


def continue_work(view: View, work: Work) -> Draft:
    """Do the next slice of what a bounded command left over, in its name."""
    cause = Cause(
        command_id=work.command_id,
        command=work.command,
        actor=work.actor,
        at_ms=work.at_ms,
        offset=work.offset,
        index=work.index,
        reason="continued",
    )
    draft = Draft(view, cause, view.time_ms, work=dict.fromkeys(work.items))
    settle(draft)
    _finish(draft, None, "")
    return draft


_ON_POOL: dict[type[c.Command], Callable[[Draft, Any], Rejected | None]] = {
    c.ReceiveStock: documents.receive,
    c.SellAtTill: documents.sell,
    c.AdjustStock: documents.adjust,
    c.SetSafetyStock: states.set_safety_stock,
    c.RestateStock: states.restate,
    c.FenceStock: states.fence,
    c.ExpectStock: expect.expect,
    c.DeclareStock: declare.declare,
    c.RepairLevel: repair.repair,
    c.CountStock: count.count,
    c.DispatchTransfer: transfer.dispatch,
    c.ReceiveTransfer: transfer.receive_transfer,
    c.PutPool: setup.put_pool,
    c.PutLocations: setup.put_locations,
    c.PutChannels: setup.put_channels,
    c.PutPolicy: setup.put_policy,
    c.PutRoutingModel: setup.put_routing_model,
    c.PutCatalogue: setup.put_catalogue,
    c.Tick: tick,
}

_ON_ORDER: dict[type[c.Command], Callable[[Draft, Order, Any], Order | Rejected]] = {
    c.EditOrder: edit.edit,
    c.CancelUnits: cancel.cancel,
    c.AnswerCancellation: cancel.answer,
    c.HoldOrder: hold.hold,
    c.ReleaseHold: hold.release_hold,
    c.RecordStatedMoney: stated.record,
    c.AssessRisk: risk.assess,
    c.RerouteOrder: hold.reroute,
    c.MoveUnits: move.move,
    c.AcceptFulfillment: fulfillment.accept,
    c.RejectFulfillment: reject.reject,
    c.PickFulfillment: fulfillment.pick,
    c.PackFulfillment: fulfillment.pack,
    c.MakeReady: fulfillment.make_ready,
    c.MergeFulfillments: together.merge,
    c.CollectFulfillment: together.with_companions(parcels.collect),
    c.ShipParcel: together.with_companions(parcels.ship),
    c.RecordTracking: together.with_companions(parcels.track),
    c.RecordScan: together.with_companions(parcels.scan),
    c.DeliverParcel: together.with_companions(parcels.deliver),
    c.LoseParcel: together.with_companions(parcels.lose),
    c.ReturnParcelToSender: together.with_companions(parcels.return_to_sender),
}


def _apply(draft: Draft, command: c.AnyCommand, order: Order | None) -> Rejected | None:
    if isinstance(command, (c.PlaceOrder, c.ReserveOrder, c.ImportOrder)):
        return _take_content(draft, command, order)
    if isinstance(command, c.OrderCommand):
        return _on_order(draft, command, order)
    if isinstance(command, c.StockCommand | c.SetUpCommand) and _is_beyond_window(draft, command):
        return Rejected(
            RejectionCode.COMMAND_TOO_OLD,
            "it was issued longer ago than repeats are recognised; send it anew, or count the stock",
            "issued_at_ms",
        )
    return _ON_POOL[type(command)](draft, command)


def _take_content(
    draft: Draft, command: c.PlaceOrder | c.ReserveOrder | c.ImportOrder, order: Order | None
) -> Rejected | None:
    """Weigh what a channel says of an order; of one that has left the table only newer content brings it back."""
    key = order_id(command.pool, command.channel, command.external_id)
    stub = draft.view.stub(key) if order is None else None
    if stub is not None and (stub.expired or command.source_version > stub.source_version):
        return _is_closed(key)
    if stub is not None:
        draft.emit(OlderContentIgnored(order_id=key, source_version=command.source_version))
        return None
    if isinstance(command, c.ImportOrder):
        return _keep(draft, command, order, past.import_order(draft, command))
    return _keep(draft, command, order, place.place(draft, command))


def _on_order(draft: Draft, command: c.OrderCommand, order: Order | None) -> Rejected | None:
    if isinstance(command, c.ReopenOrder):
        return _keep(draft, command, order, close.reopen(draft, command))
    if order is None:
        if draft.view.stub(command.order_id) is not None:
            return _is_closed(command.order_id)
        return Rejected(RejectionCode.ORDER_UNKNOWN, f"there is no order {command.order_id}", "order_id")
    if order.reserved and isinstance(command, c.FulfillmentCommand):
        return Rejected(RejectionCode.STATUS_FORBIDS, "the order is only reserved; place it first", "order_id")
    if isinstance(command, c.EditOrder) and command.preview:
        return edit.preview(draft, order, command)
    return _keep(draft, command, order, _ON_ORDER[type(command)](draft, order, command))


def _is_closed(key: str) -> Rejected:
    return Rejected(RejectionCode.ORDER_CLOSED, f"order {key} is closed; reopen it with its archived row", "order_id")


def _is_beyond_window(draft: Draft, command: c.Command) -> bool:
    """Tell whether a repeat would not be recognised; what is remembered is dated in whole seconds."""
    window_ms = draft.view.pool.policy.document_window_ms
    return _whole_seconds(command.issued_at_ms) < draft.now_ms - window_ms


def _keep(draft: Draft, command: c.Command, before: Order | None, after: Order | Rejected) -> Rejected | None:
    """Take the order in. One that says nothing new is remembered too, since its repeat might come to say something.

    Not so for an order placed again: it stays nothing new for ever, and channels send it often.
    """
    if isinstance(after, Rejected):
        return after
    # By value: whether both are one object depends on what happens to be decoded.
    if after != before or not isinstance(command, c.PlaceOrder):
        draft.orders[after.order_id] = after
    return None


def _cause(command: c.AnyCommand, offset: int, index: int) -> Cause:
    stock = command if isinstance(command, c.StockCommand) else None
    return Cause(
        command_id=command.command_id,
        command=str(command.__struct_config__.tag),
        actor=command.actor,
        at_ms=command.issued_at_ms,
        offset=offset,
        index=index,
        reason=command.reason,
        correlation_id=command.correlation_id,
        source=stock.source if stock is not None else None,
        document=stock.document if stock is not None else "",
    )


def time_after(view: View, command: c.Command) -> int:
    """Give the pool's time with this command: it never goes back, and counts whole seconds."""
    return max(view.time_ms, _whole_seconds(command.issued_at_ms))


def _whole_seconds(at_ms: int) -> int:
    return at_ms // 1000 * 1000


def _finish(draft: Draft, command: c.AnyCommand | None, key: str) -> None:
    """Derive what follows: statuses, versions, stories, the ring of the command's own order, shortfalls."""
    cause = draft.cause
    told: dict[str, list[StoryEntry]] = {}
    for event in draft.events:
        about = getattr(event, "order_id", "")
        if about:
            told.setdefault(about, []).append(story.entry(event, cause.at_ms, cause.actor))
    policy = draft.view.pool.policy
    for about, order in list(draft.orders.items()):
        if about in draft.closed:
            continue
        recent, forgotten = order.recent, order.forgotten_before_ms
        if about == key and command is not None:
            recent, forgotten = memory.remember(order, command)
        changed = with_status(
            replace(
                order,
                version=order.version + 1,
                offset=cause.offset,
                index=cause.index,
                updated_at_ms=cause.at_ms,
                recent=recent,
                forgotten_before_ms=forgotten,
                story=story.extended(order.story, told.get(about, [])),
            )
        )
        if changed.status in close.ENDED or changed.closes_at_ms is not None:
            changed = close.with_closing(changed, draft.now_ms, policy.close_after_ms)
        draft.orders[about] = changed
    for (sku, place_id), level in draft.levels.items():
        short = level.allocated > level.on_hand or level.on_hand < 0
        if short and not draft.view.is_untracked(sku, place_id):
            draft.emit(StockShort(sku=sku, location_id=place_id, on_hand=level.on_hand, allocated=level.allocated))
