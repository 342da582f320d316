"""Keeps catalogues ready for suggestions, each until it changes, and what was suggested from it."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping

from api.suggestions import Goods, Suggestion, goods_of, suggest
from api.views.unmapped import catalogue_stand, read_names

_MOST_POOLS, _MOST_KEPT = 4, 2_000
Suggestions = Mapping[str, tuple[Suggestion, ...]]


class _Ready:
    """A catalogue as it stood, and what was suggested from it."""

    def __init__(self, stand: tuple[int, int], goods: Goods) -> None:
        self.stand = stand
        self.goods = goods
        self.given: dict[str, tuple[Suggestion, ...]] = {}


class Suggester:
    """Asked on the reader threads of the views."""

    def __init__(self) -> None:
        self._pools: dict[str, _Ready] = {}
        self._lock = threading.Lock()

    def suggest(self, connection: sqlite3.Connection, pool: str, wanted: Iterable[str]) -> Suggestions:
        """Give for each name the SKUs of the catalogue that it is most like."""
        names = list(wanted)
        if not names:
            return {}
        # One at a time: a second thread would make the same catalogue ready once more.
        with self._lock:
            ready = self._ready(connection, pool)
            for name in names:
                if name not in ready.given:
                    ready.given[name] = suggest(ready.goods, name)
            given = {name: ready.given[name] for name in names}
            if len(ready.given) > _MOST_KEPT:
                ready.given.clear()
        return given

    def _ready(self, connection: sqlite3.Connection, pool: str) -> _Ready:
        stand = catalogue_stand(connection, pool)
        ready = self._pools.pop(pool, None)
        if ready is None or ready.stand != stand:
            ready = _Ready(stand, goods_of(read_names(connection, pool)))
        self._pools[pool] = ready
        if len(self._pools) > _MOST_POOLS:
            del self._pools[next(iter(self._pools))]
        return ready
