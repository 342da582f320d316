"""Load, prepare, check, report."""

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from models.topics import catalogue
from pipelines.audit.check import Check, run
from pipelines.audit.kafka import read_topics
from pipelines.audit.lake import archived_commands, load_lake
from pipelines.audit.ledger import Ledger
from pipelines.audit.load_json import Loader, TopicRecord
from pipelines.audit.log import ARCHIVED_ONCE, COMPLETENESS, REDELIVERY
from pipelines.audit.orders import MONEY, OVERSELLS, TRACES, UNITS, VIEWS
from pipelines.audit.prepare import prepare
from pipelines.audit.replay import REPLAYED, SAME_VIEWS, LiveDigests, Replay
from pipelines.audit.report import AuditReport
from pipelines.audit.stock import ALLOCATIONS, APART, CONSERVATION, NO_OVERSELL, REPAIRS

CHECKS = (
    *NO_OVERSELL,
    *OVERSELLS,
    *CONSERVATION,
    *APART,
    *REPAIRS,
    *ALLOCATIONS,
    *UNITS,
    *MONEY,
    *REDELIVERY,
    *REPLAYED,
    SAME_VIEWS,
    *COMPLETENESS,
    *VIEWS,
    *TRACES,
)
# Longer than the archive gathers for one commit, so that older rows are in every table.
LAKE_GRACE_SECONDS = 180.0

_LAKE_ENDS = "INSERT INTO commands_ends SELECT partition, max(command_offset) FROM published_updates GROUP BY partition"

# What is being done, how many steps of it are done, and of how many.
Told: TypeAlias = Callable[[str, int, int], None]


def audit_topics(
    bootstrap: str,
    prefix: str = "",
    *,
    grace_seconds: float | None = None,
    replay: bool = False,
    told: Told | None = None,
) -> AuditReport:
    """Check everything that is in the topics, from the first command on.

    The system is taken to have settled: a command that is not decided is a violation. For a running one give
    `grace_seconds`: only what is older is checked. With `replay`, which wants a settled system, all commands are
    decided once more and must give the same.
    """
    if replay and grace_seconds is not None:
        raise ValueError("a replay can be compared with a settled system only: leave out grace_seconds")
    began = time.perf_counter()
    with Ledger() as ledger:
        live = LiveDigests()
        if replay:
            # Before the commands, so that those hold all that led to it.
            read_topics(bootstrap, (catalogue(prefix).pool_changelog.name,), lambda _, records: live.take(records))
        _load_topics(ledger, bootstrap, prefix, told)
        if replay:
            live.load(ledger)
            _replay_topics(ledger, bootstrap, prefix, live, told)
        return audit_ledger(ledger, grace_seconds=grace_seconds, told=told, began=began)


def audit_lake(
    lake: str,
    *,
    grace_seconds: float | None = LAKE_GRACE_SECONDS,
    replay: bool = False,
    storage_options: dict[str, str] | None = None,
    told: Told | None = None,
) -> AuditReport:
    """Check everything that is in the archive. What was published as the present state is not in it."""
    began = time.perf_counter()
    with Ledger() as ledger:
        load_lake(ledger, lake, storage_options)
        if grace_seconds is not None:
            # The table of updates may be ahead of that of commands.
            ledger.db.execute(_LAKE_ENDS)
        if replay:
            again = Replay(ledger, catalogue())
            again.decide(archived_commands(lake, storage_options))
            again.finish()
        return audit_ledger(ledger, grace_seconds=grace_seconds, archived=True, told=told, began=began)


def audit_ledger(
    ledger: Ledger,
    *,
    grace_seconds: float | None = None,
    archived: bool = False,
    told: Told | None = None,
    began: float | None = None,
    every: Sequence[Check] = CHECKS,
) -> AuditReport:
    """Check what was loaded."""
    began = time.perf_counter() if began is None else began
    pending = prepare(ledger, grace_seconds=grace_seconds)
    checks = [
        check
        for check in every
        if (ledger.has_views or not check.needs_views) and (ledger.has_replay or not check.needs_replay)
    ]
    if archived:
        checks.append(ARCHIVED_ONCE)
    findings = []
    for done, check in enumerate(checks):
        if told is not None:
            told("checking", done, len(checks))
        findings.append(run(check, ledger))
    if told is not None:
        told("checking", len(checks), len(checks))
    return AuditReport(
        findings=tuple(findings),
        commands=ledger.count("SELECT count(*) FROM commands WHERE item >= 0"),
        updates=ledger.count("SELECT count(*) FROM updates"),
        movements=ledger.count("SELECT count(*) FROM movements"),
        orders=ledger.count("SELECT count(*) FROM orders"),
        dead_letters=ledger.count("SELECT count(*) FROM dead_letters"),
        pending=pending,
        seconds=round(time.perf_counter() - began, 3),
    )


def _load_topics(ledger: Ledger, bootstrap: str, prefix: str, told: Told | None) -> None:
    loader = Loader(ledger, catalogue(prefix))
    topics = loader.topics
    ledger.has_views = True

    def take(topic: str, records: list[TopicRecord]) -> None:
        loader.load(topic, records)
        if told is not None:
            told(f"reading {topic}", topics.index(topic) + 1, len(topics))

    read_topics(bootstrap, topics, take)
    # Commands that came meanwhile are not checked, but what was decided of them is no update out of nowhere.
    newest: dict[int, int] = {}
    read_topics(
        bootstrap,
        (catalogue(prefix).commands.name,),
        lambda _, records: newest.update((record.partition, record.record_offset) for record in records),
        starts=_ends_of_commands(ledger),
    )
    for partition, offset in newest.items():
        ledger.db.execute("INSERT INTO commands_ends VALUES (?, ?)", [partition, offset])


def _replay_topics(ledger: Ledger, bootstrap: str, prefix: str, live: LiveDigests, told: Told | None) -> None:
    ends = _ends_of_commands(ledger)
    total = sum(ends.values())
    again = Replay(ledger, catalogue(prefix), live.positions)
    done = 0

    def take(_: str, records: list[TopicRecord]) -> None:
        nonlocal done
        again.decide_records(record for record in records if record.record_offset < ends.get(record.partition, 0))
        done += len(records)
        if told is not None:
            told("deciding again", min(done, total), total)

    read_topics(bootstrap, (catalogue(prefix).commands.name,), take)
    again.finish()


def _ends_of_commands(ledger: Ledger) -> dict[int, int]:
    """The offset after the last command that was loaded, by partition."""
    return dict(ledger.rows("SELECT partition, max(command_offset) + 1 FROM commands GROUP BY partition"))
