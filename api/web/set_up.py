"""Page Set-up: how a pool is set up now, since when and by whom, and how it is changed."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use
from api.route import router
from api.security import needs
from api.web.calendars import ClosedDays, CutOff, closed_days, next_cut_off, open_days
from api.web.filters import distance, duration, weight, words
from api.web.map import Place, draw
from api.web.pools import pool_view
from api.web.render import page
from models.records.pool import AppliedPart, Location, PoolView, RateCard, RoutingModel

routes = router(tag="pages", prefix="/p/{pool}")

_PARTS = ("pool", "locations", "channels", "policy", "catalogue", "routing_model")
_LANES_SHOWN = 40
_SHARE_SHOWN_PER_MILLE = 900


class Shown(NamedTuple):
    """A location with what its calendar says now."""

    location: Location
    cut_off: CutOff
    open_on: str
    closed: ClosedDays


class Part(NamedTuple):
    """A part of the set-up and since when it stands; None while it is as it was made."""

    name: str
    applied: AppliedPart | None


class Lane(NamedTuple):
    """How soon what was handed over on a lane is there, in per mille of it."""

    name: str
    within: tuple[int, ...]
    most_within_days: int | None


@routes.get("/set-up", include_in_schema=False)
@needs()
async def set_up_page(request: Request, pool: PoolId, services: Use) -> Response:
    """Locations on a map, calendars, channels, policy, rate card, routing model."""
    view = pool_view(services, pool)
    now_ms = services.now_ms()
    model = view.routing_model
    return page(
        request,
        "set_up.html",
        view=view,
        parts=[Part(name, view.pool.applied.get(name)) for name in _PARTS],
        places=draw(_places(view)),
        unplaced=[one.name or one.location_id for one in view.locations if one.position is None],
        locations=[_shown(one, now_ms) for one in view.locations],
        card=_card(view.pool.policy.rate_card),
        policy=_policy(view),
        lanes=[] if model is None else _lanes(model),
        lanes_more=0 if model is None else max(0, len(model.lanes) - _LANES_SHOWN),
    )


def _places(view: PoolView) -> Sequence[Place]:
    return [
        Place(one.name or one.location_id, one.position, one.kind, "" if one.enabled else "off", words(one.kind))
        for one in view.locations
        if one.position is not None
    ]


def _shown(location: Location, now_ms: int) -> Shown:
    cut_off = next_cut_off(location, now_ms)
    return Shown(location, cut_off, open_days(location.open_weekdays), closed_days(location, now_ms))


def _card(card: RateCard) -> tuple[list[str], list[tuple[str, tuple[int, ...]]]]:
    """The weight brackets, and per distance band its name and prices."""
    weights = _brackets([weight(limit) for limit in card.weight_limits_grams], "any weight")
    bands = _brackets([distance(limit) for limit in card.distance_limits_meters], "any distance")
    return weights, list(zip(bands, card.price_minor, strict=False))


def _brackets(limits: Sequence[str], unlimited: str) -> list[str]:
    return [f"up to {limit}" for limit in limits] + [f"over {limits[-1]}" if limits else unlimited]


def _policy(view: PoolView) -> list[tuple[str, str | int, str]]:
    """Name, value and what it means; an amount is an integer and is written in the pool's currency."""
    policy = view.pool.policy
    late = policy.late_minor or "not weighed"
    return [
        ("Preset", words(policy.preset), "what is compared first when locations are chosen"),
        ("Each further fulfillment", policy.split_penalty_minor, "added to the cost of splitting an order"),
        ("Each unit that waits", policy.unfilled_penalty_minor, "added for what no location can ship now"),
        ("A late order", late, "times the likelihood of missing the promise"),
        ("Fulfillments an order", str(policy.max_fulfillments), "at most"),
        ("Routed again", f"{policy.reroute_budget} times", "after rejections, then it is held for a person"),
        ("At risk", duration(policy.at_risk_before_ms), "before its promise an order is watched"),
        ("A document is known", duration(policy.document_window_ms), "so long a repeat is recognised"),
        ("A count reaches back", duration(policy.stock_horizon_ms), "over movements that arrive late"),
    ]


def _lanes(model: RoutingModel) -> list[Lane]:
    return [_lane(name, within) for name, within in sorted(model.lanes.items())[:_LANES_SHOWN]]


def _lane(name: str, within: tuple[int, ...]) -> Lane:
    most = next((days for days, share in enumerate(within) if share >= _SHARE_SHOWN_PER_MILLE), None)
    return Lane("everything else" if name == "*" else name, within, most)
