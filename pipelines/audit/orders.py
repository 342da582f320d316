# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""I4, I5, I9 and I10 over the events: units and money of every order, its view, and its traces."""

from pipelines.audit.check import Check

# What is left of each SKU of an order after every command: ordered - cancelled - shipped - allocated.
_WAITING = """
    SELECT order_id, sku, position, sum(change) OVER (PARTITION BY order_id, sku ORDER BY position) AS waiting
    FROM (
        SELECT order_id, sku, position, sum(change) AS change FROM (
            SELECT order_id, part.sku AS sku, position, change * part.each AS change
            FROM (
                SELECT u.*, unnest(m.parts) AS part FROM (
                    SELECT order_id, line_id, position, quantity AS change FROM ordered
                    UNION ALL
                    SELECT c.order_id, c.line_id, c.position, -c.quantity FROM cancelled AS c
                    JOIN orders AS o USING (order_id) WHERE c.number > o.number
                    UNION ALL
                    SELECT order_id, line_id, position, -quantity FROM shipped
                ) AS u JOIN (
                    SELECT order_id, line_id, arg_max(parts, number) AS parts FROM made_of GROUP BY ALL
                ) AS m USING (order_id, line_id)
            )
            UNION ALL
            -- What a reservation held before it was placed anew counts from there on.
            SELECT m.order_id, m.sku, greatest(m.position, o.position), -m.allocated_delta
            FROM movements AS m JOIN orders AS o USING (order_id) WHERE m.allocated_delta <> 0
        ) GROUP BY ALL
    )
"""
_FROM_EVENTS = """
    SELECT order_id, line_id, coalesce(c.quantity, 0) AS cancelled, coalesce(s.quantity, 0) AS shipped,
           coalesce(s.delivered, 0) AS delivered, coalesce(s.lost, 0) AS lost, coalesce(s.returned, 0) AS returned
    FROM order_lines AS l
    LEFT JOIN (
        SELECT c.order_id, c.line_id, sum(c.quantity) AS quantity FROM cancelled AS c JOIN orders AS o USING (order_id)
        WHERE c.number > o.number GROUP BY ALL
    ) AS c USING (order_id, line_id)
    LEFT JOIN (
        SELECT s.order_id, s.line_id, sum(s.quantity) AS quantity,
               sum(s.quantity) FILTER (e.type = 'parcel_delivered' OR s.parcel_id IS NULL) AS delivered,
               sum(s.quantity) FILTER (e.type = 'parcel_lost') AS lost,
               sum(s.quantity) FILTER (e.type = 'parcel_returned_to_sender') AS returned
        FROM shipped AS s LEFT JOIN ended AS e USING (order_id, parcel_id) GROUP BY ALL
    ) AS s USING (order_id, line_id)
"""

