"""The real orders as a plan, and the plan played through the core. Skipped where the data set is not there."""

import os
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

from models import rows
from models.commands import Command, PlaceOrder, decode, encode
from models.engine import Engine
from models.partition import partition_of
from models.updates import Applied, CommandUpdate
from pipelines.replay.frames import OlistFilesError
from pipelines.replay.olist import Scenario, olist_plan
from pipelines.replay.plan import Plan
from pipelines.replay.playback import Playback
from pipelines.replay.summary import summarise

SHARED = Path(os.environ.get("HEADRACE_SHARED", Path(__file__).parents[3] / "shared"))
FOLDER = SHARED / "data" / "olist"

needs_data = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the Olist files are not in {FOLDER}")


@cache
def plan(scenario: Scenario, limit: int | None = None) -> Plan:
    return olist_plan(FOLDER, scenario, "olist", limit)


class Played:
    """A plan played through the core in this process."""

    def __init__(self, plan: Plan) -> None:
        self.engine = Engine(partition_of(plan.pool), strict=True)
        self.playback = Playback(plan, window=64)
        self.refused: Counter[str] = Counter()
        self._offset = 0
        self._send(list(plan.set_up))
        while not self.playback.is_done:
            self._send(self.playback.take(None, most=50))

    def _send(self, commands: list[Command]) -> None:
        while commands:
            changed = dict.fromkeys(order for command in commands for order in self._decide(command))
            views = [rows.decode_order(self.engine.render("order-views", order)) for order in changed]
            commands = [command for view in views for command in self.playback.read(view)]

    def _decide(self, command: Command) -> list[bytes]:
        applied: Applied | None = self.engine.apply(encode(command), self._offset, 0)
        orders: list[bytes] = []
        while applied is not None:
            for update in applied.updates:
                if update.topic == "order-views":
                    orders.append(update.key)
                if update.topic == "order-updates":
                    answer = msgspec.json.decode(update.value or b"", type=CommandUpdate)
                    self.playback.hear(answer)
                    self.refused.update([f"{answer.command}: {answer.refusal.code}"] if answer.refusal else [])
            applied = self.engine.drain()
        self._offset += 1
        return orders


def test_a_folder_without_the_files_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(OlistFilesError, match=r"orders_until_2018_04\.parquet"):
        olist_plan(tmp_path, "as-it-was", "olist")


@needs_data
def test_each_timed_order_is_placed_once_with_all_its_units() -> None:
    orders = [order.place for order in plan("as-it-was").orders]

    assert len(orders) == 8_037
    assert len({order.external_id for order in orders}) == 8_037
    assert sum(len(order.lines) for order in orders) == 8_360
    assert sum(line.quantity for order in orders for line in order.lines) == 9_308
    assert [order.placed_at_ms for order in orders] == sorted(order.placed_at_ms for order in orders)


@needs_data
def test_times_are_read_as_sao_paulo_time() -> None:
    first = plan("as-it-was").orders[0].place

    # 2016-10-04 10:41:17 in Sao Paulo, three hours behind UTC.
    assert first.placed_at_ms == 1_475_588_477_000
    assert first.issued_at_ms == first.placed_at_ms


@needs_data
@pytest.mark.parametrize("scenario", ["as-it-was", "hubs"])
def test_every_command_is_what_the_core_reads(scenario: Scenario) -> None:
    laid_out = plan(scenario)
    places: list[PlaceOrder] = [order.place for order in laid_out.orders]

    for command in [*laid_out.set_up, *laid_out.receipts, *places]:
        assert decode(encode(command)) == command


@needs_data
def test_as_it_was_there_is_what_was_sold() -> None:
    laid_out = plan("as-it-was")

    assert (laid_out.locations, laid_out.skus, laid_out.opening_units) == (353, 5_433, 9_308)
    assert laid_out.receipts == ()


@needs_data
def test_at_hubs_five_percent_of_the_lines_lack_stock_until_later() -> None:
    laid_out = plan("hubs")
    later = sum(line.quantity for receipt in laid_out.receipts for line in receipt.lines)

    assert laid_out.locations == 12
    assert laid_out.short_lines == 418
    assert laid_out.opening_units + later == 9_308
    assert {receipt.reason for receipt in laid_out.receipts} == {
        "Inferred, not counted: stock is not in the data, so what was sold is taken for what was there."
    }


@needs_data
def test_played_as_it_was_every_order_finds_its_stock() -> None:
    played = Played(plan("as-it-was", 1_500))
    summary = summarise(played.playback.orders.values())

    assert (summary.orders, summary.routed, summary.waiting, summary.unread) == (1_500, 1_500, 0, 0)
    assert summary.late == summary.late_in_reality
    assert summary.lines_at_real_seller / summary.lines > 0.97
    assert set(played.refused) <= {"accept_fulfillment: status_forbids"}


@needs_data
def test_played_at_hubs_what_waited_is_served_later() -> None:
    laid_out = plan("hubs", 1_500)
    summary = summarise(Played(laid_out).playback.orders.values())

    assert summary.waiting_lines == laid_out.short_lines == round(0.05 * summary.lines)
    assert summary.still_waiting == 0
    assert summary.delivered + summary.cancelled + summary.statuses.get("shipped", 0) >= 1_490
