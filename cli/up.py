"""`headrace up`: a whole Headrace on this machine, from broker to pages, with a demo or a folder of your own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.children import Children, headrace_command
from cli.console import fail, people
from cli.demo import FOLDER, RATE, SPEED, set_pace
from cli.keys import create_key
from cli.remote import KEY_VARIABLE
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
from cli.users import admin_link

if TYPE_CHECKING:
    from connectors.folder.setup import Setup

app = typer.Typer()
_POLL_SECONDS = 0.2
_READY_SECONDS = 60.0
_FIRST_METRICS_PORT = 9_464
_FIRST_NIGHTS_PORT = 3_000
_PORTS_LOOKED_AT = 200
_SAID_LINES = 5
_LIVE = "HEADRACE_LIVE_CONNECTORS"
_DEMO_IS_SET_UP = "demo.set-up"


@app.command()
def up(
    *,
    broker: Annotated[str | None, typer.Option(help=BROKER_HELP)] = None,
    data: Annotated[
        Path, typer.Option(envvar="HEADRACE_DATA_DIR", help="Where everything that is kept is kept.")
    ] = Path("var"),
    workers: Annotated[int, typer.Option(min=1, max=48, help="Stream workers.")] = 1,
    api_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where the API and the pages are.")] = 8_080,
    config: Annotated[
        Path | None, typer.Option(help="A configuration folder to apply, in place of the demo.", show_default=False)
    ] = None,
    demo: Annotated[
        bool | None, typer.Option("--demo/--no-demo", help="The demo; by default where no --config is given.")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(min=0, max=3_600, help=f"How many times faster than real the demo is; {SPEED:g} at first."),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.01, max=50, help=f"The demo's orders a second; {RATE:g} at first.")
    ] = None,
    nights: Annotated[bool, typer.Option(help="Run the nights by schedule, with a page to look at them.")] = True,
) -> None:
    """Start broker, workers, API, pages and archiver, and a demo to look at; Ctrl-C stops them all.

    \b
    headrace up                                in memory: a look around
    headrace up --broker kafka                 a real Kafka: data stays in var/ over restarts
    headrace up --broker kafka --config my-shop
    headrace up --broker kafka:9092 --no-demo
    """
    choice = chosen_broker(broker)
    with_demo = config is None if demo is None else demo
    folder = config or (FOLDER if with_demo else None)
    setups = () if folder is None else _read(folder)
    if with_demo and len(setups) != 1:
        fail(f"{folder} has {len(setups)} pools, the demo takes a folder of one: give --no-demo")
    if free_ports(api_port, 1) != [api_port]:
        fail(f"somebody listens on port {api_port} already: end that, or give another --api-port")
    data = _folder(data, choice)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_broker(choice, data) as running:
        create_topics(running.bootstrap)
        children = Children(_emit)
        try:
            ports = _start(children, running, data, workers, api_port, is_demo=with_demo)
            key = _development_key(data)
            base = f"http://127.0.0.1:{api_port}"
            wait_for_api(base, _READY_SECONDS, lambda: _check(children, stop))
            if folder is not None and not (with_demo and _is_set_up(data, base, key, setups[0])):
                _apply(folder, base, key, children, stop)
            if with_demo:
                (data / _DEMO_IS_SET_UP).touch()
                set_pace(base, key, data, speed, rate)
                _start_demo(children, data, base, setups[0], folder or FOLDER)
            pages = _start_nights(children, running, data) if nights else None
            pools = [setup.head.pool for setup in setups]
            _say_where_to_look(running, base, ports, key, data, pools, nights=pages, demo=with_demo)
            while not stop.wait(_POLL_SECONDS):
                _check(children, stop)
        except KeyboardInterrupt:
            pass
        finally:
            people.print("Stopping.")
            children.stop()


def _read(folder: Path) -> tuple["Setup", ...]:
    """The pools of a folder; where it has mistakes they are told before anything is started."""
    from cli.folders import read_files
    from connectors.folder.reading import read_folder

    found = read_folder(read_files(folder))
    if found.faults:
        subprocess.run(headrace_command("apply", str(folder), "--check"), check=False)
        fail("nothing was started")
    return found.pools


def _folder(data: Path, choice: str) -> Path:
    """Where to keep what is kept. Beside a broker that forgets, nothing of an earlier run may be left."""
    if choice == EMBEDDED:
        data = data / EMBEDDED
        shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    return data


def _start(children: Children, running: Broker, data: Path, workers: int, api_port: int, *, is_demo: bool) -> list[int]:
    """Start worker, API and archiver, and give the ports of the workers' metrics."""
    common = environment_of(running.bootstrap, data)
    ports = free_ports(_FIRST_METRICS_PORT, workers)
    for number, port in enumerate(ports, start=1):
        name = f"worker-{number}"
        own = {
            "HEADRACE_WORKER_ID": name,
            "HEADRACE_STATE_DIR": str((data / name).absolute()),
            "HEADRACE_METRICS_PORT": str(port),
            "HEADRACE_LOG_LEVEL": os.environ.get("HEADRACE_LOG_LEVEL", "WARNING"),
        }
        children.start(name, headrace_command("worker"), common | own)
    api = {"HEADRACE_API_PORT": str(api_port), "HEADRACE_DEMO": str(is_demo).lower()}
    if running.kind == EMBEDDED and not os.environ.get(_LIVE):
        # What this broker forgets must not have gone out to others.
        common |= {_LIVE: "false"}
    children.start("api", headrace_command("api"), common | api)
    children.start("exchange", headrace_command("exchange"), common)
    lake = (data / "lake").absolute()
    children.start("archive", headrace_command("archive"), common | {"HEADRACE_LAKE": str(lake)})
    return ports


