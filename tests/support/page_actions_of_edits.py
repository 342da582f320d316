"""The form that edits an order: each is previewed first, and then confirmed."""

from collections.abc import Mapping
from typing import Any

from api.roles import Role
from tests.support.page_action import Action

_ORDER = "/p/{pool}/orders/{order_id}"
_WHY = {"reason": "they called"}
ADA: dict[str, Any] = {"customer": {"customer_id": "c-771", "name": "Ada Example", "address_lines": ["Weg 1"]}}


def _edit(first: Mapping[str, str], asked: Mapping[str, Any], after: Mapping[str, Any], **more: Any) -> Action:
    return Action(
        f"{_ORDER}/edit",
        _ORDER,
        Role.SERVICE,
        Role.FLOOR,
        "The order is changed.",
        {"do": "confirm", **_WHY},
        command="edit_order",
        first=first,
        asked=asked,
        before={"version": 1},
        after=after,
        **more,
    )


OF_EDITS: Mapping[str, Action] = {
    "edit an order": _edit(
        first={"more.1": "1", "priority": "7", "reason": _WHY["reason"], "do": "preview"},
        asked={"edition": 0},
        after={"version": 2},
    ),
    "change every other thing of an order": _edit(
        first={
            "price": "15.00",
            "discount": "1.00",
            "shipping": "4.90",
            "name": "Ada Secret",
            "address_lines": "Weg 2\n10115 Berlin",
            "purchase_order": "PO-7",
            "requested_at": "2027-04-01T08:00",
            "cancel_at": "2099-04-01T08:00",
            "do": "preview",
        },
        asked={"edition": 0},
        after={
            "version": 2,
            "changes": ["set_price", "set_discount", "set_shipping", "set_customer", "set_terms"],
        },
        order=ADA,
    ),
    "take a date of an order away": _edit(
        first={"clear.cancel_at": "yes", "do": "preview"},
        asked={"changes": [{"action": "set_terms", "cleared": ["cancel_at_ms"]}]},
        after={"version": 2, "changes": ["set_terms"]},
        order={"terms": {"cancel_at": "2099-04-01T08:00:00Z"}},
    ),
}
