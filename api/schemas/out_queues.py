"""What is answered about lists of work."""

from pydantic import Field

from api.schemas.out import Out
from api.schemas.out_orders import OrderOut


class QueueOut(Out):
    name: str
    meaning: str = Field(description="What is to be done with its orders")
    orders: int
    oldest_since: str | None = Field(description="Since when its first order stands in it; at risk: the first promise")


class QueuesOut(Out):
    queues: list[QueueOut]


class QueuedOut(Out):
    since: str
    order: OrderOut


class QueuedOrdersOut(QueueOut):
    entries: list[QueuedOut]
    next_cursor: str | None
