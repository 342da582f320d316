"""What was read from one topic and is not committed yet."""

from collections.abc import Iterable

from streams.archive.records import Record


class Buffer:
    """Records in the order they were read, and the offsets to go on from once they are committed."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.offsets: dict[int, int] = {}
        self.size_bytes = 0
        self.began_seconds = 0.0

    def add(self, partition: int, records: Iterable[Record], now_seconds: float) -> None:
        if not self.records:
            self.began_seconds = now_seconds
        for record in records:
            self.records.append(record)
            self.size_bytes += len(record[3])
            self.offsets[partition] = record[1] + 1

    def is_due(self, now_seconds: float, flush_seconds: float, flush_bytes: int) -> bool:
        if not self.records:
            return False
        return self.size_bytes >= flush_bytes or now_seconds - self.began_seconds >= flush_seconds
