"""The archived facts as tables of one DuckDB connection: what every check reads.

A position is one number that orders a partition's commands: its offset, then its published index.
"""

import tempfile
from typing import Any, Self

import duckdb

# An index has less than this: a record has 500 commands, and a command 1,000 steps.
INDEXES = 10_000_000

_TABLES = """
CREATE TABLE commands (
    partition INTEGER, command_offset BIGINT, item INTEGER, broker_at_ms BIGINT, pool VARCHAR, type VARCHAR,
    command_id VARCHAR
);
CREATE TABLE published_updates (
    partition INTEGER, record_offset BIGINT, command_offset BIGINT, command_index BIGINT, pool VARCHAR,
    command_id VARCHAR, command VARCHAR, order_id VARCHAR, order_version BIGINT, others VARCHAR, movements BIGINT,
    refused BOOLEAN, events VARCHAR
);
CREATE TABLE published_movements (
    partition INTEGER, record_offset BIGINT, command_offset BIGINT, command_index BIGINT, sequence BIGINT,
    pool VARCHAR, sku VARCHAR, location_id VARCHAR, kind VARCHAR, on_hand_delta BIGINT, allocated_delta BIGINT,
    unsellable_delta BIGINT, safety_stock_delta BIGINT, fenced_delta BIGINT, state VARCHAR, order_id VARCHAR
);
CREATE TABLE published_dead_letters (
    partition INTEGER, record_offset BIGINT, command_offset BIGINT, command_index BIGINT, source VARCHAR, code VARCHAR,
    text VARCHAR
);
CREATE TABLE published_order_views (partition INTEGER, record_offset BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE published_stock_views (partition INTEGER, record_offset BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE replayed_updates AS FROM published_updates;
CREATE TABLE replayed_movements AS FROM published_movements;
CREATE TABLE replayed_dead_letters AS FROM published_dead_letters;
CREATE TABLE replayed_order_views AS FROM published_order_views;
CREATE TABLE replayed_stock_views AS FROM published_stock_views;
-- What stood before the first command that is looked at, where that is not the first of all.
CREATE TABLE begins (partition INTEGER, first_offset BIGINT);
CREATE TABLE opening_updates (
    partition INTEGER, pool VARCHAR, order_id VARCHAR, order_version BIGINT, events VARCHAR
);
CREATE TABLE opening_movements (
    partition INTEGER, pool VARCHAR, sku VARCHAR, location_id VARCHAR, on_hand_delta BIGINT, allocated_delta BIGINT,
    unsellable_delta BIGINT, safety_stock_delta BIGINT, fenced_delta BIGINT, state VARCHAR, order_id VARCHAR
);
-- What is not counted: a SKU, or a location; of a command where it was put, or of what stood before.
CREATE TABLE put_untracked (
    partition INTEGER, command_offset BIGINT, item INTEGER, pool VARCHAR, sku VARCHAR, location_id VARCHAR
);
CREATE TABLE opening_untracked (pool VARCHAR, sku VARCHAR, location_id VARCHAR);
CREATE TABLE commands_ends (partition INTEGER, last_offset BIGINT);
CREATE TABLE cuts (partition INTEGER, last_offset BIGINT);
CREATE TABLE skipped_orders (order_id VARCHAR);
CREATE TABLE skipped_skus (pool VARCHAR, sku VARCHAR);
CREATE TABLE digests (origin VARCHAR, partition INTEGER, digest VARCHAR);
CREATE TABLE unreadable (source VARCHAR, partition INTEGER, record_offset BIGINT);
"""


# What commands that set a pool up put as not counted; `commands` gives partition, record_offset, item and command.
UNTRACKED = """
    SELECT partition, record_offset, item, command->>'$.pool', put->>'$.sku', put->>'$.location_id'
    FROM (
        SELECT *, unnest(json_extract(command, '$.locations[*]') || json_extract(command, '$.items[*]')) AS put
        FROM ({commands}) WHERE command->>'$.type' IN ('put_locations', 'put_catalogue')
    ) WHERE put->>'$.stock' = 'untracked' OR (put->>'$.untracked')::BOOLEAN
"""


class Ledger:
    """A DuckDB database of its own, gone when it is closed. A context manager."""

    def __init__(self, *, threads: int = 2, memory_mb: int = 2048) -> None:
        # What does not fit into memory goes there.
        self._spill = tempfile.TemporaryDirectory(prefix="headrace-audit-")
        self.db = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": self._spill.name,
                "preserve_insertion_order": False,
            }
        )
        self.db.execute(_TABLES)
        self.has_views = False
        self.has_replay = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.db.close()
        self._spill.cleanup()

    def count(self, query: str) -> int:
        """The one number that a query gives."""
        return int(self.rows(query)[0][0] or 0)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.db.execute(query).fetchall()

    def insert(self, query: str, frame: object) -> None:
        """Run an INSERT that selects from `frame`, anything that speaks Arrow."""
        self.db.register("frame", frame)
        try:
            self.db.execute(query)
        finally:
            self.db.unregister("frame")
