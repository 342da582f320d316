"""Files of orders into a running Headrace: taken once, however often the file is imported."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from api.security import Scope
from cli.import_orders import app
from cli.importing import Importing, StockChoice
from cli.remote import Remote
from connectors.orders.reading import Around, OrdersFile, read_orders
from connectors.orders.report import Outcome, report_of, report_sheet
from tests.support.served import served
from tests.support.system import SKU, System, shows_levels

HEAD = "external_id,placed_at,country,postcode,latitude,longitude,email,sku,quantity,unit_price,shipped_from\n"


async def imported(
    system: System, text: str, stock: StockChoice = StockChoice.WAIT, *, historic: bool = False
) -> tuple[OrdersFile, dict[str, Outcome]]:
    remote = Remote(system.client)
    running = await remote.running(system.pool, catalogue=True, stock=False)
    assert running is not None
    skus = None if stock is StockChoice.FORCE else {item.sku for item in running.setup.catalogue or ()}
    around = Around(
        currency="EUR", skus=skus, historic=historic, keep_good_fields=False, now_ms=system.services.now_ms()
    )
    found = read_orders(text.encode(), around)
    importing = Importing(remote, system.pool, "shop-de", stock, historic=historic)
    return found, await importing.send(found.orders, shown=False)


def results(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {name: outcome.result for name, outcome in outcomes.items()}


async def test_a_file_is_taken_once_and_a_repeat_finds_it_there(stocked: System) -> None:
    rows = f"1,,DE,10115,52.5,13.4,ada@example.org,{SKU},2,19.99,\n2,,DE,10115,52.5,13.4,,{SKU},3,19.99,\n"

    found, first = await imported(stocked, HEAD + rows)
    _, again = await imported(stocked, HEAD + rows + f"3,,DE,,,,,{SKU},1,,\n")

    assert results(first) == {"1": "taken", "2": "taken"}
    assert results(again) == {"1": "there_already", "2": "there_already", "3": "taken"}
    await shows_levels(stocked, (40, 6))
    report = report_sheet(report_of(found, first)).splitlines()
    assert [row["outcome"] for row in csv.DictReader(report)] == ["taken", "taken"]


async def test_the_same_order_with_other_lines_is_refused_and_nothing_changes(stocked: System) -> None:
    await imported(stocked, f"{HEAD}1,,DE,,,,,{SKU},2,,\n")

    _, outcomes = await imported(stocked, f"{HEAD}1,,DE,,,,,{SKU},4,,\n")

    assert (outcomes["1"].result, outcomes["1"].field) == ("refused", "lines")
    await shows_levels(stocked, (40, 2))


async def test_stock_is_waited_for_refused_left_alone_or_passed(stocked: System) -> None:
    def file(name: str, sku: str = SKU) -> str:
        return f"{HEAD}{name},,DE,,,,,{sku},41,,\n"

    _, refused = await imported(stocked, file("r"), StockChoice.REFUSE)
    assert refused["r"].result == "refused"
    await shows_levels(stocked, (40, 0))
    _, skipped = await imported(stocked, file("s"), StockChoice.SKIP)
    assert skipped["s"].result == "taken"
    await shows_levels(stocked, (40, 0))
    _, forced = await imported(stocked, file("f", "NOT-IN-THE-CATALOGUE"), StockChoice.FORCE)
    assert forced["f"].result == "taken"
    await shows_levels(stocked, (40, 0))
    _, waits = await imported(stocked, file("w"))
    assert waits["w"].result == "taken"
    await shows_levels(stocked, (40, 40))


async def test_orders_of_the_past_move_no_stock(stocked: System) -> None:
    text = f"{HEAD}old,2019-05-01T10:00:00Z,DE,,,,,{SKU},7,9.99,berlin\n"

    _, outcomes = await imported(stocked, text, historic=True)
    _, again = await imported(stocked, text, historic=True)

    assert (results(outcomes), results(again)) == ({"old": "taken"}, {"old": "there_already"})
    await shows_levels(stocked, (40, 0))
    found: Any = (await stocked.client.get(f"{stocked.path}/orders?q=old")).json()["orders"]
    assert [(order["status"], order["historic"]) for order in found] == [("delivered", True)]


async def test_the_command_rejects_a_file_skips_its_bad_orders_or_only_looks(stocked: System, tmp_path: Path) -> None:
    file, report = tmp_path / "orders.csv", tmp_path / "report.csv"
    file.write_text(f"external_id,country,sku,quantity\n1,DE,{SKU},1\n2,DE,{SKU},none\n2,,{SKU},1\n")
    key = stocked.key(Scope.ADMIN)

    async def run(*options: str) -> Result:
        known = ["--pool", stocked.pool, "--channel", "shop-de", "--url", base, "--key", key, "--report", str(report)]
        return await asyncio.to_thread(CliRunner().invoke, app, [str(file), *known, *options])

    def outcomes() -> list[str]:
        return [f"{row['row']} {row['outcome']}" for row in csv.DictReader(report.read_text().splitlines())]

    async with served(stocked.app) as base:
        rejected = await run()
        assert (rejected.exit_code, outcomes()) == (1, ["2 not_sent", "3 skipped", "4 skipped"])
        looked = await run("--dry-run", "--errors", "skip-rows")
        assert (looked.exit_code, outcomes()) == (1, ["2 good", "3 skipped", "4 skipped"])
        await shows_levels(stocked, (40, 0))
        skipped = await run("--errors", "skip-rows", "--json")
        assert (skipped.exit_code, outcomes()) == (1, ["2 taken", "3 skipped", "4 skipped"])
        assert json.loads(skipped.stdout)["taken"] == 1
        file.write_text(f"external_id,country,sku,quantity\n1,DE,{SKU},1\n")
        again = await run()
        assert (again.exit_code, again.stdout) == (0, "1 rows, 1 orders: 1 there already.\n")
    await shows_levels(stocked, (40, 1))
