# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""I1 to I3 over the stock movements: no oversell, conservation, and allocations that belong to orders."""

from pipelines.audit.check import Check

_PLACE = "printf('%s %s at %s', pool, sku, location_id)"

# Levels after each command: inside of one they may pass through anything.
_RUNNING = """
    SELECT *, allocated - on_hand AS excess, allocated - allocated_change - on_hand + on_hand_change AS excess_before
    FROM (
        SELECT *, sum(on_hand_change) OVER course AS on_hand, sum(allocated_change) OVER course AS allocated
        FROM (
            SELECT partition, pool, sku, location_id, position, sum(on_hand_delta) AS on_hand_change,
                   sum(allocated_delta) AS allocated_change,
                   coalesce(sum(allocated_delta) FILTER (kind = 'allocated'), 0) AS claimed
            FROM movements GROUP BY ALL
        )
        WINDOW course AS (PARTITION BY pool, sku, location_id ORDER BY position)
    )
"""
_IS_UNTRACKED = (
    "EXISTS (FROM untracked AS u WHERE u.pool = {0}.pool AND (u.sku = {0}.sku OR u.location_id = {0}.location_id))"
)
_COMMANDS_ON_PLACES = "SELECT count(*) FROM (SELECT DISTINCT pool, sku, location_id, position FROM movements)"

NO_OVERSELL = (
    Check(
        "I1",
        "no command claims stock at a place where it leaves more allocated than on hand",
        _COMMANDS_ON_PLACES,
        f"""
        SELECT {_PLACE} || printf(': %d allocated of %d on hand after position %d claimed %d',
                                  allocated, on_hand, position, claimed)
        FROM ({_RUNNING}) AS r WHERE excess > 0 AND claimed > 0 AND NOT {_IS_UNTRACKED.format("r")}
        """,
    ),
    Check(
        "I1",
        "more allocated than on hand comes from an outside fact that was declared short",
        _COMMANDS_ON_PLACES,
        f"""
        SELECT {_PLACE} || printf(': %d allocated of %d on hand after position %d, not declared',
                                  allocated, on_hand, position)
        FROM ({_RUNNING}) AS r
        WHERE excess > greatest(excess_before, 0) AND claimed <= 0 AND position >= 0 AND NOT EXISTS (
            FROM shorts AS s WHERE s.position = r.position AND s.partition = r.partition AND s.pool = r.pool
            AND s.sku = r.sku AND s.location_id = r.location_id
        ) AND NOT {_IS_UNTRACKED.format("r")}
        """,
    ),
    Check(
        "I1",
        "allocated is never below zero",
        _COMMANDS_ON_PLACES,
        f"""
        SELECT {_PLACE} || printf(': %d allocated after position %d', allocated, position)
        FROM ({_RUNNING}) WHERE allocated < 0
        """,
    ),
)

# Which way a kind may move on hand, allocated, unsellable and safety stock.
_KINDS = """(VALUES
    ('received', 1, 0, 0, 0), ('adjusted', 2, 0, 2, 0), ('counted', 2, 0, 0, 0), ('sold_at_till', -1, 0, 0, 0),
    ('already_counted', 2, 0, 0, 0), ('transferred_out', -1, 0, 0, 0), ('transferred_in', 1, 0, 0, 0),
    ('restocked', 1, 0, 1, 0), ('allocated', 0, 1, 0, 0), ('released', 0, -1, 0, 0), ('shipped', -1, -1, 0, 0),
    ('shipment_corrected', 1, 1, 0, 0),
    ('safety_stock_set', 0, 0, 0, 2), ('restated', 0, 0, 2, 0), ('fenced', 0, 0, 0, 0), ('declared', 2, 0, 0, 0),
    ('opening', 2, 2, 2, 2)
) AS k(kind, on_hand, allocated, unsellable, safety_stock)"""
_MEASURES = ("on_hand", "allocated", "unsellable", "safety_stock")
_WRONG_WAY = " OR ".join(f"(abs(k.{name}) < 2 AND sign(m.{name}_delta) NOT IN (0, k.{name}))" for name in _MEASURES)
_SUMS = ", ".join(f"sum({name}_delta)::BIGINT AS {name}" for name in _MEASURES)
_DELTAS = ", ".join(f"{name}_delta" for name in _MEASURES)
_REPAIRED = ", ".join(f"after[{place}] - before[{place}]" for place in range(1, len(_MEASURES) + 1))
_LEDGER = ", ".join(f"coalesce(sum(m.{name}_delta), 0)::BIGINT" for name in _MEASURES)
_DIFFERENT = " OR ".join(f"coalesce(m.{name}, 0) <> coalesce(v.{name}, 0)" for name in _MEASURES)

