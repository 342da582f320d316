"""`headrace load`: the seeded workload at a fixed rate, straight to the topic or through the API."""

import signal
import threading
import time
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from cli.console import fail, people, print_json, print_summary, progress

if TYPE_CHECKING:
    from cli.api_offering import ApiOffer
    from cli.offering import Offer

app = typer.Typer()
_REFRESH_SECONDS = 0.25
# Waits of the newest records, for the percentiles: an endless run must not grow.
_KEPT = 100_000


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was offered, what of it is on record, and how soon: stored by the broker, or shown routed by the API."""

    seed: int
    run: str
    entry: str
    pools: int
    seconds: float
    orders: int
    commands: int
    acknowledged_commands: int
    p50_ms: float
    p99_ms: float
    answers: dict[str, int] = {}


@app.command()
def load(
    *,
    broker: Annotated[str, typer.Option(envvar="HEADRACE_BROKER", help="HOST:PORT of Kafka.")] = "127.0.0.1:9092",
    prefix: Annotated[str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Prefix of the topics.")] = "",
    rate: Annotated[float, typer.Option(min=0.01, help="Orders a second over all pools.")] = 100.0,
    duration: Annotated[float, typer.Option(min=0, help="Seconds; 0 goes on until Ctrl-C.")] = 60.0,
    pools: Annotated[int, typer.Option(min=1, max=1_000, help="Pools to spread them over.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same orders.")] = 1,
    entry: Annotated[
        Literal["producer", "api"], typer.Option(help="Orders straight to the topic, or through the API.")
    ] = "producer",
    url: Annotated[str, typer.Option(help="Where the API is.")] = "http://127.0.0.1:8080",
    key: Annotated[str, typer.Option(envvar="HEADRACE_API_KEY", help="An API key with orders:write.")] = "",
    pool_name: Annotated[str, typer.Option(help="Name of the pool, or what their names begin with.")] = "demo",
    skus: Annotated[int, typer.Option(min=30, max=100_000, help="SKUs of each pool.")] = 5_000,
    set_up: Annotated[bool, typer.Option(help="Open and stock the pools first.")] = True,
    run: Annotated[str, typer.Option(help="Names this run's ids; given again, it repeats them.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one line of JSON.")] = False,
) -> None:
    """Offer orders, till sales, counts, cancellations, picks and shipments at a fixed rate.

    For every seven orders there are three other commands. The pools are opened and stocked first.

    \b
    headrace load --rate 500 --duration 30
    headrace load --rate 5 --duration 0 --pools 3 --seed 7
    headrace load --rate 50 --entry api --key hr_...
    """
    from cli.api_offering import ApiOffer
    from cli.offering import CommandProducer, Offer, open_pools
    from models.topics import catalogue
    from pipelines.traffic.stream import Traffic
    from pipelines.traffic.workload import Workload, shelf_of

    if entry == "api" and not key:
        fail("--entry api needs --key or HEADRACE_API_KEY: make one with `headrace keys create`")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    names = [pool_name] if pools == 1 else [f"{pool_name}-{number + 1}" for number in range(pools)]
    run = run or f"t{int(time.time())}"
    started = time.time()
    workload = Workload(seed=seed, skus=skus, follow_up_after=max(50, round(5 * rate / len(names))))
    shelf = shelf_of(workload)
    producer = CommandProducer(broker, catalogue(prefix).commands.name)
    if set_up:
        open_pools(producer, workload, shelf, names, run)
    traffics = [Traffic(workload, shelf, name, run) for name in names]
    people.print(f"The first will be order {traffics[0].order_id(0)} of pool {names[0]}.")
    offer: Offer | ApiOffer = Offer(producer, names, traffics, rate, keep=_KEPT)
    if entry == "api":
        offer = ApiOffer(url, key, producer, names, traffics, rate, keep=_KEPT)
    orders = round(rate * duration) if duration else None
    _run(offer, orders, stop)
    if not offer.orders:
        fail("nothing was offered: give a longer --duration or a higher --rate")
    _tell(_report(offer, seed=seed, run=run, entry=entry, pools=pools, seconds=time.time() - started), json=json)


def _report(offer: "Offer | ApiOffer", *, seed: int, run: str, entry: str, pools: int, seconds: float) -> LoadReport:
    from cli.console import percentile

    waits = offer.waits_ms()
    return LoadReport(
        seed=seed,
        run=run,
        entry=entry,
        pools=pools,
        seconds=round(seconds, 3),
        orders=offer.orders,
        commands=offer.commands,
        acknowledged_commands=offer.acknowledged_commands,
        p50_ms=percentile(waits, 0.50),
        p99_ms=percentile(waits, 0.99),
        answers=dict(offer.answers),
    )


def _tell(report: LoadReport, *, json: bool) -> None:
    if json:
        print_json(report)
    else:
        print_summary("Offered", msgspec.structs.asdict(report))


def _run(offer: "Offer | ApiOffer", orders: int | None, stop: threading.Event) -> None:
    runner = threading.Thread(target=offer.run, args=(orders, lambda: not stop.is_set()), daemon=True)
    runner.start()
    with progress(shown=orders is not None) as bar:
        task = bar.add_task("orders", total=orders, note="")
        while runner.is_alive():
            runner.join(_REFRESH_SECONDS)
            bar.update(task, completed=offer.orders, note=f"{offer.acknowledged_commands:,} commands on record")
    offer.finish()
