# ruff: noqa: S608 # The SQL is put together from constants of this package only.
"""I7 by replay: all commands decided again must give what was published, and the very rows of the worker.

This is the one part of the audit that uses the rules. It shows that they decide alike twice, not that they are right.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from models.engine import Engine
from models.topics import Catalogue
from models.updates import STEPS, Applied
from pipelines.audit.check import Check
from pipelines.audit.ledger import Ledger
from pipelines.audit.load_json import Loader, TopicRecord

_PORTION_RECORDS = 20_000
_DIGEST_BYTES = 16
_MODULUS = 1 << (8 * _DIGEST_BYTES)
# The worker records its position as the last row of each batch.
_POSITION_KEY = b"\x00position"

_POISON = f"""
SELECT DISTINCT partition, command_offset, command_index // {STEPS}, text FROM published_dead_letters
WHERE code = 'poison'
"""

_ORDER_VIEWS = "order-views"
# Behind every position there can be.
_NEVER = (1 << 63, 0)


class Asked(NamedTuple):
    """One command, and where it stands."""

    partition: int
    offset: int
    item: int
    value: bytes


class Replay:
    """Engines by partition, fed with all commands in order. The ledger must hold the dead letters: what the worker left
    out is left out here. `positions` are the next commands of the workers at the moment that their digests are of.
    """

    def __init__(
        self, ledger: Ledger, catalogue: Catalogue, positions: Mapping[int, tuple[int, int]] | None = None
    ) -> None:
        self._positions = dict(positions or {})
        self.engines: dict[int, Engine] = {}
        self._ledger = ledger
        self._loader = Loader(ledger, catalogue, "replayed")
        # The core names topics without the prefix of a system.
        self._topics = {
            "order-updates": catalogue.order_updates.name,
            "stock-movements": catalogue.stock_movements.name,
            _ORDER_VIEWS: catalogue.order_views.name,
        }
        self._told: dict[str, list[TopicRecord]] = {name: [] for name in self._topics}
        # The partition of each order that changed, and its last picture where it was closed.
        self._views: dict[bytes, tuple[int, bytes | None]] = {}
        self._poison: dict[tuple[int, int, int], str] = {
            (partition, offset, index): text for partition, offset, index, text in ledger.rows(_POISON)
        }

    def decide(self, commands: Iterable[Asked]) -> None:
        """Decide the commands; those of a partition must come in their order."""
        for partition, offset, item, value in commands:
            engine = self.engines.get(partition)
            if engine is None:
                engine = self.engines[partition] = Engine(partition)
            if (offset, item) >= self._positions.get(partition, _NEVER):
                self._note_digest(partition)
            for applied in self.apply(engine, Asked(partition, offset, item, value)):
                self._take(partition, applied)

    def apply(self, engine: Engine, asked: Asked) -> list[Applied]:
        """Decide one command with all that it leaves over, or skip it as its worker did; nothing is taken down."""
        reason = self._poison.get((asked.partition, asked.offset, asked.item))
        if reason is None:
            first = engine.apply(asked.value, asked.offset, asked.item)
        else:
            first = engine.skip(asked.value, asked.offset, asked.item, reason)
        return [first, *iter(engine.drain, None)]

    def decide_records(self, records: Iterable[TopicRecord]) -> None:
        """Decide whole records of the topic `commands`."""
        for record in records:
            items = enumerate(Engine.split(record.value))
            self.decide(Asked(record.partition, record.record_offset, index, item) for index, item in items)

    def finish(self) -> None:
        """Load the rest, the views as they stand, and the digests, so that they can be compared."""
        for key, (partition, closed) in self._views.items():
            picture = self.engines[partition].render(_ORDER_VIEWS, key) if closed is None else closed
            self._tell(_ORDER_VIEWS, partition, key, picture)
        for topic in self._topics:
            self._load(topic)
        for partition in list(self._positions):
            self._note_digest(partition)
        self._ledger.has_replay = True

    def closed(self) -> dict[bytes, bytes]:
        """The last pictures of the orders that were closed, and not opened again."""
        return {key: picture for key, (_, picture) in self._views.items() if picture is not None}

    def _note_digest(self, partition: int) -> None:
        """The rows stand where those of the worker stood."""
        del self._positions[partition]
        engine = self.engines.get(partition)
        digest = digest_of(engine.rows if engine is not None else {})
        self._ledger.db.execute("INSERT INTO digests VALUES ('replayed', ?, ?)", [partition, digest])

    def _take(self, partition: int, applied: Applied) -> None:
        for topic, key, value in applied.updates:
            if topic not in self._topics:
                continue
            if topic == _ORDER_VIEWS:
                self._views[key] = (partition, value)
            elif value is not None:
                self._tell(topic, partition, key, value)

    def _tell(self, topic: str, partition: int, key: bytes, value: bytes) -> None:
        told = self._told[topic]
        told.append(TopicRecord(partition, 0, 0, key, value))
        if len(told) >= _PORTION_RECORDS:
            self._load(topic)

    def _load(self, topic: str) -> None:
        self._loader.load(self._topics[topic], self._told[topic])
        self._told[topic] = []


def digest_of(rows: Mapping[bytes, bytes]) -> str:
    """The sum of the hashes of all rows modulo 2^128, as the worker records it."""
    total = 0
    for key, value in rows.items():
        hashed = blake2b(b"%d:%b%b" % (len(key), key, value), digest_size=_DIGEST_BYTES).digest()
        total += int.from_bytes(hashed, "little")
    return (total % _MODULUS).to_bytes(_DIGEST_BYTES, "little").hex()


class LiveDigests:
    """The position that each worker recorded last, and the digest of its rows there, found in the changelog."""

    def __init__(self) -> None:
        self.positions: dict[int, tuple[int, int]] = {}
        self.digests: dict[int, str] = {}

    def take(self, records: Iterable[TopicRecord]) -> None:
        for record in records:
            if record.key != _POSITION_KEY or not record.value:
                continue
            base, count, _, _, offset, item, digest, *_ = msgspec.msgpack.decode(record.value)
            # A batch that landed elsewhere than its writer believed is void: somebody else wrote first.
            if base + count - 1 == record.record_offset:
                self.positions[record.partition] = (offset, item)
                self.digests[record.partition] = digest.hex()

    def load(self, ledger: Ledger) -> None:
        for partition, digest in self.digests.items():
            ledger.db.execute("INSERT INTO digests VALUES ('live', ?, ?)", [partition, digest])


_SAME_UPDATE = "command_id, command, order_id, order_version, json(others), movements, refused, json(events)"
_SAME_MOVEMENT = (
    "pool, sku, location_id, kind, on_hand_delta, allocated_delta, unsellable_delta, safety_stock_delta, order_id"
)

REPLAYED = (
    Check(
        "I7",
        "all commands decided again tell the same updates",
        "SELECT count(*) FROM replayed_updates",
        f"""
        SELECT printf('update %d/%d/%d', partition, command_offset, command_index)
        FROM (SELECT partition, command_offset, command_index, ({_SAME_UPDATE}) AS told FROM updates) AS p
        FULL JOIN (
            SELECT partition, command_offset, command_index, ({_SAME_UPDATE}) AS told FROM replayed_updates
        ) AS r USING (partition, command_offset, command_index)
        WHERE p.told IS DISTINCT FROM r.told
        """,
        needs_replay=True,
    ),
    Check(
        "I7",
        "all commands decided again move the same stock",
        "SELECT count(*) FROM replayed_movements",
        f"""
        SELECT printf('movement %d/%d/%d/%d', partition, command_offset, command_index, sequence)
        FROM (
            SELECT partition, command_offset, command_index, sequence, ({_SAME_MOVEMENT}) AS moved
            FROM movements WHERE kind <> 'opening'
        ) AS p FULL JOIN (
            SELECT partition, command_offset, command_index, sequence, ({_SAME_MOVEMENT}) AS moved
            FROM replayed_movements
        ) AS r USING (partition, command_offset, command_index, sequence)
        WHERE p.moved IS DISTINCT FROM r.moved
        """,
        needs_replay=True,
    ),
    Check(
        "I7",
        "all commands decided again give the rows of the workers, by their digest",
        "SELECT count(*) FROM digests WHERE origin = 'replayed'",
        """
        SELECT printf('partition %d: %s live, %s replayed', partition, coalesce(l.digest, 'none'),
                      coalesce(r.digest, 'none'))
        FROM (FROM digests WHERE origin = 'replayed') AS r
        LEFT JOIN (FROM digests WHERE origin = 'live') AS l USING (partition)
        WHERE l.digest IS DISTINCT FROM r.digest
        """,
        needs_views=True,
        needs_replay=True,
    ),
)

SAME_VIEWS = Check(
    "I7",
    "all commands decided again give the published order views, byte for byte",
    "SELECT count(*) FROM replayed_order_views",
    """
    SELECT printf('order %s', key)
    FROM (SELECT key, arg_max(value, record_offset) AS value FROM published_order_views GROUP BY key) AS p
    FULL JOIN replayed_order_views AS r USING (key)
    WHERE p.value IS DISTINCT FROM r.value AND key NOT IN (FROM skipped_orders)
    """,
    needs_views=True,
    needs_replay=True,
)
