"""All SQL of the views. Another database needs this file again and nothing else.

A row replaces the one that is there only if its position (offset, idx) is later, so records may come twice.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS offsets (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    place INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, pool TEXT NOT NULL, status TEXT NOT NULL,
    channel TEXT NOT NULL, external_id TEXT NOT NULL, placed_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL, promise_by_ms INTEGER,
    facet INTEGER NOT NULL, terms TEXT NOT NULL, counted TEXT NOT NULL,
    offset INTEGER NOT NULL, idx INTEGER NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS updates (
    partition INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL, pool TEXT NOT NULL,
    command_id TEXT NOT NULL, recorded_at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS updates_by_position ON updates (partition, offset, idx);
CREATE INDEX IF NOT EXISTS updates_by_command ON updates (command_id);
CREATE TABLE IF NOT EXISTS order_updates (
    order_id TEXT NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL, partition INTEGER NOT NULL,
    pool TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (order_id, offset, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skus (
    pool TEXT NOT NULL, sku TEXT NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (pool, sku)
) STRICT;
CREATE TABLE IF NOT EXISTS movements (
    pool TEXT NOT NULL, sku TEXT NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL, sequence INTEGER NOT NULL,
    recorded_at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS movements_by_position ON movements (pool, sku, offset, idx, sequence);
CREATE TABLE IF NOT EXISTS pools (
    pool TEXT PRIMARY KEY, offset INTEGER NOT NULL, idx INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS items (
    pool TEXT NOT NULL, sku TEXT NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (pool, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letters (
    entry INTEGER PRIMARY KEY, dead_letter_id TEXT NOT NULL UNIQUE, recorded_at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
"""

TABLES = (
    "offsets",
    "orders",
    "updates",
    "order_updates",
    "skus",
    "movements",
    "pools",
    "items",
    "dead_letters",
)

PUT_FACT = "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
GET_FACT = "SELECT value FROM facts WHERE name = ?"
PUT_OFFSET = (
    "INSERT INTO offsets VALUES (?, ?, ?)"
    " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"
)
GET_OFFSETS = "SELECT topic, partition, next_offset FROM offsets"
DELETE_ALL = "DELETE FROM {table}"

PUT_UPDATE = "INSERT INTO updates VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
PUT_ORDER_UPDATE = "INSERT INTO order_updates VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
PUT_SKU = (
    "INSERT INTO skus VALUES (?, ?, ?, ?, ?) ON CONFLICT (pool, sku) DO UPDATE SET"
    " offset = excluded.offset, idx = excluded.idx, body = excluded.body"
    " WHERE (excluded.offset, excluded.idx) > (skus.offset, skus.idx)"
)
PUT_MOVEMENT = "INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
PUT_POOL = (
    "INSERT INTO pools VALUES (?, ?, ?, ?) ON CONFLICT (pool) DO UPDATE SET"
    " offset = excluded.offset, idx = excluded.idx, body = excluded.body"
    " WHERE (excluded.offset, excluded.idx) > (pools.offset, pools.idx)"
)
PUT_ITEM = (
    "INSERT INTO items VALUES (?, ?, ?, ?, ?) ON CONFLICT (pool, sku) DO UPDATE SET"
    " offset = excluded.offset, idx = excluded.idx, body = excluded.body"
    " WHERE (excluded.offset, excluded.idx) > (items.offset, items.idx)"
)
PUT_DEAD_LETTER = (
    "INSERT INTO dead_letters (dead_letter_id, recorded_at_ms, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
FORGET_UPDATES = (
    "DELETE FROM updates WHERE rowid IN (SELECT rowid FROM updates ORDER BY rowid LIMIT ?) AND recorded_at_ms < ?"
)
FORGET_MOVEMENTS = (
    "DELETE FROM movements WHERE rowid IN (SELECT rowid FROM movements ORDER BY rowid LIMIT ?) AND recorded_at_ms < ?"
)

GET_ORDER = "SELECT version, body FROM orders WHERE pool = ? AND order_id = ?"
GET_POOL = "SELECT offset, idx, body FROM pools WHERE pool = ?"
GET_POOLS = "SELECT pool, body FROM pools ORDER BY pool"
GET_POOL_NAMES = (
    "SELECT pool, coalesce(nullif(json_extract(CAST(body AS TEXT), '$.pool.name'), ''), pool) FROM pools ORDER BY pool"
)
GET_ITEM = "SELECT body FROM items WHERE pool = ? AND sku = ?"
GET_ITEMS_AFTER = "SELECT sku, body FROM items WHERE pool = ? AND sku > ? ORDER BY sku LIMIT ?"
GET_SKU = "SELECT offset, idx, body FROM skus WHERE pool = ? AND sku = ?"
# Read along the key alone; a row's body is fetched only where its SKU fits.
GET_SKUS_AFTER = (
    "SELECT sku, body FROM skus WHERE pool = ? AND sku > ? AND instr(lower(sku), lower(?)) > 0 ORDER BY sku LIMIT ?"
)
GET_COMMAND = "SELECT partition, body FROM updates WHERE command_id = ? AND pool = ? ORDER BY offset, idx LIMIT 1"
GET_HISTORY = (
    "SELECT updates.body FROM order_updates AS o JOIN updates USING (partition, offset, idx)"
    " WHERE o.order_id = ? AND o.pool = ? AND (o.offset, o.idx) > (?, ?) ORDER BY o.offset, o.idx LIMIT ?"
)
# A refused or repeated command made no version and stands there with 0.
GET_ORDER_UPDATES_AFTER = (
    "SELECT o.partition, o.offset, o.idx, o.version, updates.body"
    " FROM order_updates AS o JOIN updates USING (partition, offset, idx)"
    " WHERE o.order_id = ? AND o.pool = ? AND o.version > ? ORDER BY o.offset, o.idx LIMIT ?"
)
HAS_ORDER_VERSION = (
    "SELECT 1 FROM order_updates AS o JOIN updates USING (partition, offset, idx)"
    " WHERE o.order_id = ? AND o.pool = ? AND o.version = ? LIMIT 1"
)
GET_POOL_UPDATES_AFTER = (
    "SELECT partition, offset, idx, 0, body FROM updates"
    " WHERE partition = ? AND (offset, idx) > (?, ?) AND pool = ? ORDER BY offset, idx LIMIT ?"
)
HAS_POSITION = "SELECT 1 FROM updates WHERE partition = ? AND offset = ? AND idx = ? LIMIT 1"
GET_LAST_POSITION = "SELECT offset, idx FROM updates WHERE partition = ? ORDER BY offset DESC, idx DESC LIMIT 1"
GET_MOVEMENTS_BEFORE = (
    "SELECT offset, idx, sequence, body FROM movements"
    " WHERE pool = ? AND sku = ? AND (offset, idx, sequence) < (?, ?, ?)"
    " ORDER BY offset DESC, idx DESC, sequence DESC LIMIT ?"
)
GET_DEAD_LETTERS = (
    "SELECT entry, dead_letter_id, recorded_at_ms, body FROM dead_letters WHERE entry < ? ORDER BY entry DESC LIMIT ?"
)
GET_DEAD_LETTER = "SELECT entry, dead_letter_id, recorded_at_ms, body FROM dead_letters WHERE dead_letter_id = ?"
