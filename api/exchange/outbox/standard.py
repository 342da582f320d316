"""Telling a webhook subscription of an event, after the Standard Webhooks specification.

Source: https://www.standardwebhooks.com: headers `webhook-id`, `-timestamp`, `-signature`, several signatures while a
secret is replaced. 2xx is done, 5xx and no answer are tried again, 410 ends the subscription, all else is for a person.
"""

from urllib.parse import urlsplit

from api.exchange.calling import Peer
from api.exchange.outbox.subscriptions import Subscription
from api.exchange.outbox.target import WEBHOOK, Target
from connectors.frame.answers import undone
from connectors.frame.declaration import Limits, Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest
from connectors.frame.signatures import standard_signature

GONE = 410
_LIMITS = Limits(requests_per_second=200.0, concurrency=8)
_WRONG = (401, 403)


def webhook_target(subscription: Subscription, secrets: tuple[str, ...], paused_at_ms: int | None) -> Target:
    """Give the target that a subscription is."""
    return Target(
        name=WEBHOOK + subscription.webhook_id,
        pool=subscription.pool,
        title=subscription.note or urlsplit(subscription.url).hostname or subscription.webhook_id,
        since_ms=subscription.created_at_ms,
        paused_at_ms=paused_at_ms if subscription.disabled_at_ms is None else subscription.disabled_at_ms,
        kinds=frozenset({OccasionKind.EVENT}),
        peer=Peer(name=subscription.webhook_id, hosts=(urlsplit(subscription.url).hostname or "",), limits=_LIMITS),
        patterns=subscription.patterns,
        watch=subscription.watch,
        send=lambda occasion, now_ms: tell(occasion, subscription.url, secrets, now_ms),
    )


def tell(occasion: Occasion, url: str, secrets: tuple[str, ...], now_ms: int) -> Sending:
    """Send an event; the id is that of the delivery at each attempt, the time that of the attempt."""
    at_seconds = now_ms // 1000
    signatures = [standard_signature(one, occasion.delivery_id, at_seconds, occasion.event) for one in secrets]
    answer = yield HttpRequest(
        method="POST",
        url=url,
        headers={
            "content-type": "application/json",
            "webhook-id": occasion.delivery_id,
            "webhook-timestamp": str(at_seconds),
            "webhook-signature": " ".join(signatures),
        },
        body=occasion.event,
    )
    if answer.ok:
        return Sent(outcome=Outcome.DONE)
    sent = undone(answer)
    # Nobody but the receiver can put these right, and an event that is refused is refused again.
    return Sent(outcome=Outcome.REFUSED, note=sent.note) if answer.status in _WRONG else sent