def free_ports(first: int, count: int) -> list[int]:
    """The first ports from one on that nobody listens on."""
    found: list[int] = []
    for port in range(first, first + _PORTS_LOOKED_AT):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            found.append(port)
    if len(found) < count:
        fail(f"of the ports from {first} on too few are free: end what listens there")
    return found[:count]


def _apply(folder: Path, base: str, key: str, children: Children, stop: threading.Event) -> None:
    """Apply the folder as `headrace apply` does, while the parts are watched."""
    command = headrace_command("apply", str(folder), "--yes", "--url", base, "--reason", "headrace up")
    with subprocess.Popen(command, env=os.environ | {KEY_VARIABLE: key}, stdout=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None:
                _check(children, stop)
                stop.wait(_POLL_SECONDS)
        finally:
            process.terminate()
    if process.returncode:
        fail(f"{folder} could not be applied: the lines above say why")


def _is_set_up(data: Path, base: str, key: str, setup: "Setup") -> bool:
    """Whether the demo's folder was once applied whole; then what people have changed of it since stays."""
    return (data / _DEMO_IS_SET_UP).exists() and pool_exists(base, key, setup.head.pool)


def _start_demo(children: Children, data: Path, base: str, setup: "Setup", folder: Path) -> None:
    from cli.demo_keys import demo_keys

    keys = demo_keys(data, setup)
    options = ["--url", base, "--folder", str(folder), "--keys", str(keys), "--data", str(data)]
    children.start("demo", headrace_command("demo", "run", *options))


def _start_nights(children: Children, running: Broker, data: Path) -> str:
    """Last of all: what orders need is up before it takes the processor."""
    page_port, code_port = free_ports(_FIRST_NIGHTS_PORT, 2)
    ports = ["--port", str(page_port), "--code-port", str(code_port)]
    children.start("nights", headrace_command("nights", *ports), environment_of(running.bootstrap, data))
    return f"http://127.0.0.1:{page_port}"


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


def _say_where_to_look(
    running: Broker,
    base: str,
    ports: list[int],
    key: str,
    data: Path,
    pools: list[str],
    *,
    nights: str | None,
    demo: bool,
) -> None:
    pool = pools[0] if pools else "POOL"
    lines = [
        "",
        f"Headrace is up. {running.notice}",
        f"  Pages        {admin_link(data, base)}",
        "               signs you in as admin, once and within the hour; for another one:",
        f"               headrace users link admin --data {data}",
        f"  API          {base}/v1, described at {base}/openapi.json",
        f"  API key      {key}",
        f"  Broker       {running.bootstrap}",
        f"  Metrics      {base}/metrics, workers on port {', '.join(map(str, ports))} (/metrics)",
    ]
    if nights:
        lines.append(f"  Nights       {nights}, in some seconds; one by hand:")
        lines.append(f"               headrace nightly --so-far --data {data} --broker {running.bootstrap}")
    if demo:
        lines.append(f"  Demo         pool {pool}; its speed: headrace demo speed 10 --data {data}, 0 stands still")
    if pools:
        lines += ["", f"  curl -H 'Authorization: Bearer {key}' '{base}/v1/pools/{pool}/orders?limit=3'"]
    else:
        lines += ["", "  A pool of your own: headrace init my-shop, then headrace apply my-shop"]
    people.print("\n".join([*lines, "", "Ctrl-C stops everything.", ""]), markup=False)


def _emit(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<9} | {line}\n")
    sys.stdout.flush()
