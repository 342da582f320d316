"""Which waiting units count on which expected receipt: first come, first pegged, to what comes first.

It is reckoned anew whenever what waits or what is expected changes, so a receipt that comes earlier serves whoever
has waited longest, and a delay moves the promises that hang on it.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from models.events import PromiseRevised, UnitsPegged
from models.records.line import Line, Peg
from models.records.order import Order
from models.rules.draft import ORDERS_PER_COMMAND, Draft
from models.rules.holds import held_lines, may_claim_stock
from models.rules.lines import own_units
from models.rules.turns import turn_of


@dataclass(slots=True)
class _Supply:
    """An expected receipt, and what of it nobody counts on yet."""

    receipt_id: str
    expected_at_ms: int
    left: int


MOST_PEGGED = 2_000
"""Orders in the line for a SKU that are pegged; who stands further behind counts on nothing yet."""


def note(draft: Draft) -> None:
    """Note the SKUs whose line of waiting orders this command changed, where anything is expected.

    What waits for nothing any more counts on nothing: at once, since it stands in no line where it is found later.
    """
    for order in list(draft.orders.values()):
        if not any([line.pegs or line.waiting for line in order.lines]):  # noqa: C419 - faster
            continue
        served = tuple(replace(line, pegs=()) if line.pegs and not line.waiting else line for line in order.lines)
        if served != order.lines:
            _tell(draft, order, served)
            draft.orders[order.order_id] = replace(order, lines=served)
        for line in order.lines:
            if line.pegs or (line.waiting and draft.expected_of(line.sku)):
                draft.pegging(line.sku)


def peg(draft: Draft, sku: str) -> bool:
    """Peg what waits for a SKU; False when the command has touched enough orders."""
    supply = [
        _Supply(receipt.receipt_id, receipt.expected_at_ms, receipt.quantity * receipt.confidence_per_mille // 1000)
        for receipt in sorted(draft.expected_of(sku), key=lambda r: (r.expected_at_ms, r.receipt_id))
    ]
    for order in _line_of(draft, sku):
        pegged = _pegged(order, sku, supply)
        if pegged == order.lines:
            continue
        if draft.touched >= ORDERS_PER_COMMAND and order.order_id not in draft.orders:
            return False
        draft.touched += order.order_id not in draft.orders
        _tell(draft, order, pegged)
        draft.orders[order.order_id] = _promised(draft, replace(order, lines=pegged))
    return True


def _line_of(draft: Draft, sku: str) -> list[Order]:
    """Give the orders that wait for a SKU, in their turn, and those that no longer do and are pegged still."""
    ids = dict.fromkeys(turn.order_id for turn in draft.view.waiting_turns(sku)[:MOST_PEGGED])
    ids.update(dict.fromkeys(draft.orders))
    orders = [order for order in map(draft.order, ids) if order is not None]
    return sorted(
        (order for order in orders if any(line.sku == sku and (line.waiting or line.pegs) for line in order.lines)),
        key=turn_of,
    )


def _pegged(order: Order, sku: str, supply: list[_Supply]) -> tuple[Line, ...]:
    """Give the order's lines with their pegs, and take what they count on out of the supply."""
    held = held_lines(order)
    lines = []
    for line in order.lines:
        if line.sku != sku:
            lines.append(line)
            continue
        wants = line.waiting * own_units(line) if may_claim_stock(order) and line.line_id not in held else 0
        pegs: list[Peg] = []
        for receipt in supply:
            taken = min(wants, receipt.left)
            if taken:
                counted_on = Peg(receipt_id=receipt.receipt_id, quantity=taken, expected_at_ms=receipt.expected_at_ms)
                pegs.append(counted_on)
                receipt.left -= taken
                wants -= taken
        lines.append(line if tuple(pegs) == line.pegs else replace(line, pegs=tuple(pegs)))
    return tuple(lines)


def _tell(draft: Draft, order: Order, lines: tuple[Line, ...]) -> None:
    for before, after in zip(order.lines, lines, strict=True):
        if before.pegs != after.pegs:
            draft.emit(UnitsPegged(order_id=order.order_id, line_id=after.line_id, sku=after.sku, pegs=after.pegs))


def _promised(draft: Draft, order: Order) -> Order:
    """Let the promise follow: what counts on a receipt goes out so long after it."""
    latest_ms = max((peg.expected_at_ms for line in order.lines for peg in line.pegs), default=None)
    if latest_ms is None:
        return order
    promise_ms = max(order.promise_by_ms or 0, latest_ms + draft.view.pool.policy.receipt_to_promise_ms)
    if promise_ms == (order.revised_promise_ms or order.promise_by_ms):
        return order
    draft.emit(PromiseRevised(order_id=order.order_id, promise_by_ms=promise_ms, cause="incoming"))
    return replace(order, revised_promise_ms=promise_ms)
