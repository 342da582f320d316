# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""From what was published to what is checked: repeats dropped, the undecided end cut off, events taken apart."""

from models.updates import STEPS
from pipelines.audit.cut import cut_log, cut_views
from pipelines.audit.ledger import INDEXES, Ledger

# A crash publishes an outbox again, with the same ids: the first of each counts.
_DISTINCT = f"""
CREATE TABLE updates AS
SELECT u.*, u.command_offset * {INDEXES} + u.command_index AS position
FROM published_updates AS u
SEMI JOIN (
    SELECT partition, min(record_offset) AS record_offset FROM published_updates
    GROUP BY partition, command_offset, command_index
) AS first USING (partition, record_offset);

CREATE TABLE movements AS
SELECT m.*, m.command_offset * {INDEXES} + m.command_index AS position
FROM published_movements AS m
SEMI JOIN (
    SELECT partition, min(record_offset) AS record_offset FROM published_movements
    GROUP BY partition, command_offset, command_index, sequence
) AS first USING (partition, record_offset);

CREATE TABLE dead_letters AS
SELECT DISTINCT partition, command_offset, command_index, source, code,
       command_offset * {INDEXES} + command_index AS position
FROM published_dead_letters;
"""

# Before every command: what the orders and levels had come to before the first that is looked at.
_OPENING = """
INSERT INTO movements BY NAME
SELECT *, 'opening' AS kind, -1 AS command_offset, -1 AS position, 0 AS sequence FROM opening_movements;
"""

# The components of a unit of the line `line_id`, where it is a kit. A pointer finds a key whatever is in it.
_PARTS = """list_transform(
    json_extract(kits, '/' || replace(replace({line}, '~', '~0'), '/', '~1'))::JSON[],
    lambda part: {{'sku': part->>'$[0]', 'each': (part->>'$[1]')::BIGINT}}
)"""

