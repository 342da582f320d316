"""Third step: what partners say they shipped, against what we think; the breaks, and the reports people open."""

import datetime as dt
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import polars as pl

from models.records.pool import LocationKind
from pipelines.night.breaks import CARRIED_DAYS, CLOSED, OPEN, carried, ledger_of
from pipelines.night.feed import read_feed
from pipelines.night.matching import CLASSES, Known, classify, tie_out
from pipelines.night.orders import PoolNight
from pipelines.night.report_page import page
from pipelines.night.report_workbook import workbook
from pipelines.night.steps.night import Done, Night, NightError, Verdict, table_of
from pipelines.night.tables import SEEN, framed

_OUTSIDE = frozenset({LocationKind.THIRD_PARTY, LocationKind.DROP_SHIPPER})
# A row that a partner repeats after that is taken for a new one.
_REMEMBERED_DAYS = 60


def shipments_step(night: Night, pool: str) -> Done:
    """Read, match, classify, keep and report; nothing is written when the two sides do not tie out (I11).

    Raises:
        NightError: I11 is broken.
    """
    known = PoolNight(night.store, night.day, pool)
    of_pool = pl.col("pool") == pool
    since = night.day - dt.timedelta(days=CARRIED_DAYS)
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
    rulings = night.store.read("rulings", of_pool & (pl.col("day") < night.day))
    ledger = ledger_of(night.day, pool, rows, before, rulings)
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
    """Files, rows set aside and rows taken: what this night took before, and what no night has taken yet.

    A file may be sent again with more rows, or be gone, by the time that a night is repeated.
    """
    of_pool = pl.col("pool") == pool
    mine = of_pool & (pl.col("day") == night.day)
    listed = night.store.read("feed_files", of_pool)
    since = night.day - dt.timedelta(days=CARRIED_DAYS)
    taken_before = set(listed.filter(pl.col("day") < night.day)["sha256"])
    # Rows of files of long ago are not among those read below, and would come again with every night.
    new = [
        (file_day, path)
        for file_day, path in _files(night.feeds(pool), night.day)
        if file_day >= since or sha256(path.read_bytes()).hexdigest() not in taken_before
    ]
    from_day = min([since, *(file_day for file_day, _ in new)])
    seen = night.store.read("shipment_rows", of_pool & (pl.col("day") >= from_day) & (pl.col("side") == "there"))
    files = [listed.filter(pl.col("day") == night.day)]
    aside = [night.store.read("quarantine", mine)]
    told = [seen.filter((pl.col("day") == night.day) & (pl.col("first_seen") == night.day)).select(list(SEEN))]
    contents = set(listed["sha256"])
    for file_day, path in new:
        read = read_feed(path.stem, file_day.isoformat(), path.read_bytes())
        known = {"source": path.stem, "sha256": read.sha256, "file_day": file_day, "first_seen": night.day}
        named = [pl.lit(value).alias(name) for name, value in known.items()]
        told.append(read.rows.with_columns(named).join(seen, on="row_id", how="anti").select(list(SEEN)))
        if read.sha256 not in contents:
            contents.add(read.sha256)
            sizes = {"rows": read.size, "taken": told[-1].height, "refused": read.refused}
            files.append(framed("feed_files", pl.DataFrame([sizes]).with_columns(named)))
            aside.append(framed("quarantine", read.quarantine.with_columns(named)))
    return pl.concat(files), pl.concat(aside), pl.concat(told).unique("row_id", keep="first", maintain_order=True)


def _files(folder: Path, until: dt.date) -> Iterator[tuple[dt.date, Path]]:
    """Files by day and name; a folder whose name is no day is none of a feed."""
    for path in sorted(folder.glob("*/*.csv")):
        try:
            day = dt.date.fromisoformat(path.parent.name)
        except ValueError:
            continue
        if day <= until:
            yield day, path


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
    by_people = ledger.filter((pl.col("state") == CLOSED) & pl.col("closed_by").is_not_null())
    top = open_breaks.head(20).select("class", "age_days", "order_id", "sku", "text").rows()
    return Done(
        step="shipments",
        counts={
            "files": files.height,
            "rows_here": rows.filter(pl.col("side") == "here").height,
            "rows_there": rows.filter(pl.col("side") == "there").height,
            "quarantined": aside.height,
            "breaks_open": open_breaks.height,
            "breaks_closed": ledger.height - open_breaks.height - by_people.height,
            "breaks_closed_by_people": by_people.height,
            **{name: counts.get(name, 0) for name in CLASSES},
            "report": str(night.report(pool, "shipments.html")),
        },
        tables={"breaks": table_of(("class", "age in days", "order", "SKU", "what"), top)} if top else {},
        verdicts=(
            Verdict("I11", passed=True, text=f"{rows.height} rows of both sides are in one class each and tie out"),
            Verdict("feeds", passed=refused.is_empty(), text=told or f"{files.height} files read", blocking=False),
        ),
    )
