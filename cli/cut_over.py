"""`headrace connectors live` and `shadow`: the one switch of an account, through the API."""

import asyncio
import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import fail, print_json
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, Remote, connected, data_folder

Name = Annotated[str, typer.Argument(help="The account, as connectors.yaml names it.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Stands in the audit log.")]
Url = Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")]
Key = Annotated[
    str, typer.Option(envvar=KEY_VARIABLE, help="An API key; on this machine, the one of `headrace up` by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
_BECAME = {
    "begun": "with a partner already: claimed there, accepted, and not sent again",
    "held": "held until a person releases it",
    "routed": "with nobody yet: routed now",
    "past": "shipped already: on record, no stock moves",
    "cancelled": "called off: left out",
    "known": "here already: left as it is",
    "refused": "not taken",
}
_COLUMNS = ("external_id", "number", "become", "location", "note")


def live(
    account: Name,
    *,
    open_orders: Annotated[
        str,
        typer.Option(
            help="Open orders of which nothing says where they are: hold, route, or the location that has them all."
        ),
    ] = "hold",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each order.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before switching.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what becomes of every order there, as CSV.")] = None,
    reason: Reason = "",
    url: Url = URL,
    key: Key = "",
    json: AsJson = False,
) -> None:
    """Let an account go live: take over its open orders as they are, then send and take what is new.

    The orders are those that it was told of in shadow. One that a partner has said anything about is claimed at that
    partner's location as accepted, and not sent to it again; one that has shipped is of the past; one of which a part
    has left is held. Of the others nothing is known: --open-orders says what becomes of them. Repeated, what is there
    already is left as it is. Put `live: yes` into connectors.yaml as well, or the next `headrace apply` switches back.

    \b
    headrace connectors live shop-us --dry-run --report orders.csv
    headrace connectors live shop-us --open-orders leeds
    """
    asked = {"open_orders": open_orders, "reason": reason}
    shown = asyncio.run(_go_live(account, asked, (dry_run, yes or json, json), (url, key)))
    if report is not None:
        report.write_text(_sheet(shown["orders"]), encoding="utf-8", newline="")
    if json:
        print_json(shown)
    elif dry_run:
        _tell(shown)
        print("Nothing was changed.")
    else:
        print(f"{account} is live. Say so in connectors.yaml too.")
    if shown["counts"].get("refused"):
        raise typer.Exit(1)


def shadow(account: Name, *, reason: Reason = "", url: Url = URL, key: Key = "", json: AsJson = False) -> None:
    """Let an account go back into shadow: it is listened to, and nothing is sent; orders that were taken stay.

    \b
    headrace connectors shadow shop-us --reason "the 3PL is not ready"
    """

    async def go() -> dict[str, Any]:
        async with connected(url, key, data_folder()) as remote:
            pool = await _pool_of(remote, account)
            return await remote.post(pool, f"/accounts/{account}/shadow", {"reason": reason})

    shown = asyncio.run(go())
    if json:
        print_json(shown)
    else:
        print(f"{account} is in shadow: nothing is sent. Say so in connectors.yaml too.")


async def _go_live(
    account: str, asked: dict[str, Any], how: tuple[bool, bool, bool], at: tuple[str, str]
) -> dict[str, Any]:
    dry_run, sure, json = how
    async with connected(*at, data_folder()) as remote:
        pool = await _pool_of(remote, account)
        path = f"/accounts/{account}/live"
        shown = await remote.post(pool, path, asked | {"dry_run": True})
        if dry_run:
            return shown
        if not json:
            _tell(shown)
        if not sure and not typer.confirm("Take these over, and go live?"):
            fail("nothing was changed")
        return await remote.post(pool, path, asked)


async def _pool_of(remote: Remote, account: str) -> str:
    found = [pool for pool in await remote.pools() if account in await remote.accounts(pool)]
    if found:
        return found[0]
    return fail(f"there is no account {account}: write it into connectors.yaml and run `headrace apply`")


def _tell(shown: dict[str, Any]) -> None:
    print(f"{len(shown['orders']):,} orders that {shown['account']} was told of:")
    for become, count in shown["counts"].items():
        print(f"  {count:>7,}  {_BECAME[become]}")
    for order in shown["orders"]:
        if order["become"] == "refused":
            print(f"  {order['number']!a}: {order['note']!a}")


def _sheet(orders: list[dict[str, Any]]) -> str:
    """Write CSV; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for order in orders:
        cells = [str(order[name]) for name in _COLUMNS]
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells])
    return text.getvalue()
