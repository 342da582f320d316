"""The audit of a night: the last night's rows and the day's commands must give the rows that the workers have."""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

import polars as pl

from models.topics import catalogue
from pipelines.audit.audit import Told, audit_ledger
from pipelines.audit.lake import archived_commands, load_lake
from pipelines.audit.ledger import Ledger
from pipelines.audit.load_json import Loader, TopicRecord
from pipelines.audit.replay import Asked, Replay
from pipelines.audit.report import AuditReport
from pipelines.night.checks import NIGHT_CHECKS, SNAPSHOT_TABLES, load_rows
from pipelines.night.core import core_version
from pipelines.night.opening import opening_facts
from pipelines.night.replaying import Decided, Span, decide_again
from pipelines.night.store import Store
from pipelines.night.windows import within

# Takes the rows of one partition as they stand at the end of the day.
Keep: TypeAlias = Callable[[int, pl.DataFrame], None]


class NoSnapshotError(RuntimeError):
    """The rows that a night begins from are not there; the message says what to do."""


def audit_day(
    store: Store, day: dt.date, windows: pl.DataFrame, checkpoints: pl.DataFrame, keep: Keep, told: Told
) -> AuditReport:
    """Decide the day again, hand each partition's rows to `keep`, and check the day by SQL over what it began from."""
    with Ledger() as ledger:
        ledger.db.register("windows", windows.to_arrow())
        ledger.db.execute("INSERT INTO begins SELECT partition, begin_offset FROM windows")
        load_lake(ledger, store.lake, rows_of=lambda table: within(table, windows))
        ledger.db.execute(SNAPSHOT_TABLES)
        ledger.has_views = True
        again = _Again(store, day, ledger, checkpoints, keep)
        commands = _by_partition(store, windows, checkpoints)
        left = {window["partition"]: window for window in windows.iter_rows(named=True)}
        for done, (partition, asked) in enumerate(commands):
            again.decide(left.pop(partition), asked)
            told("deciding again", done + 1, windows.height)
        for window in left.values():
            again.decide(window, iter(()))
        return audit_ledger(ledger, archived=True, told=told, every=NIGHT_CHECKS)


class _Again:
    """Decides partition after partition, so that the rows of one at a time are in memory."""

    def __init__(self, store: Store, day: dt.date, ledger: Ledger, checkpoints: pl.DataFrame, keep: Keep) -> None:
        self._store = store
        self._day = day
        self._ledger = ledger
        self._keep = keep
        self._loader = Loader(ledger, catalogue())
        self._checkpoints = {row["partition"]: row for row in checkpoints.iter_rows(named=True)}

    def decide(self, window: dict[str, int], commands: Iterator[Asked]) -> None:
        partition = window["partition"]
        found = self._checkpoints.get(partition)
        checkpoint = (found["offset"], found["item"]) if found is not None else None
        span = Span(partition, window["begin_offset"], window["end_offset"], checkpoint)
        opening = self._opening(window)
        decided = decide_again(span, opening, commands, Replay(self._ledger, catalogue()))
        self._note_digests(partition, decided.digest, found)
        self._load_views(partition, decided)
        for name, facts in opening_facts(partition, opening, decided.changed, decided.reopened)._asdict().items():
            # The names are those of the ledger's own tables.
            self._ledger.insert(f"INSERT INTO opening_{name} SELECT * FROM frame", facts.to_arrow())  # noqa: S608
        rows = pl.DataFrame(
            {"key": list(decided.rows), "value": list(decided.rows.values())},
            schema={"key": pl.Binary, "value": pl.Binary},
        ).select(
            pl.lit(self._day).alias("day"),
            pl.lit(partition, dtype=pl.Int32).alias("partition"),
            pl.lit(span.end).alias("end_offset"),
            pl.lit(core_version()).alias("core"),
            pl.all(),
        )
        load_rows(self._ledger, rows.select("partition", "key", "value").to_arrow())
        self._keep(partition, rows)

    def _opening(self, window: dict[str, int]) -> dict[bytes, bytes]:
        """The rows of the last night; none before the first command of all."""
        if not window["begin_offset"]:
            return {}
        where = (pl.col("day") == window["opening_day"]) & (pl.col("partition") == window["partition"])
        rows = self._store.read("snapshots", where)
        if rows.is_empty():
            raise NoSnapshotError(
                f"the rows of partition {window['partition']} at the end of {window['opening_day']} are not kept any "
                "more: run the nights after the oldest snapshot, or delete the folder night/windows to begin anew"
            )
        return dict(zip(rows["key"], rows["value"], strict=True))

    def _note_digests(self, partition: int, replayed: str | None, found: dict[str, str] | None) -> None:
        if found is not None:
            note = "INSERT INTO digests VALUES (?, ?, ?)"
            self._ledger.db.execute(note, ["live", partition, found["digest"]])
            self._ledger.db.execute(note, ["replayed", partition, replayed])

    def _load_views(self, partition: int, decided: Decided) -> None:
        for topic, views in decided.views.items():
            records = [TopicRecord(partition, 0, 0, key, value) for key, value in views]
            self._loader.load(topic, records)


def _by_partition(
    store: Store, windows: pl.DataFrame, checkpoints: pl.DataFrame
) -> Iterator[tuple[int, Iterator[Asked]]]:
    """The commands of the windows, and those up to the checkpoints, partition by partition in their order."""
    ends = windows.join(checkpoints.select("partition", "offset"), on="partition", how="left").with_columns(
        pl.max_horizontal("end_offset", pl.col("offset") + 1).alias("last_offset")
    )
    rows = within("commands", windows, "last_offset")
    found = archived_commands(store.lake, rows=rows, windows=ends.to_arrow())
    return groupby(found, key=attrgetter("partition"))
