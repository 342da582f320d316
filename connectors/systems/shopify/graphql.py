"""Answers of GraphQL, and bulk operations, in the form of REST: snake_case, lists in place of connections."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from connectors.frame.reading import UnreadableError, read_json
from connectors.systems.shopify.topics import family_of_global_id

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKS = (b'"lineItems"', b'"createdAt"', b'"shopMoney"', b'"edges"', b'"nodes"', b'"__parentId"', b'"data"')
_DEEPEST = 60
_PARENT = "__parentId"
GO_ON = "_go_on"
"""What the name of a list has behind it where there is a further page of the list."""


def is_graphql(body: bytes) -> bool:
    """Tell whether a body has names that only GraphQL gives."""
    return any(mark in body for mark in _MARKS)


def plain(body: bytes) -> bytes:
    """Give a body in the form of REST.

    Raises:
        UnreadableError: it is no JSON, or nested too deeply.
    """
    return msgspec.json.encode(_plain(read_json(body, Any), _DEEPEST))


def _plain(value: Any, depth: int) -> Any:
    if depth == 0:
        raise UnreadableError("", "this is nested too deeply")
    if isinstance(value, list):
        return [_plain(one, depth - 1) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("nodes"), list):
        return [_plain(one, depth - 1) for one in value["nodes"]]
    if isinstance(value.get("edges"), list):
        return [_plain(one["node"], depth - 1) for one in value["edges"] if isinstance(one, dict) and "node" in one]
    read = {_snake(key): _plain(one, depth - 1) for key, one in value.items()}
    return read | {f"{_snake(key)}{GO_ON}": True for key, one in value.items() if _goes_on(one)}


def _goes_on(value: Any) -> bool:
    page = value.get("pageInfo") if isinstance(value, dict) else None
    return isinstance(page, dict) and page.get("hasNextPage") is True


@lru_cache(maxsize=2048)
def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


def is_lines(body: bytes) -> bool:
    """Tell whether a body is JSON Lines, one object each."""
    return body.startswith(b"{") and b"}\n{" in body.replace(b"\r\n", b"\n")


def from_lines(body: bytes) -> bytes:
    """Give a list of what stands in JSON Lines; what names a parent, as bulk operations do, is put into it.

    Source: Shopify, bulk operations: nested connections come as lines of their own, with `__parentId`.

    Raises:
        UnreadableError: a line is no JSON object.
    """
    by_id: dict[str, dict[str, Any]] = {}
    top: list[dict[str, Any]] = []
    for number, line in enumerate(body.splitlines()):
        if not line.strip():
            continue
        try:
            one = read_json(line, dict[str, Any])
        except UnreadableError as error:
            raise UnreadableError(f"[{number}]", error.reason) from None
        identity = one.get("id")
        if isinstance(identity, str):
            by_id[identity] = one
        parent = by_id.get(one[_PARENT]) if isinstance(one.get(_PARENT), str) else None
        if parent is None:
            top.append(one)
            continue
        children = parent.setdefault(_list_of(one, parent), [])
        if isinstance(children, list):
            children.append(one)
    return msgspec.json.encode(top)


def _list_of(child: dict[str, Any], parent: dict[str, Any]) -> str:
    """Give the list of its parent in which a line of a bulk operation belongs, by the kind in its id."""
    kind = str(child.get("id", "")).removeprefix("gid://shopify/").partition("/")[0]
    if kind == "LineItem" and family_of_global_id(str(parent.get("id", ""))) != "orders":
        return "fulfillmentLineItems"
    return f"{kind[:1].lower()}{kind[1:]}s"
