"""The steps of a fulfillment, as data: from where to where each goes, and which hold may be in its way."""

from typing import NamedTuple

from models import commands as c
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.order import Order
from models.rejections import Rejected, RejectionCode, fulfillment_unknown
from models.rules.holds import Step, in_the_way
from models.rules.lines import OPEN_STATUSES, allocated_units, fulfillment_of


class StepRule(NamedTuple):
    """From where to where a step goes."""

    begins: frozenset[FulfillmentStatus]
    ends: FulfillmentStatus | None
    """Nowhere, where the fulfillment stays as it is."""
    step: Step | None
    """What a hold may block; without one it always goes on."""
    done: str
    """What has been done by it, in a sentence."""


STEP_RULES: dict[type[c.FulfillmentCommand], StepRule] = {
    c.AcceptFulfillment: StepRule(
        frozenset({FulfillmentStatus.ALLOCATED}), FulfillmentStatus.ACCEPTED, Step.ACCEPT, "accepted"
    ),
    c.PickFulfillment: StepRule(
        frozenset({FulfillmentStatus.ALLOCATED, FulfillmentStatus.ACCEPTED}),
        FulfillmentStatus.PICKED,
        Step.PICK,
        "picked",
    ),
    c.PackFulfillment: StepRule(frozenset({FulfillmentStatus.PICKED}), FulfillmentStatus.PACKED, Step.PACK, "packed"),
    c.MakeReady: StepRule(frozenset({FulfillmentStatus.PACKED}), FulfillmentStatus.READY, Step.PACK, "made ready"),
    c.RejectFulfillment: StepRule(OPEN_STATUSES, FulfillmentStatus.REJECTED, None, "rejected"),
    c.MergeFulfillments: StepRule(OPEN_STATUSES, None, None, "merged"),
}


class Way(NamedTuple):
    """A way from one status to another that is no step: by a fact, or because units are taken out."""

    begins: frozenset[FulfillmentStatus]
    ends: FulfillmentStatus
    by: str


BEGINS: dict[FulfillmentStatus, str] = {
    FulfillmentStatus.ALLOCATED: "routed",
    FulfillmentStatus.DELIVERED: "imported, long delivered",
}
"""Where a fulfillment begins, and how it came about."""

WAYS: tuple[Way, ...] = (
    Way(OPEN_STATUSES, FulfillmentStatus.SHIPPED, "last unit left"),
    Way(OPEN_STATUSES, FulfillmentStatus.CANCELLED, "all units taken out"),
    Way(OPEN_STATUSES, FulfillmentStatus.DELIVERED, "rest taken out, parcels ended"),
    Way(frozenset({FulfillmentStatus.SHIPPED}), FulfillmentStatus.DELIVERED, "parcels ended"),
    Way(
        frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.DELIVERED}),
        FulfillmentStatus.ACCEPTED,
        "less had left than an arrival let believe",
    ),
)
"""Where facts, and units that are taken out, bring a fulfillment beside its steps; no hold is in their way."""


def begin(order: Order, command: c.FulfillmentCommand) -> Fulfillment | Rejected:
    """Find the fulfillment, if it stands where the step begins and no hold is in its way."""
    rule = STEP_RULES[type(command)]
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return fulfillment_unknown(command.fulfillment_id)
    holds = in_the_way(order, found, rule.step) if order.holds and rule.step is not None else ()
    if holds:
        reasons = ", ".join(hold.type for hold in holds)
        return Rejected(RejectionCode.ORDER_HELD, f"it is held for {reasons}; release it first", "order_id")
    if found.status not in rule.begins or not allocated_units(found):
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"a {found.status} fulfillment cannot be {rule.done}", "fulfillment_id"
        )
    return found


def after(command: c.FulfillmentCommand) -> FulfillmentStatus:
    """Give where a step that was done leaves the fulfillment."""
    ends = STEP_RULES[type(command)].ends
    if ends is None:
        raise AssertionError("this step leaves the fulfillment where it is")
    return ends
