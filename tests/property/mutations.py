"""Messages of others with something wrong in them: a value replaced, removed or repeated, bytes cut or changed."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from connectors.frame.message import Message
from connectors.frame.registry import connectors
from connectors.frame.trying import TRIED_AT_MS, connector_of

FIXTURES = Path(os.environ.get("HEADRACE_FIXTURES", Path(__file__).parents[3] / "shared" / "fixtures"))
_MOST_BYTES = 60_000

ODD: tuple[Any, ...] = (
    None,
    "",
    "-1",
    "1e999",
    -1,
    0,
    10**30,
    1.5,
    True,
    [],
    {},
    "9999-99-99T99:99:99Z",
    "\x00",
    "💥" * 300,
    ["x"],
    {"a": 1},
)


@cache
def seeds_of(connector: str) -> tuple[bytes, ...]:
    """Give the messages of a system that are there, the smaller ones."""
    found: list[bytes] = []
    for path in sorted(FIXTURES.rglob("*")) if FIXTURES.is_dir() else ():
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            continue
        message = Message(body=path.read_bytes(), name=str(path.relative_to(FIXTURES)), received_at_ms=TRIED_AT_MS)
        known = connector_of(message, connectors().values())
        if known is not None and known.name == connector:
            found.append(message.body)
    return tuple(found)


def mutated(data: st.DataObject, body: bytes) -> bytes:
    """Give a message with one to three things wrong in it."""
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return _in_bytes(data, body)
    for _ in range(data.draw(st.integers(1, 3))):
        value = _in_value(data, value)
    return msgspec.json.encode(value)


def _in_bytes(data: st.DataObject, body: bytes) -> bytes:
    at = data.draw(st.integers(0, max(0, len(body) - 1)))
    match data.draw(st.sampled_from(("cut", "change", "repeat"))):
        case "cut":
            return body[:at]
        case "change":
            return body[:at] + data.draw(st.binary(min_size=1, max_size=4)) + body[at + 1 :]
        case _:
            return body[:at] + body[max(0, at - 40) :]


def _in_value(data: st.DataObject, value: Any) -> Any:
    """Go down at random, and do something wrong there."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        name = data.draw(st.sampled_from(sorted(value)))
        if not data.draw(st.integers(0, 6)):
            return {key: inner for key, inner in value.items() if key != name}
        return {**value, name: _in_value(data, value[name])}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        at = data.draw(st.integers(0, len(value) - 1))
        if not data.draw(st.integers(0, 6)):
            return [*value, value[at]]
        return [*value[:at], _in_value(data, value[at]), *value[at + 1 :]]
    return data.draw(st.sampled_from(ODD))
