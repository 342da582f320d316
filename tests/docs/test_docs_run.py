"""The commands that the documents show, run as they stand against a real small system.

The first shop starts it: broker, worker, API and archive as `headrace up` does; the other documents are its readers.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from streams.brokers.process import free_port
from tests.support.documents import ROOT, Shell, documents, steps_of

# Starting a whole system takes its time on a busy machine.
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("curl") is None, reason="what the documents show takes curl: install it"),
]
FIRST = ROOT / "docs" / "first-shop.md"
OTHERS = [path for path in documents() if path != FIRST and steps_of(path)]
# What `headrace up` takes from the command line only, it is given here: a port that is free. The nights stay out,
# since Dagster takes longer to start than all that is shown.
COMMAND = """#!/bin/sh
if [ "$1" = up ]; then set -- "$@" --api-port {port} --no-nights; fi
exec {python} -m cli.main "$@"
"""


class World(NamedTuple):
    """A machine with a running shop."""

    environment: dict[str, str]
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A machine with the command on its path and nothing running."""
    port = free_port()
    tools = tmp_path_factory.mktemp("bin")
    command = tools / "headrace"
    command.write_text(COMMAND.format(port=port, python=sys.executable))
    command.chmod(0o755)
    environment = {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tools),
        "LANG": "C.UTF-8",
        "HEADRACE_API_URL": f"http://127.0.0.1:{port}",
    }
    return World(environment, {"127.0.0.1:8080": f"127.0.0.1:{port}"})


@pytest.fixture(scope="module")
def running(machine: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The machine after the first shop: it goes on running."""
    folder = tmp_path_factory.mktemp("first-shop")
    shell = Shell(folder, machine.environment, machine.addresses)
    try:
        for step in steps_of(FIRST):
            shell.run(step)
        yield _after(machine, folder / "var" / "embedded", shell.said())
    finally:
        shell.close()


def test_the_first_shop_comes_to_its_first_order(running: World) -> None:
    assert Path(running.environment["HEADRACE_DATA_DIR"]).is_dir()


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_shows_comes_out(path: Path, running: World, tmp_path: Path) -> None:
    shell = Shell(tmp_path, running.environment, running.addresses)
    try:
        for step in steps_of(path):
            shell.run(step)
    finally:
        shell.close()


def _after(machine: World, data: Path, said: str) -> World:
    """The machine as the other readers find it: where `headrace up` said that broker and worker are, and a key."""
    found = re.search(r"Broker +(\S+)$.*workers on port (\d+)", said, re.DOTALL | re.MULTILINE)
    assert found is not None
    key = (data / "development.key").read_text().strip()
    return World(
        machine.environment | {"HEADRACE_DATA_DIR": str(data), "HEADRACE_API_KEY": key},
        machine.addresses | {"127.0.0.1:9092": found[1], "127.0.0.1:9464": f"127.0.0.1:{found[2]}"},
    )
