"""Who may tell us something in EasyPost's name."""

import hashlib
import hmac
import json
import unicodedata

from connectors.frame.message import Message
from connectors.systems.easypost import CONNECTOR

AT_MS = 1_788_250_000_000


def message(content: object, **headers: str) -> Message:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Message(body=json.dumps(content).encode(), headers=names, received_at_ms=AT_MS)


def test_only_a_body_signed_with_one_of_the_secrets_is_let_in() -> None:
    verify = CONNECTOR.signature
    assert verify is not None
    # The secret comes with one accented letter and is signed as letter and accent.
    secret = "cl\u00e9"
    key = unicodedata.normalize("NFKD", secret).encode()
    content = {"object": "Event"}
    digest = hmac.new(key, json.dumps(content).encode(), hashlib.sha256).hexdigest()
    signed = message(content, x_hmac_signature=f"hmac-sha256-hex={digest}")

    assert verify(signed, (secret,))
    assert verify(signed, ("next", secret))
    assert not verify(signed, ("other",))
    assert not verify(signed, ())
    assert not verify(message(content, x_hmac_signature=digest), (secret,))
    assert not verify(message(content), (secret,))
    assert not verify(message({"object": "Evert"}, x_hmac_signature=f"hmac-sha256-hex={digest}"), (secret,))


def requested(stamp: str, **others: str) -> Message:
    """Give an event with the newer signature, over when, how and where to it was sent."""
    content = {"object": "Event"}
    signed = f"{stamp}POST/hooks/ep{json.dumps(content)}".encode()
    digest = hmac.new(b"s3", signed, hashlib.sha256).hexdigest()
    signature = f"hmac-sha256-hex={digest}"
    return message(
        content, **({"x_hmac_signature_v2": signature, "x_timestamp": stamp, "x_path": "/hooks/ep"} | others)
    )


def test_the_newer_signature_lets_in_what_was_signed_for_now_and_for_here() -> None:
    verify = CONNECTOR.signature
    assert verify is not None
    now = "Tue, 01 Sep 2026 08:06:40 -0000"
    minutes_ago = "Tue, 01 Sep 2026 08:01:39 +0000"

    assert verify(requested(now), ("s3",))
    assert verify(requested("Tue, 01 Sep 2026 10:06:40 +0200"), ("next", "s3"))
    assert not verify(requested(now), ("other",))
    assert not verify(requested(now), ())
    assert not verify(requested(minutes_ago), ("s3",))
    assert not verify(requested("1788250000"), ("s3",))
    assert not verify(requested(now, x_timestamp="Tue, 01 Sep 2026 08:06:41 -0000"), ("s3",))
    assert not verify(requested(now, x_path="/hooks/another"), ("s3",))
    assert CONNECTOR.recognise(Message(body=b"{}", headers=requested(now).headers))


def test_the_older_signature_of_the_body_still_lets_a_message_in_that_has_both() -> None:
    verify = CONNECTOR.signature
    assert verify is not None
    of_body = hmac.new(b"s3", json.dumps({"object": "Event"}).encode(), hashlib.sha256).hexdigest()

    assert verify(requested("no time", x_hmac_signature=f"hmac-sha256-hex={of_body}"), ("s3",))
    assert not verify(requested("no time", x_hmac_signature=f"hmac-sha256-hex={of_body}"), ("other",))
