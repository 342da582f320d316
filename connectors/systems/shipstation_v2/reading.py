"""Which of its messages a message of ShipStation v2 is, and where those point that tell nothing themselves.

Source: ShipStation API documentation, page Webhooks (resource types).
"""

from collections.abc import Callable

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.http import https_host
from connectors.frame.message import Account, Fetch, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, read_json, shown
from connectors.systems.shipstation_v2 import parcels
from connectors.systems.shipstation_v2.tracking import tracked

HOSTS = ("api.shipstation.com", "api.shipengine.com")
NOTHING = msgspec.Raw(b"null")
POLLED = "polled"
"""The topic of pages that a poll brings, which turns them itself."""

_POINTERS = {
    "BATCH": "labels",
    "LABEL": "labels",
    "SHIPMENT": "shipments",
    "FULFILLMENT": "fulfillments",
    "TRACK": "track",
}
"""What a webhook points at, by a word of its resource type: `API_TRACK`, `TRACK_EVENT_V2`, `LABEL_CREATED_V2`, ..."""


class _Link(Given):
    href: str | None = None


class _Links(Given):
    next: _Link | None = None


class _Seen(Given):
    """Whatever tells what a payload is."""

    resource_type: str | None = None
    resource_url: str | None = None
    data: msgspec.Raw = NOTHING
    tracking_number: str | None = None
    status_code: str | None = None
    carrier_status_code: str | int | None = None
    events: msgspec.Raw = NOTHING
    label_id: str | int | None = None
    fulfillment_id: str | int | None = None
    shipment_id: str | int | None = None
    shipment_status: str | None = None
    manifest_id: str | None = None
    batch_id: str | None = None
    labels: list[msgspec.Raw] | None = None
    fulfillments: list[msgspec.Raw] | None = None
    shipments: msgspec.Raw = NOTHING
    batches: list[msgspec.Raw] | None = None
    manifests: list[msgspec.Raw] | None = None
    carriers: list[msgspec.Raw] | None = None
    inventory: list[msgspec.Raw] | None = None
    inventory_warehouses: list[msgspec.Raw] | None = None
    inventory_locations: list[msgspec.Raw] | None = None
    warehouses: list[msgspec.Raw] | None = None
    entities: msgspec.Raw = NOTHING
    score: float | None = None
    links: _Links | None = None


class _Entry(Given):
    label_id: str | None = None
    fulfillment_id: str | int | None = None
    shipment_id: str | int | None = None
    external_shipment_id: str | None = None
    carrier_id: str | int | None = None
    batch_id: str | None = None
    manifest_id: str | None = None
    warehouse_id: str | int | None = None
    inventory_warehouse_id: str | int | None = None
    inventory_location_id: str | int | None = None
    original_address: msgspec.Raw = NOTHING


_Reader = Callable[[bytes, Message, Account], Translation]

_READERS: dict[str, _Reader] = {
    "track": tracked,
    "label": parcels.label,
    "labels": parcels.labels,
    "fulfillment": parcels.fulfillment,
    "fulfillments": parcels.fulfillments,
    "shipment": parcels.shipment,
    "shipments": parcels.shipments,
}
_OTHERS = {
    "manifest": "a manifest lists labels that their own messages tell",
    "batch": "a batch is told by its labels",
    "carriers": "carriers are set up in ShipStation",
    "warehouses": "warehouses are set up in ShipStation",
    "inventory": "its own sums of stock: what is at a location is told by those who count it there",
    "entities": "a text that was read as an address",
}


def translate(message: Message, account: Account) -> Translation:
    """Give what a webhook, or an answer of the API, says."""
    if message.body.lstrip()[:1] != b"[":
        return _one(message.body, message, account)
    entries = read_json(message.body, list[msgspec.Raw])
    return translate_each(entries, "list", lambda entry: _listed(entry, message, account), parcels.name_of)


def _listed(entry: bytes, message: Message, account: Account) -> Translation:
    if read_json(entry, _Entry).original_address != NOTHING:
        return ignored("a list of checked addresses moves nothing")
    return _one(entry, message, account)


def _one(body: bytes, message: Message, account: Account) -> Translation:
    seen = read_json(body, _Seen)
    if seen.resource_type is not None:
        return _webhook(seen, message, account)
    kind = _kind(seen)
    reader = _READERS.get(kind)
    if reader is None:
        return ignored(_OTHERS.get(kind, "this tells of no shipment, label or tracking"))
    said = reader(body, message, account)
    onward = seen.links.next.href if seen.links is not None and seen.links.next is not None else None
    if not onward or message.topic == POLLED:
        return said
    return msgspec.structs.replace(said, fetch=(*said.fetch, _fetch(onward, kind, "links.next.href")))


