"""Reads a body as JSON without guessing: what two readers could read differently is refused with its own code."""

import json
from typing import Any

from api.problems import Problem

_DEPTH_MAX = 32
_SURROGATES = range(0xD800, 0xE000)


def check(raw: bytes) -> None:
    """Refuse what is not exactly one well-formed JSON text in UTF-8.

    Raises:
        Problem: 400, with a code for each way to be wrong.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        raise Problem(400, "json_byte_order_mark", "The body begins with a byte order mark: send UTF-8 without it.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(
            400, "json_not_utf8", f"The body is not UTF-8 (byte {error.start}): encode JSON as UTF-8."
        ) from None
    if "\x00" in text:
        raise Problem(400, "json_malformed", "The body holds NUL bytes: send JSON in UTF-8, not UTF-16 or UTF-32.")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise Problem(400, "json_malformed", detail) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # Python refuses to read a number of more than 4,300 digits.
        raise Problem(
            400, "number_too_long", "A number in the body has thousands of digits: send a real one."
        ) from None
    _check_texts(value, 0)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise Problem(
            400,
            "json_duplicate_key",
            "A name stands twice in one object, and readers differ in which one they take: keep one.",
            field=name[:100].encode("ascii", "backslashreplace").decode(),
        )
    return found


def _refuse_constant(name: str) -> Any:
    raise Problem(400, "json_not_a_number", f"{name} is not JSON: leave the field out or send a number.")


def _too_deep() -> Problem:
    return Problem(400, "json_too_deep", f"The body nests deeper than {_DEPTH_MAX} levels: flatten it.")


def _check_texts(value: Any, depth: int) -> None:
    if depth > _DEPTH_MAX:
        raise _too_deep()
    match value:
        case str():
            _check_text(value)
        case dict():
            for name, inner in value.items():
                _check_text(name)
                _check_texts(inner, depth + 1)
        case list():
            for inner in value:
                _check_texts(inner, depth + 1)


def _check_text(text: str) -> None:
    if text.isascii():
        if "\x00" in text:
            raise Problem(400, "text_invalid", "A text holds the character NUL, which no system keeps: remove it.")
    elif "\x00" in text or any(ord(character) in _SURROGATES for character in text):
        raise Problem(
            400, "text_invalid", "A text holds NUL or half of a surrogate pair, which is no character: remove it."
        )
