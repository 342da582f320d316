"""Newer content of a channel, merged three ways: what the channel changed since its own last version is applied.

What only we changed stays. What both changed is a clash: the master of the field counts, and a person is asked.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from models.commands import OrderContent
from models.events import ContentMerged
from models.records import changes as ch
from models.records.hold import HoldKey, HoldType
from models.records.line import Line
from models.records.order import Content, Edits, NewLine, Order, Terms
from models.rejections import Rejected
from models.rules.draft import Draft
from models.rules.listings import goods_of
from models.rules.orders.amounts import amount_alone
from models.rules.orders.cancel import removable
from models.rules.orders.changes import apply_change, fresh_line
from models.rules.orders.content import is_sent_alike
from models.rules.orders.edit import channel_content, content_of, finish
from models.rules.orders.hold import FINAL, apply_hold, payment_hold, put_on, take_hold_off

MASTERS: dict[str, str] = {
    "lines": "channel",
    "prices": "channel",
    "shipping_minor": "channel",
    "discount_minor": "channel",
    "destination": "service",
    "customer": "service",
    "priority": "service",
    "promise_by_ms": "service",
    "terms": "service",
}
"""Whose word counts where both have changed a field, as data."""


_UNPAID = HoldKey(HoldType.PAYMENT)
_DATES: tuple[Literal["requested_at_ms", "cancel_at_ms"], ...] = ("requested_at_ms", "cancel_at_ms")


class _Wish(NamedTuple):
    """A change that the channel's newer content asks for."""

    field: str
    change: ch.Change
    clashes: bool


def merge(draft: Draft, order: Order, command: OrderContent) -> Order | Rejected:
    """Merge newer content into an order; a change that cannot be made any more is a clash too."""
    base = channel_content(order)
    stated = stated_by(command)
    ours = content_of(order)
    taken: dict[str, None] = {}
    clashes: dict[str, None] = {}
    edited = order
    if _due_ms(base) != _due_ms(stated):
        edited = _paid(draft, edited) if _due_ms(stated) is None else _owed(draft, edited, _due_ms(stated))
        taken["payment"] = None
    for wish in (*_line_wishes(draft, order, base, stated), *_field_wishes(base, ours, stated)):
        if wish.clashes:
            clashes[wish.field] = None
            if MASTERS[wish.field] != "channel":
                continue
        after = _applied(draft, edited, wish.change, sold=command.sold)
        if isinstance(after, Rejected):
            clashes[wish.field] = None
        else:
            edited = after
            taken[wish.field] = None
    kept = tuple(field for field in _differing(ours, stated) if field not in taken)
    draft.emit(
        ContentMerged(
            order_id=order.order_id,
            source_version=command.source_version,
            taken=tuple(taken),
            kept=kept,
            clashes=tuple(clashes),
        )
    )
    edited = replace(edited, source_version=command.source_version)
    swapped = _swapped(base, stated)
    if swapped and order.status not in FINAL:
        note = f"the channel states other goods on {', '.join(swapped)}: change the lines, or cancel them"
        edited = apply_hold(draft, edited, HoldType.OTHER, note)
    if clashes and order.status not in FINAL:
        edited = apply_hold(draft, edited, HoldType.CLASH, "changed by the channel and here: " + ", ".join(clashes))
    if not taken:
        known = order.edits if order.edits is not None else Edits()
        return replace(edited, edits=replace(known, channel=stated))
    changed = tuple(f"channel:{field}" for field in taken)
    return finish(draft, order, edited, changed, channel=stated, sold=command.sold)


def _applied(draft: Draft, order: Order, change: ch.Change, *, sold: bool) -> Order | Rejected:
    """Make a change; a line that the channel has sold is taken though nobody knows its SKU yet, and held."""
    if not isinstance(change, ch.AddLine) or any(known.line_id == change.line.line_id for known in order.lines):
        return apply_change(draft, order, change)
    line, goods = change.line, goods_of(draft.view, order.channel, change.line.sku)
    if (goods is None and not sold) or (goods is not None and not goods.listing):
        return apply_change(draft, order, change)
    line = replace(line, ship_to="")
    order = replace(order, lines=(*order.lines, fresh_line(draft, order.channel, line, amount_alone(line))))
    if goods is not None:
        return order
    return apply_hold(draft, order, HoldType.UNMAPPED_SKU, f"not in the catalogue: {line.sku}")


def _due_ms(stated: Content) -> int | None:
    return stated.terms.pay_by_ms if stated.terms is not None else None


def _paid(draft: Draft, order: Order) -> Order:
    """Take the hold off that waited for the money: the channel no longer says when it is due."""
    order = _due_at(order, None)
    return take_hold_off(draft, order, _UNPAID) if any(hold.key == _UNPAID for hold in order.holds) else order


def _owed(draft: Draft, order: Order, due_ms: int | None) -> Order:
    """Wait for the money until another time, or, where something is owed only now, from now on."""
    order = _due_at(order, due_ms)
    if order.status in FINAL:
        return order
    order = replace(order, holds=tuple(hold for hold in order.holds if hold.key != _UNPAID))
    return put_on(draft, order, payment_hold(draft, due_ms))


