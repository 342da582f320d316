"""A file of 200,000 lines is tried, and read for a shadow, in the memory of a few of them, with a bar that moves."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LINES = 200_000
_SET_UP = """
import json, resource, sys
from pathlib import Path
from cli.connectors_check import check_file
from cli.shadow_messages import MessagesRead
from connectors.systems.partner_csv import CONNECTOR
from tests.support.folders import example

def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def tried(path, told):
    return check_file(path, path.name, (CONNECTOR,), told).fact_counts["stock"]

def shadowed(path, told):
    return sum(1 for _ in MessagesRead(example(), {CONNECTOR.name: CONNECTOR}).facts(path, told))

short, long, told = Path(sys.argv[1]), Path(sys.argv[2]), []
"""
_DO = """
{work}(short, lambda _: None)
before = peak_bytes()
facts = {work}(long, told.append)
print(json.dumps({{"facts": facts, "told": sum(told), "steps": len(told), "grown": peak_bytes() - before}}))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One that is long enough to be read in pieces, and the one that matters."""
    folder, sku = tmp_path_factory.mktemp("files"), "N" * 90
    made = folder / "short.csv", folder / "long.csv"
    for path, lines in zip(made, (90_000, LINES), strict=True):
        with path.open("w") as file:
            file.write("sku,on_hand,as_of\n")
            file.writelines(f"{sku}-{n:07},{n % 90},2026-09-04T10:15:00Z\n" for n in range(lines))
    return made


@pytest.mark.parametrize("work", ["tried", "shadowed"])
def test_it_is_read_in_pieces(files: tuple[Path, Path], work: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SET_UP + _DO.format(work=work), *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    shown: dict[str, Any] = json.loads(done.stdout)
    size = files[1].stat().st_size

    assert (shown["facts"], shown["told"]) == (LINES // 500, size)
    assert shown["steps"] > 50
    assert shown["grown"] < size / 4
