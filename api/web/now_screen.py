"""How a moment of page Now reads: written once for all with the same zone and rights, and what differs between two."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from api.present_why import Facts, why
from api.services import Services
from api.web.filters import instant
from api.web.live import morphs
from api.web.now_board import OPEN_STATUSES, Board, Now
from api.web.render import templates
from api.web.words import when_in
from models.records.order import Order

_PARTS = ("health", "lag", "tiles", "pace", "risk", "backlog", "newest")
_KEPT_MAX = 256


class Reader(NamedTuple):
    """For whom it is written. `everywhere`: may see what belongs to no pool."""

    pool: str
    zone: str
    everywhere: bool


class Shown(NamedTuple):
    """A moment as somebody reads it: HTML by part, and the minutes for the chart."""

    parts: Mapping[str, str] = {}
    minutes: str = ""


class Screen:
    """What readers see of the board."""

    def __init__(self, services: Services) -> None:
        self._board = Board(services)
        self._kept: dict[Reader, tuple[Now, Shown]] = {}

    async def shown(self, reader: Reader) -> Shown:
        """Give the newest moment, written anew only where it is another one."""
        now = await self._board.now(reader.pool)
        found = self._kept.get(reader)
        if found is not None and found[0] is now:
            return found[1]
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        shown = _write(now, reader)
        self._kept[reader] = now, shown
        return shown


def changes(seen: Shown | None, shown: Shown) -> bytes:
    """Give what brings a page from one moment to another, as events; nothing when they read the same."""
    before = seen or Shown()
    events = morphs("now", before.parts, shown.parts)
    if before.minutes != shown.minutes:
        events += f"event: minutes\ndata: {shown.minutes}\n\n".encode()
    return events


def _write(now: Now, reader: Reader) -> Shown:
    places = {one.location_id: one for one in now.view.locations}
    facts = Facts(places, {}, now.at_ms, when_in(reader.zone))
    context = {
        "now": now,
        "pool": reader.pool,
        "everywhere": reader.everywhere,
        "open_statuses": OPEN_STATUSES,
        "names": {place.location_id: place.name or place.location_id for place in places.values()},
        "why": partial(_why, facts),
        "at": partial(instant, zone=reader.zone),
        "peak": max(now.minutes),
    }
    parts = {name: templates.get_template(f"now/{name}.html").render(context) for name in _PARTS}
    minutes = msgspec.json.encode({"from": now.first_minute_ms // 1_000, "orders": now.minutes})
    return Shown(parts, minutes.decode())


def _why(facts: Facts, order: Order) -> str:
    return why(order, facts).text
