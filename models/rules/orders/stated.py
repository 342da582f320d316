"""Money as others state it: kept with the order, the newest word of each payment and refund."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from models.commands import RecordStatedMoney
from models.events import StatedMoneyRecorded
from models.records.money import StatedMoney, StatedPayment, StatedRefund
from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft

MOST_ENTRIES = 200

_Entry = TypeVar("_Entry", StatedPayment, StatedRefund)


def record(draft: Draft, order: Order, command: RecordStatedMoney) -> Order | Rejected:
    """Take in what is new: an entry that is not on record, or a later word of one that is."""
    known = order.money if order.money is not None else StatedMoney()
    payments = _new(known.payments, command.payments)
    refunds = _new(known.refunds, command.refunds)
    total_minor = command.total_minor if command.total_minor is not None else known.total_minor
    stated = replace(
        known,
        total_minor=total_minor,
        payments=_with(known.payments, payments),
        refunds=_with(known.refunds, refunds),
    )
    if command.tax_minor is not None:
        stated = replace(stated, tax_minor=command.tax_minor, tax_included=command.tax_included)
    if stated == known:
        return order
    if max(len(stated.payments), len(stated.refunds)) > MOST_ENTRIES:
        return Rejected(RejectionCode.COMMAND_INVALID, f"an order keeps {MOST_ENTRIES} payments and refunds at most")
    draft.emit(
        StatedMoneyRecorded(
            order_id=order.order_id,
            total_minor=total_minor if total_minor != known.total_minor else None,
            payments=payments,
            refunds=refunds,
        )
    )
    return replace(order, money=stated)


def _key(entry: StatedPayment | StatedRefund) -> tuple[str, str]:
    """What an entry is one of: a payment is authorised once and captured once."""
    return (entry.payment_id, entry.kind) if isinstance(entry, StatedPayment) else (entry.refund_id, "")


def _new(known: Sequence[_Entry], stated: Sequence[_Entry]) -> tuple[_Entry, ...]:
    standing = {_key(entry): entry for entry in known}
    found: dict[tuple[str, str], _Entry] = {}
    for entry in stated:
        before = found.get(_key(entry)) or standing.get(_key(entry))
        if before is None or (entry != before and entry.at_ms >= before.at_ms):
            found[_key(entry)] = entry
    return tuple(found.values())


def _with(known: Sequence[_Entry], new: Sequence[_Entry]) -> tuple[_Entry, ...]:
    """Put new entries in the place of those they replace, and others behind."""
    entries = {_key(entry): entry for entry in known} | {_key(entry): entry for entry in new}
    return tuple(entries.values())
