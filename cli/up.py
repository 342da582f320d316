"""`headrace up`: a whole Headrace on this machine, from broker to API, with generated traffic."""

import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.children import Children, headrace_command
from cli.console import fail, people
from cli.keys import create_key
from cli.system import (
    BROKER_HELP,
    EMBEDDED,
    Broker,
    chosen_broker,
    create_topics,
    environment_of,
    open_broker,
    pool_exists,
    wait_for_api,
)

app = typer.Typer()
_POLL_SECONDS = 0.2
_READY_SECONDS = 60.0
_FIRST_METRICS_PORT = 9_464
_SAID_LINES = 5
_DEMO_POOL = "demo"
# Enough to look around in, and on the shelves within seconds.
_DEMO_SKUS = "500"


@app.command()
def up(
    *,
    broker: Annotated[str | None, typer.Option(help=BROKER_HELP)] = None,
    data: Annotated[
        Path, typer.Option(envvar="HEADRACE_DATA_DIR", help="Where everything that is kept is kept.")
    ] = Path("var"),
    workers: Annotated[int, typer.Option(min=1, max=48, help="Stream workers.")] = 1,
    api_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where the API listens.")] = 8_080,
    traffic: Annotated[bool, typer.Option(help="Generate traffic in the pool 'demo'.")] = True,
    rate: Annotated[float, typer.Option(min=0.01, help="Generated orders a second.")] = 5.0,
) -> None:
    """Start broker, workers, API, archiver and generated traffic; Ctrl-C stops them all.

    \b
    headrace up                            in memory: a look around
    headrace up --broker kafka             a real Kafka: data stays in var/ over restarts
    headrace up --broker kafka:9092 --no-traffic
    """
    choice = chosen_broker(broker)
    data = _folder(data, choice)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_broker(choice, data) as running:
        create_topics(running.bootstrap)
        children = Children(_emit)
        try:
            _start(children, running, data, workers, api_port)
            key = _development_key(data)
            base = f"http://127.0.0.1:{api_port}"
            wait_for_api(base, _READY_SECONDS, lambda: _check(children, stop))
            if traffic:
                _start_traffic(children, running, rate, set_up=not pool_exists(base, key, _DEMO_POOL))
                _wait_for_demo(base, key, children, stop)
            _say_where_to_look(running, api_port, workers, key, rate if traffic else None)
            while not stop.wait(_POLL_SECONDS):
                _check(children, stop)
        except KeyboardInterrupt:
            pass
        finally:
            people.print("Stopping.")
            children.stop()


def _folder(data: Path, choice: str) -> Path:
    """Where to keep what is kept. Beside a broker that forgets, nothing of an earlier run may be left."""
    if choice == EMBEDDED:
        data = data / EMBEDDED
        shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    return data


def _start(children: Children, running: Broker, data: Path, workers: int, api_port: int) -> None:
    common = environment_of(running.bootstrap, data)
    for number in range(1, workers + 1):
        name = f"worker-{number}"
        port = _FIRST_METRICS_PORT + number - 1
        own = {
            "HEADRACE_WORKER_ID": name,
            "HEADRACE_STATE_DIR": str((data / name).absolute()),
            "HEADRACE_METRICS_PORT": str(port),
            "HEADRACE_LOG_LEVEL": os.environ.get("HEADRACE_LOG_LEVEL", "WARNING"),
        }
        children.start(name, headrace_command("worker"), common | own)
    children.start("api", headrace_command("api"), common | {"HEADRACE_API_PORT": str(api_port)})
    lake = (data / "lake").absolute()
    children.start("archive", headrace_command("archive"), common | {"HEADRACE_LAKE": str(lake)})


def _start_traffic(children: Children, running: Broker, rate: float, *, set_up: bool) -> None:
    stocked = "--set-up" if set_up else "--no-set-up"
    options = ["--rate", str(rate), "--duration", "0", "--pool-name", _DEMO_POOL, "--skus", _DEMO_SKUS, stocked]
    children.start("traffic", headrace_command("load", "--broker", running.bootstrap, *options))


def _wait_for_demo(base: str, key: str, children: Children, stop: threading.Event) -> None:
    """Return once the worker has opened the demo's pool: it joins its group a few seconds after it starts."""
    deadline = time.monotonic() + _READY_SECONDS
    while not pool_exists(base, key, _DEMO_POOL):
        _check(children, stop)
        if time.monotonic() > deadline:
            fail(
                f"the worker did not open the pool {_DEMO_POOL} in {_READY_SECONDS:.0f} s: the lines above may say why"
            )
        stop.wait(_POLL_SECONDS)


def _development_key(data: Path) -> str:
    """A key with every scope, made once and kept in a file that only its owner can read."""
    path = data / "development.key"
    if path.exists():
        return path.read_text().strip()
    key, _ = create_key(data, "development", scopes=["admin"], pools=["*"])
    path.touch(mode=0o600)
    path.write_text(key + "\n")
    return key


def _check(children: Children, stop: threading.Event) -> None:
    """End when told to, and when a child will not run."""
    if stop.is_set():
        raise KeyboardInterrupt
    lost = children.lost()
    if lost is not None:
        said = "\n".join(f"    {line}" for line in lost.last_lines[-_SAID_LINES:])
        fail(f"{lost.name} ends each time it is started; put right what it says and start again:\n{said}")


def _say_where_to_look(running: Broker, api_port: int, workers: int, key: str, rate: float | None) -> None:
    base = f"http://127.0.0.1:{api_port}"
    ports = ", ".join(str(_FIRST_METRICS_PORT + number) for number in range(workers))
    lines = [
        "",
        f"Headrace is up. {running.notice}",
        f"  Broker       {running.bootstrap}",
        f"  API          {base}, described at {base}/openapi.json",
        f"  API key      {key}",
        f"  Metrics      {base}/metrics, workers on port {ports} (/metrics)",
    ]
    if rate is not None:
        lines += [
            f"  Traffic      {rate:g} orders/s in pool {_DEMO_POOL}; without it: --no-traffic",
            "",
            f"  curl -H 'Authorization: Bearer {key}' '{base}/v1/pools/{_DEMO_POOL}/orders?limit=3'",
            f"  curl -H 'Authorization: Bearer {key}' {base}/v1/pools/{_DEMO_POOL}/stock/SKU-00001",
        ]
    people.print("\n".join([*lines, "", "Ctrl-C stops everything.", ""]), markup=False)


def _emit(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<9} | {line}\n")
    sys.stdout.flush()
