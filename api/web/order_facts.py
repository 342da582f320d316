"""Everything that the page of an order shows, gathered once from the views."""

from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request

from api.context import principal_of, services_of
from api.explain import explained
from api.personal import open_personal
from api.present import item_of, update_of
from api.resolvers import may_release
from api.routes.orders import visible_order
from api.security import Principal, Scope
from api.services import Services
from api.web.bodies import Attempt, new_key
from api.web.filters import money, words
from api.web.map import Map, Place, draw
from api.web.order_routing import Choice, Desk, choice
from api.web.order_story import Teller, story
from api.web.order_together import companions
from api.web.pools import pool_view
from api.web.render import zone_of
from api.web.words import name_of, units_of_skus, when_in
from models.events import UnitsRouted
from models.money import amount_of_units
from models.records.fulfillment import CarrierStatus, Fulfillment, FulfillmentStatus, Parcel
from models.records.hold import Hold
from models.records.line import Line
from models.records.order import Order
from models.records.pool import Location
from models.rules.allowed import Allowed, allowed, may_move
from models.rules.holds import HOLD_RULES
from models.rules.lines import RECALLABLE_STATUSES
from models.rules.orders.cancel import CANCEL_CAUSES
from models.rules.orders.hold import FINAL
from models.rules.orders.reject import REJECT_CAUSES
from models.updates import CommandUpdate

_HISTORY_PAGE = 200
_HISTORY_MAX = 1_000
_STEPS = ("answer-cancellation", "accept", "pick", "pack", "merge", "ready", "collect", "ship", "reject")
"""In the order in which they are done; who refuses does so last."""

_CAUSES_OF_RULES = frozenset({"content_changed", "edited", "expired", "auto_cancelled"})
"""Why units are cancelled that nobody cancels by hand."""


class LineFacts(NamedTuple):
    """A line with what follows from its counters."""

    line: Line
    name: str
    in_transit: int
    cancellable: int


class FulfillmentFacts(NamedTuple):
    """A fulfillment with its location, its parcels and what its location can do next."""

    fulfillment: Fulfillment
    location_name: str
    time_zone: str
    parcels: tuple[Parcel, ...]
    may_act: bool
    steps: tuple[str, ...]


class HoldFacts(NamedTuple):
    """A hold with what it is on, who takes it off, and whether that is whoever reads."""

    hold: Hold
    on: str
    value: str
    resolvers: tuple[str, ...]
    may_release: bool


async def order_context(request: Request, pool: str, order_id: str, attempt: Attempt | None = None) -> dict[str, Any]:
    """Give what the templates of an order show.

    Raises:
        Problem: 404, also for those who work only at locations that have no part in it.
    """
    services, who = services_of(request), principal_of(request)
    order = visible_order(services, who, pool, order_id)
    setup = pool_view(services, pool)
    places = {place.location_id: place for place in setup.locations}
    # The history tells what other locations were weighed and what they did.
    updates = await _history(services, pool, order_id) if who.locations is None else []
    zone, may = zone_of(request), allowed(order, places)
    parts = [_fulfillment(order, places, may, who, one) for one in order.fulfillments]
    mergeable = {part.fulfillment.fulfillment_id for part in parts if "merge" in part.steps}
    choices = _choices(Desk(order, setup, places), updates)
    return {
        "pool": pool,
        "order": order,
        "currency": order.currency,
        "why": explained(services, who, order, when_in(zone)),
        "lines": [_line(services, order, line) for line in order.lines],
        "fulfillments": parts,
        "companions": await companions(services, who, order, mergeable),
        "holds": [_hold(order, places, who, hold) for hold in order.holds],
        "collect_at": "" if order.terms is None else name_of(places, order.terms.collect_at or ""),
        "may": may.order,
        "may_of_parcels": may.parcels,
        "movable": {one.fulfillment_id for one in order.fulfillments if may_move(order, one, places)},
        "locations": [(one, name_of(places, one)) for one, place in places.items() if place.enabled],
        "entries": story(Teller(order, places, when_in(zone)), updates)[::-1],
        "choices": choices,
        "map": _map(order, places, choices),
        "customer": open_personal(services, who, order),
        "refused_by": [name_of(places, location_id) for location_id in order.refused_by],
        "amounts": _amounts(order),
        "may_write": who.may(Scope.ORDERS_WRITE),
        "may_see_customer": who.may(Scope.CUSTOMERS_READ),
        "is_final": order.status in FINAL,
        "hold_types": [(kind.value, f"{words(kind)}: {rule.meaning}") for kind, rule in HOLD_RULES.items()],
        "line_prices": [(line.line_id, f"{line.sku}, {_price(order, line)}") for line in order.lines],
        "reject_causes": [(cause, words(cause)) for cause in REJECT_CAUSES],
        "cancel_causes": [(cause, words(cause)) for cause in CANCEL_CAUSES if cause not in _CAUSES_OF_RULES],
        "carrier_statuses": [(one.value, f"{words(one)}: {one.meaning}") for one in CarrierStatus],
        "units_of": partial(units_of_skus, order),
        "attempt": attempt,
        "new_key": new_key,
        "refund": None,
        "preview": None,
    }


