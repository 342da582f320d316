"""What lists of orders, previews and outcomes for many orders look like in answers."""

from typing import Literal

from pydantic import Field

from api.schemas.out import Out
from api.schemas.out_orders import OrderOut, UnitsOut


class FoundAsOut(Out):
    """One thing that `q` was found as; `is_cut` when more begin so than were looked through."""

    kind: str
    text: str
    is_exact: bool
    is_cut: bool


class OrdersOut(Out):
    orders: list[OrderOut]
    next_cursor: str | None
    found_as: list[FoundAsOut] = Field(default=[])


class AssignmentOut(Out):
    location_id: str
    fulfillment_id: str
    units: list[UnitsOut]
    cost_milli: int


class OrderedLineOut(Out):
    line_id: str
    sku: str
    quantity: int
    amount_minor: int


class PreviewOut(Out):
    """What an edit would come to, in money and routing; nothing was changed. Confirm it with its `edition`."""

    order_id: str
    edition: int
    lines: list[OrderedLineOut]
    total_minor: int
    total_before_minor: int
    cancelled_minor: int
    cancelled_before_minor: int
    assignments: list[AssignmentOut]
    waiting: list[UnitsOut]


class HoldOutcomeOut(Out):
    """What became of one order: applied, refused with why, or on record and not decided in the time waited."""

    order_id: str
    status: Literal["applied", "refused", "accepted"]
    code: str | None = None
    detail: str | None = None


class HoldOutcomesOut(Out):
    outcomes: list[HoldOutcomeOut]
