"""Nights over the shop in which everything happens: each begins from the rows of the one before and ties out."""

import datetime as dt
from pathlib import Path

from models import rows
from tests.pipelines.night_shop import FIRST_DAY, NightShop
from tests.support.builders import START_MS
from tests.support.everything import everything_happens


class DatedShop(NightShop):
    """Remembers the days on which it was sent anything."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now_ms = START_MS
        self.days: dict[int, None] = {}

    def send_bytes(self, item: bytes) -> None:
        day = dt.datetime.fromtimestamp(self.now_ms / 1000, dt.UTC).date()
        self.days[(day - FIRST_DAY).days] = None
        super().send_bytes(item)


def test_every_night_of_everything_ties_out(tmp_path: Path) -> None:
    shop = DatedShop(tmp_path)
    everything_happens(shop)

    audited = [shop.run(number)["audit"] for number in shop.days]

    assert [done.step for done in audited if not all(verdict.passed for verdict in done.verdicts)] == []
    assert len(audited) > 3
    standing = shop.store.read("snapshots").filter(day=shop.store.read("snapshots")["day"].max())
    assert dict(zip(standing["key"], standing["value"], strict=True)) == shop.engine.rows
    # An order came back by its archived row on the last day, and others left for the archive.
    assert any(key[:1] == rows.STUB for key in shop.engine.rows)
