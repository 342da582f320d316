"""How many orders a second one Headrace routes, and how soon each can be read: real processes, fixed seeded workload.

Tells its way on standard error and prints one JSON object as the last line of standard output.
"""

import argparse
import json
import math
import sys
import time
from typing import Any, NamedTuple

import msgspec

from benchmarks.machine import described
from benchmarks.rig import ReaderProcess, Rig, rig, say, wait_for_command
from cli.api_offering import ApiOffer
from cli.console import percentile
from cli.offering import CommandProducer, Offer, now_ms, open_pools
from models.commands import PutPool, encode
from models.partition import partition_of
from models.topics import catalogue
from pipelines.traffic.set_up import ACTOR, CURRENCY
from pipelines.traffic.stream import Traffic
from pipelines.traffic.workload import Workload, shelf_of

_RUN = "bench"
# Of 35 orders three are cancelled and three shipped whole or in part.
_LEFT_OPEN = 29 / 35
_STALL_SECONDS = 30.0
_POLL_SECONDS = 0.1


class Offered(NamedTuple):
    """What was offered: the orders that were acknowledged, and the waits until each could be read."""

    orders: list[tuple[int, int]]
    """(number of the pool, number of the order in it)"""
    commands: int
    ordered: int
    from_accepted_ms: list[float]
    from_due_ms: list[float]
    answers: dict[str, int]


def main() -> None:
    arguments = _arguments()
    pools = [f"bench-{number + 1}" for number in range(arguments.pools)]
    workload = Workload(seed=arguments.seed, follow_up_after=max(50, round(5 * arguments.rate / len(pools))))
    with rig(arguments.broker, arguments.workers) as made:
        set_up_commands = _open(made, workload, pools)
        reader = ReaderProcess(made, {partition_of(pool) for pool in pools})
        try:
            result = _measure(made, reader, arguments, workload, pools)
        finally:
            reader.kill()
    result["commands_lost"] = result.pop("commands_acknowledged") + set_up_commands - result.pop("decided")
    print(json.dumps(result | vars(arguments) | described()))
    sys.exit(1 if result["lost"] or result["commands_lost"] or result["oversold"] else 0)


def _open(made: Rig, workload: Workload, pools: list[str]) -> int:
    """Set the pools up, and return how many commands that took, once they are decided."""
    say(f"broker at {made.bootstrap}; setting up {len(pools)} pools")
    producer = CommandProducer(made.bootstrap, catalogue().commands.name)
    count = open_pools(producer, workload, shelf_of(workload), pools, _RUN)
    for pool in pools:
        ready = PutPool(command_id=f"{_RUN}/ready", pool=pool, issued_at_ms=now_ms(), actor=ACTOR, currency=CURRENCY)
        producer.send(pool, [encode(ready)])
    producer.flush()
    say(f"{count:,} set-up commands stored; decided {wait_for_command(made, pools, f'{_RUN}/ready'):.1f} s later")
    return count + len(pools)


def _measure(
    made: Rig, reader: ReaderProcess, arguments: argparse.Namespace, workload: Workload, pools: list[str]
) -> dict[str, Any]:
    """Offer the orders, wait until all can be read, and put the figures together."""
    shelf = shelf_of(workload)
    traffics = [Traffic(workload, shelf, pool, _RUN) for pool in pools]
    producer = CommandProducer(made.bootstrap, catalogue().commands.name)
    offer: Offer | ApiOffer
    if arguments.entry == "api":
        url, key = made.start_api()
        offer = ApiOffer(url, key, producer, pools, traffics, arguments.rate)
    else:
        offer = Offer(producer, pools, traffics, arguments.rate)
    say(f"offering {arguments.orders:,} orders at {arguments.rate:g}/s, the other commands among them")
    own_before, before, started = time.process_time(), made.cpu_s(), time.time()
    offer.run(arguments.orders, lambda: made.lost() is None)
    offer.finish()
    _wait_until_seen(made, reader, offer.orders)
    cpu = {name: round(after - before.get(name, 0.0), 2) for name, after in made.cpu_s().items()}
    cpu["generator"] = round(time.process_time() - own_before, 2)
    memory = made.rss_mb()
    say("checking the topics")
    raw, found = reader.finish()
    times = msgspec.msgpack.decode(raw, type=dict[str, float])
    offered = _through_api(offer) if isinstance(offer, ApiOffer) else _through_topic(offer, traffics, times)
    took = max(times.values(), default=started) - started
    return _figures(offered, traffics, times, took) | {
        "seconds": round(took, 2),
        "cpu_s": cpu,
        "rss_mb": memory["worker-1"],
        "rss_all_mb": memory,
        "worker_starts": sum(worker.starts for worker in made.workers),
        **found,
    }


