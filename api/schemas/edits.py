"""The body of an edit: a set of typed changes, previewed or made all at once."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.schemas.base import (
    AmountMinor,
    Body,
    Count,
    Envelope,
    Instant,
    Quantity,
    Reasoned,
    Reference,
    Text,
    instant_or_none,
    ms_of,
)
from api.schemas.content import CustomerIn, DestinationIn, LineIn
from models import commands
from models.records import changes as ch
from models.records.order import Customer


class AddLineIn(Body):
    """Order something more; the line needs a `line_id` of its own."""

    action: Literal["add_line"]
    line: LineIn

    @model_validator(mode="after")
    def _has_id(self) -> Self:
        if self.line.line_id is None:
            raise PydanticCustomError("line_id_missing", "a line that is added needs a line_id that no other has")
        return self

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.AddLine(line=self.line.line(0))


class AddUnitsIn(Body):
    """Order more units of a line, at its price."""

    action: Literal["add_units"]
    line_id: Reference
    quantity: Quantity

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.AddUnits(line_id=self.line_id, quantity=self.quantity)


class RemoveUnitsIn(Body):
    """Cancel units of a line that are not picked."""

    action: Literal["remove_units"]
    line_id: Reference
    quantity: Quantity

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.RemoveUnits(line_id=self.line_id, quantity=self.quantity)


class SetPriceIn(Body):
    """Charge other amounts for a line."""

    action: Literal["set_price"]
    line_id: Reference
    unit_price_minor: AmountMinor
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetPrice(
            line_id=self.line_id,
            unit_price_minor=self.unit_price_minor,
            discount_minor=self.discount_minor,
            tax_minor=self.tax_minor,
        )


class SetDiscountIn(Body):
    """Take another amount off the whole order."""

    action: Literal["set_discount"]
    discount_minor: AmountMinor

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetDiscount(discount_minor=self.discount_minor)


class SetShippingIn(Body):
    """Charge another amount for shipping."""

    action: Literal["set_shipping"]
    shipping_minor: AmountMinor

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetShipping(shipping_minor=self.shipping_minor)


class SetDestinationIn(Body):
    """Send what has not shipped elsewhere; without a `name` it is the order's own address."""

    action: Literal["set_destination"]
    destination: DestinationIn
    name: Annotated[str, Field(max_length=60)] = ""

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetDestination(destination=self.destination.destination(), name=self.name)


class SetCustomerIn(Body):
    """Another buyer or recipient, or other personal data of the same."""

    action: Literal["set_customer"]
    customer: CustomerIn


class SetPriorityIn(Body):
    """Serve the order sooner, or later."""

    action: Literal["set_priority"]
    priority: Annotated[int, Field(ge=0, le=9)]

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetPriority(priority=self.priority)


class SetPromiseIn(Body):
    """Promise another time; the first promise stays on record."""

    action: Literal["set_promise"]
    promise_by: Instant

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetPromise(promise_by_ms=ms_of(self.promise_by))


_IN_MS: dict[str, Literal["requested_at_ms", "cancel_at_ms"]] = {
    "requested_at": "requested_at_ms",
    "cancel_at": "cancel_at_ms",
}


class SetTermsIn(Body):
    """Restate terms; what is not stated stays, and the dates named in `cleared` are taken away."""

    action: Literal["set_terms"]
    purchase_order: Text | None = None
    requested_at: Instant | None = None
    cancel_at: Instant | None = None
    cleared: Annotated[tuple[Literal["requested_at", "cancel_at"], ...], Field(max_length=2)] = ()

    def change(self) -> ch.Change:
        """Give the record."""
        return ch.SetTerms(
            purchase_order=self.purchase_order,
            requested_at_ms=instant_or_none(self.requested_at),
            cancel_at_ms=instant_or_none(self.cancel_at),
            cleared=tuple(_IN_MS[name] for name in self.cleared),
        )


ChangeIn = Annotated[
    AddLineIn
    | AddUnitsIn
    | RemoveUnitsIn
    | SetPriceIn
    | SetDiscountIn
    | SetShippingIn
    | SetDestinationIn
    | SetCustomerIn
    | SetPriorityIn
    | SetPromiseIn
    | SetTermsIn,
    Field(discriminator="action"),
]


class EditIn(Reasoned):
    """Change an order, all of it or nothing. With `preview` it is only reckoned; confirm with the edition it names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"changes": [{"action": "add_units", "line_id": "1", "quantity": 1}], "preview": True},
                {"changes": [{"action": "add_units", "line_id": "1", "quantity": 1}], "edition": 0},
            ]
        }
    )

    changes: Annotated[tuple[ChangeIn, ...], Field(min_length=1, max_length=200)]
    edition: Annotated[
        Count | None, Field(description="For which it was made: when another edit came first it is refused with 409")
    ] = None
    preview: bool = False

    @model_validator(mode="after")
    def _one_customer(self) -> Self:
        if sum(isinstance(change, SetCustomerIn) for change in self.changes) > 1:
            raise PydanticCustomError("customer_repeated", "an edit sets the customer once")
        return self

    @property
    def customer(self) -> CustomerIn | None:
        """Give the customer that it sets."""
        return next((change.customer for change in self.changes if isinstance(change, SetCustomerIn)), None)

    def command(self, envelope: Envelope, order: str, customer: Customer | None) -> commands.EditOrder:
        """Give the command that this body asks for; `customer` is the one that it sets, sealed."""
        return commands.EditOrder(
            **envelope.fields(self.reason),
            order_id=order,
            changes=tuple(_record(change, customer) for change in self.changes),
            edition=self.edition,
            preview=self.preview,
        )


def _record(change: ChangeIn, customer: Customer | None) -> ch.Change:
    if isinstance(change, SetCustomerIn):
        assert customer is not None
        return ch.SetCustomer(customer=customer)
    return change.change()
