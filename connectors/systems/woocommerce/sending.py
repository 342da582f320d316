"""What a shop is told of an order: its parcels, what is not sent, and that it is complete.

Each looks first whether the shop knows it already, since an answer may be lost after the shop has done it.
"""

import re
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.frame.answers import undone
from connectors.frame.carriers import carrier_name
from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, UnreadableError, read_json
from connectors.systems.woocommerce.calls import address, order_path
from connectors.systems.woocommerce.orders import OFF, SENT
from connectors.systems.woocommerce.stock import tell_stock
from models.records.fulfillment import Parcel
from models.records.order import Order, OrderStatus

WANTS = frozenset({OccasionKind.PARCEL_SHIPPED, OccasionKind.UNITS_CANCELLED, OccasionKind.AVAILABILITY})

EXTENSIONS = {
    "shipment-tracking": "/wp-json/wc-shipment-tracking/v3/orders",
    "advanced-shipment-tracking": "/wp-json/wc-ast/v3/orders",
}
"""Extensions that keep tracking numbers. Sources: WooCommerce, "Shipment Tracking REST API"; Zorem, "AST REST API"."""

_NO_SUCH_LIST = 404
_LEFT = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})

Step = Generator[HttpRequest, HttpResponse, Sent | None]
"""A part of telling: gives what went wrong, or nothing."""


class StatusGiven(Given):
    status: str = ""


class NoteGiven(Given):
    note: str | None = None


class TrackingGiven(Given):
    tracking_number: str | int | None = None


def send(occasion: Occasion, account: Account) -> Sending:
    """Tell the shop. An answer that is no JSON is as good as none: it is tried again later."""
    try:
        return (yield from _sent(occasion, account))
    except UnreadableError as error:
        return Sent(outcome=Outcome.LATER, note=f"the shop's answer cannot be read: {error}")


def _sent(occasion: Occasion, account: Account) -> Sending:
    if occasion.kind is OccasionKind.AVAILABILITY:
        return (yield from tell_stock(occasion, account))
    order = occasion.order
    if order is None or occasion.kind not in WANTS:
        return Sent(outcome=Outcome.REFUSED, note=f"a shop is not told of {occasion.kind.value} without its order")
    wrong: Sent | None
    if occasion.parcel is not None:
        wrong = yield from _tell_parcel(order, occasion.parcel, account)
        status = "completed" if order.status in _LEFT else ""
    else:
        status = "cancelled" if order.status is OrderStatus.CANCELLED else ""
        wrong = None if status else (yield from _tell_cancelled(occasion, order, account))
    if wrong is None and status:
        wrong = yield from _put_status(order, status, account)
    return wrong or Sent(outcome=Outcome.DONE, reference=order.external_id)


def _tell_parcel(order: Order, parcel: Parcel, account: Account) -> Step:
    base = EXTENSIONS.get(account.settings.get("tracking", ""))
    carrier = carrier_name(account, parcel.carrier)
    # The extensions take no number without a carrier.
    if base is not None and parcel.tracking_number and carrier:
        path = f"{base}/{quote(order.external_id, safe='')}/shipment-trackings"
        there = yield get_request(address(account, path))
        if not there.ok:
            return undone(there)
        known = {str(one.tracking_number) for one in read_json(there.body, tuple[TrackingGiven, ...])}
        if parcel.tracking_number in known:
            return None
        provider = yield from _provider(base, carrier, account)
        if isinstance(provider, Sent):
            return provider
        if provider:
            return (yield from _tell_tracking(path, parcel, provider, account))
    number = parcel.tracking_number or parcel.parcel_id
    text = f"Sent with {carrier}: {number}" if carrier else f"Sent: {number}"
    return (yield from _add_note(order, text, number, account, for_customer=True))


def _provider(base: str, carrier: str, account: Account) -> Generator[HttpRequest, HttpResponse, str | Sent]:
    """Give a carrier as the shop's extension writes it; empty where it has none of that name.

    Source: WooCommerce, "List Shipment Tracking providers with the REST API"; an older extension has no such list.
    """
    if base != EXTENSIONS["shipment-tracking"]:
        return carrier
    there = yield get_request(address(account, f"{base.removesuffix('/orders')}/shipment-trackings/providers"))
    if not there.ok:
        return carrier if there.status == _NO_SUCH_LIST else undone(there)
    groups = read_json(there.body, dict[str, Any]).values()
    names: dict[str, str] = {_folded(name): name for group in groups if isinstance(group, dict) for name in group}
    return names.get(_folded(carrier), "")


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.lower())


def _tell_tracking(path: str, parcel: Parcel, provider: str, account: Account) -> Step:
    zone = ZoneInfo(account.time_zone)
    content = {
        "tracking_provider": provider,
        "tracking_number": parcel.tracking_number,
        "date_shipped": datetime.fromtimestamp(parcel.shipped_at_ms / 1000, UTC).astimezone(zone).date().isoformat(),
    }
    made = yield json_request("POST", address(account, path), content)
    return None if made.ok else undone(made)


def _tell_cancelled(occasion: Occasion, order: Order, account: Account) -> Step:
    """Units are no status of an order at a shop: its staff reads of them in a note, and decides on the money."""
    skus = {line.line_id: line.sku for line in order.lines}
    units = ", ".join(f"{unit.quantity} × {skus.get(unit.line_id, unit.line_id)}" for unit in occasion.units)
    text = f"Not sent: {units} ({occasion.delivery_id})"
    return (yield from _add_note(order, text, occasion.delivery_id, account, for_customer=False))


def _add_note(order: Order, text: str, reference: str, account: Account, *, for_customer: bool) -> Step:
    """Write a note, unless one names the reference already. Source: WooCommerce REST API, "Create an order note"."""
    path = f"{order_path(order.external_id)}/notes"
    there = yield get_request(address(account, path, type="customer" if for_customer else "internal"))
    if not there.ok:
        return undone(there)
    notes = read_json(there.body, tuple[NoteGiven, ...])
    if any(reference in (note.note or "") for note in notes):
        return None
    made = yield json_request("POST", address(account, path), {"note": text, "customer_note": for_customer})
    return None if made.ok else undone(made)


def _put_status(order: Order, status: str, account: Account) -> Step:
    """Set the status, unless the shop has ended the order itself: what it decided is not undone."""
    url = address(account, order_path(order.external_id))
    there = yield get_request(f"{url}?_fields=id,status")
    if not there.ok:
        return undone(there)
    if read_json(there.body, StatusGiven).status in SENT | OFF:
        return None
    made = yield json_request("PUT", url, {"status": status})
    return None if made.ok else undone(made)
