# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""Records as topics hold them, read into the ledger: JSON is taken apart by DuckDB, not in Python."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from models.topics import Catalogue
from pipelines.audit.ledger import UNTRACKED, Ledger

_MOVEMENT = """{
    "pool": "VARCHAR", "sku": "VARCHAR", "location_id": "VARCHAR", "kind": "VARCHAR", "offset": "BIGINT",
    "index": "BIGINT", "sequence": "BIGINT", "on_hand_delta": "BIGINT", "allocated_delta": "BIGINT",
    "unsellable_delta": "BIGINT", "safety_stock_delta": "BIGINT", "fenced_delta": "BIGINT", "state": "VARCHAR",
    "order_id": "VARCHAR"
}"""
_UPDATE = """{
    "pool": "VARCHAR", "offset": "BIGINT", "index": "BIGINT", "command_id": "VARCHAR", "command": "VARCHAR",
    "order_id": "VARCHAR", "order_version": "BIGINT", "others": "JSON", "movements": "BIGINT",
    "refusal": "JSON", "events": "JSON"
}"""
_DEAD_LETTER = '{"source": "VARCHAR", "offset": "BIGINT", "index": "BIGINT", "code": "VARCHAR", "text": "VARCHAR"}'

# A record that is no list at all is dead-lettered as one item; an empty list has one row, of item -1.
_COMMANDS = """
INSERT INTO commands
SELECT partition, record_offset, item + first, broker_at_ms, command->>'$.pool', command->>'$.type',
       command->>'$.command_id'
FROM (
    SELECT partition, record_offset, broker_at_ms, first, unnest(items) AS command,
           generate_subscripts(items, 1) AS item
    FROM (
        SELECT *, if(is_list AND json_array_length(value) = 0, -2, -1) AS first,
               if(is_list AND json_array_length(value) > 0, json_extract(value, '$[*]'), ['{}'::JSON]) AS items
        FROM (SELECT *, coalesce(json_type(TRY_CAST(value AS JSON)) = 'ARRAY', false) AS is_list FROM frame)
    )
)
"""
# Only these commands are taken apart further.
_UNTRACKED = f"""
INSERT INTO put_untracked
FROM ({
    UNTRACKED.format(
        commands='''
    SELECT partition, record_offset, unnest(items) AS command, generate_subscripts(items, 1) - 1 AS item
    FROM (
        SELECT partition, record_offset, json_extract(TRY_CAST(value AS JSON), '$[*]') AS items FROM frame
        WHERE contains(value, '"put_locations"') OR contains(value, '"put_catalogue"')
    )
'''
    )
})
"""
_UPDATES = f"""
INSERT INTO published_updates
SELECT partition, record_offset, r."offset", r."index", r.pool, r.command_id, r.command, coalesce(r.order_id, ''),
       coalesce(r.order_version, 0), coalesce(r.others, '{{}}'), coalesce(r.movements, 0), r.refusal IS NOT NULL,
       coalesce(r.events, '[]')
FROM (SELECT *, json_transform(TRY_CAST(value AS JSON), '{_UPDATE}') AS r FROM frame)
WHERE r."offset" IS NOT NULL
"""
_MOVEMENTS = f"""
INSERT INTO published_movements
SELECT partition, record_offset, r."offset", r."index", r.sequence, r.pool, r.sku, r.location_id, r.kind,
       coalesce(r.on_hand_delta, 0), coalesce(r.allocated_delta, 0), coalesce(r.unsellable_delta, 0),
       coalesce(r.safety_stock_delta, 0), coalesce(r.fenced_delta, 0), coalesce(r.state, ''), coalesce(r.order_id, '')
FROM (SELECT *, json_transform(TRY_CAST(value AS JSON), '{_MOVEMENT}') AS r FROM frame)
WHERE r."offset" IS NOT NULL
"""
_DEAD_LETTERS = f"""
INSERT INTO published_dead_letters
SELECT partition, record_offset, r."offset", r."index", r.source, r.code, r.text
FROM (SELECT *, json_transform(TRY_CAST(value AS JSON), '{_DEAD_LETTER}') AS r FROM frame)
WHERE r."offset" IS NOT NULL
"""
_UNREADABLE = """
INSERT INTO unreadable
SELECT source, partition, record_offset FROM frame
WHERE json_extract(TRY_CAST(value AS JSON), '$.offset') IS NULL
"""
_ORDER_VIEWS = "INSERT INTO published_order_views SELECT partition, record_offset, key, value FROM frame"
_STOCK_VIEWS = "INSERT INTO published_stock_views SELECT partition, record_offset, key, value FROM frame"


class TopicRecord(NamedTuple):
    """One record of any topic."""

    partition: int
    record_offset: int
    broker_at_ms: int
    key: bytes
    value: bytes


class Loader:
    """Puts records of topics into a ledger, topic by topic, in any portions.

    `origin` tells what was published from what a replay gives.
    """

    def __init__(self, ledger: Ledger, catalogue: Catalogue, origin: str = "published") -> None:
        self._ledger = ledger
        self._origin = origin
        self._inserts = {
            catalogue.commands.name: _COMMANDS,
            catalogue.order_updates.name: _UPDATES,
            catalogue.stock_movements.name: _MOVEMENTS,
            catalogue.dead_letters.name: _DEAD_LETTERS,
            catalogue.order_views.name: _ORDER_VIEWS,
            catalogue.stock_updates.name: _STOCK_VIEWS,
        }
        # Nobody else's records are on these.
        self._commands = catalogue.commands.name
        self._ours = {catalogue.order_updates.name, catalogue.stock_movements.name, catalogue.dead_letters.name}
        self._compacted = {catalogue.order_views.name, catalogue.stock_updates.name}

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self._inserts)

    def load(self, topic: str, records: Sequence[TopicRecord]) -> None:
        if not records:
            return
        if topic in self._compacted:
            records = list({record.key: record for record in records}.values())
        columns = dict(zip(TopicRecord._fields, map(list, zip(*records, strict=True)), strict=True))
        for name in ("key", "value"):
            # What is not UTF-8 has its bad bytes replaced; it is no JSON before nor after.
            columns[name] = [text.decode(errors="replace") for text in columns[name]]
        frame = pa.table(columns | {"source": [topic] * len(records)})
        self._ledger.insert(self._inserts[topic].replace("published_", f"{self._origin}_"), frame)
        if topic == self._commands:
            self._ledger.insert(_UNTRACKED, frame)
        if topic in self._ours:
            self._ledger.insert(_UNREADABLE, frame)
