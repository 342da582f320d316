"""Answers as JSON: a result, or where to ask for it."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.present import encode, present_update
from api.submit import Outcome

_JSON = "application/json"


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Give content as JSON."""
    return Response(encode(content), status, headers=dict(headers or {}), media_type=_JSON)


def accepted(pool: str, outcome: Outcome, **more: str) -> Response:
    """On record, and the result is not there yet."""
    url = f"/v1/pools/{pool}/commands/{outcome.command_id}"
    content = {"status": "accepted", "command_id": outcome.command_id, "status_url": url, **more}
    return answer(content, 202, {"Location": url, "Retry-After": "1"} | replay_header(outcome))


def applied(outcome: Outcome, status: int = 200) -> Response:
    """What a command did."""
    assert outcome.update is not None
    content = {"status": "applied", "command_id": outcome.command_id, "update": present_update(outcome.update)}
    return answer(content, status, replay_header(outcome))


def replay_header(outcome: Outcome) -> dict[str, str]:
    """Say when the answer is that of an earlier request."""
    return {"Idempotency-Replayed": "true"} if outcome.replayed else {}
