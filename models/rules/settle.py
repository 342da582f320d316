"""What follows from levels that fell or rose: losers of stock are routed again, waiting orders are served."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from models.events import AllocationBroken, Oversold
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import HoldKey, HoldType
from models.records.order import Order
from models.records.pool import WorkItem
from models.rules import pegging
from models.rules.draft import ORDERS_PER_COMMAND, Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import RECALLABLE_STATUSES, per_unit
from models.rules.listings import unknown_lines
from models.rules.orders.hold import take_hold_off
from models.rules.release import release
from models.rules.routing.route import route
from models.rules.turns import Turn, turn_of


def settle(draft: Draft) -> None:
    """Work off what is noted, shortfalls first, then freed orders, until it is done or enough orders are touched.

    What is left stays in `draft.work` and is done next, before the pool's next command.
    """
    done = not draft.work or all(_worked_off(draft, kind, rule) for kind, rule in _STEPS)
    # Also of the orders that were touched before there were enough of them.
    pegging.note(draft)
    if done and draft.work:
        _worked_off(draft, "peg", _peg)


def _worked_off(draft: Draft, kind: str, rule: Callable[[Draft, WorkItem], bool]) -> bool:
    for item in [item for item in draft.work if item.kind == kind]:
        if not rule(draft, item):
            return False
        del draft.work[item]
    return True


def _peg(draft: Draft, item: WorkItem) -> bool:
    return pegging.peg(draft, item.sku)


class _Claim(NamedTuple):
    """Units that an order could lose at a location."""

    released: bool
    turn: Turn
    fulfillment_id: str
    line_id: str
    units: int
    per_unit: int


def _resolve_shortfall(draft: Draft, item: WorkItem) -> bool:
    """Take allocations back until they fit on hand; False when the command has touched enough orders."""
    level = draft.level(item.sku, item.location_id)
    if draft.view.is_untracked(item.sku, item.location_id):
        return True
    excess = level.allocated - max(0, level.on_hand - level.unsellable)
    if excess <= 0:
        return True
    losers: dict[str, int] = {}
    complete = True
    for claim in _losing_first(_claims(draft, item.sku, item.location_id)):
        if excess <= 0:
            break
        if claim.turn.order_id not in losers and draft.touched >= ORDERS_PER_COMMAND:
            complete = False
            break
        if claim.turn.order_id not in losers:
            losers[claim.turn.order_id] = 0
            draft.touched += 1
        # Of a kit whole ones go, and with each of them so many units of the SKU.
        taken = min(-(-excess // claim.per_unit), claim.units)
        _take(draft, item, claim, taken)
        losers[claim.turn.order_id] += taken * claim.per_unit
        excess -= taken * claim.per_unit
    # Whoever ranks highest is located first: what is left elsewhere may not do for all.
    for order_id, lost in reversed(losers.items()):
        order = draft.orders[order_id]
        if may_claim_stock(order):
            draft.orders[order_id] = route(draft, order, "allocation_broken")
        _tell_oversold(draft, item, order_id, lost)
    return complete


def _losing_first(claims: Iterable[_Claim]) -> list[_Claim]:
    """Unreleased before released, then whoever's turn is last: low priority, late promise, new order."""
    last_turn_first = sorted(claims, key=lambda claim: claim.turn, reverse=True)
    return sorted(last_turn_first, key=lambda claim: claim.released)


def _claims(draft: Draft, sku: str, location_id: str) -> Iterable[_Claim]:
    """Give what may be taken back: never picked or packed units."""
    ids = set(draft.view.allocated_orders(sku, location_id)) | set(draft.orders)
    for order_id in sorted(ids):
        order = draft.order(order_id)
        for fulfillment in order.fulfillments if order is not None else ():
            if order is None or fulfillment.location_id != location_id or fulfillment.status not in RECALLABLE_STATUSES:
                continue
            released = fulfillment.status is not FulfillmentStatus.ALLOCATED
            takes = {line.line_id: per_unit(line, sku) for line in order.lines}
            for part in fulfillment.lines:
                units, each = part.allocated - part.picked, takes.get(part.line_id, 0)
                if each and units > 0:
                    yield _Claim(released, turn_of(order), fulfillment.fulfillment_id, part.line_id, units, each)


