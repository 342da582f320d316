"""Second step: the day decided again from the last night's rows, checked, and its own rows kept for the next night."""

import datetime as dt
from typing import Any

import polars as pl

from pipelines.night.auditing import audit_day
from pipelines.night.notes import take_back
from pipelines.night.steps.night import Done, Night, Verdict, table_of

# Long enough to run a week's nights again.
_SNAPSHOTS_KEPT_DAYS = 8
INVARIANTS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10")


def audit_step(night: Night) -> Done:
    """Write the snapshots first and the findings last: a night that has findings has all its snapshots."""
    windows = night.store.read("windows", pl.col("day") == night.day).sort("partition")
    checkpoints = night.store.read("checkpoints", pl.col("day") == night.day).sort("partition")
    kept: dict[str, Any] = {"rows": 0, "bytes": 0}

    def keep(partition: int, rows: pl.DataFrame) -> None:
        night.store.replace("snapshots", rows, night.day, partition=partition)
        kept["rows"] += rows.height
        kept["bytes"] += int(rows["value"].bin.size("b").sum())

    report = audit_day(night.store, night.day, windows, checkpoints, keep, night.told)
    findings = pl.DataFrame(
        [(night.day, f.invariant, f.statement, f.checked, f.violations, list(f.examples)) for f in report.findings],
        schema=["day", "invariant", "statement", "checked", "violations", "examples"],
        orient="row",
    )
    night.store.replace("audits", findings, night.day)
    if not report.ok:
        take_back(night)
    night.store.forget("snapshots", night.day - dt.timedelta(days=_SNAPSHOTS_KEPT_DAYS))
    rows = [(f.invariant, f.statement, f.checked, f.violations) for f in report.findings]
    return Done(
        step="audit",
        counts={
            "commands": report.commands,
            "updates": report.updates,
            "movements": report.movements,
            "orders": report.orders,
            "dead_letters": report.dead_letters,
            "digests": checkpoints.join(windows, on="partition", how="semi").height,
            "snapshot_rows": kept["rows"],
            "snapshot_mib": round(kept["bytes"] / 2**20, 1),
        },
        tables={"findings": table_of(("invariant", "statement", "checked", "broken"), rows)},
        verdicts=tuple(_verdict(invariant, report.findings) for invariant in INVARIANTS),
    )


def _verdict(invariant: str, findings: tuple[Any, ...]) -> Verdict:
    mine = [finding for finding in findings if finding.invariant == invariant]
    broken = [finding for finding in mine if finding.violations]
    if not broken:
        text = f"{len(mine)} statements over {sum(f.checked for f in mine):,} rows hold"
        return Verdict(invariant, passed=True, text=text)
    told = "; ".join(f"{f.statement}: {f.violations} times, such as {', '.join(f.examples[:3])}" for f in broken)
    return Verdict(invariant, passed=False, text=told)