CONSERVATION = (
    Check(
        "I2",
        "each kind of movement changes only what it may, in the right direction",
        "SELECT count(*) FROM movements",
        f"""
        SELECT printf('%s of %s at %s, position %d, sequence %d', m.kind, m.sku, m.location_id, m.position, m.sequence)
        FROM movements AS m LEFT JOIN {_KINDS} USING (kind) WHERE k.kind IS NULL OR {_WRONG_WAY}
        """,
    ),
    Check(
        "I2",
        "what parcels took along is what left on hand",
        "SELECT count(*) FROM shipped",
        f"""
        SELECT printf('position %d, order %s, %s at %s: %d in parcels, %d left', position, order_id, sku, location_id,
                      coalesce(s.units, 0), coalesce(m.units, 0))
        FROM (
            SELECT position, order_id, part.sku AS sku, location_id, sum(quantity * part.each) AS units
            FROM (
                SELECT s.*, unnest(l.parts) AS part FROM shipped AS s ASOF JOIN made_of AS l
                  ON l.order_id = s.order_id AND l.line_id = s.line_id AND l.number <= s.number
                WHERE s.position >= 0 AND s.location_id IS NOT NULL
            ) GROUP BY ALL
        ) AS s FULL JOIN (
            SELECT position, order_id, sku, location_id,
                   -sum(if({_IS_UNTRACKED.format("movements")}, allocated_delta, on_hand_delta)) AS units
            FROM movements WHERE kind IN ('shipped', 'shipment_corrected') GROUP BY ALL
        ) AS m USING (position, order_id, sku, location_id)
        WHERE s.units IS DISTINCT FROM m.units
        """,
    ),
    Check(
        "I2",
        "the published levels are the sums of all movements",
        "SELECT count(*) FROM view_levels",
        f"""
        SELECT printf('%s %s at %s: on hand %d, allocated %d by movements; %d, %d published', pool, sku, location_id,
                      coalesce(m.on_hand, 0), coalesce(m.allocated, 0), coalesce(v.on_hand, 0),
                      coalesce(v.allocated, 0))
        FROM (
            SELECT pool, sku, location_id, {_SUMS} FROM (
                SELECT pool, sku, location_id, {_DELTAS} FROM movements
                UNION ALL
                -- Of a level that was off already where a night begins, the repair is what brings it to its ledger.
                SELECT pool, sku, location_id, {_REPAIRED} FROM repairs JOIN begins USING (partition)
                WHERE first_offset > 0
            ) GROUP BY ALL
        ) AS m FULL JOIN view_levels AS v USING (pool, sku, location_id)
        WHERE ({_DIFFERENT}) AND (pool, sku) NOT IN (FROM skipped_skus)
        """,
        needs_views=True,
    ),
    Check(
        "I2",
        "what is published as available is what nobody holds, and not below zero",
        "SELECT count(*) FROM view_levels",
        f"""
        SELECT {_PLACE} || printf(': %d available', available)
        FROM view_levels
        LEFT JOIN (
            SELECT pool, sku, location_id, sum(units) AS fenced FROM view_apart WHERE what = 'fenced' GROUP BY ALL
        ) USING (pool, sku, location_id)
        WHERE available <> greatest(0, on_hand - allocated - unsellable - safety_stock - coalesce(fenced, 0))
        """,
        needs_views=True,
    ),
)

