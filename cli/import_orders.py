"""`headrace import-orders`: a file of orders, open ones or of the past, into a running Headrace."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from cli.console import fail, print_json
from cli.importing import Importing, StockChoice
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, connected, data_folder
from connectors.orders.reading import Around, OrdersFile, read_orders
from connectors.orders.report import FAILED, Outcome, ReportRow, Result, report_of, report_sheet

app = typer.Typer()
_SHOWN = 20


class ErrorChoice(StrEnum):
    """What becomes of the file where some of it is wrong."""

    REJECT_FILE = "reject-file"
    SKIP_ROWS = "skip-rows"
    KEEP_GOOD_FIELDS = "keep-good-fields"


class Wish(NamedTuple):
    """What is to be done with a file."""

    pool: str
    channel: str
    errors: ErrorChoice
    stock: StockChoice
    historic: bool
    dry_run: bool
    shown: bool


@app.command("import-orders")
def import_orders(
    file: Annotated[Path, typer.Argument(help="CSV with a header, or JSON lines.", show_default=False)],
    *,
    pool: Annotated[str, typer.Option(help="The pool that the orders are of.")],
    channel: Annotated[str, typer.Option(help="The channel that took them.")],
    errors: Annotated[
        ErrorChoice,
        typer.Option(help="Where something is wrong: send nothing, all but such orders, or all but fields."),
    ] = ErrorChoice.REJECT_FILE,
    stock: Annotated[
        StockChoice,
        typer.Option(help="Where stock is short: wait for it, refuse, touch none and hold, or wait past every limit."),
    ] = StockChoice.WAIT,
    historic: Annotated[
        bool, typer.Option("--historic", help="Orders of the past, that have shipped: on record, and no stock moves.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look at every row; nothing is sent.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write what became of every row there, as CSV.", show_default=False)
    ] = None,
    url: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")] = URL,
    key: Annotated[
        str, typer.Option(envvar=KEY_VARIABLE, help="An API key; on this machine, the one of `headrace up` by default.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Import orders, one line of an order a row; rows with the same external id are one order.

    An order is known by its channel and external id, so that an import that was interrupted is simply repeated: what
    is there already stays as it is. Exit code 1: something was not taken; the report says what and why.

    \b
    headrace import-orders orders.csv --pool my-shop --channel web --dry-run
    headrace import-orders orders.csv --pool my-shop --channel web --errors skip-rows --report report.csv
    headrace import-orders 2025.jsonl --pool my-shop --channel web --historic
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    wish = Wish(pool, channel, errors, stock, historic, dry_run, shown=not json)
    found, outcomes = asyncio.run(_run(raw, url, key, wish))
    rows = report_of(found, outcomes)
    if report is not None:
        report.write_text(report_sheet(rows), encoding="utf-8", newline="")
    failed = [row for row in rows if row.outcome in FAILED]
    counts = Counter(outcome.result for outcome in outcomes.values())
    if json:
        print_json({"rows": found.rows, "orders": len(found.orders) + len(found.spoilt), **counts, "failed": failed})
    else:
        _tell(found, counts, failed, report)
    if failed:
        raise typer.Exit(1)


async def _run(raw: bytes, url: str, key: str, wish: Wish) -> tuple[OrdersFile, dict[str, Outcome]]:
    async with connected(url, key, data_folder()) as remote:
        running = await remote.running(wish.pool, catalogue=True, stock=False)
        if running is None:
            fail(f"there is no pool {wish.pool}: `headrace apply` makes one")
        # What a channel has sold already waits for the catalogue too.
        forced = wish.stock is StockChoice.FORCE
        skus = None if forced else frozenset(item.sku for item in running.setup.catalogue or ())
        around = Around(
            currency=running.setup.head.currency,
            skus=skus,
            historic=wish.historic,
            keep_good_fields=wish.errors is ErrorChoice.KEEP_GOOD_FIELDS,
            now_ms=time.time_ns() // 1_000_000,
        )
        found = read_orders(raw, around)
        rejected = found.notes and (wish.errors is ErrorChoice.REJECT_FILE or not found.is_whole)
        if rejected:
            return found, {}
        if wish.dry_run:
            return found, {order.external_id: Outcome(result="good") for order in found.orders}
        importing = Importing(remote, wish.pool, wish.channel, wish.stock, historic=wish.historic)
        return found, await importing.send(found.orders, shown=wish.shown)


def _tell(found: OrdersFile, counts: Counter[Result], failed: Sequence[ReportRow], report: Path | None) -> None:
    for row in failed[:_SHOWN]:
        field = f" {row.field}:" if row.field else ""
        print(f"row {row.row}: {row.external_id or 'no order'}: {row.outcome}:{field} {row.reason}".rstrip(": "))
    if len(failed) > _SHOWN:
        where = f" in {report}" if report is not None else ": give --report to see them"
        print(f"... and {len(failed) - _SHOWN} more{where}")
    became = ", ".join(f"{count} {result.replace('_', ' ')}" for result, count in sorted(counts.items()))
    print(f"{found.rows} rows, {len(found.orders) + len(found.spoilt)} orders: {became or 'nothing was sent'}.")
