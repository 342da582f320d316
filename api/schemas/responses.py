"""Which answers an operation documents beside its own: the problems of reads and of writes, streams."""

from typing import Any

from api.schemas.out import AcceptedOut, ProblemOut

_PROBLEM: dict[str, Any] = {"model": ProblemOut, "content": {"application/problem+json": {}}}
_TEXTS = {
    401: "No key, or one that does not hold",
    403: "The key lacks the scope",
    404: "Not there, or not this key's",
    422: "The content cannot be accepted",
}
READS: dict[int | str, dict[str, Any]] = {status: _PROBLEM | {"description": text} for status, text in _TEXTS.items()}
WRITES: dict[int | str, dict[str, Any]] = READS | {
    202: {"model": AcceptedOut, "description": "On record, not decided in the time waited"},
    400: _PROBLEM | {"description": "The body cannot be read"},
    409: _PROBLEM | {"description": "The present state, or an earlier request with this key, does not allow it"},
    413: _PROBLEM | {"description": "The body is too large"},
    415: _PROBLEM | {"description": "Not application/json"},
    503: _PROBLEM | {"description": "The broker does not take it; repeat after Retry-After"},
}
STREAM: dict[int | str, dict[str, Any]] = READS | {
    200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"},
}
HOOKS: dict[int | str, dict[str, Any]] = {
    404: _PROBLEM | {"description": "No such account, or not signed by it"},
    413: _PROBLEM | {"description": "The body is too large"},
    503: _PROBLEM | {"description": "Not on record; send it again after Retry-After"},
}
