"""First step: wait until the archive holds the whole day, and fix which commands are the night's."""

import time

import duckdb
import polars as pl

from models.updates import STEPS
from pipelines.night.checkpoints import read_checkpoints
from pipelines.night.steps.night import Done, Night, NightError, table_of
from pipelines.night.windows import windows_of, within

_POLL_SECONDS = 2.0
_ARCHIVED = ("commands", "order_updates", "stock_movements", "dead_letters")
# What every command of the windows needs to be there, and the movements that the updates announce.
_MISSING = """
SELECT (SELECT count(*) FROM {commands} WHERE coalesce(command_index, 0) >= 0)
     - (SELECT count(DISTINCT (partition, command_offset, command_index)) FROM {updates}
        WHERE command_index % {steps} = 0)
     - (SELECT count(DISTINCT (partition, command_offset, command_index)) FROM {letters}
        WHERE list_contains(['commands'], source)),
       (SELECT coalesce(sum(movements), 0) FROM {updates}) - (SELECT count(*) FROM {movements})
"""


def archive_step(night: Night) -> Done:
    """Fix windows and checkpoints of the night. What a first try has fixed of a day that is over is not fixed anew.

    Raises:
        NightError: the day is not over, the worker has not decided it, or the archive stays behind.
    """
    if not night.so_far and night.now_ms < night.end_ms:
        raise NightError(
            f"{night.day} is not over (it ends at 00:00 UTC): run it after that, or as far as it has come with --so-far"
        )
    deadline = time.monotonic() + night.wait_seconds
    checkpoints = _checkpoints(night)
    while True:
        windows = _windows(night, checkpoints)
        behind = _behind(night, windows, checkpoints)
        late = time.monotonic() > deadline
        if behind is None and (late or _is_whole(night, windows)):
            # What is missing after all that time is lost, and the audit says what it was.
            break
        if late:
            raise NightError(f"{behind}; waited {night.wait_seconds:.0f} s")
        night.told(f"waiting: {behind or 'for the last answers'}", 0, 1)
        time.sleep(_POLL_SECONDS)
        # Only a worker that is behind is asked again: the archive is to come to where it stood, not to where it is.
        if not _undecided(windows, checkpoints).is_empty():
            checkpoints = _checkpoints(night)
    night.store.replace("checkpoints", checkpoints.with_columns(day=pl.lit(night.day)), night.day)
    night.store.replace("windows", windows, night.day)
    return _counted(night, windows)


def _windows(night: Night, checkpoints: pl.DataFrame) -> pl.DataFrame:
    kept = night.store.read("windows", pl.col("day") == night.day)
    if night.so_far or kept.is_empty():
        return windows_of(night.store, night.day, checkpoints, so_far=night.so_far)
    return kept.sort("partition")


def _checkpoints(night: Night) -> pl.DataFrame:
    """Those of the first try, or else where the workers stand now."""
    kept = night.store.read("checkpoints", pl.col("day") == night.day).drop("day")
    if night.broker is None or not (kept.is_empty() or night.so_far):
        return kept.sort("partition")
    return read_checkpoints(night.broker, night.prefix)


def _behind(night: Night, windows: pl.DataFrame, checkpoints: pl.DataFrame) -> str | None:
    """What is still to come, in words; None when everything is there."""
    if windows.is_empty():
        return None
    undecided = _undecided(windows, checkpoints)
    if not undecided.is_empty():
        return f"the worker of partition {undecided['partition'][0]} has not decided the day: is a worker running?"
    if night.broker is not None and not _reaches(night, checkpoints):
        return "the archive has not come to where the workers stood: is `headrace archive` running?"
    return None


def _undecided(windows: pl.DataFrame, checkpoints: pl.DataFrame) -> pl.DataFrame:
    """The windows that end behind where their worker stood."""
    return windows.join(checkpoints, on="partition").filter(pl.col("offset") < pl.col("end_offset"))


def _reaches(night: Night, checkpoints: pl.DataFrame) -> bool:
    """Whether all commands up to the checkpoints are archived, so that the digests can be compared."""
    table = night.store.archived("commands")
    ends = night.store.query(
        "SELECT partition, max(record_offset) AS archived FROM commands GROUP BY partition", commands=table
    )
    short = checkpoints.join(ends, on="partition", how="left").filter(
        pl.col("archived").fill_null(-1) < pl.col("offset") - pl.when(pl.col("item") == 0).then(1).otherwise(0)
    )
    return short.is_empty()


def _is_whole(night: Night, windows: pl.DataFrame) -> bool:
    """Whether all commands are answered, and all movements there that the answers announce."""
    if night.broker is None:
        return True
    names = {"commands": "commands", "updates": "order_updates", "movements": "stock_movements"}
    with duckdb.connect() as connection:
        connection.register("windows", windows.to_arrow())
        parts = {}
        for name, table in {**names, "letters": "dead_letters"}.items():
            connection.register(table, night.store.archived(table).to_pyarrow_dataset())
            parts[name] = within(table, windows).replace("FROM frame", f"FROM {table}")
        found = connection.execute(_MISSING.format(steps=STEPS, **parts)).fetchone()
    return found == (0, 0)


def _counted(night: Night, windows: pl.DataFrame) -> Done:
    rows = []
    counts: dict[str, int] = {}
    for table in _ARCHIVED:
        handle = night.store.archived(table)
        actions = pl.DataFrame(handle.get_add_actions(flatten=True))
        of_day = actions.filter(pl.col("partition.day") == night.day) if actions.height else actions
        count = int(of_day["num_records"].sum()) if of_day.height else 0
        counts[f"{table}_rows"] = count
        size = round((of_day["size_bytes"].sum() if of_day.height else 0) / 2**20, 1)
        rows.append((table, count, of_day.height, size, handle.version()))
    records = int((windows["end_offset"] - windows["begin_offset"]).sum() or 0)
    return Done(
        step="archive",
        counts={**counts, "records": records, "partitions": windows.height},
        tables={"archive": table_of(("table", "rows of the day", "files", "MiB", "Delta version"), rows)},
    )
