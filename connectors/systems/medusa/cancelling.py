"""What a Medusa is told of units that will not be sent: an order is cancelled, or edited down to what will be.

Cancelling gives captured money back at once. Where some was captured, an edit leaves that to whoever is there: Medusa
then shows what it owes. Source: Medusa, Admin API reference, "Cancel Order" and "Order Edits".
"""

from urllib.parse import quote

import msgspec

from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, whole
from connectors.systems.medusa.asking import Asked, asked
from connectors.systems.medusa.calls import address, order_path
from connectors.systems.medusa.orders import OFF
from connectors.systems.medusa.shapes import Amount, FulfillmentGiven, ItemGiven
from models.records.order import Order

_FIELDS = "id,status,*items,*items.detail,*fulfillments,payment_collections.id,payment_collections.captured_amount"


class _Collection(Given):
    captured_amount: Amount = None


class _Order(Given):
    id: str
    status: str | None = None
    items: tuple[ItemGiven, ...] = ()
    fulfillments: tuple[FulfillmentGiven, ...] = ()
    payment_collections: tuple[_Collection, ...] = ()


class _Answer(Given):
    order: _Order


class _Change(Given):
    status: str | None = None
    change_type: str | None = None
    internal_note: str | None = None


class _Changes(Given):
    order_changes: tuple[_Change, ...] = ()


_OPEN = frozenset({"pending", "requested"})


def tell_cancelled(occasion: Occasion, account: Account) -> Sending:
    """Bring Medusa's order down to what will be sent; what it says already, or said first, is left alone."""
    order = occasion.order
    if order is None:
        return Sent(outcome=Outcome.REFUSED, note="this tells of no order")
    url = address(account, order_path(order.external_id), fields=_FIELDS)
    answer = yield from asked(get_request(url), _Answer)
    if isinstance(answer, Sent):
        return answer
    theirs = answer.order
    if theirs.status in OFF:
        return Sent(outcome=Outcome.DONE, note="Medusa has cancelled the order", reference=theirs.id)
    now = {item.id: _count(item) for item in theirs.items}
    if any(now.get(line.line_id, 0) > line.quantity for line in order.lines):
        # What its newer version says has to be taken in before anything of it is taken off.
        return Sent(outcome=Outcome.LATER, note="Medusa has changed the order, which has not come here yet")
    wanted = _wanted(order, occasion, now)
    if not wanted:
        return Sent(outcome=Outcome.DONE, note="Medusa knows it", reference=theirs.id)
    if not any((now | wanted).values()) and _is_untouched(theirs):
        cancelled = yield from asked(_post(account, f"{order_path(theirs.id)}/cancel", {}), msgspec.Raw)
        return cancelled if isinstance(cancelled, Sent) else Sent(outcome=Outcome.DONE, reference=theirs.id)
    wrong = yield from _edit(account, occasion, theirs.id, wanted)
    return wrong or Sent(outcome=Outcome.DONE, reference=theirs.id)


def _count(item: ItemGiven) -> int:
    detail = item.detail
    return whole(detail.quantity if detail is not None and detail.quantity is not None else item.quantity, "quantity")


def _wanted(order: Order, occasion: Occasion, now: dict[str, int]) -> dict[str, int]:
    """Give how many units are to be left of each line of which Medusa has more."""
    named = {units.line_id for units in occasion.units}
    left = {line.line_id: line.quantity - line.cancelled for line in order.lines if line.line_id in named or not named}
    return {line: count for line, count in left.items() if now.get(line, 0) > count}


def _is_untouched(theirs: _Order) -> bool:
    """Tell whether nothing was captured, and nothing fulfilled that was not taken back."""
    captured = any(float(one.captured_amount or 0) > 0 for one in theirs.payment_collections)
    return not captured and all(one.canceled_at is not None for one in theirs.fulfillments)


def _edit(account: Account, occasion: Occasion, order_id: str, wanted: dict[str, int]) -> Asked[None]:
    """Edit the order in one change; one of ours that was begun and not confirmed is begun anew."""
    begun = yield from _clear(account, occasion, order_id)
    if begun is not None:
        return begun
    note = f"Headrace {occasion.delivery_id}"
    steps = [_post(account, "/order-edits", {"order_id": order_id, "internal_note": note})]
    path = f"/order-edits/{quote(order_id, safe='')}"
    steps += [
        _post(account, f"{path}/items/item/{quote(line, safe='')}", {"quantity": count})
        for line, count in wanted.items()
    ]
    steps.append(_post(account, f"{path}/confirm", {}))
    for step in steps:
        done = yield from asked(step, msgspec.Raw)
        if isinstance(done, Sent):
            return done
    return None


def _clear(account: Account, occasion: Occasion, order_id: str) -> Asked[None]:
    """Medusa has one open change of an order: ours is taken back, anybody else's is waited for."""
    fields = "id,status,change_type,internal_note"
    url = address(account, f"{order_path(order_id)}/changes", fields=fields)
    there = yield from asked(get_request(url), _Changes)
    if isinstance(there, Sent):
        return there
    open_ones = [change for change in there.order_changes if change.status in _OPEN]
    if not open_ones:
        return None
    if any(change.internal_note != f"Headrace {occasion.delivery_id}" for change in open_ones):
        return Sent(outcome=Outcome.LATER, note="somebody is editing the order at Medusa: end that edit there")
    url = address(account, f"/order-edits/{quote(order_id, safe='')}")
    taken_back = yield from asked(HttpRequest(method="DELETE", url=url), msgspec.Raw)
    return taken_back if isinstance(taken_back, Sent) else None


def _post(account: Account, path: str, content: dict[str, str | int]) -> HttpRequest:
    return json_request("POST", address(account, path), content)
