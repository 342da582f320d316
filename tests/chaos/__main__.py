"""Chaos by hand: `python -m tests.chaos --broker kafka --kills 20 --seed 7`. One line of JSON per scenario."""

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import broker_of, run
from tests.chaos.scenarios import SCENARIOS, Options


def main() -> None:
    arguments = _arguments()
    logging.basicConfig(level="WARNING")
    options = Options(
        seed=arguments.seed, kills=arguments.kills, orders_per_second=arguments.rate, pools=arguments.pools
    )
    names = arguments.scenario or [name for name in SCENARIOS if name != "broker" or arguments.broker == "kafka"]
    violations = 0
    with (
        tempfile.TemporaryDirectory(prefix="headrace-chaos-") as made,
        broker_of(arguments.broker, Path(made)) as broker,
    ):
        folder = Path(arguments.keep or made)
        for name in names:
            result = run(name, broker, folder, options)
            violations += result["violations"]
            sys.stdout.write(json.dumps(result) + "\n")
            sys.stdout.flush()
    sys.exit(1 if violations else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--broker", choices=("embedded", "kafka"), default="embedded")
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS), help="may be repeated; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rate", type=float, default=300.0, help="orders a second")
    parser.add_argument("--pools", type=int, default=8)
    parser.add_argument("--keep", help="a folder for the workers' logs and state, which are else removed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
