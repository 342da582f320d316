"""Changes to the requests that bring them about, in the order in which they must be sent.

Setting up is sent as what is to be, so a repeat changes nothing; each request's key is derived from its content and
from what it was based on, so that one sent again after an interruption is recognised as the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from connectors.folder.difference import Change, Part, accounts_of, items_of
from connectors.folder.listings import together
from connectors.folder.setup import OpeningLine, Running, Setup
from connectors.frame.accounts import SetUpAccount
from connectors.positions import degrees_of
from models.records.pool import CatalogueItem, Location, Policy
from models.types import Record

_T = TypeVar("_T")
_THINGS, _ITEMS, _LINES = 100, 500, 100
_BUCKETS = 64
_SOURCE = "opening-stock"


class Request(Record, kw_only=True):
    """One request of a pool: what the API is asked, and how many things it is about."""

    part: Part
    method: str
    path: str
    """Below the pool's own."""
    body: dict[str, Any]
    key: str
    count: int = 1


def requests_of(  # noqa: C901 # One step for each part.
    wanted: Setup, running: Running | None, changes: Sequence[Change], reason: str
) -> Iterator[Request]:
    """Give what must be asked for the changes."""
    names: dict[str, set[str]] = {}
    disabled = {change.name for change in changes if change.what == "disabled"}
    for change in changes:
        if change.what in {"added", "changed"}:
            names.setdefault(change.part, set()).add(change.name)

    def request(part: Part, path: str, body: dict[str, Any], count: int = 1, method: str = "PUT") -> Request:
        body = body | {"reason": reason}
        based_on = None if running is None or part == "opening stock" else running.applied.get(part)
        content = [wanted.head.pool, part, body, based_on]
        key = "apply-" + blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).hexdigest()
        return Request(part=part, method=method, path=path, body=body, key=key, count=count)

    if "pool" in names:
        head = wanted.head
        yield request("pool", "", {"currency": head.currency, "name": head.name, "simulated": head.simulated})
    for channels in _parts([c for c in wanted.channels or () if c.channel_id in names.get("channels", ())], _THINGS):
        yield request("channels", "/channels", {"channels": [_fields(channel) for channel in channels]}, len(channels))
    present = _present(running)
    for part in _parts(_places(wanted, present, names.get("locations", set()), disabled), _THINGS):
        yield request("locations", "/locations", {"locations": [_location(place) for place in part]}, len(part))
    if "policy" in names and wanted.policy is not None:
        yield request("policy", "/policy", _fields(wanted.policy) | {"version": _version(running) + 1})
    for account in _named(accounts_of(wanted, running), names.get("accounts", set())):
        yield request("accounts", f"/accounts/{account.name}", _account(account))
    items = [item for item in items_of(wanted, running) if item.sku in names.get("catalogue", ())]
    for some in _together(items, running):
        yield request("catalogue", "/catalogue", {"items": [_fields(item) for item in some]}, len(some))
    booked = frozenset() if running is None else running.booked
    opening = [line for line in wanted.opening or () if (line.sku, line.location_id) not in booked]
    for body in _documents(opening, {place.location_id: place for place in wanted.locations or present.values()}):
        yield request("opening stock", "/stock/receive", body, len(body["lines"]), "POST")


def _present(running: Running | None) -> dict[str, Location]:
    return {} if running is None else {place.location_id: place for place in running.setup.locations or ()}


def _places(wanted: Setup, present: Mapping[str, Location], names: set[str], disabled: set[str]) -> list[Location]:
    places = [place for place in wanted.locations or () if place.location_id in names]
    return places + [msgspec.structs.replace(present[name], enabled=False) for name in sorted(disabled)]


def _documents(opening: Sequence[OpeningLine], places: Mapping[str, Location]) -> Iterator[dict[str, Any]]:
    """Give the receipts of opening stock.

    A line's document and id follow from SKU and location alone, whatever else is in the file, so that the core itself
    refuses to book it twice; there are several documents a location, since one of all lines would grow too long.
    """
    documents: dict[tuple[str, str], list[OpeningLine]] = {}
    for line in opening:
        bucket = blake2b(line.sku.encode(), digest_size=2).digest()[0] % _BUCKETS
        documents.setdefault((line.location_id, f"opening/{line.location_id}/{bucket}"), []).append(line)
    for (location_id, document), lines in sorted(documents.items()):
        place = places.get(location_id)
        # Where one source alone may receive, it is that one's word that counts.
        source = _SOURCE if place is None else place.authority.movers.get("receive", _SOURCE)
        for part in _parts(sorted(lines, key=lambda line: line.sku), _LINES):
            yield {
                "source": source,
                "document": document,
                "location_id": location_id,
                "lines": [{"line": line.sku, "sku": line.sku, "quantity": line.quantity} for line in part],
            }


def _together(items: Sequence[CatalogueItem], running: Running | None) -> Iterator[Sequence[CatalogueItem]]:
    """Give items by request: those between which a name moves in one, and last, all others before."""
    groups = together(items, () if running is None else running.setup.catalogue or ())
    moving = {item.sku for group in groups for item in group}
    yield from _parts(_plain_first([item for item in items if item.sku not in moving], running), _ITEMS)
    some: list[CatalogueItem] = []
    for group in groups:
        if some and len(some) + len(group) > _ITEMS:
            yield some
            some = []
        some += group
    yield from _parts(some, _ITEMS)


def _plain_first(items: Sequence[CatalogueItem], running: Running | None) -> list[CatalogueItem]:
    """Give items in such an order that no kit is ever put with a component that is still, or already, a kit."""
    kits = {item.sku for item in running.setup.catalogue or () if item.components} if running is not None else set()
    return sorted(items, key=lambda item: (bool(item.components), bool(item.components) and item.sku not in kits))


def _version(running: Running | None) -> int:
    present = None if running is None else running.setup.policy
    return Policy().version if present is None else present.version


def _named(accounts: Sequence[SetUpAccount], names: set[str]) -> list[SetUpAccount]:
    return [account for account in accounts if account.name in names]


def _account(account: SetUpAccount) -> dict[str, Any]:
    body = {name: value for name, value in _fields(account).items() if value != ""}
    del body["name"], body["pool"]
    aliases = sorted(account.aliases.items())
    body["aliases"] = [{"their_sku": theirs, "sku": alias.sku, "quantity": alias.quantity} for theirs, alias in aliases]
    return body


def _location(location: Location) -> dict[str, Any]:
    body = _fields(msgspec.structs.replace(location, position=None))
    del body["position"]
    if location.position is not None:
        body["latitude"], body["longitude"] = degrees_of(location.position)
    return body


def _fields(thing: Any) -> dict[str, Any]:
    """Give all fields of a record, at their defaults too, so that what is sent does not hang on the API's own."""
    return {name: _value(getattr(thing, name)) for name in thing.__struct_fields__}


def _value(value: Any) -> Any:
    match value:
        case msgspec.Struct():
            return _fields(value)
        case tuple():
            return [_value(inner) for inner in value]
        case _:
            return value


def _parts(things: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
