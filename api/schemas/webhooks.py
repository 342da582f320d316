"""Bodies of what goes out, and what is answered of it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import Body, Instant
from api.schemas.out import Out

Pattern = Annotated[str, Field(min_length=1, max_length=80)]


class WebhookIn(Body):
    """A subscription: where to, and which events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://shop.example.com/headrace",
                    "events": ["order.*", "fulfillment.shipped"],
                    "note": "shop",
                }
            ]
        }
    )

    url: Annotated[str, Field(min_length=8, max_length=500)]
    events: Annotated[list[Pattern], Field(min_length=1, max_length=50)]
    """`*`, a group such as `order.*`, or one such as `fulfillment.shipped`."""
    note: Annotated[str, Field(max_length=200)] = ""


class ReplayIn(Body):
    """From when on events are sent again, each under the id that it had."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"from": "2026-11-20T00:00:00Z"}]})

    since: Annotated[Instant, Field(alias="from")]


class WebhookOut(Out):
    webhook_id: str
    url: str
    events: list[str]
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
