"""`python -m tests.simulator --seeds 0..1999`: run seeds, say what they met, and how to repeat those that failed."""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b

from tests.simulator.faults import Coverage
from tests.simulator.options import COMMANDS, SEEDS_PER_WORKLOAD
from tests.simulator.run import Outcome, run_seeds
from tests.simulator.sabotage import SABOTAGES

_FAILURES_SHOWN = 10
_TEXTS_SHOWN = 3
_CHARACTERS_SHOWN = 1_000


def main() -> int:
    """Give 0 if all is as asked: no violation, or, of a sabotage, one at least."""
    asked = _arguments()
    began = time.monotonic()
    coverage, failures, fingerprints = Coverage(), list[Outcome](), list[str]()
    for outcome in _outcomes(asked):
        fingerprints.append(outcome.fingerprint)
        coverage.add(outcome.coverage)
        if outcome.violations:
            failures.append(outcome)
            if asked.sabotage or len(failures) >= _FAILURES_SHOWN:
                break
    seconds = time.monotonic() - began
    if asked.json:
        summary = _summary(fingerprints, coverage, failures) | {"seconds": round(seconds, 1)}
        sys.stdout.write(json.dumps(summary) + "\n")
    else:
        sys.stdout.write(_report(len(fingerprints), seconds, coverage, failures))
    return 0 if bool(failures) is bool(asked.sabotage) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seeds", default="0..99", help="the first and the last one, as in 0..1999; or one")
    parser.add_argument("--commands", type=int, default=COMMANDS, help="commands a seed, at least")
    parser.add_argument("--sabotage", default="", choices=["", *SABOTAGES], help="run with a planted bug until caught")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    return parser.parse_args()


def _outcomes(asked: argparse.Namespace) -> Iterator[Outcome]:
    """Seeds of one workload stay in one process, which makes it once."""
    first, _, last = asked.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    chunks = [list(seeds[at : at + SEEDS_PER_WORKLOAD]) for at in range(0, len(seeds), SEEDS_PER_WORKLOAD)]
    run = partial(run_seeds, commands=asked.commands, sabotage=asked.sabotage)
    if asked.jobs == 1 or len(chunks) == 1:
        for chunk in chunks:
            yield from run(chunk)
        return
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        for outcomes in pool.imap(run, chunks):
            yield from outcomes


def _summary(fingerprints: list[str], coverage: Coverage, failures: list[Outcome]) -> dict[str, object]:
    return {
        "seeds": len(fingerprints),
        "fingerprint": blake2b("".join(fingerprints).encode(), digest_size=8).hexdigest(),
        "commands": dict(coverage.commands),
        "points": dict(coverage.points),
        "faults": dict(coverage.faults),
        "found": dict(coverage.found),
        "violations": [
            {
                "seed": outcome.options.seed,
                "repeat": outcome.options.command_line(),
                "texts": [text[:_CHARACTERS_SHOWN] for text in outcome.violations[:_TEXTS_SHOWN]],
            }
            for outcome in failures
        ],
    }


def _report(runs: int, seconds: float, coverage: Coverage, failures: list[Outcome]) -> str:
    parts = [
        f"{runs} seeds in {seconds:.0f} s",
        *_table("commands", coverage.commands),
        *_table("points", coverage.points),
        *_table("faults", coverage.faults),
        *_table("met", coverage.found),
    ]
    for outcome in failures:
        parts.append(f"\nseed {outcome.options.seed} failed; repeat it by: {outcome.options.command_line()}")
        parts.extend("  " + text[:_CHARACTERS_SHOWN] for text in outcome.violations[:_TEXTS_SHOWN])
        parts.append(f"  {outcome.options}")
    return "\n".join(parts) + "\n"


def _table(title: str, counts: Counter[str]) -> list[str]:
    return [f"\n{title}", *(f"  {name:36}{count:>10}" for name, count in sorted(counts.items()))]


if __name__ == "__main__":
    sys.exit(main())
