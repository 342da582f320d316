"""What may be sold: now and by a date, by location and over the pool, and what a channel is told of it."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.answers import answer
from api.availability import availability_of, present_availability, read_goods
from api.context import PoolId, Use
from api.present import iso
from api.problems import Problem
from api.route import router
from api.schemas import responses
from api.schemas.base import Instant, ms_of
from api.schemas.out_availability import AvailabilityOut
from api.security import Scope, needs, pool_unknown
from models.records.pool import PoolView
from models.rules.availability import SetUp

routes = router(tag="stock", prefix="/v1/pools/{pool}")
_SKUS_MAX = 100
Skus = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=100)]],
    Query(min_length=1, max_length=_SKUS_MAX, description="Repeat it for more than one", examples=[["TSHIRT-BLUE-M"]]),
]
ChannelName = Annotated[str | None, Query(max_length=60, description="For which: its ring-fenced stock, its rules")]
At = Annotated[Instant | None, Query(description="By when it is to ship; left out: now")]


@routes.get("/availability", response_model=AvailabilityOut, responses=responses.READS)
@needs(Scope.STOCK_READ)
async def read_availability(
    pool: PoolId, services: Use, sku: Skus, channel: ChannelName = None, at: At = None
) -> Response:
    """What may be sold of up to 100 SKUs: to fulfil (it is there) and to order (with what comes by `at`)."""
    view = services.set_ups.of(pool)
    if view is None:
        raise pool_unknown(pool)
    now_ms = services.now_ms()
    at_ms = _not_before(now_ms, at)
    goods = await services.views.search(lambda connection: read_goods(connection, pool, sku))
    unknown = next((one for one in sku if one not in goods.items), None)
    if unknown is not None:
        raise Problem(404, "sku_unknown", f"The catalogue has no SKU {unknown}: check its spelling.", field="sku")
    set_up = _set_up_of(view, channel)
    found = [
        present_availability(one, goods.items[one], availability_of(goods, one, set_up, now_ms=now_ms, at_ms=at_ms))
        for one in dict.fromkeys(sku)
    ]
    return answer({"at": iso(at_ms), "channel": channel, "skus": found})


def _not_before(now_ms: int, at: datetime | None) -> int:
    """What was to come yesterday and has not come is counted on still."""
    return now_ms if at is None else max(now_ms, ms_of(at))


def _set_up_of(view: PoolView, channel_id: str | None) -> SetUp:
    channel = next((one for one in view.channels if one.channel_id == channel_id), None)
    if channel_id is not None and channel is None:
        raise Problem(
            404,
            "channel_unknown",
            f"The pool has no channel {channel_id!r}: put it first, or leave it out.",
            field="channel",
        )
    locations = {location.location_id: location for location in view.locations}
    return SetUp(locations, view.pool.policy, view.routing_model, channel)
