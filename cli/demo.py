"""`headrace demo`: shoppers and partners for a running Headrace, their speed, and the files that partners send."""

import asyncio
import signal
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer

from cli.console import fail, people
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, data_folder
from cli.system import EMBEDDED

if TYPE_CHECKING:
    from connectors.folder.setup import Setup
    from pipelines.demo.shoppers import Article

app = typer.Typer(no_args_is_help=True)
FOLDER = Path(__file__).parents[1] / "demo"
POOL = "demo"
SEED = 1
SPEED, RATE = 60.0, 3.0
HEAD_START_ORDERS = 240
_EPOCH_MS = 1_767_225_600_000
"""2026-01-01: numbers of orders and documents count from here, a hundred a second, so that no two runs share one."""
_NUMBERS_MS = 10

Url = Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")]
Data = Annotated[
    Path | None, typer.Option(envvar="HEADRACE_DATA_DIR", help="Where the partners' book and files are kept.")
]


@app.callback()
def demo() -> None:
    """Let shoppers buy and partners work on a running Headrace; `headrace up` does it by itself."""


@app.command()
def run(
    *,
    speed: Annotated[float, typer.Option(min=0, max=3_600, help="Times real time: 0 stands still.")] = SPEED,
    rate: Annotated[float, typer.Option(min=0.01, max=50, help="Orders a second.")] = RATE,
    folder: Annotated[Path, typer.Option(help="The configuration folder that the pool was set up with.")] = FOLDER,
    head_start: Annotated[
        int, typer.Option(min=0, max=5_000, help="Orders of the three days before, where the pool has none.")
    ] = HEAD_START_ORDERS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same shoppers and partners.")] = SEED,
    url: Url = URL,
    key: Annotated[str, typer.Option(envvar=KEY_VARIABLE, help="An API key that may do what partners do.")] = "",
    keys: Annotated[Path | None, typer.Option(help="A file of keys by name, one for each partner.")] = None,
    data: Data = None,
) -> None:
    """Place orders and work on them until stopped. Where `headrace up` runs a demo, its control wins over the pace.

    \b
    headrace demo run --key hr_... --speed 60 --rate 3
    headrace demo run --url https://oms.example.org --folder my-shop --key hr_... --rate 0.2
    """
    from cli.folders import read_files
    from connectors.folder.reading import read_folder

    found = read_folder(read_files(folder))
    if found.faults or len(found.pools) != 1:
        fail(f"{folder} is no folder of one pool: check it with `headrace apply {folder} --check`")
    texts = msgspec.json.decode(keys.read_bytes(), type=dict[str, str]) if keys is not None else {"*": key}
    if not texts.get("*"):
        fail(f"no API key: give --key, --keys or {KEY_VARIABLE} (headrace keys create NAME --scope admin)")
    asyncio.run(_run(found.pools[0], url, texts, data or newest_data(), _Pace(speed, rate, seed, head_start)))


@app.command("speed")
def change_speed(
    times: Annotated[float, typer.Argument(min=0, max=3_600, help="0 stands still, at 60 an hour takes a minute.")],
    *,
    rate: Annotated[float | None, typer.Option(min=0.01, max=50, help="Orders a second, if it is to change.")] = None,
    url: Url = URL,
    key: Annotated[str, typer.Option(envvar=KEY_VARIABLE, help="An API key with pools:write.")] = "",
    data: Data = None,
) -> None:
    """Set how fast the demo of a running `headrace up` goes, as the control in its pages does.

    \b
    headrace demo speed 10
    headrace demo speed 0
    headrace demo speed 60 --rate 10
    """
    pace = set_pace(url, key, data or newest_data(), times, rate)
    print(f"Speed {pace['speed']:g}, {pace['orders_per_second']:g} orders a second.")


@app.command()
def shipments(
    *,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="By UTC; today by default.")] = None,
    pool: Annotated[str, typer.Option(help="The pool.")] = POOL,
    seed: Annotated[int, typer.Option(help="The seed of the demo, by which rows go wrong.")] = SEED,
    data: Data = None,
) -> None:
    """Write the partners' shipment files of a day as their book stands now, and print where they are.

    \b
    headrace demo shipments
    headrace demo shipments --day 2026-11-22
    """
    from cli.demo_book import Book, today
    from pipelines.demo.draws import Draws

    folder = data or newest_data()
    written = Book(folder, pool, Draws(seed)).publish_day(day.date() if day is not None else today())
    if not written:
        fail(f"the book of pool {pool} in {folder} has no parcel of that day: is the demo running on this --data?")
    for path in written:
        print(path)


class _Pace(NamedTuple):
    speed: float
    rate: float
    seed: int
    head_start: int


async def _run(setup: "Setup", url: str, keys: Mapping[str, str], data: Path, pace: _Pace) -> None:
    import httpx2

    from cli.demo_api import Control, DemoApi
    from cli.demo_book import Book
    from cli.demo_run import Demo
    from pipelines.demo.clock import Clock
    from pipelines.demo.draws import Draws
    from pipelines.demo.shoppers import Shoppers

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pool, draws = setup.head.pool, Draws(pace.seed)
    start_ms = time.time_ns() // 1_000_000
    base = (start_ms - _EPOCH_MS) // _NUMBERS_MS
    async with httpx2.AsyncClient(base_url=url, limits=httpx2.Limits(max_connections=None)) as client:
        api = DemoApi(client, pool, keys)
        if not await api.locations():
            fail(f"there is no pool {pool} at {url}, or it has no locations: `headrace apply` its folder first")
        # A pace that was set in the pages or by command stays when the demo is started again.
        control = await api.control() or Control(pace.speed, pace.rate)
        clock = Clock(start_ms, control.speed)
        shoppers = Shoppers(draws, _articles(setup), base)
        play = Demo(api, clock, draws, shoppers, Book(data, pool, draws))
        if pace.head_start and not await api.has_orders():
            play.give_head_start(pace.head_start)
        par = {(line.sku, line.location_id): line.quantity for line in setup.opening or ()}
        people.print(f"Shoppers and partners are at work in pool {pool}.")
        await play.run(par, base, control.orders_per_second, lambda: not stop.is_set())
    refused = ", ".join(f"{count} {what}" for what, count in play.refusals.most_common(8))
    people.print(f"{play.placed:,} orders placed{'; refused: ' + refused if refused else ''}.")


def _articles(setup: "Setup") -> Sequence["Article"]:
    from pipelines.demo.prices import price_minor
    from pipelines.demo.shoppers import Article

    return [Article(item.sku, price_minor(item.sku)) for item in setup.catalogue or ()]


def set_pace(url: str, key: str, data: Path, speed: float | None, rate: float | None) -> dict[str, Any]:
    """Set what is given of the pace of the demo of a running Headrace, and give the pace."""
    from cli.remote import Refused, connected

    async def change() -> dict[str, Any]:
        async with connected(url, key, data) as remote:
            return await remote.change_demo_pace(speed=speed, orders_per_second=rate)

    try:
        return asyncio.run(change())
    except Refused as refused:
        fail(f"{refused} Is it a demo that runs at {url}?")


def newest_data() -> Path:
    """Give where the newest `headrace up` of this machine keeps its data."""
    folder = data_folder()
    kept = [path for path in (folder, folder / EMBEDDED) if (path / "demo").exists()]
    return max(kept, key=lambda path: (path / "demo").stat().st_mtime, default=folder)
