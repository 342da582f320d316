"""`headrace export`: what runs, as a configuration folder."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli.console import fail
from cli.folders import write_files
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, Remote, connected, data_folder
from connectors.folder.setup import OpeningLine, Setup
from connectors.folder.writing import files_of

app = typer.Typer()


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to write it; made if it is not there.", show_default=False)],
    *,
    pool: Annotated[list[str] | None, typer.Option(help="Only this pool, repeatable (default: all there are).")] = None,
    stock: Annotated[
        bool, typer.Option("--stock", help="Also the units on hand now, as opening stock for another Headrace.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    url: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")] = URL,
    key: Annotated[
        str, typer.Option(envvar=KEY_VARIABLE, help="An API key; on this machine, the one of `headrace up` by default.")
    ] = "",
) -> None:
    """Write the pools that run as a folder; applied again, there is nothing to do.

    One pool is written into the folder itself, several into a folder each.

    \b
    headrace export my-shop --pool my-shop
    headrace export everything --url https://oms.example.org --key hr_...
    """
    files = asyncio.run(_export(url, key, pool or [], stock=stock))
    write_files(folder, files, force=force)
    print(f"Wrote {len(files)} files to {folder}.")


async def _export(url: str, key: str, names: list[str], *, stock: bool) -> dict[str, str]:
    async with connected(url, key, data_folder()) as remote:
        return await exported(remote, names or await remote.pools(), stock=stock)


async def exported(remote: Remote, names: list[str], *, stock: bool) -> dict[str, str]:
    """Give the files of a folder of these pools."""
    if not names:
        fail("there is no pool to write: `headrace apply` makes one")
    files: dict[str, str] = {}
    for name in names:
        setup = await _setup(remote, name, stock=stock)
        before = "" if len(names) == 1 else f"{name}/"
        files |= {f"{before}{file}": text for file, text in files_of(setup).items()}
    return files


async def _setup(remote: Remote, name: str, *, stock: bool) -> Setup:
    running = await remote.running(name, catalogue=True, stock=False, accounts=True)
    if running is None:
        fail(f"there is no pool {name}: leave --pool out to write all there are")
    if not stock:
        return running.setup
    opening = tuple(
        OpeningLine(sku=sku["sku"], location_id=level["location_id"], quantity=level["on_hand"])
        for sku in await remote.skus(name)
        for level in sku["levels"]
        if level["on_hand"] > 0
    )
    return msgspec.structs.replace(running.setup, opening=opening)
