"""Reads the archive's Delta tables into a ledger."""

from collections.abc import Iterator

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from pipelines.audit.ledger import Ledger
from pipelines.audit.replay import Asked

_COMMANDS = """
INSERT INTO commands
SELECT partition, record_offset, coalesce(command_index, 0), broker_at_ms, pool, type, command_id FROM frame
"""
_UPDATES = """
INSERT INTO published_updates
SELECT partition, record_offset, command_offset, command_index, pool, command_id, command, order_id, order_version,
       others, movements, refusal <> 'null', events
FROM frame WHERE unreadable IS NULL
"""
_MOVEMENTS = """
INSERT INTO published_movements
SELECT partition, record_offset, command_offset, command_index, sequence, pool, sku, location_id, kind, on_hand_delta,
       allocated_delta, unsellable_delta, safety_stock_delta, order_id
FROM frame WHERE unreadable IS NULL
"""
_DEAD_LETTERS = """
INSERT INTO published_dead_letters
SELECT partition, record_offset, command_offset, command_index, source, code, text FROM frame WHERE unreadable IS NULL
"""
_UNREADABLE = """
INSERT INTO unreadable SELECT '{table}', partition, record_offset FROM frame WHERE unreadable IS NOT NULL
"""
_TABLES = {
    "commands": _COMMANDS,
    "order_updates": _UPDATES,
    "stock_movements": _MOVEMENTS,
    "dead_letters": _DEAD_LETTERS,
}


_ITEMS = """
SELECT partition, record_offset, coalesce(command_index, 0), coalesce(encode(value), unreadable) FROM frame
WHERE coalesce(command_index, 0) >= 0 ORDER BY 1, 2, 3
"""
_PORTION_ROWS = 10_000


class LakeReadError(RuntimeError):
    """There is no archive to audit."""


def load_lake(ledger: Ledger, lake: str, storage_options: dict[str, str] | None = None) -> None:
    """Load all tables of the archive."""
    for table, insert in _TABLES.items():
        dataset = _open(lake, table, storage_options).to_pyarrow_dataset()
        ledger.insert(insert, dataset)
        if table != "commands":
            ledger.insert(_UNREADABLE.format(table=table), dataset)


def archived_commands(lake: str, storage_options: dict[str, str] | None = None) -> Iterator[Asked]:
    """Every command with its bytes, in the order of its partition."""
    with duckdb.connect() as connection:
        connection.register("frame", _open(lake, "commands", storage_options).to_pyarrow_dataset())
        found = connection.execute(_ITEMS)
        while rows := found.fetchmany(_PORTION_ROWS):
            yield from (Asked(*row) for row in rows)


def _open(lake: str, table: str, storage_options: dict[str, str] | None) -> DeltaTable:
    uri = f"{lake.rstrip('/')}/{table}"
    try:
        return DeltaTable(uri, storage_options=storage_options)
    except TableNotFoundError as error:
        raise LakeReadError(
            f"there is no archive at {uri}: start one with `headrace archive`, or audit the topics with --broker"
        ) from error
