"""From the form that edits an order to its changes: an empty field changes nothing."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec
from babel.numbers import get_currency_precision

from api.problems import Problem
from api.security import Scope
from api.web.bodies import Form, instant_of, whole
from models.records.order import Order

Change = dict[str, Any]
MORE_PREFIX, CLEAR_PREFIX = "more.", "clear."
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_DATES = ("requested_at", "cancel_at")
_ADDRESS = ("country", "postcode", "region")
_PERSONAL = ("name", "email", "phone", "address_lines")
_PRICE = {"price": "unit_price_minor", "line_discount": "discount_minor", "line_tax": "tax_minor"}


def changes_of(order: Order, form: Form, zone: str, personal: Mapping[str, Any] | None = None) -> list[Change]:
    """Read the changes of the form; nobody puts back what others changed meanwhile, since what is empty stays.

    `personal` is the opened data of the order's customer, None for those who may not read it.

    Raises:
        Problem: 422, also where the form changes nothing; 403.
    """
    units = [change for line in order.lines if (change := _units(form, line.line_id)) is not None]
    changes = [
        # Amounts are shared out over what is there, and no more once units are cancelled: so more comes before, and
        # fewer after.
        *(change for change in units if change["action"] == "add_units"),
        *_new_line(order, form),
        *_amounts(order, form),
        *_recipient(order, form, personal),
        *_terms(form, zone),
        *(change for change in units if change["action"] == "remove_units"),
    ]
    if not changes:
        raise Problem(422, "changes_missing", "Say what is to be changed: every field is empty.", field="changes")
    return changes


def minor_of(form: Form, name: str, currency: str) -> int | None:
    """Read an amount of the currency, as 4.90, in minor units; None where the field is empty.

    Raises:
        Problem: 422.
    """
    text = form.get(name, "")
    if not text:
        return None
    # Decimal alone would take an exponent, whose whole number fills the memory.
    amount = Decimal(text if _AMOUNT.fullmatch(text) else "NaN").scaleb(get_currency_precision(currency))
    if amount != amount.to_integral_value():
        raise Problem(422, "amount_invalid", f"{text!r} is not an amount in {currency}, like 4.90.", field=name)
    return int(amount)


def digest_of(changes: list[Change]) -> str:
    """Give what tells a set of changes from another."""
    return sha256(msgspec.json.encode(changes)).hexdigest()[:32]


def _units(form: Form, line_id: str) -> Change | None:
    count = whole(form, f"{MORE_PREFIX}{line_id}")
    if not count:
        return None
    action = "add_units" if count > 0 else "remove_units"
    return {"action": action, "line_id": line_id, "quantity": abs(count)}


def _new_line(order: Order, form: Form) -> Iterator[Change]:
    if not form.get("new_sku"):
        return
    numbers = [int(line.line_id) for line in order.lines if line.line_id.isdecimal()]
    quantity = whole(form, "new_quantity")
    line = {
        "line_id": str(max([len(order.lines), *numbers]) + 1),
        "sku": form["new_sku"],
        "quantity": 1 if quantity is None else quantity,
        "unit_price_minor": minor_of(form, "new_price", order.currency) or 0,
    }
    yield {"action": "add_line", "line": line}


def _amounts(order: Order, form: Form) -> Iterator[Change]:
    priced = _minors(order, form, _PRICE)
    line = next((line for line in order.lines if line.line_id == form.get("price_line")), None)
    if priced and line is None:
        raise Problem(422, "line_unknown", "Say of which line the price is another one.", field="price_line")
    if priced:
        known = {name: getattr(line, name) for name in _PRICE.values()}
        yield {"action": "set_price", "line_id": form["price_line"], **known, **priced}
    for name in ("discount", "shipping"):
        found = _minors(order, form, {name: f"{name}_minor"})
        if found:
            yield {"action": f"set_{name}", **found}


def _minors(order: Order, form: Form, names: Mapping[str, str]) -> dict[str, int]:
    read = {field: minor_of(form, name, order.currency) for name, field in names.items()}
    return {field: amount for field, amount in read.items() if amount is not None}


def _recipient(order: Order, form: Form, personal: Mapping[str, Any] | None) -> Iterator[Change]:
    if any(form.get(name) for name in _ADDRESS):
        stated = {name: form.get(name) or getattr(order.destination, name) for name in _ADDRESS}
        yield {"action": "set_destination", "destination": stated}
    typed: dict[str, Any] = {name: form[name] for name in _PERSONAL if form.get(name)}
    if not typed:
        return
    if personal is None:
        detail = f"Changing personal data needs a role with the scope {Scope.CUSTOMERS_READ}."
        raise Problem(403, "scope_missing", detail, field="name")
    if "address_lines" in typed:
        typed["address_lines"] = [line.strip() for line in typed["address_lines"].splitlines() if line.strip()]
    # A customer is set whole, so what was not typed is what it was.
    known = {name: personal[name] for name in (*_PERSONAL, "locale") if personal.get(name)}
    whose = {} if order.customer is None else {"customer_id": order.customer.customer_id}
    yield {"action": "set_customer", "customer": {**whose, **known, **typed}}


def _terms(form: Form, zone: str) -> Iterator[Change]:
    priority = whole(form, "priority")
    if priority is not None:
        yield {"action": "set_priority", "priority": priority}
    promise_by = instant_of(form, "promise_by", zone)
    if promise_by is not None:
        yield {"action": "set_promise", "promise_by": promise_by}
    terms = {name: instant_of(form, name, zone) for name in _DATES}
    stated: Change = {"purchase_order": form.get("purchase_order"), **terms}
    cleared = [name for name in _DATES if form.get(f"{CLEAR_PREFIX}{name}")]
    for name in cleared:
        if terms[name]:
            raise Problem(422, "date_and_none", "State another date, or take it away: not both.", field=name)
    stated = {name: value for name, value in stated.items() if value} | ({"cleared": cleared} if cleared else {})
    if stated:
        yield {"action": "set_terms", **stated}
