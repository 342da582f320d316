"""The audit over Delta tables as the archiver writes them: by function and by command."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.audit import app
from models.engine import Engine
from models.partition import partition_of
from models.topics import catalogue
from pipelines.audit import audit_lake
from pipelines.audit.lake import LakeReadError
from streams.archive.archiver import commit
from streams.archive.buffer import Buffer
from streams.archive.lake import LakeTable
from streams.archive.options import ArchiveOptions
from streams.archive.tables import tables
from tests.pipelines.played import Log, play
from tests.pipelines.session import POOL, Session
from tests.pipelines.test_audit_everything import RARE

PARTITION = partition_of(POOL)
RECORD_MS = 1_000


def session_log() -> Log:
    engine = Engine(PARTITION, strict=True)
    return play(engine, POOL, Session(engine, 4).records(200), batch_items=20)


def archive(lake: Path, log: Log) -> None:
    """Each record a second after the one before it, in as many commits as there are tables."""
    for table in tables(catalogue()):
        buffer = Buffer()
        for offset, (_, value) in enumerate(log.get(table.topic, [])):
            buffer.add(PARTITION, [(PARTITION, offset, offset * RECORD_MS, value)], 0.0)
        commit(LakeTable(table, ArchiveOptions(bootstrap="", lake=str(lake)), "c1"), buffer)


def test_the_archive_of_a_session_passes_with_its_replay(tmp_path: Path) -> None:
    log = session_log()
    archive(tmp_path, log)

    report = audit_lake(str(tmp_path), grace_seconds=None, replay=True)

    assert {f.statement: f.examples for f in report.findings if f.violations} == {}
    assert {f.statement for f in report.findings if f.checked == 0} <= RARE
    assert report.updates == len(log["order-updates"])
    assert report.pending == 0


def test_what_is_younger_than_the_grace_is_left_out_wherever_it_is_missing(tmp_path: Path) -> None:
    log = session_log()
    log["order-updates"] = log["order-updates"][:-20]
    log["stock-movements"] = log["stock-movements"][:-5]
    archive(tmp_path, log)

    assert not audit_lake(str(tmp_path), grace_seconds=None).ok
    report = audit_lake(str(tmp_path), grace_seconds=20 * RECORD_MS / 1000, replay=True)

    assert {f.statement: f.examples for f in report.findings if f.violations} == {}
    assert report.pending > 20
    assert report.updates + report.dead_letters == report.commands


def test_rows_that_are_there_twice_are_found(tmp_path: Path) -> None:
    log = session_log()
    archive(tmp_path, log)
    # An archiver that has forgotten its positions.
    table = next(table for table in tables(catalogue()) if table.name == "stock_movements")
    twice = LakeTable(table, ArchiveOptions(bootstrap="", lake=str(tmp_path)), "c1")
    twice._archived = dict.fromkeys(range(48), ())
    buffer = Buffer()
    buffer.add(PARTITION, [(PARTITION, 0, 0, log["stock-movements"][0][1])], 0.0)
    commit(twice, buffer)

    report = audit_lake(str(tmp_path), grace_seconds=None)

    broken = {f.statement: f.violations for f in report.findings if f.violations}
    assert broken["the archive holds each row once"] == 1


def test_no_archive_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LakeReadError, match="start one with `headrace archive`"):
        audit_lake(str(tmp_path))


def test_the_command_prints_json_and_fails_when_an_invariant_is_broken(tmp_path: Path) -> None:
    log = session_log()
    archive(tmp_path / "right", log)
    log["stock-movements"].pop(3)
    archive(tmp_path / "wrong", log)

    right = CliRunner().invoke(app, ["--lake", str(tmp_path / "right"), "--json"])
    wrong = CliRunner().invoke(app, ["--lake", str(tmp_path / "wrong"), "--json"])
    table = CliRunner().invoke(app, ["--lake", str(tmp_path / "wrong")])

    assert (right.exit_code, wrong.exit_code, table.exit_code) == (0, 1, 1)
    assert sum(f["violations"] for f in json.loads(right.stdout)["findings"]) == 0
    lost = next(
        f for f in json.loads(wrong.stdout)["findings"] if f["statement"].startswith("every update's movements")
    )
    assert (lost["invariant"], lost["violations"]) == ("I8", 1)
    assert "AN INVARIANT IS BROKEN" in table.stderr


def test_the_command_leaves_out_the_young_of_an_archive_unless_it_is_settled(tmp_path: Path) -> None:
    log = session_log()
    log["order-updates"].pop()
    archive(tmp_path, log)
    where = ["--lake", str(tmp_path)]

    growing, settled = CliRunner().invoke(app, where), CliRunner().invoke(app, [*where, "--settled"])

    assert (growing.exit_code, settled.exit_code) == (0, 1)
    assert "every invariant holds" in growing.stderr
