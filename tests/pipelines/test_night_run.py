"""A night over days of a real shop: from the rows of the night before, the same however often, and honest."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models import rows
from pipelines.night.steps.night import NightError
from pipelines.night.store import Store
from tests.pipelines.night_shop import POOL, NightShop, day_number, opened
from tests.support.builders import HOUR_MS


def two_days(folder: Path) -> NightShop:
    """Orders of two days, with a partner that tells of them truthfully but for one."""
    shop = opened(folder)
    shop.day(0)
    for number in range(4):
        shop.shipped(f"a{number}")
    shop.feed(0, "berlin-3pl", *[shop.row(f"a{number}") for number in range(3)])
    shop.day(1)
    for number in range(3):
        shop.delivered(f"a{number}")
    shop.shipped("b0", quantity=3)
    shop.feed(1, "berlin-3pl", shop.row("b0", quantity=2))
    return shop


def test_a_night_begins_from_the_rows_of_the_night_before(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.note_checkpoint(1)

    first, second = shop.run(0), shop.run(1)

    windows = shop.store.read("windows").sort("day").select("begin_offset", "end_offset", "opening_day").rows()
    assert windows == [(0, 16, None), (16, 22, day_number(0))]
    assert (first["audit"].counts["commands"], second["audit"].counts["commands"]) == (16, 6)
    assert (first["audit"].counts["digests"], second["audit"].counts["digests"]) == (0, 1)
    assert all(verdict.passed for verdict in second["audit"].verdicts)
    standing = shop.store.read("snapshots", pl.col("day") == day_number(1))
    assert dict(zip(standing["key"], standing["value"], strict=True)) == shop.engine.rows


def test_rows_that_differ_from_the_workers_break_i7_and_nothing_is_learned(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.note_checkpoint(0, digest="00" * 16)

    with pytest.raises(NightError, match="nothing is learned"):
        shop.run(0)

    broken = shop.store.read("audits", pl.col("violations") > 0)
    assert broken["invariant"].to_list() == ["I7"]
    assert shop.store.read("outcomes").is_empty()
    assert shop.store.read("shipment_rows").is_empty()


def test_a_snapshot_that_was_changed_is_found_by_sql_as_well(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    key = rows.key(rows.LEVEL, POOL, "berlin", "A")
    kept = shop.store.read("snapshots")
    level = kept.filter(pl.col("key") == key)["value"][0]
    more = (
        level.replace(b'"allocated":', b'"allocated":1')
        if b'"allocated":' in level
        else level[:-1] + b',"allocated":7}'
    )
    forged = kept.with_columns(value=pl.when(pl.col("key") == key).then(pl.lit(more)).otherwise("value"))
    shop.store.replace("snapshots", forged, day_number(0), partition=shop.engine.partition)

    with pytest.raises(NightError):
        shop.run(1)

    broken = shop.store.read("audits", (pl.col("violations") > 0) & (pl.col("day") == day_number(1)))
    assert "I3" in broken["invariant"].to_list()


def test_a_day_that_is_not_over_is_refused_unless_taken_so_far(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    early = shop.now_ms

    with pytest.raises(NightError, match="is not over"):
        shop.run(1, now_ms=early)
    assert {name for name, found in shop.kept().items() if found} == set()

    done = shop.run(1, now_ms=early, so_far=True)
    assert done["audit"].counts["commands"] == 22


def test_a_day_that_the_worker_has_not_decided_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.offset -= 3
    shop.note_checkpoint(1)

    with pytest.raises(NightError, match="has not decided the day: is a worker running"):
        shop.run(1)


def test_a_night_that_is_repeated_gives_the_same_rows_and_the_same_bytes(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    shop.run(1)
    kept = shop.kept()

    shop.run(1)
    assert shop.kept() == kept
    shop.run(0)
    assert shop.kept() == kept
    assert [name for name in kept if name.startswith("reports")] == [
        f"reports/{POOL}/{day_number(day)}/shipments.{kind}" for day in (0, 1) for kind in ("html", "xlsx")
    ]


class Killed(BaseException):
    """The process is gone; nothing catches it."""


def test_a_night_that_is_killed_at_any_write_and_repeated_gives_what_it_would_have_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = two_days(tmp_path / "whole")
    whole.run(0)
    whole.run(1)
    shop = two_days(tmp_path / "killed")
    shop.run(0)
    replace = Store.replace
    left = 0

    def dying(store: Store, *about: Any, **part: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        replace(store, *about, **part)

    kills = 0
    monkeypatch.setattr(Store, "replace", dying)
    for write in range(1, 100):
        left = write
        try:
            shop.run(1)
        except Killed:
            kills += 1
        else:
            break
    monkeypatch.setattr(Store, "replace", replace)
    shop.run(1)

    assert kills == 10
    assert shop.kept() == whole.kept()


def test_a_late_file_closes_the_break_of_the_day_before(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    late = shop.row("a3")
    first = shop.run(0)["shipments"].counts
    shop.feed(0, "late", late)
    second = shop.run(1)["shipments"].counts

    assert (first["match"], first["timing"], first["breaks_open"]) == (6, 1, 1)
    assert (second["match"], second["quantity"], second["breaks_open"], second["breaks_closed"]) == (2, 2, 1, 1)
    breaks = shop.store.read("breaks").sort("day", "state").select("state", "class", "first_seen", "age_days").rows()
    assert breaks == [
        ("open", "timing", day_number(0), 0),
        ("closed", "timing", day_number(0), 1),
        ("open", "quantity", day_number(1), 0),
    ]


def test_a_file_that_is_sent_again_with_more_rows_brings_only_those(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    shop.feed(0, "berlin-3pl", *[shop.row(f"a{number}") for number in range(4)])
    second = shop.run(1)["shipments"].counts

    assert (second["match"], second["duplicate"], second["breaks_closed"]) == (2, 0, 1)
    assert shop.store.read("feed_files").sort("day", "file_day").select("rows", "taken").rows() == [
        (3, 3),
        (4, 1),
        (1, 1),
    ]


def test_a_shipment_of_long_ago_is_not_told_anew_and_its_break_stays(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.day(0)
    shop.shipped("a0")
    shop.shipped("a1")
    shop.feed(0, "berlin-3pl", shop.row("a0"))
    shop.run(0)
    shop.day(100)
    shop.shipped("b0")
    shop.feed(100, "berlin-3pl", shop.row("b0"))
    counts = [shop.run(number)["shipments"].counts for number in (100, 101)]

    assert [(count["match"], count["rows_there"], count["breaks_open"]) for count in counts] == [(2, 1, 1), (0, 0, 1)]
    breaks = shop.store.read("breaks", pl.col("day") == day_number(101)).select("state", "first_seen", "age_days")
    assert breaks.rows() == [("open", day_number(0), 101)]


def test_a_file_of_long_ago_that_is_sent_again_with_more_rows_brings_only_those(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.day(0)
    shop.shipped("a0")
    shop.shipped("a1")
    shop.feed(0, "berlin-3pl", shop.row("a0"))
    shop.run(0)
    shop.feed(0, "berlin-3pl", shop.row("a0"), shop.row("a1"))
    counts = shop.run(100)["shipments"].counts

    assert (counts["rows_there"], counts["timing"], counts["breaks_open"]) == (1, 1, 1)


@pytest.mark.parametrize("night_before", [False, True])
def test_an_order_that_is_closed_before_its_night_is_reconciled_and_learned_from(
    tmp_path: Path, *, night_before: bool
) -> None:
    shop = opened(tmp_path)
    shop.day(0)
    order = shop.shipped("a0")
    shop.shipped("a1")
    shop.feed(0, "berlin-3pl", shop.row("a1"))
    if night_before:
        shop.run(0)
    shop.feed(1, "berlin-3pl", shop.row("a0"))
    shop.later(HOUR_MS)
    shop.delivered("a0")
    shop.day(40)
    shop.tick()
    shop.note_checkpoint(40)
    done = shop.run(40)

    assert rows.order_key(order.order_id) not in shop.engine.rows
    assert all(verdict.passed for verdict in done["audit"].verdicts)
    matched = 2 if night_before else 4
    assert (done["shipments"].counts["match"], done["shipments"].counts["breaks_open"]) == (matched, 0)
    assert done["outcomes"].counts["delivered"] == 1


def test_a_refused_model_is_recorded_with_its_reason_and_nothing_is_published(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    done = shop.run(0)

    judged = shop.store.read("routing_models").row(0, named=True)
    assert (judged["passed"], judged["reason"]) == (False, "there are no outcomes to learn from yet")
    assert shop.store.read("publications").is_empty()
    assert done["publish"].counts == {"command_id": "", "answer": "nothing to publish: no model passed"}
