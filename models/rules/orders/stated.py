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
    total = command.total_minor if command.total_minor != known.total_minor else None
    if not payments and not refunds and total is None:
        return order
    money = StatedMoney(
        total_minor=total if total is not None else known.total_minor,
        payments=_with(known.payments, payments),
        refunds=_with(known.refunds, refunds),
    )
    if max(len(money.payments), len(money.refunds)) > MOST_ENTRIES:
        return Rejected(RejectionCode.COMMAND_INVALID, f"an order keeps {MOST_ENTRIES} payments and refunds at most")
    draft.emit(StatedMoneyRecorded(order_id=order.order_id, total_minor=total, payments=payments, refunds=refunds))
    return replace(order, money=money)


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
