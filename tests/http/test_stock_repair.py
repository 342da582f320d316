"""`headrace stock repair` on a running system: a damaged level is found and mended, and one that moved is left."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.control.audit import Wanted
from cli.remote import Remote
from cli.stock import Wish, repaired
from models.topics import catalogue
from pipelines.audit.kafka import read_topics
from pipelines.audit.load_json import TopicRecord
from streams.archive.archiver import commit
from streams.archive.buffer import Buffer
from streams.archive.lake import LakeTable
from streams.archive.options import ArchiveOptions
from streams.archive.tables import tables
from tests.support.system import SKU, System, place, shows

LOOK = Wish(dry_run=True, yes=False, reason="", json=True)
MEND = Wish(dry_run=False, yes=True, reason="after a fault", json=True)
RIGHT = {"on_hand": 40, "allocated": 2, "unsellable": 0, "safety_stock": 0}
WRONG = RIGHT | {"on_hand": 47}


async def archived(system: System, lake: Path) -> str:
    """Archive the topics as they stand."""
    names = catalogue(system.settings.topic_prefix)
    for table in tables(names):
        buffer = Buffer()

        def take(_: str, records: list[TopicRecord], buffer: Buffer = buffer) -> None:
            for one in records:
                buffer.add(one.partition, [(one.partition, one.record_offset, one.broker_at_ms, one.value)], 0.0)

        await asyncio.to_thread(read_topics, system.settings.broker, (table.topic,), take)
        commit(LakeTable(table, ArchiveOptions(bootstrap="", lake=str(lake)), "c1"), buffer)
    return str(lake)


async def damage(system: System, seen: dict[str, int], ledger: dict[str, int]) -> Any:
    body = {"source": "test", "document": "d", "location_id": "berlin", "sku": SKU, "seen": seen, "ledger": ledger}
    return await system.client.post(f"{system.path}/stock/repair", json=body | {"reason": "damage"})


async def level(system: System) -> dict[str, int]:
    [found] = [level for sku in await Remote(system.client).skus(system.pool) for level in sku["levels"]]
    return {name: found[name] for name in RIGHT}


async def until(system: System, wanted: dict[str, int]) -> None:
    def balances(shown: Any) -> dict[str, int]:
        return {name: shown["levels"][0][name] for name in RIGHT}

    await shows(system, f"{system.path}/stock/{SKU}", balances, wanted)


async def test_a_damaged_level_is_found_and_mended(
    stocked: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await place(stocked)
    assert (await damage(stocked, RIGHT, WRONG)).status_code == 200
    await until(stocked, WRONG)
    lake, remote = await archived(stocked, tmp_path), Remote(stocked.client)

    looked = await repaired(remote, stocked.pool, lake, LOOK._replace(json=False))
    assert (looked["left"], await level(stocked)) == (1, WRONG)
    assert "47 -> 40" in capsys.readouterr().out
    mended = await repaired(remote, stocked.pool, lake, MEND)

    assert (mended["left"], len(mended["drifts"])) == (0, 1)
    await until(stocked, RIGHT)
    lines = stocked.services.audit.lines(Wanted(target=f"sku:{SKU}"), limit=500)
    told = [(found.line.action, found.line.reason) for found in lines if found.line.pool == stocked.pool]
    assert sorted(told) == [("repair_level", "after a fault"), ("repair_level", "damage")]


async def test_a_level_that_changed_meanwhile_is_refused_and_nothing_changes(stocked: System) -> None:
    await place(stocked)

    answer = await damage(stocked, WRONG, RIGHT)

    assert (answer.status_code, answer.json()["code"]) == (409, "count_conflict")
    assert await level(stocked) == RIGHT