def _webhook(seen: _Seen, message: Message, account: Account) -> Translation:
    named = seen.resource_type or ""
    words = named.upper().split("_")
    topic = next((topic for word, topic in _POINTERS.items() if word in words), "")
    if not topic:
        return ignored(f"{named} tells of no shipment, label or tracking")
    if topic == "track" and seen.data != NOTHING:
        return tracked(bytes(seen.data), message, account)
    url = seen.resource_url or ""
    if "BATCH" in words:
        base, _, batch = url.rpartition("/batches/")
        if not batch:
            raise UnreadableError("resource_url", f"{shown(url)} is no batch")
        url = f"{base}/labels?batch_id={batch}"
    fetch = _fetch(url, topic, "resource_url")
    return Translation(fetch=(fetch,), ignored=f"{named} only points at what it tells, which is fetched")


def _fetch(url: str, topic: str, field: str) -> Fetch:
    if https_host(url) not in HOSTS:
        raise UnreadableError(field, f"{shown(url)} is not at {' or '.join(HOSTS)}")
    return Fetch(url=url, topic=topic)


def _kind(seen: _Seen) -> str:
    """Give what it is; the first that applies, since a shipment may hold a label, and a manifest shipments."""
    signs = {
        "labels": seen.labels is not None,
        "fulfillments": seen.fulfillments is not None,
        "manifest": seen.manifest_id is not None or seen.manifests is not None,
        "shipments": bytes(seen.shipments)[:1] == b"[",
        "label": seen.label_id is not None,
        "fulfillment": seen.fulfillment_id is not None,
        "track": seen.tracking_number is not None or seen.status_code is not None,
        "shipment": seen.shipment_status is not None or seen.shipment_id is not None,
        "carriers": seen.carriers is not None,
        "inventory": seen.inventory is not None,
        "warehouses": any((seen.warehouses, seen.inventory_warehouses, seen.inventory_locations)),
        "entities": seen.entities != NOTHING,
        "batch": seen.batch_id is not None or seen.batches is not None,
    }
    return next((kind for kind, is_it in signs.items() if is_it), "")


def recognise(message: Message) -> bool:
    """Tell its messages by ids and keys in small letters that only it uses; v1 writes `shipmentId`."""
    if "x-shipengine-rsa-sha256-signature" in message.headers:
        return True
    try:
        if message.body.lstrip()[:1] == b"[":
            entries = read_json(message.body, list[msgspec.Raw])
            return bool(entries) and _is_ours_in_a_list(bytes(entries[0]))
        return _is_ours(read_json(message.body, _Seen))
    except UnreadableError:
        return False


def _is_ours_in_a_list(entry: bytes) -> bool:
    return read_json(entry, _Entry).original_address != NOTHING or _is_ours(read_json(entry, _Seen))


def _is_ours(seen: _Seen) -> bool:
    if seen.resource_type is not None:
        by_url = any(f"//{host}/" in (seen.resource_url or "") for host in HOSTS)
        return by_url or seen.resource_type.startswith("API_") or seen.resource_type.endswith("_V2")
    ids = (seen.label_id, seen.fulfillment_id, seen.shipment_id, seen.manifest_id, seen.batch_id)
    if any(str(one or "").startswith("se-") for one in ids):
        return True
    if seen.score is not None and seen.entities != NOTHING:
        return True
    if seen.tracking_number is not None and seen.carrier_status_code is not None and seen.status_code is not None:
        return True
    lists = (
        *(seen.labels, seen.fulfillments, seen.batches, seen.manifests, seen.carriers, seen.warehouses),
        *(seen.inventory, seen.inventory_warehouses, seen.inventory_locations),
    )
    entries = [bytes(found[0]) for found in lists if found]
    if bytes(seen.shipments)[:2] == b"[{":
        entries += [bytes(one) for one in read_json(bytes(seen.shipments), list[msgspec.Raw])[:1]]
    return any(_has_its_id(entry) for entry in entries)


def _has_its_id(entry: bytes) -> bool:
    read = read_json(entry, _Entry)
    ids = (
        *(read.label_id, read.fulfillment_id, read.shipment_id, read.carrier_id, read.batch_id, read.manifest_id),
        *(read.warehouse_id, read.inventory_warehouse_id, read.inventory_location_id),
    )
    return any(str(one or "").startswith("se-") for one in ids)
