"""The tables of the control store. Changes are additive: a file of an older version is opened as it is."""

from api.control.outbox_schema import OUTBOX_SCHEMA

_SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (
    key_id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, scopes TEXT NOT NULL,
    pools TEXT NOT NULL, created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER, revoked_at_ms INTEGER,
    last_used_at_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS customer_keys (
    key_id TEXT PRIMARY KEY, pool TEXT NOT NULL, customer_id TEXT NOT NULL, wrapped BLOB,
    created_at_ms INTEGER NOT NULL, destroyed_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS living_customer_key ON customer_keys (pool, customer_id) WHERE wrapped IS NOT NULL;
CREATE TABLE IF NOT EXISTS customer_tokens (
    token INTEGER NOT NULL, key_number INTEGER NOT NULL, PRIMARY KEY (token, key_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tokens_by_key ON customer_tokens (key_number);
CREATE TABLE IF NOT EXISTS requests (
    command_id TEXT PRIMARY KEY, command BLOB NOT NULL, created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS requests_by_age ON requests (created_at_ms);
CREATE TABLE IF NOT EXISTS replays (
    dead_letter_id TEXT PRIMARY KEY, command_id TEXT NOT NULL, actor TEXT NOT NULL, created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS users (
    user_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT NOT NULL, role TEXT NOT NULL,
    pools TEXT NOT NULL, locations TEXT NOT NULL, password_hash TEXT, issuer_subject TEXT UNIQUE,
    created_at_ms INTEGER NOT NULL, disabled_at_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    digest BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, agent TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL, ends_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user_id);
CREATE TABLE IF NOT EXISTS links (
    digest BLOB PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, password_needed INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL, ends_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS attempts (
    subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS audit_lines (
    line INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, pool TEXT NOT NULL,
    target TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, refusal TEXT NOT NULL,
    command_id TEXT NOT NULL, correlation_id TEXT NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS audit_by_actor ON audit_lines (actor, line);
CREATE INDEX IF NOT EXISTS audit_by_target ON audit_lines (target, line);
CREATE INDEX IF NOT EXISTS audit_by_time ON audit_lines (at_ms);
CREATE TRIGGER IF NOT EXISTS audit_lines_are_kept BEFORE DELETE ON audit_lines
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_lines_are_final BEFORE UPDATE ON audit_lines
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TABLE IF NOT EXISTS audit_pending (
    command_id TEXT PRIMARY KEY, line BLOB NOT NULL, created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS connector_accounts (
    account TEXT PRIMARY KEY, pool TEXT NOT NULL, connector TEXT NOT NULL, body BLOB NOT NULL,
    version INTEGER NOT NULL, live_since_ms INTEGER, paused_at_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS removed_accounts (
    account TEXT NOT NULL, removal INTEGER NOT NULL, pool TEXT NOT NULL, connector TEXT NOT NULL,
    version INTEGER NOT NULL, last_number INTEGER NOT NULL, removed_at_ms INTEGER NOT NULL, removed_by TEXT NOT NULL,
    PRIMARY KEY (account, removal)
) STRICT;
CREATE TABLE IF NOT EXISTS connector_secrets (
    account TEXT NOT NULL, name TEXT NOT NULL, place TEXT NOT NULL, sealed BLOB NOT NULL,
    created_at_ms INTEGER NOT NULL, PRIMARY KEY (account, name, place)
) STRICT;
CREATE TABLE IF NOT EXISTS connector_cursors (
    account TEXT NOT NULL, topic TEXT NOT NULL, cursor TEXT NOT NULL, at_ms INTEGER NOT NULL,
    trouble TEXT NOT NULL DEFAULT '', PRIMARY KEY (account, topic)
) STRICT;
CREATE TABLE IF NOT EXISTS connector_counts (
    account TEXT NOT NULL, outcome TEXT NOT NULL, messages INTEGER NOT NULL, PRIMARY KEY (account, outcome)
) STRICT;
CREATE TABLE IF NOT EXISTS parked_messages (
    entry INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, account TEXT NOT NULL, sealed BLOB NOT NULL,
    why TEXT NOT NULL, parked_at_ms INTEGER NOT NULL, tries INTEGER NOT NULL, due_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS parked_by_due ON parked_messages (due_at_ms);
CREATE TABLE IF NOT EXISTS shadow_facts (
    entry INTEGER PRIMARY KEY, account TEXT NOT NULL, identity TEXT NOT NULL, sealed BLOB NOT NULL,
    kept_at_ms INTEGER NOT NULL, UNIQUE (account, identity)
) STRICT;
CREATE INDEX IF NOT EXISTS shadow_by_age ON shadow_facts (account, kept_at_ms);
CREATE TABLE IF NOT EXISTS order_names (
    pool TEXT NOT NULL, name TEXT NOT NULL, order_id TEXT NOT NULL, PRIMARY KEY (pool, name, order_id)
) STRICT;
CREATE TABLE IF NOT EXISTS mail_templates (
    pool TEXT NOT NULL, version INTEGER NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
    files TEXT NOT NULL, PRIMARY KEY (pool, version)
) STRICT;
CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT;
"""

SCHEMA = _SCHEMA + OUTBOX_SCHEMA
