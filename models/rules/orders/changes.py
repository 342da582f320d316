"""The actions of an edit, each with its own check: what is done already stays done, the rest may change."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from models.events import UnitsReinstated
from models.ids import is_sku
from models.money import amount_of_units
from models.records import changes as ch
from models.records.line import Line, UnitsOfLine
from models.records.order import NewLine, Order, Terms
from models.rejections import Rejected, RejectionCode, line_unknown, sku_invalid, sku_unknown
from models.rules.draft import Draft
from models.rules.lines import OPEN_STATUSES, allocated_units, with_lines
from models.rules.listings import Goods, goods_of
from models.rules.orders.amounts import amount_alone, amounts_of
from models.rules.orders.cancel import cancel_units, may_recall, removable
from models.rules.orders.dates import with_new_date
from models.rules.release import release
from models.types import MAX_QUANTITY


def apply_change(draft: Draft, order: Order, change: ch.Change) -> Order | Rejected:
    """Give the order with one change; a refusal has changed nothing."""
    return _ACTIONS[type(change)](draft, order, change)


def fresh_line(draft: Draft, channel: str, line: NewLine, amount_minor: int) -> Line:
    """Give a line as it begins: every unit waits, and a kit or a listing is what the catalogue says now.

    Of no channel, its SKU is ours.
    """
    goods = goods_of(draft.view, channel, line.sku) or Goods(line.sku, ())
    return Line(
        line_id=line.line_id,
        sku=goods.sku,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        amount_minor=amount_minor,
        waiting=line.quantity,
        components=goods.components,
        ship_to=line.ship_to,
        listing=goods.listing,
    )


def _add_line(draft: Draft, order: Order, change: ch.AddLine) -> Order | Rejected:
    line = change.line
    if not is_sku(line.sku):
        return sku_invalid(line.sku)
    if draft.view.item(line.sku) is None:
        return sku_unknown(line.sku)
    if any(known.line_id == line.line_id for known in order.lines):
        return Rejected(RejectionCode.LINE_REPEATED, f"the order has a line {line.line_id} already", "line_id")
    if line.ship_to and (order.terms is None or line.ship_to not in order.terms.destinations):
        return Rejected(RejectionCode.COMMAND_INVALID, f"the order has no address {line.ship_to}", "ship_to")
    if line.unit_price_minor * line.quantity < line.discount_minor:
        return Rejected(
            RejectionCode.AMOUNT_INVALID, "a discount is larger than what it is taken from", "discount_minor"
        )
    return replace(order, lines=(*order.lines, fresh_line(draft, "", line, amount_alone(line))))


def _add_units(draft: Draft, order: Order, change: ch.AddUnits) -> Order | Rejected:
    """More of a line: units that were cancelled come back with their cents, the rest is added at its price."""
    line = next((line for line in order.lines if line.line_id == change.line_id), None)
    if line is None:
        return line_unknown(change.line_id)
    back = min(change.quantity, line.cancelled)
    more = change.quantity - back
    if line.quantity + more > MAX_QUANTITY:
        return Rejected(RejectionCode.TOO_MANY_UNITS, f"a line has {MAX_QUANTITY} units at most", "quantity")
    if back:
        amount = amount_of_units(line.amount_minor, line.quantity, line.cancelled - back, back)
        line = replace(
            line,
            cancelled=line.cancelled - back,
            cancelled_minor=line.cancelled_minor - amount,
            waiting=line.waiting + back,
        )
        units = (UnitsOfLine(line_id=line.line_id, quantity=back),)
        draft.emit(UnitsReinstated(order_id=order.order_id, units=units, amount_minor=amount))
    added = replace(
        line,
        quantity=line.quantity + more,
        waiting=line.waiting + more,
        amount_minor=line.amount_minor + line.unit_price_minor * more,
    )
    return with_lines(order, {line.line_id: added})


def _remove_units(draft: Draft, order: Order, change: ch.RemoveUnits) -> Order | Rejected:
    line = next((line for line in order.lines if line.line_id == change.line_id), None)
    if line is None:
        return line_unknown(change.line_id)
    open_units = line.waiting + line.allocated
    if change.quantity > open_units:
        return Rejected(
            RejectionCode.TOO_MANY_UNITS,
            f"line {change.line_id} has {open_units} units that have not shipped, not {change.quantity}",
            "quantity",
        )
    if change.quantity > removable(draft, order, change.line_id):
        return Rejected(
            RejectionCode.UNITS_PICKED,
            "some of these units are picked, or a partner has them; cancel them, so that it is asked",
            "quantity",
        )
    return cancel_units(draft, order, {change.line_id: change.quantity}, "edited")


def _set_price(draft: Draft, order: Order, change: ch.SetPrice) -> Order | Rejected:
    del draft
    line = next((line for line in order.lines if line.line_id == change.line_id), None)
    if line is None:
        return line_unknown(change.line_id)
    priced = replace(
        line,
        unit_price_minor=change.unit_price_minor,
        discount_minor=change.discount_minor,
        tax_minor=change.tax_minor,
    )
    if priced.unit_price_minor * priced.quantity < priced.discount_minor:
        return Rejected(
            RejectionCode.AMOUNT_INVALID, "a discount is larger than what it is taken from", "discount_minor"
        )
    return _priced_anew(with_lines(order, {line.line_id: priced}))


def _set_shipping(draft: Draft, order: Order, change: ch.SetShipping) -> Order | Rejected:
    del draft
    return _priced_anew(replace(order, shipping_minor=change.shipping_minor))


def _set_discount(draft: Draft, order: Order, change: ch.SetDiscount) -> Order | Rejected:
    del draft
    if change.discount_minor > sum(line.unit_price_minor * line.quantity - line.discount_minor for line in order.lines):
        return Rejected(
            RejectionCode.AMOUNT_INVALID, "a discount is larger than what it is taken from", "discount_minor"
        )
    return _priced_anew(replace(order, discount_minor=change.discount_minor))


def _set_destination(draft: Draft, order: Order, change: ch.SetDestination) -> Order | Rejected:
    """Send what has not left elsewhere: it is located anew. What is picked already is in the way."""
    terms = order.terms
    if change.name and (terms is None or change.name not in terms.destinations):
        return Rejected(RejectionCode.COMMAND_INVALID, f"the order has no address {change.name}", "name")
    if not any(line.waiting or line.allocated for line in order.lines if line.ship_to == change.name):
        return Rejected(RejectionCode.STATUS_FORBIDS, "everything for this address has left or is cancelled", "name")
    bound = [f for f in order.fulfillments if f.ship_to == change.name and f.status in OPEN_STATUSES]
    if any(allocated_units(f) and not may_recall(draft, f) for f in bound):
        return Rejected(
            RejectionCode.UNITS_PICKED, "units are picked for the old address, or a partner has them", "destination"
        )
    for fulfillment in bound:
        units = allocated_units(fulfillment)
        if units:
            order = release(draft, order, fulfillment, units, become="waiting", cause="edited")
    if change.name and terms is not None:
        destinations = {**terms.destinations, change.name: change.destination}
        return replace(order, terms=replace(terms, destinations=destinations))
    return replace(order, destination=change.destination)


def _set_customer(draft: Draft, order: Order, change: ch.SetCustomer) -> Order | Rejected:
    del draft
    return replace(order, customer=change.customer)


def _set_priority(draft: Draft, order: Order, change: ch.SetPriority) -> Order | Rejected:
    del draft
    return replace(order, priority=change.priority)


def _set_promise(draft: Draft, order: Order, change: ch.SetPromise) -> Order | Rejected:
    """Promise another time: the first one stays, and risk is reckoned by the new one."""
    from_ms = max(0, change.promise_by_ms - draft.view.pool.policy.at_risk_before_ms)
    first = order.promise_by_ms if order.promise_by_ms is not None else change.promise_by_ms
    return replace(
        order,
        promise_by_ms=first,
        revised_promise_ms=change.promise_by_ms,
        at_risk_from_ms=from_ms,
        at_risk=order.at_risk and from_ms <= draft.now_ms,
    )


def _set_terms(draft: Draft, order: Order, change: ch.SetTerms) -> Order | Rejected:
    terms = order.terms if order.terms is not None else Terms()
    stated = {
        name: value
        for name in ("purchase_order", "requested_at_ms", "cancel_at_ms")
        if (value := getattr(change, name)) is not None
    }
    stated.update(dict.fromkeys(change.cleared))
    terms = replace(terms, **stated)
    order = replace(order, terms=None if terms == Terms() else terms)
    return with_new_date(draft, order) if "requested_at_ms" in stated else order


def _priced_anew(order: Order) -> Order | Rejected:
    """Share amounts out again: not where cents of them have been given back already."""
    if any(line.cancelled for line in order.lines):
        return Rejected(
            RejectionCode.AMOUNT_INVALID, "units are cancelled at the old prices; grant a refund instead", "changes"
        )
    amounts = amounts_of(order.lines, order.shipping_minor, order.discount_minor)
    priced = [replace(line, amount_minor=amount) for line, amount in zip(order.lines, amounts, strict=True)]
    return replace(order, lines=tuple(priced))


_ACTIONS: dict[type[ch.Changing], Callable[[Draft, Order, Any], Order | Rejected]] = {
    ch.AddLine: _add_line,
    ch.AddUnits: _add_units,
    ch.RemoveUnits: _remove_units,
    ch.SetPrice: _set_price,
    ch.SetShipping: _set_shipping,
    ch.SetDiscount: _set_discount,
    ch.SetDestination: _set_destination,
    ch.SetCustomer: _set_customer,
    ch.SetPriority: _set_priority,
    ch.SetPromise: _set_promise,
    ch.SetTerms: _set_terms,
}
