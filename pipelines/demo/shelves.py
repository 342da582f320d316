"""What moves stock beside orders: tills that sell, deliveries that replenish, counts, and now and then a breakage."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pipelines.demo.asks import Ask, SeenLocation, SeenSku
from pipelines.demo.behaviour import Place
from pipelines.demo.clock import DAY_MS, HOUR_MS, MINUTE_MS
from pipelines.demo.draws import Draws

DELIVERY_EVERY_MS = 3 * HOUR_MS
COUNT_EVERY_MS = 5 * HOUR_MS
BREAKAGE_EVERY_MS = 30 * HOUR_MS
SALE_EVERY_MS = 8 * MINUTE_MS
LATE_SALE_SHARE = 0.04
"""Of the sales, those that a till sends when it is on line again."""
OFF_COUNT_SHARE = 0.25
"""Of the counts, those that find another number than the book."""
SUPPLIER_OUT_SHARE = 0.03
"""Of SKUs, those that their supplier does not have on a day."""
FOUND_SHARE = 0.12
"""Of what a warehouse does not keep and customers wait for, how much is found with each delivery."""
_LINES_MAX = 80
_LOW = 0.5
_FEW = 12
_TRIES = 12


class _Round(NamedTuple):
    """Something that a location does again and again."""

    name: str
    every_ms: int
    kinds: frozenset[str]
    do: Callable[[str, str, int], Ask | None]


class Shelves:
    """The stock of all locations as it was last shown, and what is kept of each SKU where (`par`, from the folder)."""

    def __init__(
        self,
        draws: Draws,
        locations: Iterable[SeenLocation],
        par: Mapping[tuple[str, str], int],
        base: int,
        at_ms: int,
    ) -> None:
        self._draws = draws
        self._base = base
        self._par: dict[str, dict[str, int]] = {}
        for (sku, location_id), units in par.items():
            self._par.setdefault(location_id, {})[sku] = units
        self._levels: dict[tuple[str, str], tuple[int, int]] = {}
        self._waiting: dict[str, int] = {}
        self._seen_at_ms = at_ms
        everywhere = frozenset({"warehouse", "store", "drop_shipper", "third_party"})
        self._rounds = (
            _Round("delivery", DELIVERY_EVERY_MS, everywhere, self._delivery),
            _Round("count", COUNT_EVERY_MS, frozenset({"warehouse", "store"}), self._count),
            _Round("breakage", BREAKAGE_EVERY_MS, frozenset({"warehouse", "store"}), self._breakage),
            _Round("sale", SALE_EVERY_MS, frozenset({"store"}), self._sale),
        )
        self._places = {location.location_id: Place(location, draws) for location in locations}
        self._next: dict[tuple[str, str], tuple[int, int]] = {
            (location_id, work.name): (at_ms + int(draws.share(location_id, work.name) * work.every_ms), 0)
            for location_id, place in self._places.items()
            for work in self._rounds
            if place.location.kind in work.kinds
        }

    def see(self, skus: Sequence[SeenSku], at_ms: int) -> None:
        """Take the stock as it is shown."""
        self._seen_at_ms = at_ms
        for sku in skus:
            self._waiting[sku.sku] = sku.waiting
            for level in sku.levels:
                self._levels[sku.sku, level.location_id] = level.on_hand, level.available

    def take(self, until_ms: int) -> list[Ask]:
        """Give what is due until then. Nothing is made up for: who was away for a day does not count ten times."""
        asks: list[Ask] = []
        for location_id, place in self._places.items():
            for work in self._rounds:
                due = self._next.get((location_id, work.name))
                if due is None or due[0] > until_ms:
                    continue
                at_ms, number = due
                gap_ms = self._draws.between(0.6, 1.4, location_id, work.name, number) * work.every_ms
                self._next[location_id, work.name] = max(at_ms + int(gap_ms), until_ms), number + 1
                ask = work.do(location_id, f"{work.name}/{number}", at_ms) if place.is_open(at_ms) else None
                if ask is not None:
                    asks.append(ask)
        return asks

    def _delivery(self, location_id: str, name: str, at_ms: int) -> Ask | None:
        """Fill up what is low; what customers wait for comes first."""
        wanted: list[tuple[int, str, int]] = []
        for sku, par in self._stocked(location_id, name).items():
            on_hand, available = self._levels.get((sku, location_id), (0, 0))
            waiting = self._waiting.get(sku, 0)
            if available > par * _LOW or self._draws.happens(SUPPLIER_OUT_SHARE, sku, at_ms // DAY_MS, "out"):
                continue
            wanted.append((-waiting, sku, max(1, par - max(0, min(on_hand, available))) + waiting))
        lines = [
            {"line": str(line), "sku": sku, "quantity": self._delivered(sku, name, quantity)}
            for line, (_, sku, quantity) in enumerate(sorted(wanted)[:_LINES_MAX], start=1)
        ]
        return self._document("receive", location_id, name, at_ms, {"lines": lines}) if lines else None

    def _stocked(self, location_id: str, name: str) -> dict[str, int]:
        """What is kept here; and at a warehouse, now and then, what customers wait for wherever that was kept."""
        kept = self._par.get(location_id, {})
        if self._places[location_id].location.kind != "warehouse":
            return kept
        waited_for = [sku for sku, waiting in self._waiting.items() if waiting]
        return {sku: _FEW for sku in waited_for if self._draws.happens(FOUND_SHARE, sku, location_id, name)} | kept

    def _delivered(self, sku: str, name: str, quantity: int) -> int:
        """Suppliers send what was ordered, or somewhat less."""
        return max(1, quantity * 9 // 10) if self._draws.happens(0.05, sku, name, "short") else quantity

    def _count(self, location_id: str, name: str, at_ms: int) -> Ask | None:
        """Count a SKU; what was shown is as of when it was shown."""
        sku = self._some_sku(location_id, name)
        if sku is None:
            return None
        on_hand, _ = self._levels[sku, location_id]
        off = self._draws.happens(OFF_COUNT_SHARE, location_id, name, "off")
        counted = max(0, on_hand + (self._draws.one_of((-2, -1, -1, 1), location_id, name) if off else 0))
        body = {"sku": sku, "counted": counted, "reason": "cycle count"}
        return self._document("count", location_id, name, min(at_ms, self._seen_at_ms), body)

    def _breakage(self, location_id: str, name: str, at_ms: int) -> Ask | None:
        sku = self._some_sku(location_id, name)
        if sku is None:
            return None
        body = {"sku": sku, "delta": -1, "reason": "broken on the shelf"}
        return self._document("adjust", location_id, name, at_ms, body)

    def _sale(self, location_id: str, name: str, at_ms: int) -> Ask | None:
        lines: list[dict[str, Any]] = []
        for line in range(1, 2 + self._draws.below(3, location_id, name, "lines")):
            sku = self._some_sku(location_id, f"{name}/{line}")
            if sku is not None and sku not in {sold["sku"] for sold in lines}:
                lines.append({"line": str(line), "sku": sku, "quantity": 1})
        late = self._draws.happens(LATE_SALE_SHARE, location_id, name, "late")
        sold_at_ms = at_ms - (40 * MINUTE_MS if late else 0)
        return self._document("sell", location_id, name, sold_at_ms, {"lines": lines}) if lines else None

    def _some_sku(self, location_id: str, name: str) -> str | None:
        """A SKU that the location has units of to spare."""
        skus = sorted(self._par.get(location_id, ()))
        for attempt in range(_TRIES if skus else 0):
            sku = self._draws.one_of(skus, location_id, name, attempt)
            if self._levels.get((sku, location_id), (0, 0))[1] > 1:
                return sku
        return None

    def _document(self, what: str, location_id: str, name: str, at_ms: int, body: dict[str, Any]) -> Ask:
        source = f"till-{location_id}" if what == "sell" else f"wms-{location_id}"
        document = f"{self._base}/{name}"
        return Ask(
            who=location_id,
            path=f"/stock/{what}",
            key=f"{location_id}/{document}",
            at_ms=at_ms,
            body={"source": source, "document": document, "location_id": location_id} | body,
            instants={"occurred_at": at_ms},
        )
