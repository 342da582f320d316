"""Adds golden files of kinds that have none. Present ones are never changed: they stand for what others have stored.

Run as `python -m tests.contract.regenerate`.
"""

import sys

from tests.contract.samples import goldens, samples


def add_missing() -> list[str]:
    """Write the golden files that are missing; gives their names."""
    known = samples()
    missing = [golden for golden in goldens() if not golden.path.exists()]
    for golden in missing:
        golden.path.parent.mkdir(parents=True, exist_ok=True)
        golden.path.write_bytes(known[golden.name] + b"\n")
    return [golden.name for golden in missing]


if __name__ == "__main__":
    for added in add_missing():
        sys.stdout.write(f"added {added}\n")
