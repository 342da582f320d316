"""`headrace broker`: a broker alone, for running the other processes by hand beside it."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from cli.console import people
from cli.system import EMBEDDED, KAFKA, create_topics, open_broker

app = typer.Typer()


@app.command()
def broker(
    *,
    kind: Annotated[str, typer.Argument(metavar="[embedded|kafka]", help="In memory, or a real Kafka.")] = EMBEDDED,
    data: Annotated[Path, typer.Option(envvar="HEADRACE_DATA_DIR", help="Where Kafka keeps its log.")] = Path("var"),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where clients connect.")] = 9092,
) -> None:
    """Run a broker with Headrace's topics until Ctrl-C.

    \b
    headrace broker                       in memory: its data ends with it
    headrace broker kafka --data var      Apache Kafka: its data stays in var/kafka
    """
    if kind not in {EMBEDDED, KAFKA}:
        raise typer.BadParameter(f"{kind}: give embedded or kafka")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_broker(kind, data, port) as running:
        create_topics(running.bootstrap)
        people.print(running.notice)
        people.print(f"Ready at {running.bootstrap}. Beside it: HEADRACE_BROKER={running.bootstrap} headrace worker")
        stop.wait()
