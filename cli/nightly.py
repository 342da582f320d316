"""`headrace nightly`: the night of a day in this process, without Dagster's daemon."""

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import Failure, people, print_json, progress
from cli.control import now_ms

if TYPE_CHECKING:
    from pipelines.night.steps.night import Done

app = typer.Typer()


@app.command()
def nightly(
    *,
    day: Annotated[
        str, typer.Option(help="The day in UTC, as 2026-03-01 (default: the last that is over, or today --so-far).")
    ] = "",
    pool: Annotated[list[str], typer.Option(help="Only this pool, may be given again (default: every pool).")] = [],  # noqa: B006
    lake: Annotated[
        str | None, typer.Option(envvar="HEADRACE_LAKE", help="Where the archive is (default: lake in --data).")
    ] = None,
    data: Annotated[
        Path, typer.Option(envvar="HEADRACE_DATA_DIR", help="Where feeds are read and reports are written.")
    ] = Path("var"),
    broker: Annotated[
        str | None,
        typer.Option(envvar="HEADRACE_BROKER", help="Kafka as host:port; without it nothing is published."),
    ] = None,
    prefix: Annotated[str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Prefix of the topics.")] = "",
    so_far: Annotated[
        bool, typer.Option("--so-far", help="Take a day that is not over as far as it has come.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for worker and archive.")] = 300.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what each step came to as one line of JSON.")] = False,
) -> None:
    """Audit a day, reconcile it with the partners' files, learn from it, and publish what passes the gate.

    Run it again as often as you like: the same day gives the same result. The exit code is 1 when an invariant is
    broken.

    \b
    headrace nightly --data var --broker localhost:9092
    headrace nightly --day 2026-03-01 --pool demo --json
    """
    from pipelines.night.run import last_day

    where = lake if lake and "://" in lake else str(Path(lake or data / "lake").absolute())
    of = _day(day) if day else last_day(now_ms(), so_far=so_far)
    done: list[dict[str, object]] = []
    try:
        show_night(
            day=of,
            lake=where,
            data=data,
            broker=broker,
            prefix=prefix,
            so_far=so_far,
            pools=tuple(pool),
            wait_seconds=wait,
            as_json=as_json,
            done=done,
        )
    finally:
        if as_json:
            print_json({"day": of.isoformat(), "steps": done})


def show_night(
    *,
    day: dt.date,
    lake: str,
    data: Path,
    broker: str | None,
    prefix: str,
    so_far: bool,
    pools: tuple[str, ...],
    as_json: bool,
    wait_seconds: float = 300.0,
    done: list[dict[str, object]] | None = None,
) -> list[dict[str, object]]:
    """Run a night with a progress bar, and show each step as it is done; `done` grows with it."""
    from pipelines.audit.lake import LakeReadError
    from pipelines.night.auditing import NoSnapshotError
    from pipelines.night.run import run_night
    from pipelines.night.steps.night import Night, NightError
    from pipelines.night.store import NoArchiveError, Store

    steps = [] if done is None else done
    with progress(shown=not as_json) as bar:
        task = bar.add_task("night", total=None, note="")
        night = Night(
            day=day,
            store=Store(lake),
            data=data,
            broker=broker,
            prefix=prefix,
            so_far=so_far,
            wait_seconds=wait_seconds,
            now_ms=now_ms(),
            told=lambda step, count, total: bar.update(task, description=step, completed=count, total=total),
        )
        try:
            began = time.monotonic()
            for name, step in run_night(night, pools):
                seconds = round(time.monotonic() - began, 2)
                told = {"counts": step.counts, "verdicts": step.verdicts}
                steps.append({"pool": name, "step": step.step, "seconds": seconds, **told})
                if not as_json:
                    _show(name, step, seconds)
                began = time.monotonic()
        except (LakeReadError, NightError, NoArchiveError, NoSnapshotError) as error:
            raise Failure(str(error)) from error
    return steps


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"--day {text} is no day: write it as 2026-03-01") from error


def _show(pool: str, done: "Done", seconds: float) -> None:
    title = f"{pool} {done.step}".strip()
    counts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in done.counts.items())
    people.print(f"[bold]{title}[/] in {seconds:.1f} s: ", end="")
    people.print(counts, markup=False)
    for verdict in done.verdicts:
        mark = "[green]holds[/]" if verdict.passed else "[bold red]BROKEN[/]" if verdict.blocking else "[yellow]no[/]"
        people.print(f"  {verdict.name:<9} {mark}  ", end="")
        people.print(verdict.text, markup=False)
    if "model" in done.tables:
        people.print(done.tables["model"], markup=False)
