# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""Reads the archive's Delta tables into a ledger."""

from collections.abc import Callable, Iterator

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from pipelines.audit.ledger import UNTRACKED, Ledger
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
       allocated_delta, unsellable_delta, safety_stock_delta, {fenced}, {state}, order_id
FROM frame WHERE unreadable IS NULL
"""
_UNTRACKED = f"""
INSERT INTO put_untracked
FROM ({
    UNTRACKED.format(
        commands='''
    SELECT partition, record_offset, command_index AS item, TRY_CAST(value AS JSON) AS command FROM frame
    WHERE contains(value, '"put_locations"') OR contains(value, '"put_catalogue"')
'''
    )
})
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
SELECT partition, record_offset, coalesce(command_index, 0), coalesce(encode(value), unreadable) FROM {rows}
WHERE coalesce(command_index, 0) >= 0 ORDER BY 1, 2, 3
"""
_EVERY_ROW = "frame"
_PORTION_ROWS = 10_000


class LakeReadError(RuntimeError):
    """There is no archive to audit."""


def load_lake(
    ledger: Ledger,
    lake: str,
    storage_options: dict[str, str] | None = None,
    rows_of: Callable[[str], str] = lambda _: _EVERY_ROW,
) -> None:
    """Load all tables of the archive, or the rows that `rows_of` gives of each: SQL over the table, named `frame`."""
    for table, insert in _TABLES.items():
        dataset = _open(lake, table, storage_options).to_pyarrow_dataset()
        inserts = [insert, _UNTRACKED if table == "commands" else _UNREADABLE.format(table=table)]
        if table == "stock_movements":
            # An archive that no newer version has written to yet does not have these columns.
            has = dataset.schema.names
            fenced = "coalesce(fenced_delta, 0)" if "fenced_delta" in has else "0"
            state = "coalesce(state, '')" if "state" in has else "''"
            inserts[0] = insert.format(fenced=fenced, state=state)
        for query in inserts:
            ledger.insert(query.replace("FROM frame", f"FROM {rows_of(table)}"), dataset)


def archived_commands(
    lake: str,
    storage_options: dict[str, str] | None = None,
    rows: str = _EVERY_ROW,
    **tables: object,
) -> Iterator[Asked]:
    """Every command with its bytes, in the order of its partition; `rows` and `tables` as SQL to choose from them."""
    with duckdb.connect() as connection:
        connection.register("frame", _open(lake, "commands", storage_options).to_pyarrow_dataset())
        for name, table in tables.items():
            connection.register(name, table)
        found = connection.execute(_ITEMS.format(rows=rows))
        while portion := found.fetchmany(_PORTION_ROWS):
            yield from (Asked(*row) for row in portion)


def _open(lake: str, table: str, storage_options: dict[str, str] | None) -> DeltaTable:
    uri = f"{lake.rstrip('/')}/{table}"
    try:
        return DeltaTable(uri, storage_options=storage_options)
    except TableNotFoundError as error:
        raise LakeReadError(
            f"there is no archive at {uri}: start one with `headrace archive`, or audit the topics with --broker"
        ) from error
