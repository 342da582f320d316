"""`headrace stock`: levels against their ledger, and put right where they differ."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cli.console import Failure, fail, print_json
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, Refused, Remote, connected, data_folder

if TYPE_CHECKING:
    from pipelines.repair.balances import Comparison, Drift

app = typer.Typer(no_args_is_help=True)
_MEASURES = ("on_hand", "allocated", "unsellable", "safety_stock")


class Wish(NamedTuple):
    """What is to be done with levels that differ."""

    dry_run: bool
    yes: bool
    reason: str
    json: bool


@app.callback()
def stock() -> None:
    """Look after the balances of stock.

    \b
    headrace stock repair --pool my-shop --dry-run
    headrace stock repair --pool my-shop --reason 'after the fault of 2027-01-14'
    """


@app.command()
def repair(
    *,
    pool: Annotated[list[str] | None, typer.Option(help="Only this pool, repeatable (default: all there are).")] = None,
    lake: Annotated[
        str | None, typer.Option(envvar="HEADRACE_LAKE", help="The archive (default: lake in the data folder).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what differs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before mending.")] = False,
    reason: Annotated[str, typer.Option(help="Why; stands in the history and in the audit log. Needed to mend.")] = "",
    url: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")] = URL,
    key: Annotated[
        str, typer.Option(envvar=KEY_VARIABLE, help="An API key; on this machine, the one of `headrace up` by default.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON; mends only with --yes.")] = False,
) -> None:
    """Add up the movements in the archive, show which levels differ from that, and mend them.

    A level is mended only if it is still as it was compared. Exit code 1: something differs and was not mended.
    """
    if not (dry_run or reason.strip()):
        fail("give --reason: it stands in the history; or --dry-run, to look only")
    where = lake if lake is not None else str(data_folder() / "lake")
    done = asyncio.run(_run(url, key, pool or [], where, Wish(dry_run, yes, reason.strip(), json)))
    if json:
        print_json(done)
    if any(one["left"] for one in done):
        raise typer.Exit(1)


async def _run(url: str, key: str, pools: list[str], lake: str, wish: Wish) -> list[dict[str, Any]]:
    async with connected(url, key, data_folder()) as remote:
        return [await repaired(remote, pool, lake, wish) for pool in pools or await remote.pools()]


async def repaired(remote: Remote, pool: str, lake: str, wish: Wish) -> dict[str, Any]:
    """Compare a pool's levels, mend those that differ if that is wished, and give what came of it."""
    found = await _compared(remote, pool, lake)
    if not wish.json:
        _show(pool, found)
    mends = bool(found.drifts) and not wish.dry_run and (wish.yes or not wish.json)
    if mends and not wish.yes and not typer.confirm("Mend this?"):
        fail("nothing was mended")
    refused: dict[str, str] = {}
    for drift in found.drifts if mends else ():
        why = await _mend(remote, pool, drift, wish.reason)
        if why:
            refused[f"{drift.sku} at {drift.location_id}"] = why
    if mends and not wish.json:
        print(f"{pool}: {len(found.drifts) - len(refused)} mended.")
        for name, why in refused.items():
            print(f"  {name}: {why}")
    left = len(refused) if mends else len(found.drifts)
    return {"pool": pool, "compared": found.compared, "drifts": found.drifts, "behind": found.behind, "left": left}


async def _compared(remote: Remote, pool: str, lake: str) -> "Comparison":
    from pipelines.audit.lake import LakeReadError
    from pipelines.repair.balances import LedgerError, Published, compare

    levels = [
        Published(sku["sku"], level["location_id"], sku["offset"], sku["index"], *(level[name] for name in _MEASURES))
        for sku in await remote.skus(pool)
        for level in sku["levels"]
    ]
    try:
        return await asyncio.to_thread(compare, lake, pool, levels)
    except (LakeReadError, LedgerError) as error:
        raise Failure(str(error)) from None


async def _mend(remote: Remote, pool: str, drift: "Drift", reason: str) -> str:
    """Ask for one level to be put right; gives why not."""
    body = {
        "source": "headrace-stock-repair",
        "document": f"repair/{drift.sku}"[:200],
        "location_id": drift.location_id,
        "sku": drift.sku,
        "seen": _fields(drift.published),
        "ledger": _fields(drift.ledger),
        "reason": reason,
    }
    try:
        await remote.post(pool, "/stock/repair", body)
    except Refused as refused:
        return str(refused)
    return ""


def _fields(balances: Any) -> dict[str, int]:
    return {name: getattr(balances, name) for name in _MEASURES}


def _show(pool: str, found: "Comparison") -> None:
    if found.behind:
        print(f"{pool}: the archive is behind of {len(found.behind)} SKUs; they are left out, look again in a minute.")
    if not found.drifts:
        print(f"{pool}: all {found.compared} levels are what their movements come to.")
        return
    print(f"{pool}: {len(found.drifts)} of {found.compared} levels differ from their movements:")
    rows = [("SKU", "location", *_MEASURES), *(_row(drift) for drift in found.drifts)]
    _print_table(rows)


def _row(drift: "Drift") -> tuple[str, ...]:
    changes = zip(_fields(drift.published).values(), _fields(drift.ledger).values(), strict=True)
    return (drift.sku, drift.location_id, *(str(was) if was == is_ else f"{was} -> {is_}" for was, is_ in changes))


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
