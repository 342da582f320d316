"""Third step: what partners say they shipped, against what we think; the breaks, and the reports people open."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from models.records.pool import LocationKind
from pipelines.night.breaks import OPEN, carried, ledger_of
from pipelines.night.feed import FeedFile, read_feed
from pipelines.night.matching import CLASSES, Known, classify, tie_out
from pipelines.night.orders import PoolNight
from pipelines.night.report_page import page
from pipelines.night.report_workbook import workbook
from pipelines.night.steps.night import Done, Night, NightError, Verdict, table_of
from pipelines.night.tables import FEED_FILES, QUARANTINE, SEEN

_OUTSIDE = frozenset({LocationKind.THIRD_PARTY, LocationKind.DROP_SHIPPER})
# A row that a partner repeats after that is taken for a new one.
_REMEMBERED_DAYS = 60
# Unmatched rows of so long ago stay in the ledger of breaks, and are not laid beside new ones any more.
_CARRIED_DAYS = 90


def shipments_step(night: Night, pool: str) -> Done:
    """Read, match, classify, keep and report; nothing is written when the two sides do not tie out (I11).

    Raises:
        NightError: I11 is broken.
    """
    known = PoolNight(night.store, night.day, pool)
    of_pool = pl.col("pool") == pool
    since = night.day - dt.timedelta(days=_CARRIED_DAYS)
    history = night.store.read("shipment_rows", of_pool & pl.col("day").is_between(since, night.day, closed="left"))
    before = _last(night.store.read("breaks", of_pool & (pl.col("day") < night.day)))
    files, quarantine, told = _read(night, pool)
    old = carried(_last(history)).filter(pl.col("first_seen") >= since)
    open_rows = old.select(list(SEEN))
    here = pl.concat([open_rows.filter(pl.col("side") == "here"), known.shipped()])
    there = pl.concat([open_rows.filter(pl.col("side") == "there"), told])
    remembered = night.day - dt.timedelta(days=_REMEMBERED_DAYS)
    settled = history.filter((pl.col("side") == "there") & (pl.col("day") >= remembered)).join(
        open_rows, on="row_id", how="anti"
    )
    rows = classify(here, there, Known(settled, known.skus(), _reporting(known, history, told), known.time_ms))
    ties = tie_out(here, there, rows)
    if not all(tie.holds for tie in ties):
        raise NightError(f"I11 is broken, nothing was written: {ties}. This is a fault of Headrace: please report it")
    ledger = ledger_of(night.day, pool, rows, before)
    part = {"pool": pool}
    stamp = [pl.lit(night.day).alias("day"), pl.lit(pool).alias("pool")]
    for table, frame in (
        ("feed_files", files),
        ("quarantine", quarantine),
        ("shipment_rows", rows),
        ("breaks", ledger),
    ):
        night.store.replace(table, frame.with_columns(stamp), night.day, **part)
    _write(night, pool, rows, ledger, files, quarantine)
    return _done(night, pool, rows, ledger, files, quarantine)


def _last(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the newest night among them."""
    return frame.filter(pl.col("day") == pl.col("day").max())


def _reporting(known: PoolNight, history: pl.DataFrame, told: pl.DataFrame) -> frozenset[str]:
    """Locations that others run, and whatever locations a file ever named."""
    outside = {place.location_id for place in known.locations().values() if place.kind in _OUTSIDE}
    named = set(history.filter(pl.col("side") == "there")["location_id"]) | set(told["location_id"])
    return frozenset(outside | named)


def _read(night: Night, pool: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The files up to the day that no other night has taken. The same content again is the same file."""
    other = night.store.read("feed_files", (pl.col("pool") == pool) & (pl.col("day") != night.day))
    taken = set(other.filter(pl.col("refused") == "")["sha256"])
    files, aside, told = [], [], [pl.DataFrame(schema=SEEN)]
    for file_day, path in _files(night.feeds(pool), night.day):
        read = read_feed(path.stem, path.read_bytes())
        if read.sha256 in taken:
            continue
        taken.add(read.sha256)
        files.append(_file_row(file_day, path, read))
        named = [pl.lit(path.stem).alias("source"), pl.lit(read.sha256).alias("sha256")]
        aside.append(read.quarantine.with_columns(named))
        told.append(read.rows.with_columns(pl.lit(night.day).alias("first_seen")).select(list(SEEN)))
    empty = pl.DataFrame(schema={name: kind for name, kind in QUARANTINE.items() if name not in {"day", "pool"}})
    listed = pl.DataFrame(
        files, schema={name: kind for name, kind in FEED_FILES.items() if name not in {"day", "pool"}}, orient="row"
    )
    return listed, pl.concat([empty, *(frame.select(list(empty.columns)) for frame in aside)]), pl.concat(told)


def _files(folder: Path, until: dt.date) -> Iterator[tuple[dt.date, Path]]:
    """Files by day and name; a folder whose name is no day is none of a feed."""
    for path in sorted(folder.glob("*/*.csv")):
        try:
            day = dt.date.fromisoformat(path.parent.name)
        except ValueError:
            continue
        if day <= until:
            yield day, path


def _file_row(file_day: dt.date, path: Path, read: FeedFile) -> tuple[object, ...]:
    return file_day, path.stem, read.sha256, read.size, read.rows.height, read.refused


def _write(
    night: Night, pool: str, rows: pl.DataFrame, ledger: pl.DataFrame, files: pl.DataFrame, aside: pl.DataFrame
) -> None:
    """Each file is put in place whole: nobody opens half a report."""
    for name, content in (
        ("shipments.html", page(night.day, pool, rows, ledger, files, aside)),
        ("shipments.xlsx", workbook(night.day, pool, rows, ledger, files, aside)),
    ):
        path = night.report(pool, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part")
        scratch.write_bytes(content)
        scratch.replace(path)


def _done(
    night: Night, pool: str, rows: pl.DataFrame, ledger: pl.DataFrame, files: pl.DataFrame, aside: pl.DataFrame
) -> Done:
    counts = dict(rows.group_by("class").len().sort("class").iter_rows())
    refused = files.filter(pl.col("refused") != "")
    told = "; ".join(f"{source}: {reason}" for source, reason in refused.select("source", "refused").iter_rows())
    open_breaks = ledger.filter(pl.col("state") == OPEN)
    closed = ledger.height - open_breaks.height
    top = open_breaks.head(20).select("class", "age_days", "order_id", "sku", "text").rows()
    return Done(
        step="shipments",
        counts={
            "files": files.height,
            "rows_here": rows.filter(pl.col("side") == "here").height,
            "rows_there": rows.filter(pl.col("side") == "there").height,
            "quarantined": aside.height,
            "breaks_open": open_breaks.height,
            "breaks_closed": closed,
            **{name: counts.get(name, 0) for name in CLASSES},
            "report": str(night.report(pool, "shipments.html")),
        },
        tables={"breaks": table_of(("class", "age in days", "order", "SKU", "what"), top)} if top else {},
        verdicts=(
            Verdict("I11", passed=True, text=f"{rows.height} rows of both sides are in one class each and tie out"),
            Verdict("feeds", passed=refused.is_empty(), text=told or f"{files.height} files read", blocking=False),
        ),
    )
