"""`headrace replay`: real orders through the running system, with a summary and the audit at the end."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from cli.console import fail, people, print_json, print_summary, progress
from cli.system import BROKER_HELP, EMBEDDED, KAFKA, chosen_broker, create_topics, environment_of, open_broker

app = typer.Typer(no_args_is_help=True)
_UNLIMITED = "unlimited"


@app.callback()
def replay() -> None:
    """Play real orders through the running system, at their own times."""


@app.command()
def olist(
    folder: Annotated[Path, typer.Argument(help="The folder of the Olist files in Parquet.", show_default=False)],
    *,
    scenario: Annotated[
        Literal["as-it-was", "hubs"],
        typer.Option(help="Each seller's own stock, or a few hubs of which 5 % of the lines run short."),
    ] = "as-it-was",
    speed: Annotated[str, typer.Option(help="1 is real time, 86400 a day a second, or unlimited.")] = _UNLIMITED,
    broker: Annotated[str | None, typer.Option(help=BROKER_HELP)] = None,
    prefix: Annotated[str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Prefix of the topics.")] = "",
    data: Annotated[
        Path | None, typer.Option(help="Where a broker and worker started here keep their data (default: nowhere).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many orders.")] = None,
    pool: Annotated[str, typer.Option(help="The pool to play them in (default: a new one).")] = "",
    night: Annotated[
        bool, typer.Option("--night", help="Archive it, and run the night after it; wants --data.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print summary and audit as one line of JSON.")] = False,
) -> None:
    """Play the orders of a Brazilian marketplace: each placed at its time of purchase, its real stamps drive the rest.

    Seller cities are the locations. Stock is not in the data: it is inferred and declared as inferred. Without
    --broker an embedded broker and a worker are started for it; at HOST:PORT a worker must be running. The exit code
    is 1 when an invariant is broken.

    \b
    headrace replay olist ../shared/data/olist
    headrace replay olist ../shared/data/olist --scenario hubs --broker kafka
    headrace replay olist ../shared/data/olist --data var/olist --night
    headrace replay olist ../shared/data/olist --limit 500 --speed 86400 --broker localhost:9092
    """
    from cli.playing import Player
    from pipelines.replay.frames import OlistFilesError
    from pipelines.replay.olist import olist_plan

    times = _speed(speed)
    if night and data is None:
        fail("--night keeps the archive and its reports: say where with --data")
    name = pool or f"olist-{scenario}-{int(time.time())}"
    try:
        plan = olist_plan(folder, scenario, name, limit)
    except OlistFilesError as error:
        fail(str(error))
    with _system(chosen_broker(broker), data, archive=night) as bootstrap:
        people.print(
            f"{len(plan.orders):,} orders, {plan.locations} locations, {plan.skus:,} SKUs, "
            f"{plan.opening_units:,} units of inferred stock, in pool {name} at {bootstrap}"
        )
        started = time.monotonic()
        player = Player(bootstrap, prefix, plan)
        with progress(shown=not json) as bar:
            task = bar.add_task("orders", total=len(plan.orders), note="")
            player.play(times, lambda placed: bar.update(task, completed=placed, note=f"{player.sent:,} commands"))
        seconds = time.monotonic() - started
        after = _night_after(data, name, bootstrap, prefix, player, as_json=json) if night and data else []
        _finish(bootstrap, prefix, player, seconds, after, as_json=json)


def _night_after(
    data: Path, pool: str, bootstrap: str, prefix: str, player: Any, *, as_json: bool
) -> list[dict[str, object]]:
    """What the partners say of the replay, and the night that hears it."""
    from cli.replay_night import night_after, write_books

    shipped = (order.view for order in player.playback.orders.values() if order.view is not None)
    files = write_books(data, pool, shipped)
    people.print(f"{files} files of partners in {data / 'feeds' / pool}; the night of it:")
    return night_after(data, pool, bootstrap, prefix, as_json=as_json)


def _finish(
    bootstrap: str, prefix: str, player: Any, seconds: float, night: list[dict[str, object]], *, as_json: bool
) -> None:
    """Print the summary and the audit; fail when the audit does, or when an order was never heard of again."""
    from cli.audit import show
    from pipelines.audit import audit_topics
    from pipelines.replay.summary import summarise

    summary = summarise(player.playback.orders.values())
    rows = {
        "scenario": player.playback.plan.scenario,
        **msgspec.structs.asdict(summary),
        "commands": player.sent,
        "refused": dict(player.refused),
        "seconds": round(seconds, 1),
    }
    if not as_json:
        print_summary("Replayed", rows)
        people.print("Auditing")
    report = audit_topics(bootstrap, prefix)
    if as_json:
        print_json({"summary": rows, "audit": report, "night": night})
    else:
        show(report)
    if not report.ok or summary.unread:
        raise typer.Exit(1)


@contextmanager
def _system(choice: str, data: Path | None, *, archive: bool) -> Iterator[str]:
    """A broker to play on; one that is started here gets its topics, a worker, and an archiver if that is wanted."""
    if choice not in {EMBEDDED, KAFKA}:
        yield choice
        return
    from cli.children import Children, headrace_command

    with tempfile.TemporaryDirectory(prefix="headrace-replay-") as scratch:
        folder = (data or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        with open_broker(choice, folder) as running:
            create_topics(running.bootstrap)
            children = Children(lambda name, line: people.print(f"{name}: {line}", markup=False))
            try:
                own = {
                    "HEADRACE_WORKER_ID": "replay",
                    "HEADRACE_STATE_DIR": str(folder / "worker-replay"),
                    "HEADRACE_METRICS_PORT": "0",
                    "HEADRACE_LOG_LEVEL": "WARNING",
                }
                environment = environment_of(running.bootstrap, folder) | own
                children.start("worker", headrace_command("worker"), environment)
                if archive:
                    lake = {"HEADRACE_LAKE": str(folder / "lake")}
                    children.start("archive", headrace_command("archive", "--flush-seconds", "2"), environment | lake)
                yield running.bootstrap
            finally:
                children.stop()


def _speed(text: str) -> float | None:
    if text == _UNLIMITED:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not speed >= 1:
        raise typer.BadParameter(f"--speed {text}: give a number from 1 (real time) on, or unlimited")
    return speed
