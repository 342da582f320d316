"""Orders for a partner as CSV: a row a line, to be shipped or to be given back."""

import csv
import io
from datetime import UTC, datetime

from connectors.folder.sheets import guarded
from connectors.frame.documents import FileDocument, Occasion, OccasionKind
from connectors.frame.facts import Address, Buyer
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models.records.fulfillment import Fulfillment
from models.records.order import Order

COLUMNS = {
    "action": "ship, or cancel: give these units back if they have not left",
    "fulfillment_id": "name it in everything you tell of it",
    "line_id": "name it in everything you tell of the line, or its SKU",
    "sku": "your SKU where the account has an alias, else ours",
    "quantity": "units of the line",
    "title": "its name",
    "order_number": "the number that the customer knows",
    "requested_at": "when we asked, in UTC",
    "promise_by": "when the customer was told to have it, in UTC",
    "name": "who gets it",
    "company": "",
    "address_1": "",
    "address_2": "",
    "address_3": "",
    "city": "",
    "region": "",
    "postcode": "",
    "country": "two letters",
    "phone": "",
    "email": "",
}
"""What an orders file has, column by column, and what it means where the name does not say it."""
_SEPARATORS = {"comma": ",", "semicolon": ";"}


def orders_file(occasion: Occasion, account: Account) -> FileDocument:
    """Write a fulfillment, or what of it is asked back.

    Raises:
        UnreadableError: the occasion says nothing of a fulfillment, or no unit of it is left to ship.
    """
    order, part = occasion.order, occasion.fulfillment
    if order is None or part is None:
        raise UnreadableError("fulfillment", "an orders file is about a fulfillment")
    written = io.StringIO(newline="")
    separator = _SEPARATORS.get(account.settings.get("separator", "comma"), ",")
    writer = csv.DictWriter(written, tuple(COLUMNS), delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    rows = _rows(occasion, account, order, part)
    if not rows:
        raise UnreadableError("fulfillment.lines", "no unit of it is left to ship")
    writer.writerows({name: guarded(text) for name, text in row.items()} for row in rows)
    return FileDocument(name=f"orders-{occasion.number:09}.csv", body=written.getvalue().encode())


def _rows(occasion: Occasion, account: Account, order: Order, part: Fulfillment) -> list[dict[str, str]]:
    is_cancel = occasion.kind is OccasionKind.CANCELLATION_REQUESTED
    back = {units.line_id: units.quantity for units in occasion.units}
    theirs = {alias.sku: other for other, alias in account.aliases.items() if alias.quantity == 1 and " " not in other}
    common = {
        "action": "cancel" if is_cancel else "ship",
        "fulfillment_id": part.fulfillment_id,
        "order_number": order.external_id,
        "requested_at": _written(occasion.at_ms),
        "promise_by": _written(order.promise_by_ms),
        **_whom(occasion.address, occasion.buyer, order),
    }
    rows = []
    for line in part.lines:
        count = back.get(line.line_id, 0) if is_cancel and back else line.allocated
        if count > 0:
            named = {"line_id": line.line_id, "sku": theirs.get(line.sku, line.sku), "quantity": str(count)}
            rows.append(common | named | {"title": occasion.titles.get(line.sku, "")})
    return rows


def _whom(address: Address | None, buyer: Buyer | None, order: Order) -> dict[str, str]:
    reach = {"phone": buyer.phone, "email": buyer.email} if buyer is not None else {}
    if address is None:
        there = order.destination
        return reach | {"region": there.region or "", "postcode": there.postcode or "", "country": there.country}
    lines = [*address.lines, "", "", ""]
    return reach | {
        "name": address.name or (buyer.name if buyer is not None else ""),
        "company": address.company,
        "address_1": lines[0],
        "address_2": lines[1],
        "address_3": ", ".join(line for line in lines[2:] if line),
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country": address.country,
    }


def _written(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
