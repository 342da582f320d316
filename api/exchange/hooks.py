"""Webhooks: who sent it is checked over the raw bytes, with every secret that is good now, before any of it is read."""

import hmac

import structlog

from api.exchange.accounts import StoredAccount
from api.exchange.stores import ExchangeStores
from connectors.frame.declaration import Direction, Limits, Transport
from connectors.frame.message import Message
from connectors.frame.signatures import Signature

_NOBODYS = b"nobody's"

log = structlog.get_logger(__name__)


def bytes_max(stores: ExchangeStores, stored: StoredAccount | None) -> int:
    """Give how many bytes a body may have."""
    connector = None if stored is None else stores.connectors.get(stored.setup.connector)
    return (Limits() if connector is None else connector.limits).body_bytes


def is_genuine(stores: ExchangeStores, stored: StoredAccount | None, message: Message, path_secret: str) -> bool:
    """Tell whether the account's system sent it. Of an account that is not there as much is reckoned, for nothing."""
    connector = None if stored is None else stores.connectors.get(stored.setup.connector)
    if stored is None or connector is None:
        hmac.digest(_NOBODYS, message.body, "sha256")
        return False
    if Transport.WEBHOOK not in connector.transports or connector.direction is Direction.OUT:
        return False
    secrets = stores.secrets.values(stored.name, connector.signed_with)
    if connector.signature is not None:
        return not path_secret and _is_signed(connector.signature, stored.name, message, secrets)
    # Each is compared, so that the time taken does not tell which one it was.
    matches = [hmac.compare_digest(path_secret.encode(), secret.encode()) for secret in secrets if secret]
    return any(matches)


def topic_of(stores: ExchangeStores, stored: StoredAccount, message: Message) -> str:
    """Give what a message is about by its headers; where they are nonsense its shape must tell."""
    try:
        return stores.connector_of(stored.setup).topic_of(message)
    except Exception:
        log.exception("a topic could not be read", account=stored.name)
        return ""


def _is_signed(signature: Signature, account: str, message: Message, secrets: tuple[str, ...]) -> bool:
    """Tell whether one of the secrets signed it. A secret that cannot be used stands in the log, and is told nobody."""
    try:
        return signature(message, secrets)
    except Exception:
        log.exception("a signature could not be verified: is the secret whole?", account=account)
        return False