def _take(draft: Draft, item: WorkItem, claim: _Claim, units: int) -> None:
    order = draft.order(claim.turn.order_id)
    if order is None:
        raise AssertionError("a claim belongs to an order")
    fulfillment = next(f for f in order.fulfillments if f.fulfillment_id == claim.fulfillment_id)
    draft.emit(
        AllocationBroken(
            order_id=order.order_id,
            fulfillment_id=claim.fulfillment_id,
            location_id=item.location_id,
            line_id=claim.line_id,
            sku=item.sku,
            quantity=units,
            cause=draft.cause.command,
        )
    )
    draft.orders[order.order_id] = release(
        draft, order, fulfillment, {claim.line_id: units}, become="waiting", cause="allocation_broken"
    )


def _tell_oversold(draft: Draft, item: WorkItem, order_id: str, lost: int) -> None:
    """Enter what became of a loser into the ledger of oversells."""
    order, cause = draft.orders[order_id], draft.cause
    waiting = sum(line.waiting * per_unit(line, item.sku) for line in order.lines)
    draft.emit(
        Oversold(
            order_id=order_id,
            sku=item.sku,
            location_id=item.location_id,
            quantity=lost,
            cause=cause.command,
            source=cause.source or "",
            document=cause.document,
            located_again=max(0, lost - waiting),
            places=tuple(
                dict.fromkeys(
                    f.location_id
                    for f in order.fulfillments
                    if f.routed_at_ms == cause.at_ms and f.status is FulfillmentStatus.ALLOCATED
                )
            ),
        )
    )


def _free(draft: Draft, item: WorkItem) -> bool:
    """Free the orders that waited for a SKU of the catalogue, each in its turn, unless they wait for another too."""
    for order_id in draft.view.unmapped_orders(item.sku):
        order = draft.order(order_id)
        if order is None or all(hold.type is not HoldType.UNMAPPED_SKU for hold in order.holds):
            continue
        if unknown_lines(draft.view, order):
            continue
        if draft.touched >= ORDERS_PER_COMMAND:
            return False
        draft.orders[order_id] = take_hold_off(draft, order, HoldKey(HoldType.UNMAPPED_SKU))
        draft.touched += 1
    return True


def _serve(draft: Draft, item: WorkItem) -> bool:
    """Give risen stock to the orders that wait; False when the command has touched enough orders."""
    fenced = draft.is_fenced(item.sku)
    for turn in _turns(draft, item.sku):
        if not fenced and draft.available(item.sku) <= 0:
            return True
        order = draft.order(turn.order_id)
        if order is None or not may_claim_stock(order) or not _waits_for(order, item.sku):
            continue
        if fenced and not draft.free_to(item.sku, draft.segment_of(order.channel)):
            continue
        if draft.touched >= ORDERS_PER_COMMAND:
            return False
        routed = route(draft, order, "stock_rose", tell_waiting=False)
        if routed is not order:
            draft.orders[turn.order_id] = routed
            draft.touched += 1
    return True


def _turns(draft: Draft, sku: str) -> Sequence[Turn]:
    """Give who waits for a SKU, with those that do so only since this command."""
    waiting = draft.view.waiting_turns(sku)
    changed = {turn_of(order) for order in draft.orders.values() if _waits_for(order, sku)}
    return sorted({*waiting, *changed}) if changed else waiting


def _waits_for(order: Order, sku: str) -> bool:
    return any([line.waiting and per_unit(line, sku) for line in order.lines])  # noqa: C419 - faster


_STEPS: tuple[tuple[str, Callable[[Draft, WorkItem], bool]], ...] = (
    ("short", _resolve_shortfall),
    ("free", _free),
    ("serve", _serve),
)