def refund_of(order: Order, units: list[dict[str, Any]]) -> int:
    """Give what cancelling these units gives back, from the cents that each unit was given when it was ordered."""
    wanted = {unit["line_id"]: unit["quantity"] for unit in units}
    return sum(
        amount_of_units(line.amount_minor, line.quantity, line.cancelled, count)
        for line in order.lines
        if (count := min(wanted.get(line.line_id, 0), line.waiting + line.allocated))
    )


async def _history(services: Services, pool: str, order_id: str) -> list[CommandUpdate]:
    """Give the order's updates, oldest first, up to as many as somebody would read."""
    updates: list[CommandUpdate] = []
    after = (-1, -1)
    while len(updates) < _HISTORY_MAX:
        rows = await services.views.history(pool, order_id, after=after, limit=_HISTORY_PAGE)
        updates += [update_of(row) for row in rows]
        if len(rows) < _HISTORY_PAGE:
            break
        after = updates[-1].offset, updates[-1].index
    return updates


def _line(services: Services, order: Order, line: Line) -> LineFacts:
    item = services.views.item(order.pool, line.sku)
    recallable = sum(
        part.allocated
        for one in order.fulfillments
        if one.status in RECALLABLE_STATUSES
        for part in one.lines
        if part.line_id == line.line_id
    )
    return LineFacts(
        line,
        item_of(item).item.name if item is not None else "",
        line.shipped - line.delivered - line.lost - line.returned_to_sender,
        line.waiting + recallable,
    )


def _price(order: Order, line: Line) -> str:
    parts = {"each": line.unit_price_minor, "discount": line.discount_minor, "tax": line.tax_minor}
    return ", ".join(f"{money(amount, order.currency)} {name}" for name, amount in parts.items() if amount) or "free"


def _fulfillment(
    order: Order, places: dict[str, Location], allowed_now: Allowed, who: Principal, one: Fulfillment
) -> FulfillmentFacts:
    place = places.get(one.location_id)
    may = who.may(Scope.FULFILLMENT_WRITE) and who.works_at(one.location_id)
    return FulfillmentFacts(
        one,
        name_of(places, one.location_id),
        place.time_zone if place is not None else "UTC",
        tuple(parcel for parcel in order.parcels if parcel.fulfillment_id == one.fulfillment_id),
        may,
        _steps(one, allowed_now.fulfillments.get(one.fulfillment_id, ())) if may else (),
    )


def _steps(one: Fulfillment, names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the steps that a page offers: what has left or was collected is first accepted, and not both."""
    left_out = {"ship"} if "collect" in names else set()
    if one.status is FulfillmentStatus.ALLOCATED:
        left_out = {"ship", "collect"}
    return tuple(name for name in _STEPS if name in names and name not in left_out)


def _hold(order: Order, places: dict[str, Location], who: Principal, hold: Hold) -> HoldFacts:
    on, value = "", hold.type.value + (f"#{hold.handle}" if hold.handle else "")
    if hold.line_id:
        sku = next((line.sku for line in order.lines if line.line_id == hold.line_id), "")
        on, value = f"line {hold.line_id}, {sku}", f"{value} line:{hold.line_id}"
    elif hold.fulfillment_id:
        parts = {one.fulfillment_id: name_of(places, one.location_id) for one in order.fulfillments}
        on, value = f"the part at {parts.get(hold.fulfillment_id, '')}", f"{value} fulfillment:{hold.fulfillment_id}"
    may = who.may(Scope.HOLDS_RELEASE) and may_release(who, hold.type)
    return HoldFacts(hold, on, value, HOLD_RULES[hold.type].resolvers, may)


def _choices(desk: Desk, updates: list[CommandUpdate]) -> list[Choice]:
    """Explain each routing of the order, newest first."""
    found = [
        choice(desk, event, update.at_ms)
        for update in updates
        for event in update.events
        if isinstance(event, UnitsRouted) and event.order_id == desk.order.order_id
    ]
    return found[::-1]


def _map(order: Order, places: dict[str, Location], choices: list[Choice]) -> Map | None:
    """Draw the newest choice: who was weighed, who sends, and where to."""
    to = order.destination.position
    if not choices or to is None:
        return None
    pins = [Place("destination", to, "destination", "", order.destination.country)]
    links = []
    for candidate in choices[0].candidates:
        place = places.get(candidate.location_id)
        if place is None or place.position is None:
            continue
        state = "chosen" if candidate.is_chosen else "lost"
        pins.append(Place(candidate.name, place.position, place.kind.value, state, candidate.cost))
        if candidate.is_chosen:
            links.append((len(pins) - 1, 0, state))
    return draw(pins, links)


def _amounts(order: Order) -> dict[str, int]:
    cancelled = sum(line.cancelled_minor for line in order.lines)
    return {"ordered": order.total_minor, "cancelled": cancelled, "left": order.total_minor - cancelled}
