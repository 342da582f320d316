"""`headrace nights`: Dagster with our nights in it, its page, and the daemon that starts them by schedule.

Three processes of some 150 to 230 MB; its own records are in `dagster` in the data directory.
"""

import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail, people

app = typer.Typer()
_LOCATION = "headrace"
_MODULE = "dagster_project.definitions"
_READY_SECONDS = 120.0
_POLL_SECONDS = 0.2
# One run at a time: a night may take both cores of a small machine, and orders come first.
_INSTANCE = """\
telemetry:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    max_concurrent_runs: 1
run_retries:
  enabled: true
  max_retries: 2
"""
_WORKSPACE = """\
load_from:
  - grpc_server:
      host: 127.0.0.1
      port: {port}
      location_name: {location}
"""


@app.command()
def nights(
    *,
    broker: Annotated[
        str, typer.Option(envvar="HEADRACE_BROKER", help="Kafka as host:port, to compare with and publish to.")
    ] = "localhost:9092",
    data: Annotated[
        Path, typer.Option(envvar="HEADRACE_DATA_DIR", help="Where feeds are read and reports are written.")
    ] = Path("var"),
    lake: Annotated[
        str | None, typer.Option(envvar="HEADRACE_LAKE", help="Where the archive is (default: lake in --data).")
    ] = None,
    host: Annotated[str, typer.Option(help="Where the page listens; it asks nobody who they are.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the page.")] = 3_000,
    code_port: Annotated[int, typer.Option(min=1, max=65_535, help="Port between the parts, on this machine.")] = 3_001,
) -> None:
    """Run the night of every day by schedule, ten minutes past midnight UTC, and show the nights on a page.

    \b
    headrace nights --broker kafka-1:9092 --data /var/lib/headrace
    """
    from cli.children import Children
    from cli.system import environment_of

    home = (data / "dagster").absolute()
    workspace = _instance(home, code_port)
    where = lake if lake and "://" in lake else str(Path(lake or data / "lake").absolute())
    environment = environment_of(broker, data) | {"DAGSTER_HOME": str(home), "HEADRACE_LAKE": where}
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = Children(lambda name, line: print(f"{name}: {line}", flush=True))
    dagster = [sys.executable, "-m"]
    # Without a fixed id its readers would load it anew whenever it is started again.
    named = ["--location-name", _LOCATION, "--fixed-server-id", _LOCATION, "--log-level", "warning"]
    local = ["--host", "127.0.0.1", "-p", str(code_port)]
    try:
        children.start("code", [*dagster, "dagster", "api", "grpc", "-m", _MODULE, *local, *named], environment)
        # Before that the others would fill the log with what they cannot reach.
        _wait_for(code_port, stop)
        page = ["-w", str(workspace), "-h", host, "-p", str(port), "--dagster-log-level", "warning"]
        children.start("page", [*dagster, "dagster_webserver", *page], environment)
        daemon = ["run", "-w", str(workspace), "--log-level", "error"]
        children.start("schedule", [*dagster, "dagster._daemon", *daemon], environment)
        people.print(f"Nights at http://{host}:{port}")
        while not stop.wait(_POLL_SECONDS):
            lost = children.lost()
            if lost is not None:
                fail(f"{lost.name} ends each time it is started: {' '.join(lost.last_lines[-3:])}")
    finally:
        children.stop()


def _instance(home: Path, code_port: int) -> Path:
    """Dagster's own folder; gives the file that says where our code is."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(_INSTANCE)
    workspace = home / "workspace.yaml"
    workspace.write_text(_WORKSPACE.format(port=code_port, location=_LOCATION))
    return workspace


def _wait_for(port: int, stop: threading.Event) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not stop.wait(_POLL_SECONDS):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            if time.monotonic() > deadline:
                fail(f"the code of the nights was not loaded in {_READY_SECONDS:.0f} s: the lines above may say why")
        else:
            return
