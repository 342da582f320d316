"""On the page of an account: what has come of its messages, what waits, and where its system sends them."""

from typing import Any

from starlette.requests import Request

from api.services import Services
from connectors.frame.accounts import secrets_of
from connectors.frame.declaration import Direction, Transport

_OUTCOMES = {
    "translated": "taken",
    "withheld": "only kept, in shadow",
    "ignored": "of no matter",
    "parked": "set to wait",
    "rejected": "refused, wholly or in part",
}


def incoming_of(request: Request, services: Services, account: str) -> dict[str, Any] | None:
    """Give what the page shows; None of what is no account that is there."""
    stores = services.exchange
    stored = stores.accounts.find(account)
    connector = None if stored is None else stores.connectors.get(stored.setup.connector)
    if connector is None:
        return None
    counts = stores.counts.all().get(account, {})
    waiting, since_ms = stores.parking.since().get(account, (0, None))
    kept = stores.secrets.names(account)
    address = ""
    if Transport.WEBHOOK in connector.transports and connector.direction is not Direction.OUT:
        base = services.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
        address = f"{base}/v1/hooks/{account}" + ("" if connector.signature is not None else "/SECRET")
    return {
        "counts": [(counts[name], words) for name, words in _OUTCOMES.items() if counts.get(name)],
        "refused": counts.get("rejected", 0),
        "waiting": waiting,
        "since_ms": since_ms,
        "address": address,
        "missing": [one.name for one in secrets_of(connector) if one.required and one.name not in kept],
    }