def _wait_until_seen(made: Rig, reader: ReaderProcess, orders: int) -> None:
    """Return when the reader has seen every order, or no new one for long."""
    last, since = reader.seen, time.monotonic()
    while reader.seen < orders and time.monotonic() - since < _STALL_SECONDS:
        made.check_alive()
        time.sleep(_POLL_SECONDS)
        if reader.seen != last:
            last, since = reader.seen, time.monotonic()
    say(f"{reader.seen:,} of {orders:,} orders can be read")


def _through_topic(offer: Offer, traffics: list[Traffic], times: dict[str, float]) -> Offered:
    """Waits from when the broker had a record, and from when it was due, to when the reader saw the view."""
    orders: list[tuple[int, int]] = []
    from_accepted: list[float] = []
    from_due: list[float] = []
    for record in offer.acknowledged:
        for number in range(record.first_order, record.end_order):
            orders.append((record.pool, number))
            seen_at = times.get(traffics[record.pool].order_id(number))
            if seen_at is not None:
                from_accepted.append(1_000 * (seen_at - record.acknowledged_at_seconds))
                from_due.append(1_000 * (seen_at - record.due_at_seconds))
    return Offered(orders, offer.acknowledged_commands, offer.orders, from_accepted, from_due, {})


def _through_api(offer: ApiOffer) -> Offered:
    """Waits from when an order was due to when the API had shown it routed; the way to the API is in both."""
    waits = offer.waits_ms()
    return Offered(
        list(offer.acknowledged_orders), offer.acknowledged_commands, offer.orders, waits, waits, dict(offer.answers)
    )


def _figures(offered: Offered, traffics: list[Traffic], times: dict[str, float], took: float) -> dict[str, Any]:
    lost = sum(1 for pool, number in offered.orders if traffics[pool].order_id(number) not in times)
    from_accepted, from_due = sorted(offered.from_accepted_ms), sorted(offered.from_due_ms)
    return {
        "orders_per_s": round(len(times) / took, 1) if took else 0.0,
        "commands_per_s": round(offered.commands / took, 1) if took else 0.0,
        "p50_ms": percentile(from_accepted, 0.50),
        "p99_ms": percentile(from_accepted, 0.99),
        "max_ms": percentile(from_accepted, 1.0),
        "p99_from_due_ms": percentile(from_due, 0.99),
        "orders_acknowledged": len(offered.orders),
        "commands_acknowledged": offered.commands,
        "not_acknowledged": offered.ordered - len(offered.orders),
        "answers": offered.answers,
        "lost": lost,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", default="embedded", help="embedded, kafka or HOST:PORT (default embedded)")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pools", type=int, default=1)
    parser.add_argument("--orders", type=int, help="default: 60 s at the rate")
    parser.add_argument("--open-orders", type=int, help="as many orders as leave so many open, to see rss_mb with them")
    parser.add_argument("--rate", type=float, help="orders a second (default 2000, through the API 200)")
    parser.add_argument("--entry", choices=("producer", "api"), default="producer")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.rate = arguments.rate or (2_000.0 if arguments.entry == "producer" else 200.0)
    if arguments.open_orders:
        arguments.orders = math.ceil(arguments.open_orders / _LEFT_OPEN)
    arguments.orders = arguments.orders or round(60 * arguments.rate)
    del arguments.open_orders
    return arguments


if __name__ == "__main__":
    main()
