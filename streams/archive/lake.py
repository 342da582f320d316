"""One Delta table that is written exactly once: rows and the positions they end at are one commit."""

import datetime as dt
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError

from streams.archive.options import ArchiveOptions
from streams.archive.tables import Table, drop_repeated, newest_positions

# Every commit writes it, so that two archivers collide even where they read different partitions.
_FENCE = "archiver"
_CLUSTER = "headrace.cluster"
_CHECKPOINT_COMMITS = 100
# Readers that opened the table before a compaction go on reading the files it replaced.
_VACUUM_HOURS = 7 * 24
# Half the size of the default for the same time.
_WRITER = WriterProperties(compression="ZSTD", compression_level=1)


class ArchiveError(RuntimeError):
    """The archive cannot go on; the message says what to do about it."""


class ArchiveFencedError(ArchiveError):
    """Another archiver has written to the table since this one read its positions."""


class ArchiveClusterError(ArchiveError):
    """The lake holds the records of another cluster, whose offsets mean something else."""


class LakeTable:
    """A table opened for writing by the one archiver it has.

    The positions are Delta's application transactions. The handle is never refreshed: Delta refuses a commit of the
    same application against a table that moved on, and this is the fence.
    """

    def __init__(self, table: Table, options: ArchiveOptions, cluster: str) -> None:
        self.table = table
        self._uri = options.table_uri(table.name)
        self._storage = options.storage_options or None
        if "://" not in self._uri:
            Path(self._uri).mkdir(parents=True, exist_ok=True)
        self._handle = DeltaTable.create(
            self._uri,
            # An empty frame gives the schema with the types as they will be written.
            pl.DataFrame(schema=table.shape.schema).to_arrow().schema,
            mode="ignore",
            partition_by=["day"],
            configuration={"delta.checkpointInterval": str(_CHECKPOINT_COMMITS), _CLUSTER: cluster},
            storage_options=self._storage,
            raise_if_key_not_exists=False,
        )
        self._refuse_other_cluster(cluster)
        self._commits = self._handle.transaction_version(_FENCE) or 0
        self._offsets: dict[int, int] = {}
        self._archived: dict[int, tuple[int, ...]] = {}

    def next_offset(self, partition: int) -> int:
        """Where to go on reading the table's topic."""
        if partition not in self._offsets:
            self._offsets[partition] = self._handle.transaction_version(self._app(partition)) or 0
        return self._offsets[partition]

    def write(self, frame: pl.DataFrame, offsets: dict[int, int]) -> int:
        """Commit the rows that are new together with the offsets to go on from; return how many rows they were.

        Raises:
            ArchiveFencedError: somebody else committed; this archiver must end.
        """
        archived = {partition: self._position(partition) for partition in offsets}
        known = {partition: position for partition, position in archived.items() if position}
        fresh = drop_repeated(self.table, frame, known)
        if fresh.is_empty():
            # Reading them again after a restart costs less than a commit without rows.
            self._offsets |= offsets
            return 0
        newest = newest_positions(self.table, fresh)
        self._commit(fresh, self._transactions(offsets, newest))
        self._offsets |= offsets
        self._archived |= newest
        return fresh.height

    def _commit(self, frame: pl.DataFrame, transactions: list[Transaction]) -> None:
        try:
            write_deltalake(
                self._handle,
                frame,
                mode="append",
                schema_mode="merge",
                storage_options=self._storage,
                writer_properties=_WRITER,
                commit_properties=CommitProperties(app_transactions=transactions),
            )
        except CommitFailedError as error:
            raise ArchiveFencedError(
                f"another archiver writes to {self._uri}: stop one of the two; this one ends without writing ({error})"
            ) from error
        self._commits += 1

    def _transactions(self, offsets: dict[int, int], newest: dict[int, tuple[int, ...]]) -> list[Transaction]:
        versions = {_FENCE: self._commits + 1}
        versions |= {self._app(partition): offset for partition, offset in offsets.items()}
        for partition, position in newest.items():
            for column, value in zip(self.table.identity, position, strict=True):
                versions[self._app(partition, column)] = value
        return [Transaction(app, version) for app, version in sorted(versions.items())]

    def _position(self, partition: int) -> tuple[int, ...]:
        """The identity of the newest row archived of a partition; empty when there is none."""
        if partition not in self._archived:
            found = [self._handle.transaction_version(self._app(partition, name)) for name in self.table.identity]
            self._archived[partition] = tuple(value for value in found if value is not None)
        return self._archived[partition]

    def _app(self, partition: int, column: str = "record_offset") -> str:
        return f"{self.table.topic}/{partition}/{column}"

    def _refuse_other_cluster(self, cluster: str) -> None:
        found = self._handle.metadata().configuration.get(_CLUSTER)
        if found != cluster:
            raise ArchiveClusterError(
                f"{self._uri} holds the records of Kafka cluster {found}, and the broker is cluster {cluster}: give "
                "the archive another lake directory, or connect the broker it belongs to"
            )

    def compact_closed_days(self, today: dt.date) -> list[dt.date]:
        """Rewrite each day before today that has several files into few, and delete files long replaced.

        It works on a handle of its own, as the writing one must not learn of other commits. Compaction changes no
        data, so it does not disturb an append.
        """
        handle = DeltaTable(self._uri, storage_options=self._storage)
        actions = pl.DataFrame(handle.get_add_actions(flatten=True))
        small = (
            actions.group_by(pl.col("partition.day").alias("day"))
            .agg(pl.len().alias("files"), pl.col("size_bytes").sum())
            .filter((pl.col("files") > 1) & (pl.col("day") < today))
            .sort("day")
        )
        days: list[dt.date] = small["day"].to_list()
        for day in days:
            handle.optimize.compact(partition_filters=[("day", "=", day.isoformat())])
        if days:
            handle.vacuum(retention_hours=_VACUUM_HOURS, dry_run=False)
        return days