_EVENTS = """
CREATE TABLE events AS
SELECT partition, position, pool, event->>'$.type' AS type, event->>'$.order_id' AS order_id, event,
       row_number() OVER (ORDER BY partition, position, ordinal) AS number
FROM (
    SELECT partition, position, pool, unnest(items) AS event, generate_subscripts(items, 1) AS ordinal
    FROM (
        SELECT partition, position, pool, json_extract(events, '$[*]') AS items FROM updates
        UNION ALL
        SELECT partition, -1, pool, json_extract(events, '$[*]') FROM opening_updates
    )
);

-- Each time the lines of an order were stated: as it was taken, or edited.
CREATE TABLE contents AS
SELECT position, number, order_id, type, type <> 'order_edited' AS begins,
       (event->>'$.total_minor')::BIGINT AS total_minor, (event->>'$.units')::BIGINT AS units,
       event->'$.lines' AS lines, coalesce(event->'$.kits', '{{}}') AS kits
FROM events
WHERE type IN ('order_placed', 'order_reserved', 'reservation_placed', 'order_imported', 'order_edited');

CREATE TABLE content_lines AS
SELECT position, number, order_id, begins, line->>'$[0]' AS line_id, line->>'$[1]' AS sku,
       (line->>'$[2]')::BIGINT AS quantity, (line->>'$[3]')::BIGINT AS amount_minor,
       coalesce({parts_of_line}, [{{'sku': line->>'$[1]', 'each': 1::BIGINT}}]) AS parts
FROM (SELECT *, unnest(json_extract(lines, '$[*]')) AS line FROM contents);

-- A reservation placed with other content starts its order anew: the last beginning counts, and the edits after it.
CREATE TABLE orders AS
SELECT order_id, max(number) FILTER (begins) AS number, max(position) FILTER (begins) AS position,
       arg_max(type, number) FILTER (begins) AS type, arg_max(total_minor, number) AS total_minor
FROM contents GROUP BY order_id;

CREATE TABLE order_lines AS
SELECT l.* FROM content_lines AS l
SEMI JOIN (SELECT order_id, max(number) AS number FROM contents GROUP BY order_id) AS c USING (order_id, number);

-- What a unit of a line is made of, from a moment on: a SKU that the catalogue came to know may be a kit.
CREATE TABLE made_of AS
SELECT number, order_id, line_id, parts FROM content_lines
UNION ALL
SELECT number, order_id, line_id, {parts} FROM (
    SELECT number, order_id, kits, unnest(json_keys(kits)) AS line_id FROM (
        SELECT number, order_id, event->'$.kits' AS kits FROM events WHERE type = 'hold_released'
    ) WHERE kits IS NOT NULL
);

-- What was ordered of each line, by and by: an edit adds what it has more than the edition before it.
CREATE TABLE ordered AS
SELECT l.position, l.number, l.order_id, l.line_id,
       l.quantity - coalesce(lag(l.quantity) OVER (PARTITION BY l.order_id, l.line_id ORDER BY l.number), 0) AS quantity
FROM content_lines AS l JOIN orders AS o USING (order_id) WHERE l.number >= o.number;

-- Cancelled units, less those that an edit brought back.
CREATE TABLE cancelled AS
SELECT position, number, order_id, unit->>'$.line_id' AS line_id,
       (unit->>'$.quantity')::BIGINT * if(type = 'units_cancelled', 1, -1) AS quantity
FROM (
    SELECT *, unnest(json_extract(event, '$.units[*]')) AS unit FROM events
    WHERE type IN ('units_cancelled', 'units_reinstated')
);

CREATE TABLE cancelled_amounts AS
SELECT e.number, e.order_id,
       (event->>'$.amount_minor')::BIGINT * if(e.type = 'units_cancelled', 1, -1) AS amount_minor
FROM events AS e JOIN orders AS o USING (order_id)
WHERE e.type IN ('units_cancelled', 'units_reinstated') AND e.number > o.number;

CREATE TABLE routed AS
SELECT position, number, order_id, location_id, unit->>'$.line_id' AS line_id,
       (unit->>'$.quantity')::BIGINT AS quantity
FROM (
    SELECT position, number, order_id, assignment->>'$.location_id' AS location_id,
           unnest(json_extract(assignment, '$.units[*]')) AS unit
    FROM (
        SELECT *, unnest(json_extract(event, '$.assignments[*]')) AS assignment
        FROM events WHERE type = 'units_routed'
    )
);

-- What was believed to be in a parcel, and turned out not to be, counts back; an order of the past has shipped and
-- arrived in no parcel of ours.
CREATE TABLE shipped AS
SELECT position, number, order_id, event->>'$.parcel_id' AS parcel_id, event->>'$.location_id' AS location_id,
       unit->>'$.line_id' AS line_id, (unit->>'$.quantity')::BIGINT * if(type = 'parcel_shipped', 1, -1) AS quantity
FROM (
    SELECT *, unnest(json_extract(event, '$.units[*]')) AS unit FROM events
    WHERE type IN ('parcel_shipped', 'parcel_corrected')
)
UNION ALL
SELECT l.position, l.number, l.order_id, NULL, NULL, l.line_id, l.quantity
FROM order_lines AS l JOIN orders AS o USING (order_id) WHERE o.type = 'order_imported';

CREATE TABLE endings AS
SELECT number, order_id, event->>'$.parcel_id' AS parcel_id, type
FROM events WHERE type IN ('parcel_delivered', 'parcel_lost', 'parcel_returned_to_sender');

-- A lost parcel may be found: what is told last holds.
CREATE TABLE ended AS
SELECT order_id, parcel_id, arg_max(type, number) AS type, min(number) AS first,
       count(*) FILTER (type <> 'parcel_lost') AS arrivals, count(*) FILTER (type = 'parcel_lost') AS losses
FROM endings GROUP BY ALL;

-- A SKU, or a location, that was ever put as not counted; on hand says nothing there.
CREATE TABLE untracked AS
SELECT DISTINCT pool, sku, location_id FROM put_untracked AS p
SEMI JOIN (
    SELECT partition, command_offset, command_index // {steps} AS item FROM updates WHERE NOT refused
) USING (partition, command_offset, item)
UNION
FROM opening_untracked;

CREATE TABLE repairs AS
SELECT partition, position, number, pool, event->>'$.sku' AS sku, event->>'$.location_id' AS location_id,
       (event->'$.before')::BIGINT[] AS before, (event->'$.after')::BIGINT[] AS after
FROM events WHERE type = 'level_repaired';

CREATE TABLE shorts AS
SELECT DISTINCT partition, position, pool, event->>'$.sku' AS sku, event->>'$.location_id' AS location_id
FROM events WHERE type = 'stock_short';
"""


