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
_COMMANDS_ON_PLACES = "SELECT count(*) FROM (SELECT DISTINCT pool, sku, location_id, position FROM movements)"

NO_OVERSELL = (
    Check(
        "I1",
        "no command claims stock at a place where it leaves more allocated than on hand",
        _COMMANDS_ON_PLACES,
        f"""
        SELECT {_PLACE} || printf(': %d allocated of %d on hand after position %d claimed %d',
                                  allocated, on_hand, position, claimed)
        FROM ({_RUNNING}) WHERE excess > 0 AND claimed > 0
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
        )
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
    ('safety_stock_set', 0, 0, 0, 2), ('opening', 2, 2, 2, 2)
) AS k(kind, on_hand, allocated, unsellable, safety_stock)"""
_MEASURES = ("on_hand", "allocated", "unsellable", "safety_stock")
_WRONG_WAY = " OR ".join(f"(abs(k.{name}) < 2 AND sign(m.{name}_delta) NOT IN (0, k.{name}))" for name in _MEASURES)
_SUMS = ", ".join(f"sum({name}_delta)::BIGINT AS {name}" for name in _MEASURES)
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
        """
        SELECT printf('position %d, order %s, %s at %s: %d in parcels, %d left', position, order_id, sku, location_id,
                      coalesce(s.units, 0), coalesce(m.units, 0))
        FROM (
            SELECT s.position, s.order_id, l.sku, s.location_id, sum(s.quantity) AS units
            FROM shipped AS s JOIN order_lines AS l USING (order_id, line_id) WHERE s.position >= 0 GROUP BY ALL
        ) AS s FULL JOIN (
            SELECT position, order_id, sku, location_id, -sum(on_hand_delta) AS units
            FROM movements WHERE kind = 'shipped' GROUP BY ALL
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
            SELECT pool, sku, location_id, {_SUMS} FROM movements GROUP BY ALL
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
        SELECT {_PLACE} || printf(': %d available', available) FROM view_levels
        WHERE available <> greatest(0, on_hand - allocated - unsellable - safety_stock)
        """,
        needs_views=True,
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
            SELECT r.position, r.order_id, l.sku, r.location_id, sum(r.quantity) AS units
            FROM routed AS r ASOF JOIN taken_lines AS l
              ON l.order_id = r.order_id AND l.line_id = r.line_id AND l.number <= r.number GROUP BY ALL
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
