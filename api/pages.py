"""Paging by cursor: an opaque text that holds the place after which the next page begins."""

import base64
import binascii
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query

from api.problems import Problem

PAGE_MAX = 200
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Place = TypeVar("Place")


def cursor_of(place: object) -> str:
    """Give the text for a place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decode_cursor(cursor: str | None, kind: type[Place]) -> Place | None:
    """Give the place of a text.

    Raises:
        Problem: it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError):
        raise Problem(
            422, "cursor_invalid", "This cursor is not one of ours: leave it out to begin anew.", field="cursor"
        ) from None