# The newest of each key. A view says up to which command it is.
_VIEWS = f"""
CREATE TABLE order_views AS
SELECT r.*, partition, r."offset" * {INDEXES} + r."index" AS position
FROM (
    SELECT any_value(partition) AS partition, json_transform(arg_max(value, record_offset), '{{
        "order_id": "VARCHAR", "offset": "BIGINT", "index": "BIGINT", "version": "BIGINT", "total_minor": "BIGINT",
        "lines": "JSON", "fulfillments": "JSON", "parcels": "JSON"
    }}') AS r
    FROM published_order_views WHERE value <> '' GROUP BY key
);
CREATE TABLE stock_views AS
SELECT r.*, partition, r."offset" * {INDEXES} + r."index" AS position
FROM (
    SELECT any_value(partition) AS partition, json_transform(arg_max(value, record_offset), '{{
        "pool": "VARCHAR", "sku": "VARCHAR", "offset": "BIGINT", "index": "BIGINT", "levels": "JSON", "apart": "JSON"
    }}') AS r
    FROM published_stock_views WHERE value <> '' GROUP BY key
);
CREATE TABLE order_versions AS
SELECT position, order_id, order_version AS version FROM updates WHERE order_version > 0
UNION ALL
SELECT -1, order_id, order_version FROM opening_updates
UNION ALL
SELECT position, other AS order_id, json_extract(others, '$."' || other || '"')::BIGINT
FROM (SELECT position, others, unnest(json_keys(others)) AS other FROM updates WHERE others <> '{{}}');
-- Where each order got the newest version that was told.
CREATE TABLE order_ends AS
SELECT order_id, version, position FROM order_versions
QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY version DESC, position) = 1;
CREATE TABLE stock_ends AS SELECT pool, sku, max(position) AS position FROM movements GROUP BY pool, sku;
"""

_VIEW_PARTS = """
CREATE TABLE view_lines AS
SELECT order_id, line->>'$.line_id' AS line_id, line->>'$.sku' AS sku,
       list_transform((line->'$.components')::JSON[],
                      lambda part: {{'sku': part->>'$[0]', 'each': (part->>'$[1]')::BIGINT}}) AS parts,
       coalesce(list_sum((line->'$.pegs[*][1]')::BIGINT[]), 0) AS pegged,
       {counters}
FROM (SELECT order_id, unnest(json_extract(lines, '$[*]')) AS line FROM order_views);

CREATE TABLE view_allocations AS
SELECT order_id, location_id, part.sku AS sku, sum(allocated * part.each) AS allocated
FROM (
    SELECT f.order_id, f.location_id, f.allocated,
           unnest(coalesce(l.parts, [{{'sku': f.sku, 'each': 1::BIGINT}}])) AS part
    FROM (
        SELECT order_id, location_id, line->>'$.sku' AS sku, line->>'$.line_id' AS line_id,
               (line->>'$.allocated')::BIGINT AS allocated
        FROM (
            SELECT order_id, part->>'$.location_id' AS location_id, unnest(json_extract(part, '$.lines[*]')) AS line
            FROM (SELECT order_id, unnest(json_extract(fulfillments, '$[*]')) AS part FROM order_views)
        )
    ) AS f LEFT JOIN view_lines AS l USING (order_id, line_id) WHERE f.allocated IS NOT NULL
) GROUP BY ALL;

CREATE TABLE view_levels AS
SELECT pool, sku, position, level->>'$[0]' AS location_id, (level->>'$[1]')::BIGINT AS on_hand,
       (level->>'$[2]')::BIGINT AS allocated, (level->>'$[3]')::BIGINT AS unsellable,
       (level->>'$[4]')::BIGINT AS safety_stock, (level->>'$[5]')::BIGINT AS available
FROM (SELECT pool, sku, position, unnest(json_extract(levels, '$[*]')) AS level FROM stock_views);

-- What is apart of a level: unsellable units by state, and units that are set apart for a segment.
CREATE TABLE view_apart AS
SELECT pool, sku, location_id, what, name, (json_extract_string(counts, '/' || name))::BIGINT AS units
FROM (
    SELECT *, unnest(json_keys(counts)) AS name FROM (
        SELECT pool, sku, level->>'$.location_id' AS location_id, unnest(['states', 'fenced']) AS what,
               unnest([level->'$.states', level->'$.fenced']) AS counts
        FROM (SELECT pool, sku, unnest(json_extract(apart, '$[*]')) AS level FROM stock_views)
    )
);
"""
_COUNTERS = (
    "quantity",
    "amount_minor",
    "cancelled",
    "cancelled_minor",
    "waiting",
    "allocated",
    "shipped",
    "delivered",
    "lost",
    "returned_to_sender",
)


def prepare(ledger: Ledger, *, grace_seconds: float | None) -> int:
    """Build the tables that the checks read; return how many commands are left out as not yet decided.

    No grace: the system is settled, and whatever is missing is a violation; only the clock may tick on.
    """
    ledger.db.execute(_DISTINCT)
    pending = cut_log(ledger, grace_seconds)
    ledger.db.execute(_OPENING)
    parts, of_line = (_PARTS.format(line=name) for name in ("line_id", "line->>'$[0]'"))
    ledger.db.execute(_EVENTS.format(parts=parts, parts_of_line=of_line, steps=STEPS))
    ledger.db.execute(_VIEWS)
    cut_views(ledger, grace_seconds)
    # Fields at their default are not written.
    counters = (f"coalesce((line->>'$.{name}')::BIGINT, 0) AS {name}" for name in _COUNTERS)
    ledger.db.execute(_VIEW_PARTS.format(counters=", ".join(counters)))
    return pending
