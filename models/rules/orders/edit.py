"""Editing an order: a set of changes, all of them or none, with the former edition kept."""

from collections.abc import Iterable

from msgspec.structs import replace

from models.commands import EditOrder
from models.events import Assignment, EditPreviewed, OrderEdited, OrderedLine, UnitsRouted
from models.records.changes import Change
from models.records.hold import HoldType
from models.records.line import Line
from models.records.order import Content, EditedLine, Edition, Edits, NewLine, Order, OrderStatus
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import as_units, kits_of
from models.rules.orders.amounts import total_minor
from models.rules.orders.changes import apply_change
from models.rules.orders.hold import FINAL, apply_hold, is_to_be_approved
from models.rules.orders.limits import beyond_backorder_limit
from models.rules.routing.route import route
from models.types import MAX_AMOUNT_MINOR

MOST_EDITIONS = 20
MOST_LINES = 400
OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.DELIVERED})


def edit(draft: Draft, order: Order, command: EditOrder) -> Order | Rejected:
    """Make all changes of an edit, and locate what waits after them."""
    if order.status in OVER:
        return Rejected(RejectionCode.STATUS_FORBIDS, f"a {order.status} order does not change any more", "order_id")
    edition = edition_of(order)
    if command.edition is not None and command.edition != edition:
        return Rejected(
            RejectionCode.EDITION_CONFLICT,
            f"the order was changed meanwhile: it is edition {edition}; look again",
            "edition",
        )
    edited = order
    for change in command.changes:
        after = apply_change(draft, edited, change)
        if isinstance(after, Rejected):
            return after
        edited = after
    return finish(draft, order, edited, _names(command.changes))


def preview(draft: Draft, order: Order, command: EditOrder) -> Rejected | None:
    """Tell what an edit would do to money and routing; nothing of it is done."""
    scratch = Draft(draft.view, draft.cause, draft.now_ms)
    edited = edit(scratch, order, command)
    if isinstance(edited, Rejected):
        return edited
    assignments: list[Assignment] = []
    for event in scratch.events:
        if isinstance(event, UnitsRouted):
            assignments.extend(event.assignments)
    draft.emit(
        EditPreviewed(
            order_id=order.order_id,
            edition=edition_of(order),
            lines=ordered_lines(edited.lines),
            total_minor=edited.total_minor,
            total_before_minor=order.total_minor,
            cancelled_minor=sum(line.cancelled_minor for line in edited.lines),
            cancelled_before_minor=sum(line.cancelled_minor for line in order.lines),
            assignments=tuple(assignments),
            waiting=as_units({line.line_id: line.waiting for line in edited.lines}),
        )
    )
    return None


def finish(
    draft: Draft,
    before: Order,
    edited: Order,
    changed: tuple[str, ...],
    *,
    channel: Content | None = None,
    sold: bool = False,
) -> Order | Rejected:
    """Take an edited order in: its total, its edition, what the channel last stated, and where its units go."""
    total = total_minor(edited.lines)
    if total > MAX_AMOUNT_MINOR:
        return Rejected(
            RejectionCode.AMOUNT_INVALID, f"an order comes to {MAX_AMOUNT_MINOR} minor units at most", "changes"
        )
    if len(edited.lines) > MOST_LINES:
        return Rejected(RejectionCode.COMMAND_INVALID, f"an order has {MOST_LINES} lines at most", "changes")
    known = before.edits if before.edits is not None else Edits()
    stated = channel if channel is not None else channel_content(before)
    former = Edition(
        number=known.edition,
        replaced_at_ms=draft.cause.at_ms,
        actor=draft.cause.actor,
        total_minor=before.total_minor,
        lines=tuple(
            EditedLine(
                line_id=line.line_id,
                sku=line.sku,
                quantity=line.quantity,
                cancelled=line.cancelled,
                amount_minor=line.amount_minor,
            )
            for line in before.lines
        ),
    )
    edits = Edits(edition=known.edition + 1, editions=(*known.editions, former)[-MOST_EDITIONS:], channel=stated)
    edited = replace(edited, total_minor=total, edits=edits)
    draft.emit(
        OrderEdited(
            order_id=edited.order_id,
            edition=edits.edition,
            lines=ordered_lines(edited.lines),
            kits=kits_of(edited.lines),
            total_minor=total,
            total_before_minor=before.total_minor,
            cancelled_minor=sum(line.cancelled_minor for line in edited.lines),
            changed=changed,
        )
    )
    if total > before.total_minor and edited.status not in FINAL and is_to_be_approved(draft, edited):
        edited = apply_hold(draft, edited, HoldType.APPROVAL, "")
    if may_claim_stock(edited):
        edited = route(draft, edited, "edited", tell_waiting=False)
    return (None if sold else beyond_backorder_limit(draft, before, edited)) or edited


def edition_of(order: Order) -> int:
    """Give how often an order's content was changed."""
    return order.edits.edition if order.edits is not None else 0


def channel_content(order: Order) -> Content:
    """Give what the channel last stated of an order."""
    stated = order.edits.channel if order.edits is not None else None
    return stated if stated is not None else content_of(order)


def content_of(order: Order) -> Content:
    """Give what an order says in the words of a channel."""
    return Content(
        lines=tuple(
            NewLine(
                line_id=line.line_id,
                sku=line.listing or line.sku,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                discount_minor=line.discount_minor,
                tax_minor=line.tax_minor,
                ship_to=line.ship_to,
            )
            for line in order.lines
        ),
        destination=order.destination,
        customer=order.customer,
        priority=order.priority,
        promise_by_ms=order.promise_by_ms,
        shipping_minor=order.shipping_minor,
        discount_minor=order.discount_minor,
        terms=order.terms,
    )


def ordered_lines(lines: Iterable[Line]) -> tuple[OrderedLine, ...]:
    """Give lines as events tell them."""
    return tuple(
        [
            OrderedLine(
                line_id=line.line_id,
                sku=line.sku,
                quantity=line.quantity,
                amount_minor=line.amount_minor,
            )
            for line in lines
        ]
    )


def _names(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(change.__struct_config__.tag) for change in changes))
