"""The one function that says which partition a pool lives on, for every topic and producer."""

from zlib import crc32

from models.topics import PARTITIONS


def partition_of(pool: str, partitions: int = PARTITIONS) -> int:
    """CRC-32 of the pool id's UTF-8 bytes, modulo the partition count.

    Client libraries disagree on their default partitioner, so it is never left to them. This one
    is the same in every language's standard library. It may not change while a topic holds data:
    the golden values in the tests guard it.
    """
    return crc32(pool.encode()) % partitions
