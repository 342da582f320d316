# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""Each published level against what its movements in the archive come to, as of the same command."""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from models.commands import Balances
from models.partition import partition_of
from pipelines.audit.lake import load_lake
from pipelines.audit.ledger import INDEXES, Ledger


class LedgerError(RuntimeError):
    """The archive does not have the whole ledger; the message says what to do."""


class Published(NamedTuple):
    """A level as it is published, and up to which command it is."""

    sku: str
    location_id: str
    offset: int
    step: int
    on_hand: int
    allocated: int
    unsellable: int
    safety_stock: int


class Drift(NamedTuple):
    """A level that is not what its ledger comes to."""

    sku: str
    location_id: str
    published: Balances
    ledger: Balances


class Comparison(NamedTuple):
    """What differs, how many levels were compared, and the SKUs of which the archive is still behind."""

    drifts: tuple[Drift, ...]
    compared: int
    behind: tuple[str, ...]


_MEASURES = ("on_hand", "allocated", "unsellable", "safety_stock")
_AT = f"command_offset * {INDEXES} + command_index"
# A crash publishes an outbox again, and the archive keeps the first of each; only a broken one has two.
_TABLES = f"""
CREATE TABLE told AS
SELECT {_AT} AS position, any_value(movements) AS movements FROM published_updates WHERE pool = $pool GROUP BY ALL;
CREATE TABLE moved AS
SELECT {_AT} AS position, sequence, any_value(sku) AS sku, any_value(location_id) AS location_id,
       {", ".join(f"any_value({name}_delta) AS {name}" for name in _MEASURES)}
FROM published_movements WHERE pool = $pool GROUP BY position, sequence;
"""
# Every movement is there up to the first command that lacks one: the archive writes its tables one after the other.
_ARCHIVED = f"""
SELECT least(
    (SELECT coalesce(max({_AT}), -1) FROM published_updates),
    (SELECT coalesce(min(position) - 1, $most) FROM (
        SELECT t.position FROM told AS t LEFT JOIN moved AS m USING (position)
        GROUP BY t.position, t.movements HAVING t.movements <> count(m.sequence)
    ))
)
"""
_MOST = 1 << 62
_COMPARED = f"""
SELECT sku, location_id, {", ".join(f"any_value(l.{name})" for name in _MEASURES)},
       {", ".join(f"coalesce(sum(m.{name}), 0)::BIGINT" for name in _MEASURES)}
FROM (
    FROM levels
    UNION ALL
    -- A place that has movements and no level at all.
    SELECT sku, location_id, position, 0, 0, 0, 0
    FROM (SELECT DISTINCT sku, location_id FROM moved ANTI JOIN levels USING (sku, location_id))
    JOIN (SELECT sku, max(position) AS position FROM levels GROUP BY sku) USING (sku)
) AS l LEFT JOIN moved AS m USING (sku, location_id)
WHERE l.position <= $archived AND coalesce(m.position, -1) <= l.position
GROUP BY sku, location_id ORDER BY sku, location_id
"""


def compare(
    lake: str, pool: str, levels: Iterable[Published], storage_options: dict[str, str] | None = None
) -> Comparison:
    """Compare the levels of a pool with the sums of their movements.

    Raises:
        LedgerError: the archive does not begin with the first command.
    """
    partition = partition_of(pool)
    rows = [(one.sku, one.location_id, one.offset * INDEXES + one.step, *one[4:]) for one in levels]
    names = ("sku", "location_id", "position", *_MEASURES)
    schema = {name: pl.String if name in {"sku", "location_id"} else pl.Int64 for name in names}
    with Ledger() as ledger:
        load_lake(ledger, lake, storage_options, lambda _: f"(SELECT * FROM frame WHERE partition = {partition})")
        _check_begin(ledger, lake)
        for statement in _TABLES.split(";")[:-1]:
            ledger.db.execute(statement, {"pool": pool})
        ledger.db.register("levels", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
        archived = ledger.db.execute(_ARCHIVED, {"most": _MOST}).fetchall()[0][0]
        behind = ledger.db.execute("SELECT DISTINCT sku FROM levels WHERE position > $1 ORDER BY sku", [archived])
        behind_skus = tuple(sku for (sku,) in behind.fetchall())
        found = ledger.db.execute(_COMPARED, {"archived": archived}).fetchall()
    drifts = [
        Drift(sku, place, _balances(counts[:4]), _balances(counts[4:]))
        for sku, place, *counts in found
        if counts[:4] != counts[4:]
    ]
    return Comparison(tuple(drifts), len(found), behind_skus)


def _check_begin(ledger: Ledger, lake: str) -> None:
    first = ledger.rows("SELECT min(command_offset) FROM commands")[0][0]
    if first != 0:
        raise LedgerError(
            f"the archive at {lake} begins with command {first}, so that it has only the rest of the ledger: "
            "compare with one that was there from the first command on"
        )


def _balances(counts: list[int]) -> Balances:
    return Balances(**dict(zip(_MEASURES, counts, strict=True)))
