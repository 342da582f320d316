"""Reads and writes the files of a configuration folder on disk."""

from collections.abc import Mapping
from pathlib import Path

from cli.console import fail

_OURS = ("*.yaml", "*.yml", "*.csv")


def read_files(folder: Path) -> dict[str, bytes]:
    """Give the files of a folder and of the folders in it, by their paths below it.

    Raises:
        Failure: it is no folder.
    """
    if not folder.is_dir():
        fail(f"{folder} is no folder: `headrace init {folder}` writes one to begin with")
    paths = [path for pattern in _OURS for at in (folder, *_inner(folder)) for path in at.glob(pattern)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def write_files(folder: Path, files: Mapping[str, str], *, force: bool) -> None:
    """Write a folder; what is there is never written over unless forced, and then none or all.

    Raises:
        Failure: a file is there.
    """
    there = sorted(name for name in files if (folder / name).exists())
    if there and not force:
        fail(f"{folder / there[0]} is there already: choose another folder, or give --force to write over it")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def _inner(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
