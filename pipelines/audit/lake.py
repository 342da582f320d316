"""Reads the archive's Delta tables into a ledger."""

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from pipelines.audit.ledger import Ledger

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
SELECT partition, record_offset, command_offset, command_index, source, code FROM frame WHERE unreadable IS NULL
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


class LakeReadError(RuntimeError):
    """There is no archive to audit."""


def load_lake(ledger: Ledger, lake: str, storage_options: dict[str, str] | None = None) -> None:
    """Load all tables of the archive."""
    for table, insert in _TABLES.items():
        uri = f"{lake.rstrip('/')}/{table}"
        try:
            delta = DeltaTable(uri, storage_options=storage_options)
        except TableNotFoundError as error:
            raise LakeReadError(
                f"there is no archive at {uri}: start one with `headrace archive`, or audit the topics with --broker"
            ) from error
        dataset = delta.to_pyarrow_dataset()
        ledger.insert(insert, dataset)
        if table != "commands":
            ledger.insert(_UNREADABLE.format(table=table), dataset)
