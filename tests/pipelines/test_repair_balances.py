"""Balances rebuilt from the archive: what differs is found, and what the archive does not have yet is left alone."""

from pathlib import Path

import pytest

from models import commands as c
from models.commands import Balances
from models.engine import Engine
from models.partition import partition_of
from models.topics import catalogue
from pipelines.repair.balances import Drift, LedgerError, Published, compare
from streams.archive.archiver import commit
from streams.archive.buffer import Buffer
from streams.archive.lake import LakeTable
from streams.archive.options import ArchiveOptions
from streams.archive.tables import tables
from tests.pipelines.played import Log, play
from tests.support.builders import Line, Shop
from tests.support.everything import everything_happens


def archived(lake: Path, shop: Shop, without: str = "", last: int | None = None) -> str:
    """Archive all that the shop was sent; of one topic only the first records."""
    log: Log = play(Engine(partition_of(shop.pool), strict=True), shop.pool, [[c.encode(one)] for one in shop.sent])
    for table in tables(catalogue()):
        buffer = Buffer()
        records = log.get(table.topic, [])
        for offset, (_, value) in enumerate(records[:last] if table.topic == without else records):
            buffer.add(partition_of(shop.pool), [(partition_of(shop.pool), offset, offset, value)], 0.0)
        commit(LakeTable(table, ArchiveOptions(bootstrap="", lake=str(lake)), "c1"), buffer)
    return str(lake)


def published(shop: Shop, *skus: str) -> list[Published]:
    views = [shop.sku_view(sku) for sku in skus]
    return [
        Published(
            view.sku,
            level.location_id,
            view.offset,
            view.index,
            level.on_hand,
            level.allocated,
            level.unsellable,
            level.safety_stock,
        )
        for view in views
        for level in view.levels
    ]


def balances(on_hand: int, allocated: int) -> Balances:
    return Balances(on_hand=on_hand, allocated=allocated, unsellable=0, safety_stock=0)


def test_what_is_right_does_not_differ_in_the_shop_where_everything_happens(tmp_path: Path) -> None:
    shop = everything_happens()
    skus = sorted({movement.sku for movement in shop.movements})

    found = compare(archived(tmp_path, shop), shop.pool, published(shop, *skus))

    assert (found.drifts, found.behind) == ((), ())
    assert found.compared > 10


def test_a_damaged_row_is_found_with_what_its_ledger_says(tmp_path: Path) -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    shop.stock("A", "munich", 4)
    shop.place("1", Line("A", 2))
    right, wrong = balances(9, 2), balances(11, 3)
    shop.do(c.RepairLevel, **shop.fact("berlin", sku="A", seen=right, ledger=wrong), reason="a fault of an older core")

    found = compare(archived(tmp_path, shop), shop.pool, published(shop, "A"))

    assert found.drifts == (Drift("A", "berlin", wrong, right),)
    assert found.compared == 2


def test_a_level_that_is_gone_is_found(tmp_path: Path) -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    shop.stock("A", "munich", 4)
    left = [level for level in published(shop, "A") if level.location_id == "berlin"]

    found = compare(archived(tmp_path, shop), shop.pool, left)

    assert found.drifts == (Drift("A", "munich", balances(0, 0), balances(4, 0)),)


@pytest.mark.parametrize(("topic", "last"), [("stock-movements", 1), ("order-updates", 5)])
def test_what_the_archive_does_not_have_yet_is_no_difference(tmp_path: Path, topic: str, last: int) -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    shop.stock("B", "berlin", 4)
    shop.stock("A", "munich", 1)

    found = compare(archived(tmp_path, shop, topic, last), shop.pool, published(shop, "A", "B"))

    assert found.drifts == ()
    assert "A" in found.behind


def test_an_archive_that_begins_later_is_refused(tmp_path: Path) -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    log_of_later = Shop().open()
    log_of_later.sent = []

    with pytest.raises(LedgerError, match="begins with command None"):
        compare(archived(tmp_path, log_of_later), shop.pool, published(shop, "A"))
