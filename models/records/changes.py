"""What an edit can change of an order: typed actions, taken in their order."""

from typing import Literal

from models.records.order import Customer, NewLine
from models.records.place import Destination
from models.types import AmountMinor, InstantMs, Priority, Quantity, Record, Reference, Text


class Changing(Record, tag_field="action", kw_only=True):
    """Base of the actions of an edit."""


class AddLine(Changing, tag="add_line", kw_only=True):
    """Order something more."""

    line: NewLine


class AddUnits(Changing, tag="add_units", kw_only=True):
    """Order more units of a line, at its price."""

    line_id: Reference
    quantity: Quantity


class RemoveUnits(Changing, tag="remove_units", kw_only=True):
    """Cancel units of a line that are not picked."""

    line_id: Reference
    quantity: Quantity


class SetDestination(Changing, tag="set_destination", kw_only=True):
    """Send what has not shipped elsewhere; it is routed again. `name` is empty for the order's own address."""

    destination: Destination
    name: str = ""


class SetCustomer(Changing, tag="set_customer", kw_only=True):
    """Another buyer or recipient, or other personal data of the same."""

    customer: Customer


class SetPrice(Changing, tag="set_price", kw_only=True):
    """Charge other amounts for a line; not once units of the order are cancelled at the old ones."""

    line_id: Reference
    unit_price_minor: AmountMinor
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0


class SetDiscount(Changing, tag="set_discount", kw_only=True):
    """Take another amount off the whole order."""

    discount_minor: AmountMinor


class SetShipping(Changing, tag="set_shipping", kw_only=True):
    """Charge another amount for shipping."""

    shipping_minor: AmountMinor


class SetPriority(Changing, tag="set_priority", kw_only=True):
    """Serve the order sooner, or later."""

    priority: Priority


class SetPromise(Changing, tag="set_promise", kw_only=True):
    """Promise another time; the first promise stays on record."""

    promise_by_ms: InstantMs


class SetTerms(Changing, tag="set_terms", kw_only=True):
    """Restate terms; what is not stated stays, and the dates that are named in `cleared` are taken away."""

    purchase_order: Text | None = None
    requested_at_ms: InstantMs | None = None
    cancel_at_ms: InstantMs | None = None
    cleared: tuple[Literal["requested_at_ms", "cancel_at_ms"], ...] = ()


Change = (
    AddLine
    | AddUnits
    | RemoveUnits
    | SetPrice
    | SetShipping
    | SetDiscount
    | SetDestination
    | SetCustomer
    | SetPriority
    | SetPromise
    | SetTerms
)