APART = (
    Check(
        "I2",
        "what is set aside in a state, or apart for a segment, is the sum of its movements",
        "SELECT count(*) FROM view_apart",
        f"""
        SELECT {_PLACE} || printf(', %s %s: %d by movements, %d published', what, name, coalesce(m.units, 0),
                                  coalesce(v.units, 0))
        FROM (
            SELECT pool, sku, location_id, if(fenced_delta <> 0, 'fenced', 'states') AS what, state AS name,
                   sum(if(fenced_delta <> 0, fenced_delta, unsellable_delta)) AS units
            FROM movements WHERE state <> '' GROUP BY ALL
        ) AS m FULL JOIN view_apart AS v USING (pool, sku, location_id, what, name)
        WHERE coalesce(m.units, 0) <> coalesce(v.units, 0) AND (pool, sku) NOT IN (FROM skipped_skus)
        """,
        needs_views=True,
    ),
)

REPAIRS = (
    Check(
        "I2",
        "a repair puts a level to what its movements come to",
        "SELECT count(*) FROM repairs",
        f"""
        SELECT {_PLACE} || printf(': %s by movements, %s after the repair at position %d', ledger::VARCHAR,
                                  told::VARCHAR, position)
        FROM (
            SELECT r.pool, r.sku, r.location_id, r.position, r.after AS told, [{_LEDGER}] AS ledger
            FROM repairs AS r LEFT JOIN movements AS m
              ON m.pool = r.pool AND m.sku = r.sku AND m.location_id = r.location_id AND m.position < r.position
            -- A night has only the rest of a ledger.
            WHERE r.partition NOT IN (SELECT partition FROM begins WHERE first_offset > 0) GROUP BY ALL
        ) WHERE told <> ledger
        """,
    ),
)

ALLOCATIONS = (
    Check(
        "I3",
        "every allocation belongs to an order",
        "SELECT count(*) FROM movements WHERE allocated_delta <> 0",
        f"""
        SELECT {_PLACE} || printf(': %d by position %d', allocated_delta, position)
        FROM movements WHERE allocated_delta <> 0 AND order_id = '' AND kind <> 'opening'
        """,
    ),
    Check(
        "I3",
        "what a command assigned to a location is what it claimed there",
        "SELECT count(*) FROM routed",
        """
        SELECT printf('position %d, order %s, %s at %s: %d assigned, %d claimed', position, order_id, sku, location_id,
                      coalesce(r.units, 0), coalesce(m.units, 0))
        FROM (
            SELECT position, order_id, part.sku AS sku, location_id, sum(quantity * part.each) AS units
            FROM (
                SELECT r.*, unnest(l.parts) AS part FROM routed AS r ASOF JOIN made_of AS l
                  ON l.order_id = r.order_id AND l.line_id = r.line_id AND l.number <= r.number
            ) GROUP BY ALL
        ) AS r FULL JOIN (
            SELECT position, order_id, sku, location_id, sum(allocated_delta) AS units
            FROM movements WHERE kind = 'allocated' GROUP BY ALL
        ) AS m USING (position, order_id, sku, location_id)
        WHERE r.units IS DISTINCT FROM m.units
        """,
    ),
    Check(
        "I3",
        "the published allocations of each order are the sums of its movements",
        "SELECT count(*) FROM order_views",
        """
        SELECT printf('order %s, %s at %s: %d by movements, %d published', order_id, sku, location_id,
                      coalesce(m.allocated, 0), coalesce(v.allocated, 0))
        FROM (
            SELECT order_id, sku, location_id, sum(allocated_delta) AS allocated
            FROM movements SEMI JOIN order_views USING (order_id) GROUP BY ALL
        ) AS m FULL JOIN view_allocations AS v USING (order_id, sku, location_id)
        WHERE coalesce(m.allocated, 0) <> coalesce(v.allocated, 0)
        """,
        needs_views=True,
    ),
)
