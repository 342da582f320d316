"""Rows reach the lake exactly once, whatever is read twice, crashes or competes."""

import datetime as dt
from pathlib import Path

import duckdb
import msgspec
import polars as pl
import pytest
from deltalake import DeltaTable

from models.topics import catalogue
from streams.archive.archiver import commit
from streams.archive.buffer import Buffer
from streams.archive.lake import ArchiveClusterError, ArchiveFencedError, LakeTable
from streams.archive.options import ArchiveOptions
from streams.archive.records import Record
from streams.archive.tables import tables

DAY_1_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
DAY_2_MS = DAY_1_MS + 86_400_000
TABLES = {table.name: table for table in tables(catalogue())}


def open_table(lake: Path, name: str, cluster: str = "c1") -> LakeTable:
    return LakeTable(TABLES[name], ArchiveOptions(bootstrap="", lake=str(lake)), cluster)


def movement(offset: int, index: int = 0, sequence: int = 0, delta: int = 1) -> bytes:
    return msgspec.json.encode(
        {
            "pool": "eu",
            "sku": "A",
            "location_id": "L",
            "kind": "received",
            "offset": offset,
            "index": index,
            "sequence": sequence,
            "occurred_at_ms": DAY_1_MS,
            "recorded_at_ms": DAY_1_MS,
            "on_hand_delta": delta,
        }
    )


def buffer(*records: Record) -> Buffer:
    filled = Buffer()
    for record in records:
        filled.add(record[0], [record], 0.0)
    return filled


def rows(lake: Path, name: str, columns: str) -> list[tuple[object, ...]]:
    frame = pl.from_arrow(DeltaTable(str(lake / name)).to_pyarrow_table())
    assert isinstance(frame, pl.DataFrame)
    connection = duckdb.connect()
    connection.register("frame", frame.to_arrow())
    return connection.execute(f"SELECT {columns} FROM frame ORDER BY ALL").fetchall()


def ids(lake: Path) -> list[tuple[object, ...]]:
    return rows(lake, "stock_movements", "partition, command_offset, command_index, sequence")


def test_a_list_of_commands_becomes_one_row_each_with_its_text_byte_for_byte(tmp_path: Path) -> None:
    value = b'[{"type":"tick", "pool":"eu","command_id":"c1"},17,{"type":"cancel_units","order_id":"o1","pool":5}]'

    done = commit(open_table(tmp_path, "commands"), buffer((3, 7, DAY_1_MS, value)))

    assert (done.rows, done.repeated) == (3, 0)
    assert rows(
        tmp_path, "commands", "day, partition, record_offset, command_index, pool, type, command_id, value"
    ) == [
        (dt.date(2026, 1, 1), 3, 7, 0, "eu", "tick", "c1", '{"type":"tick", "pool":"eu","command_id":"c1"}'),
        (dt.date(2026, 1, 1), 3, 7, 1, "", "", "", "17"),
        (dt.date(2026, 1, 1), 3, 7, 2, "", "", "", '{"type":"cancel_units","order_id":"o1","pool":5}'),
    ]


def test_an_empty_list_of_commands_leaves_a_row(tmp_path: Path) -> None:
    commit(open_table(tmp_path, "commands"), buffer((0, 0, DAY_1_MS, b"[]"), (0, 1, DAY_1_MS, b"[1]")))

    assert rows(tmp_path, "commands", "record_offset, command_index, value") == [(0, -1, "[]"), (1, 0, "1")]


def test_what_cannot_be_read_is_kept_as_it_came(tmp_path: Path) -> None:
    records = [(0, 0, DAY_1_MS, b"\xff not json"), (0, 1, DAY_1_MS, b'["\xff"]')]

    commit(open_table(tmp_path, "commands"), buffer(*records))
    commit(open_table(tmp_path, "stock_movements"), buffer((0, 0, DAY_1_MS, b"{}"), (0, 1, DAY_1_MS, movement(4))))

    assert rows(tmp_path, "commands", "record_offset, value, unreadable") == [
        (0, None, b"\xff not json"),
        (1, None, b'"\xff"'),
    ]
    assert rows(tmp_path, "stock_movements", "record_offset, command_offset, unreadable") == [
        (0, None, b"{}"),
        (1, 4, None),
    ]


def test_all_fields_of_an_update_are_columns_and_its_events_stay_text(tmp_path: Path) -> None:
    value = (
        b'{"pool":"eu","offset":5,"index":1,"command_id":"c","command":"tick","at_ms":9,"actor":"me",'
        b'"events":[{"type":"pool_changed","what":"pool"}],"refusal":{"code":"x","text":"y"},"newer":1}'
    )

    commit(open_table(tmp_path, "order_updates"), buffer((1, 0, DAY_1_MS, value)))

    shown = "command_offset, command_index, command_id, at_ms, order_id, repeated, refusal, events"
    assert rows(tmp_path, "order_updates", shown) == [
        (5, 1, "c", 9, "", False, '{"code":"x","text":"y"}', '[{"type":"pool_changed","what":"pool"}]')
    ]


