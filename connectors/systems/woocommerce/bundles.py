"""Bundles and composites: a line for the whole, and lines for its parts, of which one or the others are sent.

Source: WooCommerce Product Bundles, REST API reference, `bundled_items`; Composite Products, `composite_children`; both
keep beside a part whether it needs shipping of its own: not, where what is sent is the assembled whole.
"""

from collections.abc import Iterable

import msgspec

from connectors.frame.reading import UnreadableError, read_json
from connectors.systems.woocommerce.shapes import Id, LineGiven, metas

_NEEDS = ("_bundled_item_needs_shipping", "_composite_item_needs_shipping")
_NO = "no"


def not_sent(lines: Iterable[LineGiven]) -> frozenset[str]:
    """Give the ids of lines that are sent as other lines of the order: a bundle as its parts, or these as the bundle.

    Parts are what has stock and leaves, unless all of them say that they are not sent by themselves.
    """
    by_id = {str(line.id): line for line in lines}
    unsent: set[str] = set()
    for line_id, line in by_id.items():
        parts = {part for raw in (line.bundled_items, line.composite_children) for part in _ids(raw)} & by_id.keys()
        apart = {part for part in parts if _is_sent(by_id[part])}
        unsent |= parts - apart
        if apart:
            unsent.add(line_id)
    return frozenset(unsent)


def _is_sent(part: LineGiven) -> bool:
    known = metas(part.meta_data)
    return not any(known.get(name) == _NO for name in _NEEDS)


def _ids(raw: msgspec.Raw) -> set[str]:
    """Give ids of lines; without the extensions there is nothing there, or a text."""
    try:
        return {str(one) for one in read_json(bytes(raw), tuple[Id, ...])}
    except UnreadableError:
        return set()
