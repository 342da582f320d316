"""Bodies of what goes out, and what is answered of it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.exchange.outbox.levels import LOW_STOCK_DEFAULT, Thresholds, Watch
from api.schemas.base import Body, Count, Instant, Sku, SourceId, Text
from api.schemas.out import Out

Pattern = Annotated[str, Field(min_length=1, max_length=80)]
Credentials = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=40)],
        # Any text: what is wrong with it is said without repeating it.
        Annotated[str, Field(max_length=20_000)],
    ],
    Field(max_length=20),
]


class ThresholdsIn(Body):
    """Where levels begin; of those that match, the most specific counts: its SKU, its category, any."""

    sku: Sku | None = None
    category: Text | None = None
    low_stock: Annotated[Count, Field(description="At this quantity or less it is low")] = LOW_STOCK_DEFAULT
    out_of_stock: Annotated[Count, Field(description="At this quantity or less it is out of stock")] = 0

    @model_validator(mode="after")
    def _rises(self) -> "ThresholdsIn":
        if self.low_stock < self.out_of_stock:
            raise PydanticCustomError("thresholds", "low_stock is not below out_of_stock")
        return self


class AvailabilityIn(Body):
    """What is told of availability: for which channels (without any: all of the pool), and where levels begin."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channels": ["shop-de"],
                    "thresholds": [{"low_stock": 5}, {"category": "lamps", "low_stock": 2, "out_of_stock": 1}],
                }
            ]
        }
    )

    channels: Annotated[tuple[SourceId, ...], Field(max_length=100)] = ()
    thresholds: Annotated[tuple[ThresholdsIn, ...], Field(max_length=1_000)] = ()

    def watch(self) -> Watch:
        """Give the record."""
        return Watch(
            channels=tuple(dict.fromkeys(self.channels)),
            thresholds=tuple(Thresholds(**one.model_dump()) for one in self.thresholds),
        )


class WebhookIn(Body):
    """A subscription: where to, and which events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://shop.example.com/headrace",
                    "events": ["order.*", "fulfillment.shipped", "availability.*"],
                    "availability": {"thresholds": [{"low_stock": 5}]},
                    "note": "shop",
                }
            ]
        }
    )

    url: Annotated[str, Field(min_length=8, max_length=500)]
    events: Annotated[list[Pattern], Field(min_length=1, max_length=50)]
    """`*`, a group such as `order.*`, or one such as `fulfillment.shipped`."""
    note: Annotated[str, Field(max_length=200)] = ""
    availability: AvailabilityIn | None = None
    """Of `availability.*` or one of them; without it all channels and the thresholds 5 and 0."""
    credentials: Credentials = {}  # noqa: RUF012 - Pydantic gives each body its own
    """What Kafka, SQS or Pub/Sub ask for; sealed, and never shown again."""


class CredentialsIn(Body):
    """What a subscription is sent with from now on, all of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"credentials": {}}]})

    credentials: Credentials


class ReplayIn(Body):
    """From when on events are sent again, each under the id that it had."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"from": "2026-11-20T00:00:00Z"}]})

    since: Annotated[Instant, Field(alias="from")]


class ThresholdsOut(Out):
    sku: str | None
    category: str | None
    low_stock: int
    out_of_stock: int


class WatchOut(Out):
    """`ready` once the first levels are noted: all that is crossed from then on is told."""

    channels: list[str]
    thresholds: list[ThresholdsOut]
    ready: bool


class WebhookOut(Out):
    """`transport` is https, kafka, sqs or pubsub."""

    webhook_id: str
    transport: str
    url: str
    has_credentials: bool
    events: list[str]
    availability: WatchOut | None
    note: str
    created_at: str
    created_by: str
    disabled_at: str | None
    disabled_why: str


class NewWebhookOut(WebhookOut):
    """`secret` is shown here and never again."""

    secret: str


class WebhooksOut(Out):
    webhooks: list[WebhookOut]


class SecretOut(Out):
    """The new secret; the one before signs beside it until `former_until`."""

    webhook_id: str
    secret: str
    former_until: str


class DeletedOut(Out):
    webhook_id: str
    deleted: bool


class ConnectionOut(Out):
    """`breaker` is closed, open or half_open; `pending` counts what waits, since `oldest_at`."""

    connection: str
    title: str
    is_live: bool
    paused_at: str | None
    disabled_why: str
    breaker: str
    retry_at: str | None
    pending: int
    oldest_at: str | None
    refused: int
    last_error: str
    last_error_at: str | None
    last_done_at: str | None
    removed_at: str | None


class ConnectionsOut(Out):
    """`removed` are accounts that are there no more, with a log that still is."""

    connections: list[ConnectionOut]
    removed: list[ConnectionOut]


class DeliveryOut(Out):
    delivery_id: str
    event_id: str
    kind: str
    type: str
    order_id: str | None
    state: str
    attempts: int
    number: int | None
    reference: str
    note: str
    occurred_at: str
    created_at: str
    due_at: str | None
    ended_at: str | None


class DeliveriesOut(Out):
    deliveries: list[DeliveryOut]
    next_cursor: str | None


class AttemptedOut(DeliveryOut):
    """With the newest attempts: outcome, HTTP status, latency, the first of what was answered."""

    log: list[dict[str, Any]]


class DoneOut(Out):
    connection: str
    done: bool


class ReplayedOut(Out):
    connection: str
    deliveries: int


class TestedOut(Out):
    delivery_id: str
