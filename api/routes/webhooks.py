"""Webhook subscriptions: who is told of which events. Delivery follows the Standard Webhooks specification."""

from typing import Annotated, Any

import msgspec
from fastapi import Path
from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.exchange.addresses import private_hosts_of
from api.exchange.outbox.names import is_known_pattern, wants_availability
from api.exchange.outbox.subscriptions import FORMER_LIVES_MS, Subscription
from api.exchange.outbox.target import WEBHOOK
from api.exchange.outbox.transports.registry import check_endpoint, transport_of
from api.exchange.outbox.transports.transport import Bounds, EndpointError
from api.present import iso
from api.problems import Problem
from api.route import router
from api.schemas import responses
from api.schemas import webhooks as out
from api.security import Scope, needs
from api.services import Services
from models.topics import catalogue

routes = router(tag="webhooks", prefix="/v1/pools/{pool}/webhooks")
WebhookId = Annotated[str, Path(min_length=1, max_length=60)]
_MOST = 200


@routes.post("", status_code=201, response_model=out.NewWebhookOut, responses=responses.WRITES)
@needs(Scope.CONNECTIONS_WRITE)
async def subscribe(pool: PoolId, body: out.WebhookIn, services: Use, who: Who) -> Response:
    """Subscribe to events from now on. The secret is shown here and never again."""
    _check(services, body.url, body.credentials)
    for pattern in body.events:
        if not is_known_pattern(pattern):
            raise Problem(
                422,
                "event_unknown",
                f"There are no events {pattern!r}: take *, order.*, fulfillment.*, parcel.*, stock.*, pool.*,"
                " availability.* or one of them, such as fulfillment.shipped.",
                field="events",
            )
    watch = None if body.availability is None else body.availability.watch()
    if watch is not None and not wants_availability(body.events):
        raise _unwatched("events")
    if len(services.webhooks.all(pool)) >= _MOST:
        raise Problem(409, "too_many_webhooks", f"A pool has at most {_MOST} subscriptions: delete one first.")

    def create() -> tuple[str, str]:
        return services.webhooks.create(
            pool=pool,
            url=body.url,
            patterns=tuple(dict.fromkeys(body.events)),
            note=body.note,
            credentials=body.credentials,
            watch=watch,
            actor=who.actor,
            now_ms=services.now_ms(),
        )

    webhook_id, secret = await services.in_control(create)
    return answer(_shown(services, _found(services, pool, webhook_id)) | {"secret": secret}, 201)


