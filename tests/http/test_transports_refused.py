"""Where events may not go: refused with what to give instead, and without repeating a secret."""

import pytest

from tests.support.outbox import HOST
from tests.support.system import System
from tests.support.transports import TOPIC_PATH, Account

_AWS = {"access_key_id": "AKIAEXAMPLE", "secret_access_key": "never-shown-again-40-letters-of-a-secret"}


@pytest.fixture(autouse=True)
def _private_host(running: System) -> None:
    object.__setattr__(
        running.services, "settings", running.services.settings.model_copy(update={"private_hosts": HOST})
    )


_KEY = Account().file
_GSSAPI = {"username": "u", "password": "p", "mechanism": "GSSAPI"}
_SQS = "sqs://sqs.eu-central-1.amazonaws.com/123456789012/orders"
_PUBSUB = f"pubsub://pubsub.googleapis.com/{TOPIC_PATH}"


@pytest.mark.parametrize(
    ("url", "credentials", "code"),
    [
        ("file:///etc/passwd", {}, "url_invalid"),
        ("ftp://127.0.0.1/orders", {}, "url_invalid"),
        ("kafka://user:secret@kafka.example.com:9093/orders", {}, "url_invalid"),
        ("kafka://kafka.example.com/orders", {}, "url_invalid"),
        ("kafka://kafka.example.com:99999/orders", {}, "url_invalid"),
        ("kafka://kafka.example.com:9093/../orders", {}, "url_invalid"),
        ("kafka+plaintext://kafka.example.com:9092/orders", {}, "url_invalid"),
        ("kafka://kafka.example.com:9093,10.0.0.1:9093/orders", {}, "url_private"),
        ("kafka://[::1]:9093/orders", {}, "url_private"),
        ("kafka://kafka.example.com:9093/orders", {"username": "u"}, "credentials_missing"),
        ("kafka://kafka.example.com:9093/orders", {"ca": "/etc/passwd"}, "credentials_invalid"),
        ("kafka://kafka.example.com:9093/orders", {"certificate": "x", "key": "y"}, "credentials_invalid"),
        ("kafka://kafka.example.com:9093/o", _GSSAPI, "credentials_invalid"),
        ("kafka://kafka.example.com:9093/o", {"ssl.ca.location": "/etc/passwd"}, "credentials_unknown"),
        (_SQS, {}, "credentials_missing"),
        (_SQS, _AWS | {"session_token": "x y"}, "credentials_invalid"),
        (_SQS, _AWS | {"session_token": "a\r\nhost: b"}, "credentials_invalid"),
        ("sqs://queue.example.com/123456789012/orders", _AWS, "url_invalid"),
        ("sqs://169.254.169.254/123456789012/orders?region=eu-central-1", _AWS, "url_private"),
        ("sqs+http://queue.example.com/1/orders?region=eu-central-1", _AWS, "url_invalid"),
        (_PUBSUB, _KEY | {"private_key": "-----BEGIN"}, "credentials_invalid"),
        (_PUBSUB, _KEY | {"type": "authorized_user"}, "credentials_invalid"),
        (f"pubsub://pubsub.example.com/{TOPIC_PATH}", _KEY, "url_invalid"),
        ("https://shop.example.com/hook", {"token": "x"}, "credentials_unknown"),
    ],
)  # fmt: skip
async def test_what_may_not_be_sent_to_is_refused_without_repeating_a_secret(
    stocked: System, url: str, credentials: dict[str, str], code: str
) -> None:
    body = {"url": url, "events": ["*"], "credentials": credentials}
    answer = await stocked.client.post(f"{stocked.path}/webhooks", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not any(value in answer.text for value in credentials.values() if len(value) > 3)
    assert (await stocked.client.get(f"{stocked.path}/webhooks")).json()["webhooks"] == []


async def test_nobody_may_write_into_headraces_own_topics(stocked: System, bootstrap: str) -> None:
    prefix = stocked.services.settings.topic_prefix
    body = {"url": f"kafka+plaintext://{bootstrap}/{prefix}commands", "events": ["*"]}
    answer = await stocked.client.post(f"{stocked.path}/webhooks", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "url_own_topic")
