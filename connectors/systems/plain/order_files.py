"""Files of orders of a channel, in CSV with the columns of `headrace import-orders` (docs/import.md)."""

from typing import Any

from connectors.frame.facts import Address, Buyer, LineStated, OrderStated
from connectors.frame.message import Account, Message, Refusal, Translation
from connectors.frame.reading import instant, instant_or_none
from connectors.orders.columns import REQUIRED
from connectors.orders.reading import Around, FileOrder, OrdersFile, read_orders

_NOT_CARRIED = (("ship_complete",), ("terms", "cancel_at"), ("terms", "collect_from"))
"""What an import can ask for and a message of a channel cannot: nothing of it is dropped unseen."""


def is_order_file(body: bytes) -> bool:
    """Tell a file of orders by the columns that it needs, in the first line that is no comment."""
    text = body[:10_000].decode("utf-8-sig", "replace")
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip('"').startswith("#")), "")
    separator = max(",;\t", key=first.count)
    return set(REQUIRED) <= {name.strip().strip('"') for name in first.split(separator)}


def read_order_file(message: Message, account: Account) -> Translation:
    """Give the orders of a file; those with mistakes are refused alone, each mistake with its line and column."""
    around = Around(
        currency=account.currency, skus=None, historic=False, keep_good_fields=False, now_ms=message.received_at_ms
    )
    found = read_orders(message.body, around)
    refused = list(_refusals(found))
    orders = []
    for order in found.orders:
        named = next((path for path in _NOT_CARRIED if _has(order.body, path)), None)
        if named is not None:
            reason = f"{named[-1]} is taken by headrace import-orders alone: leave it out, or import the file"
            refused.append(Refusal(field=f"lines[{order.rows[0]}].{named[-1]}", reason=reason, entry=order.external_id))
        elif not order.body.get("currency"):
            reason = "this order has no currency, and the account names none"
            refused.append(Refusal(field=f"lines[{order.rows[0]}].currency", reason=reason, entry=order.external_id))
        else:
            orders.append(_order(order, message))
    why = "" if orders or refused else "this has columns of orders and no rows"
    return Translation(facts=tuple(orders), refused=tuple(refused), ignored=why)


def _refusals(found: OrdersFile) -> list[Refusal]:
    return [
        Refusal(
            field=f"lines[{note.row}].{note.field}" if note.field else f"lines[{note.row}]",
            reason=note.reason,
            entry=note.external_id,
        )
        for note in found.notes
    ]


def _has(body: dict[str, Any], path: tuple[str, ...]) -> bool:
    for name in path[:-1]:
        body = body.get(name, {})
    return path[-1] in body


def _order(order: FileOrder, message: Message) -> OrderStated:
    body = order.body
    where, who, terms = body["destination"], body.get("customer"), body.get("terms", {})
    placed = instant_or_none(body.get("placed_at"), "placed_at")
    return OrderStated(
        external_id=order.external_id,
        source_version=body.get("source_version", message.received_at_ms),
        placed_at_ms=placed if placed is not None else message.received_at_ms,
        currency=body["currency"],
        lines=tuple(_line(line, number) for number, line in enumerate(body["lines"], start=1)),
        destination=Address(
            country=where["country"],
            name=(who or {}).get("name", ""),
            lines=tuple((who or {}).get("address_lines", ())),
            region=where.get("region", ""),
            postcode=where.get("postcode", ""),
            latitude=where.get("latitude"),
            longitude=where.get("longitude"),
        ),
        buyer=_buyer(who),
        shipping_minor=body.get("shipping_minor", 0),
        discount_minor=body.get("discount_minor", 0),
        paid="pay_by" not in terms,
        priority=body.get("priority", 0),
        promise_by_ms=instant_or_none(body.get("promise_by"), "promise_by"),
        requested_at_ms=instant(terms["requested_at"], "requested_at") if "requested_at" in terms else None,
        purchase_order=terms.get("purchase_order", ""),
        collect_at=terms.get("collect_at") or "",
    )


def _buyer(who: dict[str, Any] | None) -> Buyer | None:
    if who is None:
        return None
    return Buyer(
        customer_ref=who.get("customer_id", ""),
        name=who.get("name", ""),
        email=who.get("email", ""),
        phone=who.get("phone", ""),
    )


def _line(line: dict[str, Any], number: int) -> LineStated:
    return LineStated(
        line_id=line.get("line_id", str(number)),
        sku=line["sku"],
        quantity=line["quantity"],
        ordered=line["quantity"],
        unit_price_minor=line.get("unit_price_minor", 0),
        discount_minor=line.get("discount_minor", 0),
        tax_minor=line.get("tax_minor", 0),
    )
