# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""What a night checks: the audit's statements over the day, and some over all rows as they stand at its end."""

from pipelines.audit.audit import CHECKS
from pipelines.audit.check import Check
from pipelines.audit.ledger import Ledger
from pipelines.audit.replay import SAME_VIEWS

SNAPSHOT_TABLES = """
CREATE TABLE snapshot_levels (partition INTEGER, pool VARCHAR, sku VARCHAR, location_id VARCHAR, allocated BIGINT);
CREATE TABLE snapshot_claims (partition INTEGER, pool VARCHAR, sku VARCHAR, location_id VARCHAR, units BIGINT);
"""
_LEVELS = """
INSERT INTO snapshot_levels
SELECT partition, split_part(decode(key), '/', 2), value->>'$.sku', value->>'$.location_id',
       coalesce((value->>'$.allocated')::BIGINT, 0)
FROM (SELECT partition, key, decode(value)::JSON AS value FROM frame WHERE key[1:2] = 'l/'::BLOB)
"""
# Most orders hold nothing any more; their text is not taken apart. Of a kit its components are claimed.
_CLAIMS = """
INSERT INTO snapshot_claims
WITH standing AS (
    SELECT partition, decode(key) AS key, decode(value)::JSON AS value FROM frame
    WHERE key[1:2] = 'o/'::BLOB AND contains(decode(value), '"allocated":')
), lines AS (
    SELECT key, line->>'$.line_id' AS line_id, list_transform(
        (line->'$.components')::JSON[], lambda part: {'sku': part->>'$[0]', 'each': (part->>'$[1]')::BIGINT}) AS parts
    FROM (SELECT key, unnest(json_extract(value, '$.lines[*]')) AS line FROM standing
          WHERE contains(value::VARCHAR, '"components":'))
), claims AS (
    SELECT partition, key, pool, location_id, line->>'$.line_id' AS line_id, line->>'$.sku' AS sku,
           (line->>'$.allocated')::BIGINT AS units
    FROM (
        SELECT partition, key, pool, part->>'$.location_id' AS location_id,
               unnest(json_extract(part, '$.lines[*]')) AS line
        FROM (
            SELECT partition, key, value->>'$.pool' AS pool, unnest(json_extract(value, '$.fulfillments[*]')) AS part
            FROM standing
        )
    ) WHERE line->>'$.allocated' IS NOT NULL
)
SELECT partition, pool, part.sku, location_id, units * part.each
FROM (
    SELECT c.*, unnest(coalesce(l.parts, [{'sku': c.sku, 'each': 1::BIGINT}])) AS part
    FROM claims AS c LEFT JOIN lines AS l USING (key, line_id)
)
"""

# A clash only asks somebody to look, and a hold of a line or a fulfillment holds no order.
_HELD = """len(list_filter(
    (v->'$.holds')::JSON[],
    lambda hold: hold->>'$.type' <> 'clash' AND coalesce(hold->>'$.line_id', hold->>'$.fulfillment_id') IS NULL
)) > 0"""
_STATUS = """
    CASE WHEN wanted = 0 THEN if(coalesce((v->>'$.expired')::BOOLEAN, false), 'expired', 'cancelled')
         WHEN shipped = wanted THEN if(ended = shipped, 'delivered', 'shipped')
         WHEN held THEN 'held'
         WHEN coalesce((v->>'$.reserved')::BOOLEAN, false) THEN 'reserved'
         WHEN shipped > 0 THEN 'partially_shipped'
         WHEN allocated = wanted THEN 'routed'
         ELSE if(allocated > 0, 'partially_routed', 'backordered') END
"""

_SNAPSHOT_CHECKS = (
    Check(
        "I3",
        "in all rows at the end of the day, allocated at a place is the sum over orders",
        "SELECT count(*) FROM snapshot_levels",
        """
        SELECT printf('%s %s at %s: %d allocated, %d in orders', pool, sku, location_id, coalesce(l.allocated, 0),
                      coalesce(c.units, 0))
        FROM snapshot_levels AS l FULL JOIN (
            SELECT partition, pool, sku, location_id, sum(units) AS units FROM snapshot_claims GROUP BY ALL
        ) AS c USING (partition, pool, sku, location_id)
        WHERE coalesce(l.allocated, 0) <> coalesce(c.units, 0)
        """,
    ),
    Check(
        "I6",
        "every order that changed stands where its units and holds put it",
        "SELECT count(*) FROM published_order_views",
        f"""
        SELECT printf('order %s: %s, but by its units %s', order_id, status, expected)
        FROM (
            SELECT order_id, v->>'$.status' AS status, {_HELD} AS held, {_STATUS} AS expected
            FROM (
                SELECT order_id, sum(quantity - cancelled) AS wanted, sum(shipped) AS shipped,
                       sum(allocated) AS allocated, sum(delivered + lost + returned_to_sender) AS ended
                FROM view_lines GROUP BY order_id
            ) JOIN (SELECT key AS order_id, value::JSON AS v FROM published_order_views) USING (order_id)
        ) WHERE status IS DISTINCT FROM expected
        """,
    ),
)

# The rows of the replay stand for the views, so that these two cannot be compared; the digest tells the rows' truth.
NIGHT_CHECKS = (*(check for check in CHECKS if check is not SAME_VIEWS), *_SNAPSHOT_CHECKS)


def load_rows(ledger: Ledger, frame: object) -> None:
    """Take all rows of a partition in: `frame` has partition, key and value."""
    ledger.insert(_LEVELS, frame)
    ledger.insert(_CLAIMS, frame)