def _due_at(order: Order, due_ms: int | None) -> Order:
    terms = replace(order.terms if order.terms is not None else Terms(), pay_by_ms=due_ms)
    return replace(order, terms=None if terms == Terms() else terms)


def stated_by(command: OrderContent) -> Content:
    """Give what a channel's message states, to compare the next one with."""
    return Content(
        lines=command.lines,
        destination=command.destination,
        customer=command.customer,
        priority=command.priority,
        promise_by_ms=command.promise_by_ms,
        shipping_minor=command.shipping_minor,
        discount_minor=command.discount_minor,
        terms=command.terms,
    )


def _swapped(base: Content, stated: Content) -> list[str]:
    """Give the lines on which the channel states other goods than before: what is sent then a person says."""
    was = {line.line_id: line.sku for line in base.lines}
    return [line.line_id for line in stated.lines if was.get(line.line_id, line.sku) != line.sku]


def _line_wishes(draft: Draft, order: Order, base: Content, stated: Content) -> list[_Wish]:
    was = {line.line_id: line for line in base.lines}
    now = {line.line_id: line for line in stated.lines}
    ours = {line.line_id: line for line in order.lines}
    wishes: list[_Wish] = []
    for line_id in dict.fromkeys((*was, *now)):
        wishes.extend(_wishes_of_line(draft, order, was.get(line_id), now.get(line_id), ours.get(line_id)))
    return wishes


def _wishes_of_line(
    draft: Draft, order: Order, was: NewLine | None, now: NewLine | None, ours: Line | None
) -> list[_Wish]:
    """Give what the channel changed of one line since its last version."""
    if ours is None:
        return [_Wish("lines", ch.AddLine(line=now), was is not None)] if now is not None and now != was else []
    if now is None:
        open_units = ours.waiting + ours.allocated
        changed_here = was is None or ours.quantity - ours.cancelled != was.quantity
        return [_fewer(draft, order, ours, open_units, clashes=changed_here)] if open_units else []
    if was is not None and now.sku != was.sku:
        return [_Wish("lines", ch.AddLine(line=now), clashes=True)]
    wishes: list[_Wish] = []
    wanted = ours.quantity - ours.cancelled
    if (was is None or now.quantity != was.quantity) and now.quantity != wanted:
        # What the channel took out itself, and states again, nobody has changed here.
        clashes = wanted != (was.quantity if was is not None else 0)
        if now.quantity > wanted:
            more = ch.AddUnits(line_id=ours.line_id, quantity=now.quantity - wanted)
            wishes.append(_Wish("lines", more, clashes))
        else:
            wishes.append(_fewer(draft, order, ours, wanted - now.quantity, clashes=clashes))
    if was is not None and _price(now) != _price(was) and _price(now) != _price(ours):
        unit, discount, tax = _price(now)
        price = ch.SetPrice(line_id=ours.line_id, unit_price_minor=unit, discount_minor=discount, tax_minor=tax)
        wishes.append(_Wish("prices", price, _price(ours) != _price(was)))
    return wishes


def _fewer(draft: Draft, order: Order, ours: Line, count: int, *, clashes: bool) -> _Wish:
    """Take units out, as many as still can be: what has gone too far is a clash."""
    may = min(count, removable(draft, order, ours.line_id))
    change = ch.RemoveUnits(line_id=ours.line_id, quantity=max(1, may))
    return _Wish("lines", change, clashes or may < count)


def _price(line: NewLine | Line) -> tuple[int, int, int]:
    return line.unit_price_minor, line.discount_minor, line.tax_minor


def _field_wishes(base: Content, ours: Content, stated: Content) -> list[_Wish]:
    """Give what the channel changed beside lines since its last version."""
    wishes: list[_Wish] = []
    for field, make in _CHANGE_OF.items():
        was, mine, now = (_stated(content, field) for content in (base, ours, stated))
        if now in (was, mine) or now is None:
            continue
        wishes.append(_Wish(field, make(now), mine != was or (field == "terms" and not is_sent_alike(was, now))))
    return wishes


def _stated(content: Content, field: str) -> Any:
    """Give what a content says of a field; that an order is paid is weighed by itself."""
    value = getattr(content, field)
    return replace(value, pay_by_ms=None) if isinstance(value, Terms) else value


_CHANGE_OF: dict[str, Callable[[Any], ch.Change]] = {
    "destination": lambda value: ch.SetDestination(destination=value),
    "customer": lambda value: ch.SetCustomer(customer=value),
    "priority": lambda value: ch.SetPriority(priority=value),
    "promise_by_ms": lambda value: ch.SetPromise(promise_by_ms=value),
    "shipping_minor": lambda value: ch.SetShipping(shipping_minor=value),
    "discount_minor": lambda value: ch.SetDiscount(discount_minor=value),
    "terms": lambda value: ch.SetTerms(
        purchase_order=value.purchase_order,
        requested_at_ms=value.requested_at_ms,
        cancel_at_ms=value.cancel_at_ms,
        cleared=tuple(name for name in _DATES if getattr(value, name) is None),
    ),
}


def _differing(ours: Content, stated: Content) -> list[str]:
    fields = ("lines", *_CHANGE_OF)
    return [field for field in fields if getattr(ours, field) != getattr(stated, field)]