UNITS = (
    Check(
        "I4",
        "an order never has more units cancelled, shipped and allocated than ordered",
        "SELECT count(*) FROM order_lines",
        f"""
        SELECT printf('order %s, %s: %d units too many after position %d', order_id, sku, -waiting, position)
        FROM ({_WAITING}) WHERE waiting < 0
        """,
    ),
    Check(
        "I4",
        "every event names a line of its order",
        "SELECT (SELECT count(*) FROM routed) + (SELECT count(*) FROM shipped) + (SELECT count(*) FROM cancelled)",
        """
        SELECT printf('order %s, line %s, position %d', order_id, line_id, position)
        FROM (
            SELECT order_id, line_id, position FROM routed UNION ALL SELECT order_id, line_id, position FROM shipped
            UNION ALL SELECT order_id, line_id, position FROM cancelled
        ) AS e ANTI JOIN content_lines AS l USING (order_id, line_id)
        """,
    ),
    Check(
        "I4",
        "a parcel leaves once, and after that ends once; only a lost one may still arrive or come back",
        "SELECT count(*) FROM (SELECT DISTINCT order_id, parcel_id FROM shipped)",
        """
        SELECT printf('order %s, parcel %s: left %d times, lost %d times, arrived or came back %d times', order_id,
                      parcel_id, coalesce(s.times, 0), coalesce(e.losses, 0), coalesce(e.arrivals, 0))
        FROM (
            SELECT order_id, parcel_id, count(DISTINCT number) AS times, min(number) AS first FROM shipped
            WHERE parcel_id IS NOT NULL AND quantity > 0 GROUP BY ALL
        ) AS s FULL JOIN ended AS e USING (order_id, parcel_id)
        WHERE coalesce(s.times, 0) <> 1 OR e.first < s.first OR e.losses > 1 OR e.arrivals > 1
           OR (e.losses = 1 AND e.arrivals = 1 AND e.type = 'parcel_lost')
        """,
    ),
    Check(
        "I4",
        "in every published line: ordered = cancelled + waiting + allocated + shipped, no more ended or pegged",
        "SELECT count(*) FROM view_lines",
        """
        SELECT printf('order %s, line %s', order_id, line_id) FROM view_lines
        WHERE quantity <> cancelled + waiting + allocated + shipped OR shipped < delivered + lost + returned_to_sender
           OR pegged > waiting
           OR least(cancelled, waiting, allocated, shipped, delivered, lost, returned_to_sender) < 0
        """,
        needs_views=True,
    ),
    Check(
        "I4",
        "the published lines count what the events tell",
        "SELECT count(*) FROM view_lines",
        f"""
        SELECT printf('order %s, line %s: cancelled %d, shipped %d by events; %d, %d published', order_id, line_id,
                      coalesce(e.cancelled, 0), coalesce(e.shipped, 0), coalesce(v.cancelled, 0),
                      coalesce(v.shipped, 0))
        FROM view_lines AS v FULL JOIN (
            FROM ({_FROM_EVENTS}) SEMI JOIN order_views USING (order_id)
        ) AS e USING (order_id, line_id)
        WHERE (e.cancelled, e.shipped, e.delivered, e.lost, e.returned)
              IS DISTINCT FROM (v.cancelled, v.shipped, v.delivered, v.lost, v.returned_to_sender)
        """,
        needs_views=True,
    ),
)

_CANCELLED_AMOUNTS = "SELECT order_id, sum(amount_minor) AS amount_minor FROM cancelled_amounts GROUP BY ALL"

MONEY = (
    Check(
        "I5",
        "the amounts and units of the lines sum to the order's",
        "SELECT count(*) FROM contents",
        """
        SELECT printf('order %s: %d in lines, %d in total', order_id, sum(l.amount_minor), any_value(c.total_minor))
        FROM contents AS c JOIN content_lines AS l USING (order_id, number) GROUP BY order_id, number
        HAVING sum(l.amount_minor) <> any_value(c.total_minor)
            OR sum(l.quantity) <> coalesce(any_value(c.units), sum(l.quantity))
        """,
    ),
    Check(
        "I5",
        "an edit goes on from the total before it, and from what was cancelled by then",
        "SELECT count(*) FROM events WHERE type = 'order_edited'",
        """
        SELECT printf('order %s: total %d and %d cancelled before the edit at position %d, which tells %d and %d',
                      order_id, before, cancelled, position, told_before, told_cancelled)
        FROM (
            SELECT e.order_id, e.number, e.position, any_value(c.before) AS before,
                   (any_value(e.event)->>'$.total_before_minor')::BIGINT AS told_before,
                   (any_value(e.event)->>'$.cancelled_minor')::BIGINT AS told_cancelled,
                   coalesce(sum(a.amount_minor), 0)::BIGINT AS cancelled
            FROM events AS e JOIN (
                SELECT number, lag(total_minor) OVER (PARTITION BY order_id ORDER BY number) AS before FROM contents
            ) AS c USING (number) JOIN orders AS o ON o.order_id = e.order_id
            LEFT JOIN cancelled_amounts AS a ON a.order_id = e.order_id AND a.number < e.number
            WHERE e.type = 'order_edited' AND e.number > o.number GROUP BY ALL
        ) WHERE (before, cancelled) IS DISTINCT FROM (told_before, told_cancelled)
        """,
    ),
    Check(
        "I5",
        "no more is cancelled than the order's total, and all of it when every unit is",
        "SELECT count(*) FROM events WHERE type = 'units_cancelled'",
        f"""
        SELECT printf('order %s: %d cancelled of %d', order_id, a.amount_minor, o.total_minor)
        FROM orders AS o JOIN ({_CANCELLED_AMOUNTS}) AS a USING (order_id) LEFT JOIN (
            SELECT c.order_id, sum(c.quantity) AS units FROM cancelled AS c JOIN orders AS o USING (order_id)
            WHERE c.number > o.number GROUP BY ALL
        ) AS c USING (order_id) JOIN (
            SELECT order_id, sum(quantity) AS units FROM order_lines GROUP BY ALL
        ) AS l USING (order_id)
        WHERE a.amount_minor NOT BETWEEN 0 AND o.total_minor
           OR (c.units = l.units AND a.amount_minor <> o.total_minor)
        """,
    ),
    Check(
        "I5",
        "the published amounts are those of the events",
        "SELECT count(*) FROM order_views",
        f"""
        SELECT printf('order %s: total %d by events, %d published, %d in lines; cancelled %d by events, %d in lines',
                      v.order_id, o.total_minor, coalesce(v.total_minor, 0), l.amount_minor,
                      coalesce(a.amount_minor, 0), l.cancelled_minor)
        FROM order_views AS v JOIN orders AS o USING (order_id) JOIN (
            SELECT order_id, sum(amount_minor) AS amount_minor, sum(cancelled_minor) AS cancelled_minor,
                   bool_or(cancelled_minor > amount_minor) AS too_much FROM view_lines GROUP BY ALL
        ) AS l USING (order_id) LEFT JOIN ({_CANCELLED_AMOUNTS}) AS a USING (order_id)
        WHERE o.total_minor <> coalesce(v.total_minor, 0) OR l.amount_minor <> o.total_minor OR l.too_much
           OR l.cancelled_minor <> coalesce(a.amount_minor, 0)
        """,
        needs_views=True,
    ),
)

