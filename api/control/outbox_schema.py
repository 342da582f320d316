"""The control store's tables of what goes out: deliveries, their attempts, webhook subscriptions, what channels know.

A delivery names what it is about and holds no personal data: its document is made when it is sent. `head` marks the
first pending one of its lane (an order, mostly), which is the only one that may be sent.
"""

OUTBOX_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS outbox_offsets (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox_targets (
    target TEXT PRIMARY KEY, pool TEXT NOT NULL, last_number INTEGER NOT NULL DEFAULT 0,
    paused_at_ms INTEGER, paused_by TEXT NOT NULL DEFAULT '',
    breaker TEXT NOT NULL DEFAULT 'closed', failures INTEGER NOT NULL DEFAULT 0,
    successes INTEGER NOT NULL DEFAULT 0, trips INTEGER NOT NULL DEFAULT 0, retry_at_ms INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '', last_error_at_ms INTEGER, last_done_at_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS mail_channels (
    pool TEXT NOT NULL, channel TEXT NOT NULL, since_ms INTEGER NOT NULL, PRIMARY KEY (pool, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, delivery_id TEXT NOT NULL UNIQUE, target TEXT NOT NULL,
    pool TEXT NOT NULL, lane TEXT NOT NULL, kind TEXT NOT NULL, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
    order_id TEXT NOT NULL, order_version INTEGER NOT NULL, about TEXT NOT NULL, occurred_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL, state TEXT NOT NULL, head INTEGER NOT NULL, due_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, number INTEGER, reference TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '', ended_at_ms INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (target, due_at_ms, sequence) WHERE head = 1;
CREATE INDEX IF NOT EXISTS deliveries_in_lane ON deliveries (target, lane, sequence) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_of_target ON deliveries (target, sequence);
CREATE INDEX IF NOT EXISTS deliveries_of_order ON deliveries (order_id, sequence);
CREATE INDEX IF NOT EXISTS deliveries_refused ON deliveries (target, sequence) WHERE state = 'refused';
CREATE INDEX IF NOT EXISTS deliveries_ended ON deliveries (ended_at_ms) WHERE ended_at_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS delivery_attempts (
    attempt INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL, target TEXT NOT NULL, at_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL, status INTEGER, latency_ms INTEGER NOT NULL, answer TEXT NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS attempts_of_delivery ON delivery_attempts (delivery_id, attempt);
CREATE INDEX IF NOT EXISTS attempts_of_target ON delivery_attempts (target, attempt);
CREATE INDEX IF NOT EXISTS attempts_by_age ON delivery_attempts (at_ms, outcome, latency_ms);

CREATE TABLE IF NOT EXISTS webhook_subscriptions (
    webhook_id TEXT PRIMARY KEY, pool TEXT NOT NULL, url TEXT NOT NULL, patterns TEXT NOT NULL, note TEXT NOT NULL,
    secret BLOB NOT NULL, former_secret BLOB, former_until_ms INTEGER, created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL, disabled_at_ms INTEGER, disabled_why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_credentials (
    webhook_id TEXT PRIMARY KEY, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS availability_marks (
    target TEXT NOT NULL, sku TEXT NOT NULL, mark INTEGER NOT NULL, since_ms INTEGER NOT NULL, rank INTEGER,
    PRIMARY KEY (target, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS availability_unranked ON availability_marks (target, mark) WHERE rank IS NULL;
CREATE INDEX IF NOT EXISTS availability_turns ON availability_marks (target, rank, since_ms - 60000 * mark, sku)
    WHERE rank IS NOT NULL;
CREATE TABLE IF NOT EXISTS availability_sent (
    target TEXT NOT NULL, listing TEXT NOT NULL, quantity INTEGER NOT NULL, sent_at_ms INTEGER NOT NULL,
    PRIMARY KEY (target, listing)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhook_watches (webhook_id TEXT PRIMARY KEY, watch TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS watched_channels (
    target TEXT NOT NULL, channel TEXT NOT NULL, since_ms INTEGER NOT NULL, PRIMARY KEY (target, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS availability_levels (
    target TEXT NOT NULL, channel TEXT NOT NULL, sku TEXT NOT NULL, level TEXT NOT NULL,
    crossings INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (target, channel, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS levels_to_note ON availability_levels (target) WHERE level = '';
CREATE TABLE IF NOT EXISTS channel_edits (
    edit INTEGER PRIMARY KEY, target TEXT NOT NULL, listing TEXT NOT NULL, sent INTEGER, observed INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS edits_of_target ON channel_edits (target, edit);
"""
