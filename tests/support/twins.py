"""Two engines side by side: one that has lived through everything, and one built from its rows at random moments."""

import json
from collections.abc import Callable
from typing import Any

from models.engine import Engine
from models.updates import Applied

MOST_SLICES = 50


class Twins:
    """Applies each item to both engines and checks that rows and updates are equal to the byte."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.lived = Engine(partition, strict=True)
        self.rebuilt = Engine(partition, strict=True)
        self.offset = 0
        self.movements: list[dict[str, Any]] = []
        self.versions: dict[str, int] = {}

    @property
    def rows(self) -> dict[bytes, bytes]:
        return self.lived.rows

    def rebuild(self, shuffle: Callable[[list[Any]], None]) -> None:
        """Build the second engine anew from the first one's rows, in any order."""
        stored = list(self.lived.rows.items())
        shuffle(stored)
        self.rebuilt = Engine(self.partition, strict=True)
        self.rebuilt.load(stored)

    def apply(self, item: bytes) -> list[dict[str, Any]]:
        """Apply an item and what it leaves over; gives the values published on `order-updates`."""
        told = self._compare(self.lived.apply(item, self.offset, 0), self.rebuilt.apply(item, self.offset, 0))
        for _ in range(MOST_SLICES):
            one, other = self.lived.drain(), self.rebuilt.drain()
            assert (one is None) is (other is None)
            if one is None or other is None:
                break
            told.extend(self._compare(one, other))
        self.offset += 1
        return told

    def _compare(self, one: Applied, other: Applied) -> list[dict[str, Any]]:
        assert list(one.rows) == list(other.rows)
        assert list(one.updates) == list(other.updates)
        assert self.lived.rows == self.rebuilt.rows
        told = []
        for update in one.updates:
            value = update.value
            if value is None:
                value = self.lived.render(update.topic, update.key)
                assert value == self.rebuilt.render(update.topic, update.key)
            decoded = json.loads(value)
            if update.topic == "stock-movements":
                self.movements.append(decoded)
            elif update.topic == "order-updates":
                told.append(decoded)
            elif update.topic == "order-views":
                before = self.versions.get(decoded["order_id"], 0)
                assert decoded["version"] > before, "a view is published only with a higher version"
                self.versions[decoded["order_id"]] = decoded["version"]
        moved = sum(update.get("movements", 0) for update in told)
        assert moved == sum(1 for update in one.updates if update.topic == "stock-movements")
        return told
