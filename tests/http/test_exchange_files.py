import json
from pathlib import Path
from typing import Any

import pytest_asyncio

from api.exchange.calling import Caller
from api.exchange.files import Watch, look
from api.exchange.intake import Intake
from api.exchange.parked import take_up
from api.exchange.process import Exchange
from tests.http.test_exchange import all_parked
from tests.http.test_hooks import counts, send, set_up
from tests.support.system import SKU, System, open_pool, shows_levels
from tests.support.toy import order_said


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(stocked: System) -> Any:
    caller = Caller()
    yield Exchange(stocked.services, Intake(stocked.services), caller)
    await caller.close()


async def test_a_complete_count_sends_only_what_differs_and_counts_what_it_leaves_out_as_none(
    system: System,
) -> None:
    await open_pool(system, 40)
    exchange = Exchange(system.services, Intake(system.services), Caller())
    account = set_up(system)
    await shows_levels(system, (40, 0))
    lines = [{"sku": f"NEW-{number}", "quantity": 0} for number in range(300)]
    same = json.dumps({"kind": "stock", "id": "S-1", "complete": True, "lines": [{"sku": SKU, "quantity": 40}, *lines]})
    without = json.dumps({"kind": "stock", "id": "S-2", "complete": True, "lines": lines})
    sent = system.sent
    for body in (same, without):
        assert (await send(system, account, body.encode())).json()["commands"] == 0
        for parked in await all_parked(system, account):
            await take_up(exchange, parked)
    await exchange.caller.close()

    assert system.sent == sent + 1
    await shows_levels(system, (0, 0))
    assert counts(system, account) == {"commands": 1, "ignored": 1, "parked": 2, "translated": 1}


async def test_files_are_taken_in_order_once_they_stand_still_and_moved_with_a_report(
    stocked: System, exchange: Exchange, tmp_path: Path
) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    stored = stocked.services.exchange.accounts.find(set_up(stocked, settings={"inbox": str(inbox)}))
    assert stored is not None
    (inbox / "b.json").write_bytes(order_said("1", SKU, 1, version=2))
    (inbox / "a.json").write_bytes(order_said("1", SKU, 3, version=1))
    (inbox / "c.json").write_text("{")
    (inbox / ".d.part").write_text("half")
    (inbox / "link.json").symlink_to("/etc/hostname")
    watch = Watch()
    await look(exchange, stored, watch)
    assert sorted(path.name for path in inbox.iterdir()) == [".d.part", "a.json", "b.json", "c.json", "link.json"]
    (inbox / "c.json").write_text("{ ")
    await look(exchange, stored, watch)
    assert watch.names == ["a.json", "b.json"]
    await look(exchange, stored, watch)

    assert sorted(path.name for path in inbox.iterdir()) == [".d.part", "done", "failed", "link.json"]
    assert sorted(path.name for path in (inbox / "done").iterdir()) == [
        "a.json", "a.json.report.txt", "b.json", "b.json.report.txt",
    ]  # fmt: skip
    assert "this is no JSON" in (inbox / "failed" / "c.json.report.txt").read_text()
    await shows_levels(stocked, (40, 1))
