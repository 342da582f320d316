"""Configuration folders for tests: from texts to what is wanted, and what runs."""

from collections.abc import Mapping

from msgspec.structs import replace

from cli.init import example_files
from connectors.folder.difference import differences
from connectors.folder.reading import read_folder
from connectors.folder.requests import Request, requests_of
from connectors.folder.setup import Running, Setup
from models.records.pool import Policy

_ENDINGS = {
    **{name: f"{name}.csv" for name in ("catalogue", "kits", "listings")},
    "opening": "opening-stock.csv",
}
HEAD = "pool: shop\ncurrency: EUR\n"


def files_by_name(texts: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """Give files by their names, from texts by what stands before their ending."""
    return {
        _ENDINGS.get(name, f"{name}.yaml"): text if isinstance(text, bytes) else text.encode()
        for name, text in ({"pool": HEAD} | dict(texts)).items()
    }


def faults_of(**texts: str | bytes) -> list[str]:
    return [str(fault) for fault in read_folder(files_by_name(texts)).faults]


def setup_of(**texts: str) -> Setup:
    found = read_folder(files_by_name(texts))
    assert found.faults == ()
    [setup] = found.pools
    return setup


def example() -> Setup:
    return read_folder({name: text.encode() for name, text in example_files().items()}).pools[0]


def running(setup: Setup, *booked: tuple[str, str]) -> Running:
    policy = replace(setup.policy or Policy(), version=7)
    return Running(setup=replace(setup, policy=policy), applied={}, booked=frozenset(booked))


def asked(wanted: Setup, runs: Running | None, *, prune: bool = False) -> list[Request]:
    changes = differences(wanted, runs, prune=prune)
    return list(requests_of(wanted, runs, changes, "test"))
