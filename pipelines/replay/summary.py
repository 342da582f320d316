"""What a replay came to: counts over the views of its orders, for a person and for a program."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from models.events import UnitsRouted
from models.records.fulfillment import Fulfillment, FulfillmentStatus, ParcelStatus
from models.records.order import Order
from pipelines.replay.plan import ReplayOrder
from pipelines.replay.playback import Progress

_VOID = frozenset({FulfillmentStatus.CANCELLED, FulfillmentStatus.REJECTED})


class Summary(Struct, frozen=True, kw_only=True):
    """Orders by what became of them; routed and waiting are as each was placed, the rest as it stood at the end."""

    orders: int
    routed: int
    split: int
    waiting: int
    lines: int
    waiting_lines: int
    still_waiting: int
    shipped: int
    delivered: int
    cancelled: int
    late: int
    late_in_reality: int
    lines_at_real_seller: int
    unread: int
    statuses: dict[str, int]


def summarise(progresses: Iterable[Progress]) -> Summary:
    """Count over all orders of a replay."""
    everyone = list(progresses)
    routings = [progress.routing for progress in everyone if progress.routing is not None]
    last = [progress.view for progress in everyone if progress.view is not None]
    return Summary(
        orders=len(everyone),
        routed=sum(1 for routing in routings if not routing.waiting),
        split=sum(1 for view in last if len(_active(view)) > 1),
        waiting=sum(1 for routing in routings if routing.waiting),
        lines=sum(len(progress.order.place.lines) for progress in everyone),
        waiting_lines=sum(len(routing.waiting) for routing in routings),
        still_waiting=sum(1 for view in last if _waits(view)),
        shipped=sum(1 for view in last if view.parcels),
        delivered=sum(1 for view in last if view.status == "delivered"),
        cancelled=sum(1 for view in last if view.status == "cancelled"),
        late=sum(1 for view in last if _late(view)),
        late_in_reality=sum(1 for progress in everyone if _late_in_reality(progress.order)),
        lines_at_real_seller=sum(
            _lines_at(progress.order.sellers, progress.routing) for progress in everyone if progress.routing
        ),
        unread=len(everyone) - len(last),
        statuses=dict(sorted(Counter(str(view.status) for view in last).items())),
    )


def _waits(view: Order) -> bool:
    return any(line.waiting for line in view.lines)


def _active(view: Order) -> list[Fulfillment]:
    return [fulfillment for fulfillment in view.fulfillments if fulfillment.status not in _VOID]


def _late(view: Order) -> bool:
    """Whether a parcel arrived after the promise."""
    return view.promise_by_ms is not None and any(
        parcel.status is ParcelStatus.DELIVERED and (parcel.ended_at_ms or 0) > view.promise_by_ms
        for parcel in view.parcels
    )


def _late_in_reality(order: ReplayOrder) -> bool:
    promised, delivered = order.place.promise_by_ms, order.stamps.delivered_ms
    return promised is not None and delivered is not None and delivered > promised


def _lines_at(sellers: Mapping[str, str], routing: UnitsRouted) -> int:
    """Lines that routing gave wholly to the location that sold them in reality."""
    chosen: dict[str, set[str]] = {units.line_id: {""} for units in routing.waiting}
    for assignment in routing.assignments:
        for units in assignment.units:
            chosen.setdefault(units.line_id, set()).add(assignment.location_id)
    return sum(chosen.get(line) == {seller} for line, seller in sellers.items())
