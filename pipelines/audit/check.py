# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""One statement that must hold, as two queries over the ledger."""

from typing import NamedTuple

from pipelines.audit.ledger import Ledger
from pipelines.audit.report import MAX_EXAMPLES, Finding


class Check(NamedTuple):
    """`checked` counts what is looked at; `broken` selects one text for each violation.

    `needs_views`: it compares with what was published as the present state, so it is left out where that is not read;
    `needs_replay` likewise.
    """

    invariant: str
    statement: str
    checked: str
    broken: str
    needs_views: bool = False
    needs_replay: bool = False


def run(check: Check, ledger: Ledger) -> Finding:
    """Look, count, and keep a few examples."""
    ledger.db.execute(f"CREATE OR REPLACE TEMP TABLE broken AS SELECT example FROM ({check.broken}) AS t(example)")
    examples = ledger.rows(f"SELECT example FROM broken ORDER BY example LIMIT {MAX_EXAMPLES}")
    return Finding(
        invariant=check.invariant,
        statement=check.statement,
        checked=ledger.count(check.checked),
        violations=ledger.count("SELECT count(*) FROM broken"),
        examples=tuple(str(row[0]) for row in examples),
    )
