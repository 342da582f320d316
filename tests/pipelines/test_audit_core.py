"""What the real core decides passes the audit, which shares nothing with it; and decided again it gives the same."""

from collections.abc import Callable

import msgspec
import pytest

from models.engine import Engine
from models.partition import partition_of
from models.topics import catalogue
from pipelines.audit.audit import CHECKS, audit_ledger
from pipelines.audit.load_json import TopicRecord
from pipelines.audit.replay import LiveDigests, Replay, digest_of
from pipelines.audit.report import AuditReport
from tests.pipelines.played import Log, ledger_of_log, play
from tests.pipelines.session import POOL, Session
from tests.pipelines.test_audit_everything import RARE

PARTITION = partition_of(POOL)


def played(seed: int, records: int = 300) -> tuple[Log, Engine]:
    engine = Engine(PARTITION, strict=True)
    return play(engine, POOL, Session(engine, seed).records(records), batch_items=20), engine


def position_record(digest: str, offset: int, *, base: int = 0, at: int = 4) -> TopicRecord:
    """The end of a batch of five rows in the changelog, as the worker writes it."""
    row = [base, 5, 1, "w", offset, 0, bytes.fromhex(digest)]
    return TopicRecord(PARTITION, at, 0, b"\x00position", msgspec.msgpack.encode(row))


def audit_with_replay(log: Log, live_digest: str, live_offset: int | None = None) -> AuditReport:
    """The worker stood at an offset, or after all commands, when its digest was read."""
    live = LiveDigests()
    live.take([position_record(live_digest, len(log["commands"]) if live_offset is None else live_offset)])
    with ledger_of_log(POOL, log) as ledger:
        again = Replay(ledger, catalogue(), live.positions)
        again.decide_records(TopicRecord(PARTITION, i, i, *record) for i, record in enumerate(log["commands"]))
        again.finish()
        live.load(ledger)
        return audit_ledger(ledger)


def broken(report: AuditReport) -> dict[str, tuple[str, ...]]:
    return {finding.statement: finding.examples for finding in report.findings if finding.violations}


@pytest.mark.parametrize("seed", range(3))
def test_a_session_of_everything_passes(seed: int) -> None:
    log, _ = played(seed)

    with ledger_of_log(POOL, log) as ledger:
        report = audit_ledger(ledger)

    assert broken(report) == {}
    assert {f.statement for f in report.findings if f.checked == 0} <= RARE
    assert report.dead_letters > 0
    assert report.orders > 100


def test_a_replay_gives_the_same_updates_movements_views_and_rows() -> None:
    log, engine = played(0)

    report = audit_with_replay(log, digest_of(engine.rows))

    assert broken(report) == {}
    assert [finding.statement for finding in report.findings] == [check.statement for check in CHECKS]
    assert {f.statement for f in report.findings if f.checked == 0} <= RARE


def test_a_worker_that_went_on_meanwhile_is_compared_where_it_stood() -> None:
    _, short = played(0, records=100)
    log, _ = played(0, records=150)

    assert broken(audit_with_replay(log, digest_of(short.rows), live_offset=101)) == {}
    assert list(broken(audit_with_replay(log, digest_of(short.rows), live_offset=100))) == [
        "all commands decided again give the rows of the workers, by their digest"
    ]


def lose_a_command(log: Log) -> None:
    """The last order that was taken was never asked for."""
    at = max(i for i, (_, value) in enumerate(log["commands"]) if b'"place_order"' in value)
    items = [item for item in Engine.split(log["commands"][at][1]) if b'"place_order"' not in item]
    log["commands"][at] = (POOL.encode(), b"[" + b",".join(items) + b"]")


def change_a_view(log: Log) -> None:
    key, value = log["order-views"][-1]
    log["order-views"][-1] = (key, value.replace(b'"currency":"EUR"', b'"currency":"USD"'))


def change_a_movement(log: Log) -> None:
    at = max(i for i, (_, value) in enumerate(log["stock-movements"]) if b'"kind":"counted"' in value)
    moved = msgspec.json.decode(log["stock-movements"][at][1])
    log["stock-movements"][at] = (b"", msgspec.json.encode(moved | {"sku": "Z"}))


@pytest.mark.parametrize(
    ("plant", "statement"),
    [
        (lose_a_command, "all commands decided again tell the same updates"),
        (lose_a_command, "all commands decided again give the rows of the workers, by their digest"),
        (change_a_view, "all commands decided again give the published order views, byte for byte"),
        (change_a_movement, "all commands decided again move the same stock"),
    ],
)
def test_a_replay_finds_what_was_told_otherwise(plant: Callable[[Log], None], statement: str) -> None:
    log, engine = played(1)
    plant(log)

    assert statement in broken(audit_with_replay(log, digest_of(engine.rows)))


def test_a_poisoned_command_is_left_out_again() -> None:
    engine = Engine(PARTITION, strict=True)
    log = play(engine, POOL, Session(engine, 2).records(50))
    poison = b'{"type":"tick","command_id":"t","pool":"eu","issued_at_ms":9,"actor":"x"}'
    log["commands"].append((POOL.encode(), b"[" + poison + b"]"))
    left_out = engine.skip(poison, len(log["commands"]) - 1, 0, "it ended the process")
    log.setdefault("dead-letters", []).extend((update.key, update.value or b"") for update in left_out.updates)

    assert broken(audit_with_replay(log, digest_of(engine.rows))) == {}


def test_a_void_batch_in_the_changelog_is_not_the_live_state() -> None:
    log, engine = played(0)
    valid, void = digest_of(engine.rows), "00" * 16
    live = LiveDigests()
    live.take([position_record(valid, 7), position_record(void, 8, base=0, at=9)])

    with ledger_of_log(POOL, log) as ledger:
        live.load(ledger)
        assert ledger.rows("FROM digests") == [("live", PARTITION, valid)]
    assert live.positions == {PARTITION: (7, 0)}
