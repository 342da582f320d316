# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""How far each partition is looked at: topics and tables are read one after the other, while the clock ticks on."""

from pipelines.audit.ledger import INDEXES, Ledger

# `commands` is read first. What was decided of it is then in the topics read later, but for a tick of that moment.
_SETTLED = """
INSERT INTO cuts
SELECT partition, coalesce(max(command_offset) FILTER (type IS DISTINCT FROM 'tick' OR command_offset <= decided), -1)
FROM commands LEFT JOIN decided USING (partition) GROUP BY partition;
"""
# Of a running system only what is older than the grace, and before what is being decided, is complete everywhere.
_RUNNING = """
INSERT INTO cuts
SELECT partition, least(
    coalesce(max(command_offset) FILTER (broker_at_ms <= newest.at_ms - {grace_ms}), -1),
    coalesce(any_value(decided) - 1, -1)
)
FROM (SELECT max(broker_at_ms) AS at_ms FROM commands) AS newest, commands LEFT JOIN decided USING (partition)
GROUP BY partition;
"""
_DECIDED = """
CREATE OR REPLACE TEMP TABLE decided AS
SELECT partition, max(command_offset) AS decided
FROM (SELECT partition, command_offset FROM updates UNION ALL SELECT partition, command_offset FROM dead_letters)
GROUP BY partition;

INSERT INTO commands_ends
SELECT partition, max(command_offset) FROM commands ANTI JOIN commands_ends USING (partition) GROUP BY partition;
"""
_TABLES = ("commands", "updates", "movements", "dead_letters", "replayed_updates", "replayed_movements")
_CUT_TABLE = """
DELETE FROM {table} USING cuts
WHERE {table}.partition = cuts.partition AND {table}.command_offset > cuts.last_offset;
"""
_COMMANDS = "SELECT count(*) FROM commands WHERE item >= 0"

# Views of a later moment cannot be compared with what led to an earlier one.
_NEWER_VIEWS = f"""
INSERT INTO skipped_orders
SELECT order_id FROM order_views JOIN cuts USING (partition) WHERE position >= (last_offset + 1) * {INDEXES};
INSERT INTO skipped_skus
SELECT pool, sku FROM stock_views JOIN cuts USING (partition) WHERE position >= (last_offset + 1) * {INDEXES};
"""
# In a running system a view may be behind as well.
_OLDER_VIEWS = """
INSERT INTO skipped_orders
SELECT e.order_id FROM order_ends AS e LEFT JOIN order_views AS v USING (order_id)
WHERE e.version IS DISTINCT FROM v.version;
INSERT INTO skipped_skus
SELECT e.pool, e.sku FROM stock_ends AS e LEFT JOIN stock_views AS v USING (pool, sku)
WHERE v.position IS NULL OR v.position < e.position;
"""
_SKIP_VIEWS = """
DELETE FROM order_views USING skipped_orders AS s WHERE order_views.order_id = s.order_id;
DELETE FROM stock_views USING skipped_skus AS s WHERE stock_views.pool = s.pool AND stock_views.sku = s.sku;
"""


def cut_log(ledger: Ledger, grace_seconds: float | None) -> int:
    """Leave out of every table what lies behind the cut; return how many commands these were."""
    ledger.db.execute(_DECIDED)
    if grace_seconds is None:
        ledger.db.execute(_SETTLED)
    else:
        ledger.db.execute(_RUNNING.format(grace_ms=int(grace_seconds * 1000)))
    before = ledger.count(_COMMANDS)
    for table in _TABLES:
        ledger.db.execute(_CUT_TABLE.format(table=table))
    return before - ledger.count(_COMMANDS)


def cut_views(ledger: Ledger, grace_seconds: float | None) -> None:
    """Leave out views that are not of the moment of the cut."""
    ledger.db.execute(_NEWER_VIEWS)
    if grace_seconds is not None:
        ledger.db.execute(_OLDER_VIEWS)
    ledger.db.execute(_SKIP_VIEWS)
