"""How long the core takes to decide one order: many lines over many locations, with stock spread and scarce.

No broker, no disk: `python -m benchmarks.decide --lines 200 --locations 50` prints milliseconds as JSON on its last
line, and fails where one in two orders takes longer than it may. Processor time is what counts on a machine that does
other work as well.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from benchmarks.machine import described
from models import commands as c
from models.engine import Engine
from models.geo import position_of
from models.partition import partition_of
from models.records.order import NewLine
from models.records.place import Destination
from models.records.pool import CatalogueItem, Location, Policy

_POOL = "bench"
_NOW_MS = 1_790_000_000_000
_MOST_MS = 20.0
_SPREADS = {"everywhere": 1, "one place in seven": 7}


def main() -> int:
    """Give 0 if orders are decided as fast as they have to be."""
    asked = _arguments()
    figures = {name: _measured(asked, step) for name, step in _SPREADS.items()}
    sys.stdout.write(json.dumps({"lines": asked.lines, "locations": asked.locations} | figures | described()) + "\n")
    return 0 if all(figure["p50_ms"] < _MOST_MS for figure in figures.values()) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decide", description=__doc__)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--locations", type=int, default=50)
    parser.add_argument("--orders", type=int, default=60)
    return parser.parse_args()


def _measured(asked: argparse.Namespace, step: int) -> dict[str, float]:
    """Decide orders of all SKUs, each in one of every `step` locations."""
    engine = Engine(partition_of(_POOL), strict=True)
    offset = 0
    for command in _opening(asked, step):
        _apply(engine, command, offset)
        offset += 1
    took = []
    for number in range(asked.orders):
        item = c.encode(_order(asked.lines, number))
        began = time.process_time()
        engine.apply(item, offset + number, 0)
        took.append((time.process_time() - began) * 1000)
    return {
        "p50_ms": round(median(took), 2),
        "p95_ms": round(quantiles(took, n=20)[-1], 2),
        "max_ms": round(max(took), 2),
    }


def _apply(engine: Engine, command: c.Command, offset: int) -> None:
    told = engine.apply(c.encode(command), offset, 0)
    while engine.drain() is not None:
        pass
    if not told.rows:
        raise AssertionError(f"the set-up was refused: {told.updates}")


def _envelope(name: str) -> dict[str, Any]:
    return {"command_id": name, "pool": _POOL, "issued_at_ms": _NOW_MS, "actor": "benchmark"}


def _opening(asked: argparse.Namespace, step: int) -> Iterator[c.Command]:
    yield c.PutPool(**_envelope("pool"), currency="EUR")
    yield c.PutPolicy(**_envelope("policy"), policy=Policy(version=2, preset="cheapest", max_fulfillments=8))
    places = tuple(
        Location(location_id=f"l{n:03}", name=f"l{n:03}", position=position_of(40 + n / 10, n / 5), handling_minor=n)
        for n in range(asked.locations)
    )
    yield c.PutLocations(**_envelope("locations"), locations=places)
    skus = [f"S{n:04}" for n in range(asked.lines)]
    yield c.PutCatalogue(**_envelope("catalogue"), items=tuple(CatalogueItem(sku=sku) for sku in skus))
    for place, location in enumerate(places):
        held = [sku for n, sku in enumerate(skus) if (n + place) % step == 0]
        for first in range(0, len(held), 100):
            lines = tuple(
                c.StockLine(line=sku, sku=sku, quantity=2 + (place + int(sku[1:])) % 9 + asked.orders * (step > 1))
                for sku in held[first : first + 100]
            )
            stock: dict[str, Any] = {"source": "wms", "document": f"{place}-{first}", "occurred_at_ms": _NOW_MS}
            yield c.ReceiveStock(
                **_envelope(f"stock-{place}-{first}"), **stock, location_id=location.location_id, lines=lines
            )


def _order(lines: int, number: int) -> c.PlaceOrder:
    return c.PlaceOrder(
        **_envelope(f"order-{number}"),
        channel="web",
        external_id=str(number),
        currency="EUR",
        lines=tuple(
            NewLine(line_id=str(n), sku=f"S{n:04}", quantity=1 + n % 2, unit_price_minor=999) for n in range(lines)
        ),
        destination=Destination(country="DE", position=position_of(48.0, 8.0)),
        placed_at_ms=_NOW_MS,
    )


if __name__ == "__main__":
    sys.exit(main())
