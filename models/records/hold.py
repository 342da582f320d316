"""Holds: typed reasons that keep an order, a line or a fulfillment from moving."""

from enum import StrEnum
from typing import NamedTuple

from models.types import Handle, InstantMs, Record


class HoldType(StrEnum):
    """Why something is kept from moving; what each means is data in `rules.holds`."""

    FRAUD_REVIEW = "fraud_review"
    PAYMENT = "payment"
    ADDRESS = "address"
    CUSTOMER_REQUEST = "customer_request"
    UNMAPPED_SKU = "unmapped_sku"
    UNEXPECTED_CURRENCY = "unexpected_currency"
    UNROUTABLE = "unroutable"
    APPROVAL = "approval"
    SCHEDULED = "scheduled"
    PARKED = "parked"
    IMPORTED = "imported"
    CLASH = "clash"
    OTHER = "other"


class HoldKey(NamedTuple):
    """What a hold is known by: a type on one thing, by whoever names it with a handle of their own."""

    type: HoldType
    line_id: str = ""
    fulfillment_id: str = ""
    handle: str = ""


class Hold(Record, kw_only=True):
    """One reason that keeps something from moving; several may stand at once.

    It is of the whole order, or of a line, or of a fulfillment. At `release_at_ms` it ends by itself; at
    `cancel_at_ms`, where it still stands, what has not shipped is cancelled.
    """

    type: HoldType
    applied_at_ms: InstantMs
    actor: str
    note: str = ""
    release_at_ms: InstantMs | None = None
    cancel_at_ms: InstantMs | None = None
    line_id: str = ""
    fulfillment_id: str = ""
    handle: Handle = ""

    @property
    def key(self) -> HoldKey:
        """What may stand once."""
        return HoldKey(self.type, self.line_id, self.fulfillment_id, self.handle)
