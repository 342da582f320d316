"""What a shop is told of units that will not be sent: they are taken off its order, or the order is cancelled there.

No money is given back by it: the shop then shows what it owes the customer, and whoever is there pays it back. Sources:
Shopify, orderCancel, orderEditBegin, orderEditSetQuantity, orderEditCommit.
"""

from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.message import Account
from connectors.frame.reading import Given, whole
from connectors.systems.shopify.calls import UserError, change, checked_order_id, read, refused_for
from connectors.systems.shopify.lines import fulfilled_units
from connectors.systems.shopify.shapes import Amount, FulfillmentGiven, Ident
from connectors.systems.shopify.values import ident
from models.records.order import Order

_REASONS = frozenset({"customer", "declined", "fraud", "inventory", "staff"})

_LONGEST_NOTE = 255

_CANCEL = """
mutation Cancel($order: ID!, $reason: OrderCancelReason!, $note: String) {
  orderCancel(orderId: $order, reason: $reason, staffNote: $note, restock: false, notifyCustomer: false,
    refundMethod: { originalPaymentMethodsRefund: false }) { orderCancelUserErrors { message code } }
}
"""
_BEGIN = """
mutation Begin($order: ID!) {
  orderEditBegin(id: $order) { calculatedOrder { id } userErrors { message } }
}
"""
_SET = """
mutation Set($edit: ID!, $line: ID!, $quantity: Int!) {
  orderEditSetQuantity(id: $edit, lineItemId: $line, quantity: $quantity, restock: false) { userErrors { message } }
}
"""
_COMMIT = """
mutation Commit($edit: ID!, $note: String) {
  orderEditCommit(id: $edit, notifyCustomer: false, staffNote: $note) { order { id } userErrors { message } }
}
"""


class _Line(Given):
    id: Ident = None
    quantity: Amount = None
    current_quantity: Amount = None


class _Order(Given):
    cancelled_at: str | None = None
    line_items: list[_Line] = []
    fulfillments: list[FulfillmentGiven] = []


class _Ordered(Given):
    order: _Order


class _Named(Given):
    id: str


class _Cancelling(Given, rename="camel"):
    order_cancel_user_errors: list[UserError] = []


class _Cancelled(Given, rename="camel"):
    order_cancel: _Cancelling


class _Beginning(Given, rename="camel"):
    calculated_order: _Named | None = None
    user_errors: list[UserError] = []


class _Begun(Given, rename="camel"):
    order_edit_begin: _Beginning


class _Changing(Given, rename="camel"):
    user_errors: list[UserError] = []


class _Set(Given, rename="camel"):
    order_edit_set_quantity: _Changing


class _Committed(Given, rename="camel"):
    order_edit_commit: _Changing


def tell_cancelled(occasion: Occasion, account: Account) -> Sending:
    """Bring the shop's order down to what will be sent; what it says already, or said first, is left alone."""
    order = occasion.order
    if order is None:
        return Sent(outcome=Outcome.REFUSED, note="this tells of no order")
    order_id = checked_order_id(order.external_id)
    fields = "id,cancelled_at,line_items,fulfillments"
    answer = yield from read(account, f"orders/{order_id}", _Ordered, fields=fields)
    if isinstance(answer, Sent):
        return answer
    theirs = answer.order
    if theirs.cancelled_at:
        return Sent(outcome=Outcome.DONE, note="the shop has cancelled the order", reference=order_id)
    now = {ident(line.id): _count(line) for line in theirs.line_items}
    if any(now.get(line.line_id, 0) > line.quantity for line in order.lines):
        # What its newer version says has to be taken in before anything of it is taken off.
        return Sent(outcome=Outcome.LATER, note="the shop has changed the order, which has not come here yet")
    wanted = _wanted(order, occasion, now)
    if not wanted:
        return Sent(outcome=Outcome.DONE, note="the shop knows it", reference=order_id)
    note = f"Headrace: not sent ({occasion.cause or 'other'})"[:_LONGEST_NOTE]
    if not any((now | wanted).values()) and not fulfilled_units(theirs.fulfillments):
        return (yield from _cancel(account, order_id, occasion.cause, note))
    return (yield from _edit(account, order_id, wanted, note))


def _count(line: _Line) -> int:
    return whole(line.quantity if line.current_quantity is None else line.current_quantity, "current_quantity")


def _wanted(order: Order, occasion: Occasion, now: dict[str, int]) -> dict[str, int]:
    """Give how many units are to be left of each line of which the shop has more."""
    named = {units.line_id for units in occasion.units}
    left = {line.line_id: line.quantity - line.cancelled for line in order.lines if line.line_id in named or not named}
    return {line: count for line, count in left.items() if now.get(line, 0) > count}


def _cancel(account: Account, order_id: str, cause: str, note: str) -> Sending:
    reason = cause.upper() if cause in _REASONS else "OTHER"
    variables = {"order": f"gid://shopify/Order/{order_id}", "reason": reason, "note": note}
    answer = yield from change(account, _CANCEL, variables, _Cancelled)
    if isinstance(answer, Sent):
        return answer
    failed = refused_for(answer.order_cancel.order_cancel_user_errors)
    return failed or Sent(outcome=Outcome.DONE, reference=order_id)


def _edit(account: Account, order_id: str, wanted: dict[str, int], note: str) -> Sending:
    """Edit the order. An edit that is begun and not committed changes nothing, so a lost answer is begun anew."""
    begun = yield from change(account, _BEGIN, {"order": f"gid://shopify/Order/{order_id}"}, _Begun)
    if isinstance(begun, Sent):
        return begun
    edit = begun.order_edit_begin.calculated_order
    failed = refused_for(begun.order_edit_begin.user_errors)
    if failed is not None or edit is None:
        return failed or Sent(outcome=Outcome.LATER, note="the shop began no edit of the order")
    for line, quantity in wanted.items():
        # A line of the edit has the number of the order's own line.
        line_id = f"gid://shopify/CalculatedLineItem/{line}"
        done = yield from change(account, _SET, {"edit": edit.id, "line": line_id, "quantity": quantity}, _Set)
        if isinstance(done, Sent):
            return done
        failed = refused_for(done.order_edit_set_quantity.user_errors)
        if failed is not None:
            return failed
    committed = yield from change(account, _COMMIT, {"edit": edit.id, "note": note}, _Committed)
    if isinstance(committed, Sent):
        return committed
    failed = refused_for(committed.order_edit_commit.user_errors)
    return failed or Sent(outcome=Outcome.DONE, reference=order_id)