OVERSELLS = (
    Check(
        "I1",
        "every allocation that an outside fact broke stands in the ledger of oversells",
        "SELECT count(*) FROM events WHERE type = 'allocation_broken'",
        """
        SELECT printf('position %d, order %s, %s at %s: %d units broken, %d in the ledger', position, order_id, sku,
                      location_id, coalesce(b.units, 0), coalesce(o.units, 0))
        FROM (
            SELECT position, order_id, sku, location_id, sum(quantity * part.each) AS units
            FROM (
                SELECT e.position, e.order_id, e.event->>'$.sku' AS sku, e.event->>'$.location_id' AS location_id,
                       (e.event->>'$.quantity')::BIGINT AS quantity, unnest(m.parts) AS part
                FROM (SELECT *, event->>'$.line_id' AS line_id FROM events WHERE type = 'allocation_broken') AS e
                ASOF JOIN made_of AS m
                  ON m.order_id = e.order_id AND m.line_id = e.line_id AND m.number <= e.number
            ) WHERE part.sku = sku GROUP BY ALL
        ) AS b FULL JOIN (
            SELECT position, order_id, event->>'$.sku' AS sku, event->>'$.location_id' AS location_id,
                   sum((event->>'$.quantity')::BIGINT) AS units
            FROM events WHERE type = 'oversold' GROUP BY ALL
        ) AS o USING (position, order_id, sku, location_id)
        WHERE b.units IS DISTINCT FROM o.units
        """,
    ),
)

VIEWS = (
    Check(
        "I9",
        "an order's version never goes back",
        "SELECT count(*) FROM order_versions",
        """
        SELECT printf('order %s: version %d after %d at position %d', order_id, version, before, position)
        FROM (
            SELECT *, max(version) OVER (
                PARTITION BY order_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS before
            FROM order_versions
        ) WHERE version < before
        """,
    ),
    Check(
        "I9",
        "the view of every order is of the newest version that was told",
        "SELECT count(*) FROM orders",
        """
        SELECT printf('order %s: version %d was told, the view has %d', o.order_id, coalesce(e.version, 0),
                      coalesce(v.version, 0))
        FROM orders AS o LEFT JOIN order_ends AS e USING (order_id) LEFT JOIN order_views AS v USING (order_id)
        WHERE e.version IS DISTINCT FROM v.version AND o.order_id NOT IN (FROM skipped_orders)
        """,
        needs_views=True,
    ),
)

TRACES = (
    Check(
        "I10",
        "every location that was chosen stands in the trace of its decision",
        "SELECT count(*) FROM events WHERE type = 'units_routed'",
        """
        SELECT printf('order %s, position %d: %s is not in the trace', order_id, position, chosen)
        FROM (
            SELECT order_id, position, event,
                   unnest(json_extract_string(event, '$.assignments[*].location_id')) AS chosen
            FROM events WHERE type = 'units_routed'
        ) WHERE NOT list_contains(json_extract_string(event, '$.trace.candidates[*][0]'), chosen)
        """,
    ),
)
