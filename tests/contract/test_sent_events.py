"""Events as webhooks are sent them: every kind of event there is, against the Standard Webhooks specification."""

import base64
import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from api.exchange.outbox.telling import delivery_id, public_event
from api.exchange.outbox.transports.https import tell
from connectors.frame.documents import Occasion, OccasionKind
from connectors.frame.http import HttpRequest
from models.updates import CommandUpdate
from tests.contract.samples import GOLDEN, Golden, goldens
from tests.support.scripted_peer import answer, deliver

EVENTS = [golden for golden in goldens() if golden.name.startswith("events/")]
NOW_MS = 1_788_532_200_000
KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
PAYLOAD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "timestamp", "event_id", "pool", "order_id", "order_version", "data"],
    "properties": {
        "type": {"type": "string", "pattern": r"^[a-z0-9_]+(\.[a-z0-9_]+)+$"},
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "event_id": {"type": "string", "minLength": 1},
        "pool": {"type": "string", "minLength": 1},
        "order_id": {"type": ["string", "null"], "minLength": 1},
        "order_version": {"type": ["integer", "null"], "minimum": 1},
        "data": {"type": "object"},
    },
}
"""What docs/integrator.md says of a payload; `type`, `timestamp` and `data` are those of Standard Webhooks."""


def payload(golden: Golden) -> dict[str, Any]:
    update = msgspec.json.decode((GOLDEN / "updates" / "order-updates.json").read_bytes(), type=CommandUpdate)
    return public_event(update, golden.decode(golden.path.read_bytes()), "e1")


def request_of(told: dict[str, Any]) -> HttpRequest:
    identity = delivery_id("webhook", "e1")
    what = Occasion(
        delivery_id=identity, kind=OccasionKind.EVENT, at_ms=NOW_MS, number=1, event=msgspec.json.encode(told)
    )
    (request,), _ = deliver(tell(what, "https://shop.example/hook", (SECRET,), NOW_MS), answer(None, 204))
    return request


@pytest.mark.parametrize("golden", EVENTS, ids=lambda golden: golden.name)
def test_every_event_is_sent_in_the_one_form_that_is_documented(golden: Golden) -> None:
    request = request_of(payload(golden))

    assert [error.message for error in Draft202012Validator(PAYLOAD).iter_errors(json.loads(request.body))] == []


def test_it_is_signed_as_the_specification_says_by_an_own_reckoning() -> None:
    request = request_of(payload(EVENTS[0]))
    headers = request.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()

    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(NOW_MS // 1000)
    # The parts of what is signed are told apart by dots: the id has none.
    assert "." not in headers["webhook-id"]
    assert headers["content-type"] == "application/json"


def test_a_payload_that_is_not_as_documented_is_found() -> None:
    good = payload(EVENTS[0])
    check = Draft202012Validator(PAYLOAD)

    for wrong in ({"type": "Order Placed"}, {"timestamp": "yesterday"}, {"order_version": 0}, {"surprise": 1}):
        assert not check.is_valid(good | wrong)
    assert not check.is_valid({name: good[name] for name in good if name != "data"})
