"""`headrace archive`: the topics to Delta tables."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail

app = typer.Typer()


@app.command()
def archive(
    *,
    broker: Annotated[
        str, typer.Option(envvar="HEADRACE_BROKER", help="Kafka to read from, as host:port.")
    ] = "localhost:9092",
    lake: Annotated[
        str, typer.Option(envvar="HEADRACE_LAKE", help="Directory or object-store address of the tables.")
    ] = "data/lake",
    prefix: Annotated[
        str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Prefix of all topics of this system.")
    ] = "",
    flush_seconds: Annotated[float, typer.Option(min=0.1, help="Commit at least this often.")] = 60.0,
    flush_megabytes: Annotated[int, typer.Option(min=1, help="Commit when this much was read.")] = 64,
    metrics_port: Annotated[int, typer.Option(help="Serve Prometheus metrics there; 0 serves none.")] = 0,
    accept_loss: Annotated[
        bool, typer.Option(help="Go on even if records were deleted before they were archived.")
    ] = False,
) -> None:
    """Write commands, updates, stock movements and dead letters to Delta tables, exactly once.

    One archiver a lake; a second one is refused. Stop it with Ctrl-C, or kill it: it goes on where the tables end.
    """
    from streams.archive.archiver import run_archiver
    from streams.archive.lake import ArchiveError
    from streams.archive.options import ArchiveOptions

    options = ArchiveOptions(
        bootstrap=broker,
        lake=lake if "://" in lake else str(Path(lake).absolute()),
        prefix=prefix,
        flush_seconds=flush_seconds,
        flush_bytes=flush_megabytes * 1024 * 1024,
        accept_loss=accept_loss,
    )
    if metrics_port:
        from prometheus_client import start_http_server

        start_http_server(metrics_port, addr="127.0.0.1")

    async def until_stopped() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await run_archiver(options, stop)

    try:
        asyncio.run(until_stopped())
    except ArchiveError as error:
        fail(str(error))
