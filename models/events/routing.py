"""Where units went, and why."""

from models.events.envelope import Event
from models.records.line import UnitsOfLine
from models.types import LocationId, Record


class Assignment(Record, kw_only=True):
    """Units of lines given to one location, at what cost in thousandths of a minor unit."""

    location_id: LocationId
    fulfillment_id: str
    units: tuple[UnitsOfLine, ...]
    cost_milli: int


class Candidate(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A location that was weighed: its cheapest cost to ship `lines` (a count) of the order, and why it lost.

    `lost_by` is '' for a chosen one. The cost holds what the likelihood of coming late costs.
    """

    location_id: LocationId
    lines: int
    cost_milli: int
    lost_by: str


class RoutingTrace(Record, kw_only=True):
    """Why the units went where they went (I10)."""

    policy_version: int
    preset: str
    method: str
    """`exact`; above the size of the exact programme `whole` (exact with every SKU kept together) or `greedy`."""
    cost_milli: int
    model_version: int = 0
    """Of the routing model that likelihoods are from; 0 where lateness was not weighed."""
    late_per_mille: dict[LocationId, int] = {}
    """How likely each candidate comes late, in per mille."""
    candidates: tuple[Candidate, ...] = ()
    excluded: dict[str, tuple[LocationId, ...]] = {}
    """Locations with stock that were not weighed, by reason: disabled, refused_before, no_capacity."""


class UnitsRouted(Event, tag="units_routed", kw_only=True):
    """Locations were chosen and their stock claimed; what found none waits."""

    order_id: str
    cause: str
    assignments: tuple[Assignment, ...]
    waiting: tuple[UnitsOfLine, ...]
    trace: RoutingTrace