def test_rows_published_again_after_a_crash_of_their_producer_are_dropped(tmp_path: Path) -> None:
    table = open_table(tmp_path, "stock_movements")
    first = [movement(1), movement(1, sequence=1), movement(1), movement(1, sequence=1), movement(2)]
    again = [movement(2), movement(2, sequence=1), movement(1, index=5), movement(3)]

    one = commit(table, buffer(*((0, i, DAY_1_MS, value) for i, value in enumerate(first))))
    two = commit(table, buffer(*((0, 5 + i, DAY_1_MS, value) for i, value in enumerate(again))))

    assert (one.rows, one.repeated, two.rows, two.repeated) == (3, 2, 2, 2)
    assert ids(tmp_path) == [(0, 1, 0, 0), (0, 1, 0, 1), (0, 2, 0, 0), (0, 2, 0, 1), (0, 3, 0, 0)]


def test_partitions_do_not_hide_each_others_rows(tmp_path: Path) -> None:
    table = open_table(tmp_path, "stock_movements")

    commit(table, buffer((0, 0, DAY_1_MS, movement(9)), (1, 0, DAY_1_MS, movement(2))))
    commit(table, buffer((1, 1, DAY_1_MS, movement(3)), (2, 0, DAY_1_MS, movement(1))))

    assert ids(tmp_path) == [(0, 9, 0, 0), (1, 2, 0, 0), (1, 3, 0, 0), (2, 1, 0, 0)]


def test_a_crash_before_the_commit_reads_again_and_after_it_goes_on(tmp_path: Path) -> None:
    lost = open_table(tmp_path, "stock_movements")
    assert lost.next_offset(0) == 0

    commit(
        open_table(tmp_path, "stock_movements"), buffer((0, 0, DAY_1_MS, movement(1)), (0, 1, DAY_1_MS, movement(2)))
    )
    restarted = open_table(tmp_path, "stock_movements")

    assert restarted.next_offset(0) == 2
    assert restarted.next_offset(1) == 0
    commit(restarted, buffer((0, 2, DAY_1_MS, movement(2)), (0, 3, DAY_1_MS, movement(3))))
    assert ids(tmp_path) == [(0, 1, 0, 0), (0, 2, 0, 0), (0, 3, 0, 0)]
    assert open_table(tmp_path, "stock_movements").next_offset(0) == 4


@pytest.mark.parametrize("partition_of_the_second", [0, 1])
def test_of_two_archivers_at_once_one_is_refused(tmp_path: Path, partition_of_the_second: int) -> None:
    one = open_table(tmp_path, "stock_movements")
    two = open_table(tmp_path, "stock_movements")
    commit(one, buffer((0, 0, DAY_1_MS, movement(1))))

    with pytest.raises(ArchiveFencedError, match="another archiver writes to"):
        commit(two, buffer((partition_of_the_second, 0, DAY_1_MS, movement(1))))

    commit(one, buffer((0, 1, DAY_1_MS, movement(2))))
    assert ids(tmp_path) == [(0, 1, 0, 0), (0, 2, 0, 0)]


def test_an_archiver_that_slept_through_another_is_refused(tmp_path: Path) -> None:
    frozen = open_table(tmp_path, "stock_movements")
    commit(frozen, buffer((0, 0, DAY_1_MS, movement(1))))
    commit(open_table(tmp_path, "stock_movements"), buffer((0, 1, DAY_1_MS, movement(2))))
    frozen.compact_closed_days(dt.date(2026, 1, 3))

    with pytest.raises(ArchiveFencedError):
        commit(frozen, buffer((0, 1, DAY_1_MS, movement(2))))

    assert ids(tmp_path) == [(0, 1, 0, 0), (0, 2, 0, 0)]


def test_closed_days_are_compacted_and_the_writer_goes_on(tmp_path: Path) -> None:
    table = open_table(tmp_path, "stock_movements")
    for offset in range(6):
        at_ms = DAY_1_MS if offset < 4 else DAY_2_MS
        commit(table, buffer((0, offset, at_ms, movement(offset))))
    before = ids(tmp_path)

    days = table.compact_closed_days(dt.date(2026, 1, 2))

    assert days == [dt.date(2026, 1, 1)]
    files = DeltaTable(str(tmp_path / "stock_movements")).file_uris()
    assert sorted(uri.split("day=")[1][:10] for uri in files) == ["2026-01-01", "2026-01-02", "2026-01-02"]
    assert ids(tmp_path) == before
    assert table.compact_closed_days(dt.date(2026, 1, 2)) == []
    commit(table, buffer((0, 6, DAY_2_MS, movement(6))))
    assert len(ids(tmp_path)) == 7
    assert open_table(tmp_path, "stock_movements").next_offset(0) == 7


def test_a_checkpoint_is_written_every_hundred_commits(tmp_path: Path) -> None:
    table = open_table(tmp_path, "stock_movements")
    for offset in range(101):
        commit(table, buffer((0, offset, DAY_1_MS, movement(offset))))

    log = tmp_path / "stock_movements" / "_delta_log"
    assert len(list(log.glob("*.checkpoint.parquet"))) == 1
    assert open_table(tmp_path, "stock_movements").next_offset(0) == 101


def test_a_lake_belongs_to_one_cluster(tmp_path: Path) -> None:
    commit(open_table(tmp_path, "commands"), buffer((0, 0, DAY_1_MS, b"[1]")))

    with pytest.raises(ArchiveClusterError, match="cluster c1, and the broker is cluster c2"):
        open_table(tmp_path, "commands", cluster="c2")
