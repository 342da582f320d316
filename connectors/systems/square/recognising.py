"""Whether a message without a sender looks like one of Square's: by its envelope, or by what its answers hold."""

import re

import msgspec

from connectors.frame.message import Message
from connectors.frame.reading import Given, UnreadableError, read_json
from connectors.systems.square.shapes import NOTHING

_KEYS = {
    "cash_drawer_shift",
    "cash_drawer_shift_events",
    "catalog_object",
    "catalog_object_ids",
    "event_types",
    "gift_card",
    "gift_card_activities",
    "gift_card_activity",
    "gift_cards",
    "id_mappings",
    "location_ids",
    "location_settings",
    "payment_link",
    "payment_links",
    "scheduled_shift",
    "subscription_test_result",
}
"""Keys at the top of requests and answers that are hardly anybody else's."""

_CHANGES = (b'"PHYSICAL_COUNT"', b'"ADJUSTMENT"', b'"TRANSFER"')
_LOCATION = re.compile(r"[A-Z0-9]{4,20}", re.ASCII)
_MOST_KEYS = 30


class _Entry(Given):
    """What marks an object of Square's, whichever it is."""

    location_id: str | None = None
    merchant_id: str | None = None
    business_name: str | None = None
    object: msgspec.Raw = NOTHING
    device_id: str | None = None
    notification_url: str | None = None
    present_at_all_locations: bool | None = None
    amount_money: msgspec.Raw = NOTHING
    base_price_money: msgspec.Raw = NOTHING
    line_items: list[msgspec.Raw] | None = None
    from_location_id: str | None = None
    type: msgspec.Raw = NOTHING


def recognise(message: Message) -> bool:
    """Tell its messages by their signature, their envelope, or the marks of what they hold."""
    if "x-square-hmacsha256-signature" in message.headers:
        return True
    try:
        if message.body.lstrip()[:1] == b"[":
            return any(_is_ours(bytes(entry)) for entry in read_json(message.body, list[msgspec.Raw])[:1])
        return _is_ours(message.body)
    except UnreadableError:
        return False


def _is_ours(body: bytes) -> bool:
    top = read_json(body, dict[str, msgspec.Raw])
    if "merchant_id" in top and "event_id" in top:
        return True
    if "location_ids" in top or b'"category"' in bytes(top.get("errors", b"")):
        return True
    found = {name: entry for name, raw in list(top.items())[:_MOST_KEYS] if (entry := _entry(raw)) is not None}
    if any(not _is_foreign(entry) for name, entry in found.items() if name in _KEYS):
        return not _is_foreign(body)
    return any(map(_is_marked, (*found.values(), body)))


def _entry(raw: msgspec.Raw) -> bytes | None:
    """Give an object, or the first one of a list."""
    body = bytes(raw)
    if body.startswith(b"["):
        entries = msgspec.json.decode(body, type=list[msgspec.Raw])
        body = bytes(entries[0]) if entries else b""
    return body if body.startswith((b"{", b'"')) else None


def _is_foreign(body: bytes) -> bool:
    """Tell whether it says in a text what object it is: others do, Square does not."""
    try:
        return bytes(read_json(body, _Entry).object).startswith(b'"')
    except UnreadableError:
        return False


def _is_marked(body: bytes) -> bool:
    try:
        entry = read_json(body, _Entry)
    except UnreadableError:
        return False
    if bytes(entry.object).startswith(b'"'):
        return False
    if _LOCATION.fullmatch(entry.location_id or entry.from_location_id or "") is not None or entry.device_id:
        return True
    if entry.merchant_id and entry.business_name:
        return True
    if entry.notification_url or entry.present_at_all_locations is not None:
        return True
    if entry.amount_money != NOTHING or bytes(entry.type) in _CHANGES:
        return True
    return any(_has_price(bytes(line)) for line in (entry.line_items or [])[:1])


def _has_price(line: bytes) -> bool:
    try:
        return read_json(line, _Entry).base_price_money != NOTHING
    except UnreadableError:
        return False