@routes.get("", response_model=out.WebhooksOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def list_webhooks(pool: PoolId, services: Use) -> Response:
    """All subscriptions of the pool, without their secrets."""
    return answer({"webhooks": [_shown(services, one) for one in services.webhooks.all(pool)]})


@routes.delete("/{webhook_id}", response_model=out.DeletedOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def unsubscribe(pool: PoolId, webhook_id: WebhookId, services: Use, who: Who) -> Response:
    """End a subscription, with what still waits for it."""

    def delete() -> bool:
        return services.webhooks.delete(pool, webhook_id, actor=who.actor, now_ms=services.now_ms())

    if not await services.in_control(delete):
        raise _unknown(webhook_id)
    return answer({"webhook_id": webhook_id, "deleted": True})


@routes.post("/{webhook_id}/rotate", response_model=out.SecretOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def rotate_secret(pool: PoolId, webhook_id: WebhookId, services: Use, who: Who) -> Response:
    """Make a new secret, shown here and never again; for a day both sign, so that nothing is missed in between."""
    now_ms = services.now_ms()

    def rotate() -> str | None:
        return services.webhooks.rotate(pool, webhook_id, actor=who.actor, now_ms=now_ms)

    secret = await services.in_control(rotate)
    if secret is None:
        raise _unknown(webhook_id)
    return answer({"webhook_id": webhook_id, "secret": secret, "former_until": iso(now_ms + FORMER_LIVES_MS)})


@routes.put("/{webhook_id}/credentials", response_model=out.WebhookOut, responses=responses.WRITES)
@needs(Scope.CONNECTIONS_WRITE)
async def replace_credentials(
    pool: PoolId, webhook_id: WebhookId, body: out.CredentialsIn, services: Use, who: Who
) -> Response:
    """Replace the credentials of a subscription; what waits goes out with the new ones."""
    _check(services, _found(services, pool, webhook_id).url, body.credentials)

    def replace() -> bool:
        return services.webhooks.give_credentials(
            pool, webhook_id, body.credentials, actor=who.actor, now_ms=services.now_ms()
        )

    if not await services.in_control(replace):
        raise _unknown(webhook_id)
    return answer(_shown(services, _found(services, pool, webhook_id)))


@routes.put("/{webhook_id}/availability", response_model=out.WebhookOut, responses=responses.WRITES)
@needs(Scope.CONNECTIONS_WRITE)
async def set_thresholds(
    pool: PoolId, webhook_id: WebhookId, body: out.AvailabilityIn, services: Use, who: Who
) -> Response:
    """Change what a subscription is told of availability; SKUs whose level is another one by it are told."""
    watch, now_ms = body.watch(), services.now_ms()
    if not wants_availability(_found(services, pool, webhook_id).patterns):
        raise _unwatched()
    await services.in_control(
        lambda: services.webhooks.set_watch(pool, webhook_id, watch, actor=who.actor, now_ms=now_ms)
    )
    return answer(_shown(services, _found(services, pool, webhook_id)))


@routes.post("/{webhook_id}/test", response_model=out.TestedOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def send_test_event(pool: PoolId, webhook_id: WebhookId, services: Use, who: Who) -> Response:
    """Send an event of the type `test.sent`; how it went is in the log of its delivery."""
    one = services.outbox.find(pool, WEBHOOK + webhook_id, services.now_ms())
    if one is None:
        raise _unknown(webhook_id)

    def test() -> str:
        return services.outbox.test(one, actor=who.actor, now_ms=services.now_ms())

    return answer({"delivery_id": await services.in_control(test)})


def _found(services: Services, pool: str, webhook_id: str) -> Subscription:
    found = services.webhooks.find(pool, webhook_id)
    if found is None:
        raise _unknown(webhook_id)
    return found


def _unknown(webhook_id: str) -> Problem:
    return Problem(404, "webhook_unknown", f"There is no webhook {webhook_id!r} here: GET the list to see which are.")


def _unwatched(field: str = "") -> Problem:
    return Problem(
        422,
        "availability_not_asked",
        "The subscription is told of no availability: put availability.* among its events.",
        field=field,
    )


def _check(services: Services, url: str, credentials: dict[str, str]) -> None:
    settings = services.settings
    bounds = Bounds(
        private_hosts=private_hosts_of(settings.private_hosts),
        own_topics=frozenset(one.name for one in catalogue(settings.topic_prefix).topics()),
    )
    try:
        check_endpoint(url, credentials, bounds)
    except EndpointError as error:
        raise Problem(422, error.code, str(error), field=error.field) from None


def _shown(services: Services, one: Subscription) -> dict[str, Any]:
    return {
        "webhook_id": one.webhook_id,
        "transport": transport_of(one.url).name,
        "url": one.url,
        "has_credentials": one.webhook_id in services.webhooks.with_credentials(),
        "events": list(one.patterns),
        "availability": _shown_watch(services, one),
        "note": one.note,
        "created_at": iso(one.created_at_ms),
        "created_by": one.created_by,
        "disabled_at": None if one.disabled_at_ms is None else iso(one.disabled_at_ms),
        "disabled_why": one.disabled_why,
    }


def _shown_watch(services: Services, one: Subscription) -> dict[str, Any] | None:
    watch = one.watch
    if watch is None:
        return None
    thresholds = [msgspec.structs.asdict(each) for each in watch.thresholds]
    is_ready = services.webhooks.is_watching(one.webhook_id)
    return {"channels": list(watch.channels), "thresholds": thresholds, "ready": is_ready}
