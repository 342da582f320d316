"""Where nights keep what they know: Delta tables beside the archive, each partition replaced as a whole.

A night that is killed and run again writes the same rows in place of those of its first try; nothing else is kept.
"""

import datetime as dt
from pathlib import Path

import duckdb
import polars as pl
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from pipelines.night.tables import TABLES, framed

_FOLDER = "night"
_WRITER = WriterProperties(compression="ZSTD", compression_level=1)
# Another night may commit to the same table in the meantime; the two write different partitions of it.
_COMMIT_TRIES = 5


class NoArchiveError(RuntimeError):
    """There is nothing to work on; the message says what to do."""


class Store:
    """The archive's tables to read, and those of the nights to read and replace."""

    def __init__(self, lake: str, storage_options: dict[str, str] | None = None) -> None:
        self.lake = lake.rstrip("/")
        self._storage = storage_options or None

    def archived(self, table: str) -> DeltaTable:
        """A table of the archive."""
        uri = f"{self.lake}/{table}"
        try:
            return DeltaTable(uri, storage_options=self._storage)
        except TableNotFoundError as error:
            raise NoArchiveError(
                f"there is no archive at {uri}: run `headrace archive`, and give its --lake"
            ) from error

    def query(self, sql: str, **tables: DeltaTable) -> pl.DataFrame:
        """What DuckDB gives over tables of the archive; the names in the SQL are those of the arguments."""
        with duckdb.connect() as connection:
            for name, table in tables.items():
                connection.register(name, table.to_pyarrow_dataset())
            return pl.DataFrame(connection.sql(sql).to_arrow_table())

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Rows of a table of the nights, in no order; none where it was never written."""
        uri = self._uri(table)
        if not DeltaTable.is_deltatable(uri, storage_options=self._storage):
            return pl.DataFrame(schema=TABLES[table])
        frame = pl.scan_delta(uri, storage_options=self._storage)
        return framed(table, (frame if where is None else frame.filter(where)).collect())

    def newest_days(self, table: str) -> dict[str, dt.date]:
        """Of a table kept by pool, the newest day with rows by pool; told by names of files, without reading them."""
        uri = self._uri(table)
        if not DeltaTable.is_deltatable(uri, storage_options=self._storage):
            return {}
        parts = DeltaTable(uri, storage_options=self._storage).partitions()
        # Of a pool's days the last one stays.
        return dict(sorted((part["pool"], dt.date.fromisoformat(part["day"])) for part in parts))

    def replace(self, table: str, rows: pl.DataFrame, day: dt.date, **part: str | int) -> None:
        """Put the rows in place of those of that day, and of that pool, partition or whatever else is named."""
        frame = framed(table, rows)
        uri = self._uri(table)
        if "://" not in uri:
            Path(uri).mkdir(parents=True, exist_ok=True)
        DeltaTable.create(
            uri,
            framed(table, rows.clear()).to_arrow().schema,
            mode="ignore",
            partition_by=["day", *(name for name in ("pool", "partition") if name in frame.columns)],
            storage_options=self._storage,
        )
        wanted = {"day": day.isoformat(), **part}
        predicate = " AND ".join(f"{name} = {_literal(value)}" for name, value in wanted.items())
        for tries_left in reversed(range(_COMMIT_TRIES)):
            try:
                write_deltalake(
                    uri,
                    frame,
                    mode="overwrite",
                    predicate=predicate,
                    # A table of an older version gets the columns that it lacks.
                    schema_mode="merge",
                    storage_options=self._storage,
                    writer_properties=_WRITER,
                )
            except CommitFailedError:
                if not tries_left:
                    raise
            else:
                return

    def forget(self, table: str, before: dt.date) -> None:
        """Drop the days before, and their files once nobody can be reading them any more."""
        uri = self._uri(table)
        if DeltaTable.is_deltatable(uri, storage_options=self._storage):
            handle = DeltaTable(uri, storage_options=self._storage)
            handle.delete(f"day < '{before.isoformat()}'")
            handle.vacuum(dry_run=False)

    def _uri(self, table: str) -> str:
        return f"{self.lake}/{_FOLDER}/{table}"


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
