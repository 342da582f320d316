"""`headrace audit`: the invariants, checked over everything that happened."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cli.console import Failure, people, print_json, progress

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipelines.audit import AuditReport, Told

app = typer.Typer()


@app.command()
def audit(
    *,
    lake: Annotated[
        str | None, typer.Option(help="Audit the archive in this directory or at this object-store address.")
    ] = None,
    broker: Annotated[
        str, typer.Option(envvar="HEADRACE_BROKER", help="Audit the topics of this Kafka, as host:port.")
    ] = "localhost:9092",
    prefix: Annotated[
        str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Prefix of all topics of this system.")
    ] = "",
    running: Annotated[
        bool | None,
        typer.Option(
            "--running/--settled",
            help="Whether the system is at work, so that what is too new to be complete everywhere is left out. "
            "An archive is taken to be growing, topics to have come to rest.",
        ),
    ] = None,
    replay: Annotated[
        bool, typer.Option(help="Decide all commands once more, and compare every update, row and view.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check the invariants by SQL over commands, events and stock movements, sharing nothing with the rules.

    Without --lake the topics are read from their beginning. The exit code is 1 when an invariant is broken.

    \b
    headrace audit --replay
    headrace audit --lake data/lake --json
    """
    from pipelines.audit import LAKE_GRACE_SECONDS, audit_lake, audit_topics
    from pipelines.audit.kafka import TopicReadError
    from pipelines.audit.lake import LakeReadError

    if replay and running and lake is None:
        raise Failure("a replay is compared with what has come to rest: leave out --running, or audit the --lake")
    with progress(shown=not as_json) as bar:
        try:
            if lake is not None:
                where = lake if "://" in lake else str(Path(lake).absolute())
                grace_seconds = None if running is False else LAKE_GRACE_SECONDS
                report = audit_lake(where, grace_seconds=grace_seconds, replay=replay, told=_telling(bar))
            else:
                grace_seconds = _RUNNING_GRACE_SECONDS if running else None
                report = audit_topics(broker, prefix, grace_seconds=grace_seconds, replay=replay, told=_telling(bar))
        except (LakeReadError, TopicReadError) as error:
            raise Failure(str(error)) from error
    if as_json:
        print_json(report)
    else:
        show(report)
    if not report.ok:
        raise typer.Exit(1)


# Far above what publishing takes, so that older commands are in every topic.
_RUNNING_GRACE_SECONDS = 10.0


def _telling(bar: "Progress") -> "Told":
    task = bar.add_task("reading", total=None, note="")

    def told(step: str, done: int, total: int) -> None:
        bar.update(task, description=step, completed=done, total=total)

    return told


def show(report: "AuditReport") -> None:
    """The report as a table for a person, on standard error with all else that is for people."""
    table = Table("invariant", "statement", "checked", "broken", box=None, pad_edge=False)
    for finding in report.findings:
        broken = f"[bold red]{finding.violations:,}[/]" if finding.violations else "0"
        table.add_row(finding.invariant, finding.statement, f"{finding.checked:,}", broken)
    people.print(table)
    for finding in report.findings:
        for example in finding.examples:
            people.print(f"  {finding.invariant}: {example}", markup=False)
    people.print(
        f"{report.commands:,} commands, {report.orders:,} orders, {report.movements:,} stock movements, "
        f"{report.dead_letters:,} dead letters, {report.pending:,} left out as too new, {report.seconds:.1f} s: "
        + _verdict(report)
    )


def _verdict(report: "AuditReport") -> str:
    if not report.ok:
        return "AN INVARIANT IS BROKEN"
    return "every invariant holds" if report.commands else "there was nothing to check"
