"""Configuration folders for tests: from texts to what is wanted, and what runs."""

from msgspec.structs import replace

from cli.init import example_files
from connectors.folder.reading import read_folder
from connectors.folder.setup import Running, Setup
from models.records.pool import Policy

HEAD = "pool: shop\ncurrency: EUR\n"


def setup_of(**texts: str) -> Setup:
    endings = {"catalogue": "catalogue.csv", "opening": "opening-stock.csv"}
    files = {endings.get(name, f"{name}.yaml"): text.encode() for name, text in ({"pool": HEAD} | texts).items()}
    found = read_folder(files)
    assert found.faults == ()
    [setup] = found.pools
    return setup


def example() -> Setup:
    return read_folder({name: text.encode() for name, text in example_files().items()}).pools[0]


def running(setup: Setup, *booked: tuple[str, str]) -> Running:
    policy = replace(setup.policy or Policy(), version=7)
    return Running(setup=replace(setup, policy=policy), applied={}, booked=frozenset(booked))
