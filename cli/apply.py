"""`headrace apply`: a configuration folder onto a running Headrace."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from cli.applying import Applying
from cli.console import fail, print_json, progress
from cli.differing import show, tell_checked, tell_faults
from cli.folders import read_files
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, Remote, connected, data_folder
from connectors.folder.reading import read_folder
from connectors.folder.requests import Request
from connectors.folder.setup import Setup

app = typer.Typer()
_REASON = "headrace apply"


class Wish(NamedTuple):
    """What is to be done with a folder that has no mistakes."""

    prune: bool
    reason: str
    dry_run: bool
    yes: bool
    json: bool


@app.command()
def apply(
    folder: Annotated[Path, typer.Argument(help="The configuration folder.", show_default=False)],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only read the folder and tell its mistakes.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference to what runs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before applying.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Disable locations that are not in the folder.")] = False,
    reason: Annotated[str, typer.Option(help="Stands in the history and beside what is applied.")] = _REASON,
    url: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")] = URL,
    key: Annotated[
        str, typer.Option(envvar=KEY_VARIABLE, help="An API key; on this machine, the one of `headrace up` by default.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON; applies only with --yes.")] = False,
) -> None:
    """Check a folder, show what differs from what runs, and apply that once.

    What is in the folder is made so; a file that is not there leaves its part as it runs. Applied again, there is
    nothing to do. Interrupted, it can be repeated. Exit code 1: mistakes in the folder, or it was not applied.

    \b
    headrace apply my-shop --check
    headrace apply my-shop
    headrace apply my-shop --yes --reason "winter hours" --url https://oms.example.org --key hr_...
    """
    found = read_folder(read_files(folder))
    if found.faults:
        tell_faults(folder, found.faults, json=json)
        raise typer.Exit(1)
    if check:
        tell_checked(found.pools, json=json)
        return
    wish = Wish(prune=prune, reason=reason, dry_run=dry_run, yes=yes, json=json)
    asyncio.run(_connect(found.pools, url, key, wish))


async def _connect(pools: Sequence[Setup], url: str, key: str, wish: Wish) -> None:
    async with connected(url, key, data_folder()) as remote:
        await bring_about(remote, pools, wish)


async def bring_about(remote: Remote, pools: Sequence[Setup], wish: Wish) -> None:
    """Compare the pools with what runs, show it, and apply it if that is wished."""
    compared = [Applying(remote, setup, prune=wish.prune, reason=wish.reason) for setup in pools]
    for applying in compared:
        await applying.compare()
        if not wish.json:
            show(applying.pool, applying.changes)
    waiting = [applying for applying in compared if applying.requests]
    goes_on = bool(waiting) and not wish.dry_run and (wish.yes or not wish.json)
    if goes_on:
        if not wish.yes and not typer.confirm("Apply this?"):
            fail("nothing was applied")
        await _apply_all(waiting, wish)
    if wish.json:
        shown = [{"pool": applying.pool, "changes": applying.changes} for applying in compared]
        print_json({"pools": shown, "nothing_to_do": not waiting, "applied": goes_on})


async def _apply_all(waiting: Sequence[Applying], wish: Wish) -> None:
    with progress(shown=not wish.json) as bar:
        for applying in waiting:
            task = bar.add_task(applying.pool, total=sum(request.count for request in applying.requests), note="")

            def done(request: Request, task: int = task) -> None:
                bar.update(task, advance=request.count, note=request.part)  # type: ignore[arg-type] # A TaskID is an int.

            await applying.apply(done)
    if not wish.json:
        for applying in waiting:
            print(f"{applying.pool}: applied, and so it runs now.")
