"""`headrace init`: a configuration folder to begin with."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from cli.folders import write_files
from connectors.folder.reading import FILES

app = typer.Typer()


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it; made if it is not there.", show_default=False)],
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write a small shop as a configuration folder, commented and ready to be edited.

    \b
    headrace init my-shop
    headrace apply my-shop
    """
    write_files(folder, example_files(), force=force)
    print(f"Wrote {', '.join(example_files())} to {folder}.")
    print(f"Edit them, then: headrace apply {folder}")


def example_files() -> dict[str, str]:
    """Give the files of the example by their names."""
    example = files("connectors.folder") / "example"
    return {name: (example / name).read_text(encoding="utf-8") for name in FILES if (example / name).is_file()}
