"""The catalogue of topics: names, keys, how long each is kept. Everything is created from here, up
front.

All topics have the same partition count, so that one pool has one partition number everywhere.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct, structs

PARTITIONS = 48

# A worker's table is one record batch a commit; the agent cuts its batches below this many bytes
# of keys and values.
BATCH_BYTES_MAX = 8 * 1024 * 1024
# The broker counts framing and headers too, and one more MiB is far above what 500 rows of framing
# can need.
MESSAGE_BYTES_MAX = BATCH_BYTES_MAX + 1024 * 1024

FOR_EVER_MS = -1
_HOUR_MS = 60 * 60 * 1000
_DAY_MS = 24 * _HOUR_MS

# A claim of a new owner must stay visible to whoever still reads the old one's rows.
COMPACTION_LAG_MS = _HOUR_MS
# A local store older than half of this is wiped, or rows deleted meanwhile would come back from it.
DELETE_RETENTION_MS = 7 * _DAY_MS
# Only closed segments are compacted; Kafka's default of 1 GiB would leave 48 GiB of old rows to
# restore from.
COMPACTED_SEGMENT_BYTES = 64 * 1024 * 1024

# Faust names a changelog after the app and the table.
APP_NAME = "headrace"
POOL_TABLE = "pool"

_PREFIX = re.compile(r"[a-z0-9._-]{0,100}")


class Cleanup(StrEnum):
    """What the broker does with old records; the values are Kafka's."""

    DELETE = "delete"
    COMPACT = "compact"


class Topic(Struct, frozen=True, kw_only=True):
    """One topic: what its key is, and how long its records are kept."""

    name: str
    key: str
    cleanup: Cleanup
    retention_ms: int = FOR_EVER_MS
    partitions: int = PARTITIONS

    def configs(self) -> dict[str, str]:
        """The topic's settings under Kafka's names."""
        common = {"cleanup.policy": self.cleanup.value, "max.message.bytes": str(MESSAGE_BYTES_MAX)}
        if self.cleanup is Cleanup.DELETE:
            return common | {"retention.ms": str(self.retention_ms)}
        return common | {
            "min.compaction.lag.ms": str(COMPACTION_LAG_MS),
            "delete.retention.ms": str(DELETE_RETENTION_MS),
            "segment.bytes": str(COMPACTED_SEGMENT_BYTES),
        }


class Catalogue(Struct, frozen=True, kw_only=True):
    """All topics of one Headrace system, by field, and the app id that its changelog is named
    after.
    """

    app_id: str
    commands: Topic
    order_updates: Topic
    order_views: Topic
    stock_updates: Topic
    stock_movements: Topic
    pool_updates: Topic
    catalogue_updates: Topic
    dead_letters: Topic
    pool_changelog: Topic

    def topics(self) -> Iterator[Topic]:
        """Every topic, in the order of the fields."""
        for value in structs.astuple(self):
            if isinstance(value, Topic):
                yield value


def catalogue(prefix: str = "") -> Catalogue:
    """The topics of one system; a prefix lets several systems share one Kafka."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"topic prefix {prefix!r} is not usable: "
            "take at most 100 of a-z, 0-9, '.', '_' and '-', which is what Kafka allows"
        )
    app_id = prefix + APP_NAME
    return Catalogue(
        app_id=app_id,
        commands=_kept(prefix + "commands", key="pool", days=7),
        order_updates=_kept(prefix + "order-updates", key="order", days=7),
        order_views=_compacted(prefix + "order-views", key="order"),
        stock_updates=_compacted(prefix + "stock-updates", key="pool/sku"),
        stock_movements=_kept(prefix + "stock-movements", key="pool/sku", days=7),
        pool_updates=_compacted(prefix + "pool-updates", key="pool"),
        catalogue_updates=_compacted(prefix + "catalogue-updates", key="pool/sku"),
        dead_letters=Topic(name=prefix + "dead-letters", key="original", cleanup=Cleanup.DELETE),
        pool_changelog=_compacted(f"{app_id}-{POOL_TABLE}-changelog", key="row"),
    )


def _kept(name: str, *, key: str, days: int) -> Topic:
    return Topic(name=name, key=key, cleanup=Cleanup.DELETE, retention_ms=days * _DAY_MS)


def _compacted(name: str, *, key: str) -> Topic:
    return Topic(name=name, key=key, cleanup=Cleanup.COMPACT)
