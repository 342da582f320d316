"""Lists of work: orders that wait for somebody, oldest first."""

from typing import Any

from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.located import part_of
from api.pages import Cursor, Limit, cursor_of, decode_cursor
from api.personal import open_personal
from api.present import iso, order_of, present_order
from api.problems import Problem
from api.route import router
from api.schemas import responses
from api.schemas.out_queues import QueuedOrdersOut, QueuesOut
from api.security import Principal, Scope, needs
from api.views.queues import ALL_QUEUES, Entry, QueueCount, count_queues, queues_for, read_queue

routes = router(tag="orders", prefix="/v1/pools/{pool}/queues")


@routes.get("", response_model=QueuesOut, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def list_queues(pool: PoolId, services: Use, who: Who) -> Response:
    """Every list of work with how many orders stand in it, and since when the first of them.

    Those bound to locations have the lists about their own parts of orders.
    """
    counts = await services.views.search(lambda connection: count_queues(connection, pool, who.locations))
    return answer({"queues": [_shown(name, counted) for name, counted in counts.items()]})


@routes.get("/{name}", response_model=QueuedOrdersOut, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def read_orders_of_queue(
    pool: PoolId, name: str, services: Use, who: Who, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The orders of a list of work, the one that stands there longest first; at risk, the nearest promise first."""
    check_queue(who, name)
    after = decode_cursor(cursor, str) or ""
    counts, entries = await services.views.search(
        lambda connection: (
            count_queues(connection, pool, who.locations),
            read_queue(connection, pool, name, after=after, limit=limit + 1, locations=who.locations),
        )
    )

    def entry(one: Entry) -> dict[str, Any]:
        order = part_of(who, order_of(one.body))
        assert order is not None, "a location's queue holds what it has a part of"
        return {"since": iso(one.since_ms), "order": present_order(order, open_personal(services, who, order))}

    more = cursor_of(entries[limit - 1].place) if len(entries) > limit else None
    shown = _shown(name, counts[name])
    return answer(shown | {"entries": [entry(one) for one in entries[:limit]], "next_cursor": more})


def check_queue(who: Principal, name: str) -> None:
    """Refuse a list that is not there for whoever asks.

    Raises:
        Problem: 404.
    """
    queues = queues_for(who.locations)
    if name not in queues:
        names = ", ".join(queues)
        raise Problem(404, "queue_unknown", f"There is no queue {name!r}; there are {names}.", field="name")


def _shown(name: str, count: QueueCount) -> dict[str, Any]:
    oldest = None if count.oldest_ms is None else iso(count.oldest_ms)
    return {"name": name, "meaning": ALL_QUEUES[name], "orders": count.orders, "oldest_since": oldest}
