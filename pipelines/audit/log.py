# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""I7 and I8 over the log itself: every command is decided once, and nothing is missing or there twice."""

from models.updates import STEPS
from pipelines.audit.check import Check

_ITEMS = f"""
    SELECT partition, command_offset, command_index // {STEPS} AS item, count(*) AS times FROM updates
    WHERE command_index % {STEPS} = 0 GROUP BY ALL
"""

REDELIVERY = (
    Check(
        "I7",
        "what was published again says the same",
        "SELECT (SELECT count(*) FROM published_updates) + (SELECT count(*) FROM published_movements)",
        """
        SELECT printf('update %d/%d/%d', partition, command_offset, command_index) FROM published_updates
        GROUP BY partition, command_offset, command_index
        HAVING count(DISTINCT (command_id, order_id, order_version, movements, refused, events)) > 1
        UNION ALL
        SELECT printf('movement %d/%d/%d/%d', partition, command_offset, command_index, sequence)
        FROM published_movements GROUP BY partition, command_offset, command_index, sequence
        HAVING count(DISTINCT (pool, sku, location_id, kind, on_hand_delta, allocated_delta, unsellable_delta,
                               safety_stock_delta, order_id)) > 1
        """,
    ),
)

COMPLETENESS = (
    Check(
        "I8",
        "every command has one update or is a dead letter",
        "SELECT count(*) FROM commands WHERE item >= 0",
        f"""
        SELECT printf('command %d/%d/%d (%s %s): %d updates, %d dead letters', c.partition, c.command_offset, c.item,
                      coalesce(c.type, ''), coalesce(c.command_id, ''), coalesce(u.times, 0), coalesce(d.times, 0))
        FROM commands AS c
        LEFT JOIN ({_ITEMS}) AS u USING (partition, command_offset, item)
        LEFT JOIN (
            SELECT partition, command_offset, command_index // {STEPS} AS item, count(*) AS times
            FROM dead_letters WHERE source = 'commands' GROUP BY ALL
        ) AS d USING (partition, command_offset, item)
        WHERE c.item >= 0 AND coalesce(u.times, 0) + coalesce(d.times, 0) <> 1
        """,
    ),
    Check(
        "I8",
        "every update is of a command that was asked",
        "SELECT count(*) FROM updates",
        f"""
        SELECT printf('update %d/%d/%d of %s', u.partition, u.command_offset, u.command_index, u.command_id)
        FROM updates AS u LEFT JOIN commands AS c
          ON c.partition = u.partition AND c.command_offset = u.command_offset AND c.item = u.command_index // {STEPS}
        WHERE c.item IS NULL OR c.command_id <> u.command_id OR c.pool <> u.pool
        UNION ALL
        SELECT printf('update %d/%d/%d of %s', u.partition, u.command_offset, u.command_index, u.command_id)
        FROM published_updates AS u LEFT JOIN commands_ends AS e USING (partition)
        WHERE u.command_offset > coalesce(e.last_offset, -1)
        """,
    ),
    Check(
        "I8",
        "the offsets of commands are without gaps from the first",
        "SELECT count(DISTINCT partition) FROM commands",
        """
        SELECT printf('partition %d: %d records from offset %d to %d', partition, count(DISTINCT command_offset),
                      min(command_offset), max(command_offset))
        FROM commands LEFT JOIN begins USING (partition) GROUP BY partition
        HAVING min(command_offset) <> coalesce(any_value(first_offset), 0)
            OR count(DISTINCT command_offset) <> max(command_offset) + 1 - coalesce(any_value(first_offset), 0)
        """,
    ),
    Check(
        "I8",
        "every update's movements are there, each once",
        "SELECT count(*) FROM movements",
        """
        SELECT printf('position %d in partition %d: %d movements of %d', position, partition, coalesce(m.times, 0),
                      coalesce(u.movements, 0))
        FROM updates AS u FULL JOIN (
            SELECT partition, position, count(*) AS times, min(sequence) AS first, max(sequence) AS last
            FROM movements WHERE kind <> 'opening' GROUP BY ALL
        ) AS m USING (partition, position)
        WHERE coalesce(u.movements, 0) <> coalesce(m.times, 0) OR m.first <> 0 OR m.last <> m.times - 1
        """,
    ),
    Check(
        "I8",
        "a pool is on one partition",
        "SELECT count(DISTINCT pool) FROM updates",
        """
        SELECT printf('pool %s is on %d partitions', pool, count(DISTINCT partition)) FROM updates
        GROUP BY pool HAVING count(DISTINCT partition) > 1
        """,
    ),
    Check(
        "I8",
        "what we published can be read",
        "SELECT (SELECT count(*) FROM published_updates) + (SELECT count(*) FROM published_movements)",
        "SELECT printf('%s %d/%d', source, partition, record_offset) FROM unreadable",
    ),
)

ARCHIVED_ONCE = Check(
    "I8",
    "the archive holds each row once",
    "SELECT (SELECT count(*) FROM published_updates) + (SELECT count(*) FROM published_movements)"
    " + (SELECT count(*) FROM commands)",
    """
    SELECT printf('update %d/%d/%d', partition, command_offset, command_index) FROM published_updates
    GROUP BY partition, command_offset, command_index HAVING count(*) > 1
    UNION ALL
    SELECT printf('movement %d/%d/%d/%d', partition, command_offset, command_index, sequence) FROM published_movements
    GROUP BY partition, command_offset, command_index, sequence HAVING count(*) > 1
    UNION ALL
    SELECT printf('command %d/%d/%d', partition, command_offset, item) FROM commands
    GROUP BY partition, command_offset, item HAVING count(*) > 1
    """,
)
