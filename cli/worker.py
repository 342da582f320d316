"""`headrace worker`: one stream worker, which decides the commands of the partitions that it is given."""

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()


@app.command()
def worker(
    *,
    broker: Annotated[str | None, typer.Option(help="HOST:PORT of Kafka.  [HEADRACE_BROKER]")] = None,
    worker_id: Annotated[
        str | None, typer.Option(help="Its name in the group, the same after a restart.  [HEADRACE_WORKER_ID]")
    ] = None,
    state_dir: Annotated[
        Path | None, typer.Option(help="Its local store, of no other worker.  [HEADRACE_STATE_DIR]")
    ] = None,
    store: Annotated[str | None, typer.Option(help="rocksdb or memory.  [HEADRACE_STORE]")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Prometheus metrics; 0 takes a free port.  [HEADRACE_METRICS_PORT]")
    ] = None,
) -> None:
    """Decide commands until stopped. Start as many as there are cores; pools move to them by themselves.

    It ends with code 70 when it cannot know what the broker has: start it again, as `headrace up` does.

    \b
    headrace worker --broker localhost:9092
    headrace worker --worker-id w2 --state-dir var/w2 --metrics-port 0
    """
    from models.engine import Engine
    from streams.settings import WorkerSettings
    from streams.worker import run_worker

    options: dict[str, Any] = {
        "broker": broker,
        "worker_id": worker_id,
        "state_dir": state_dir,
        "store": store,
        "metrics_port": metrics_port,
    }
    # What is not given here comes from the environment.
    given = {name: value for name, value in options.items() if value is not None}
    run_worker(WorkerSettings(**given), Engine)
