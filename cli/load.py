"""`headrace load`: the seeded workload at a fixed rate, straight to the topic or through the API."""

import signal
import threading
import time
from typing import Annotated

import msgspec
import typer

from cli.console import fail, people, print_json, print_summary, progress

app = typer.Typer()
_REFRESH_SECONDS = 0.25


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was offered, and what of it the broker has."""

    seed: int
    run: str
    pools: int
    seconds: float
    orders: int
    commands: int
    acknowledged_commands: int
    acknowledge_p50_ms: float
    acknowledge_p99_ms: float


@app.command()
def load(
    *,
    broker: Annotated[str, typer.Option(envvar="HEADRACE_BROKER", help="HOST:PORT of Kafka.")] = "127.0.0.1:9092",
    prefix: Annotated[str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Prefix of the topics.")] = "",
    rate: Annotated[float, typer.Option(min=0.01, help="Orders a second over all pools.")] = 100.0,
    duration: Annotated[float, typer.Option(min=0, help="Seconds; 0 goes on until Ctrl-C.")] = 60.0,
    pools: Annotated[int, typer.Option(min=1, max=1_000, help="Pools to spread them over.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same orders.")] = 1,
    pool_name: Annotated[str, typer.Option(help="Name of the pool, or what their names begin with.")] = "demo",
    run: Annotated[str, typer.Option(help="Names this run's ids; given again, it repeats them.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one line of JSON.")] = False,
) -> None:
    """Offer orders, till sales, counts, cancellations, picks and shipments at a fixed rate.

    For every seven orders there are three other commands. The pools are opened and stocked first.

    \b
    headrace load --rate 500 --duration 30
    headrace load --rate 5 --duration 0 --pools 3 --seed 7
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    names = [pool_name] if pools == 1 else [f"{pool_name}-{number + 1}" for number in range(pools)]
    report = _offer(broker, prefix, names, rate, duration, seed, run or f"t{int(time.time())}", stop)
    if json:
        print_json(report)
    else:
        print_summary("Offered", msgspec.structs.asdict(report))


def _offer(  # noqa: PLR0917 # As the options above.
    broker: str, prefix: str, pools: list[str], rate: float, duration: float, seed: int, run: str, stop: threading.Event
) -> LoadReport:
    from cli.offering import CommandProducer, Offer, open_pools, percentile
    from models.topics import catalogue
    from pipelines.traffic.stream import Traffic
    from pipelines.traffic.workload import Workload, shelf_of

    workload = Workload(seed=seed, follow_up_after=max(50, round(5 * rate / len(pools))))
    shelf = shelf_of(workload)
    producer = CommandProducer(broker, catalogue(prefix).commands.name)
    open_pools(producer, workload, shelf, pools, run)
    traffics = [Traffic(workload, shelf, pool, run) for pool in pools]
    offer = Offer(producer, pools, traffics, rate, keep=100_000)
    orders = round(rate * duration) if duration else None
    started = time.time()
    runner = threading.Thread(target=offer.run, args=(orders, lambda: not stop.is_set()), daemon=True)
    runner.start()
    with progress(shown=orders is not None) as bar:
        task = bar.add_task("orders", total=orders, note="")
        while runner.is_alive():
            runner.join(_REFRESH_SECONDS)
            bar.update(task, completed=offer.orders, note=f"{offer.acknowledged_commands:,} commands stored")
    producer.flush()
    if not offer.orders:
        fail("nothing was offered: give a longer --duration or a higher --rate")
    waits = sorted(1_000 * (sent.acknowledged_at_seconds - sent.due_at_seconds) for sent in offer.acknowledged)
    people.print(f"Read one back: headrace's order {traffics[0].order_id(0)} in pool {pools[0]}")
    return LoadReport(
        seed=seed,
        run=run,
        pools=len(pools),
        seconds=round(time.time() - started, 3),
        orders=offer.orders,
        commands=offer.commands,
        acknowledged_commands=offer.acknowledged_commands,
        acknowledge_p50_ms=percentile(waits, 0.50),
        acknowledge_p99_ms=percentile(waits, 0.99),
    )
