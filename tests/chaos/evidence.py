"""What the topics say after a scenario: the audit with its replay, and checks of its own that share nothing with it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from models.topics import Catalogue
from pipelines.audit import AuditReport, audit_topics
from pipelines.audit.kafka import read_topics
from pipelines.audit.load_json import TopicRecord
from streams.commit.batches import BatchReader
from streams.commit.digest import Digest
from streams.commit.ports import LogRecord
from streams.commit.rows import POSITION, RESERVED

_EXAMPLES = 5


class _Event(Struct):
    type: str
    order_id: str = ""


class _Update(Struct):
    offset: int
    index: int
    order_id: str = ""
    order_version: int = 0
    others: dict[str, int] = {}
    events: list[_Event] = []


class _View(Struct):
    order_id: str
    version: int


_update = msgspec.json.Decoder(_Update).decode
_view = msgspec.json.Decoder(_View).decode


class Evidence:
    """Reads the topics record by record, as a consumer would, and notes what no consumer may ever see."""

    def __init__(self, bootstrap: str, topics: Catalogue) -> None:
        self.placed: Counter[str] = Counter()
        self.views: dict[str, int] = {}
        self.told_again = 0
        self.void_batches = 0
        self.problems: list[str] = []
        self._told: dict[tuple[int, int, int], bytes] = {}
        self._position: dict[int, tuple[int, int]] = {}
        self._versions: dict[str, int] = {}
        self._batches: dict[int, BatchReader] = {}
        self._rows: dict[int, dict[bytes, bytes]] = {}
        self._digests: dict[int, bytes] = {}
        self._took = {
            topics.order_updates.name: self._take_update,
            topics.order_views.name: self._take_view,
            topics.pool_changelog.name: self._take_row,
        }
        read_topics(bootstrap, self._took, self._take)
        self._check_rows()

    def check_orders(self, acknowledged: Iterable[str]) -> None:
        """Every order that the broker acknowledged was taken exactly once and has a view, of its newest version."""
        for order in acknowledged:
            if self.placed[order] != 1:
                self.problems.append(f"order {order} was acknowledged once and taken {self.placed[order]} times")
        for order, times in self.placed.items():
            if times > 1:
                self.problems.append(f"order {order} was taken {times} times")
            if self.views.get(order) != self._versions.get(order):
                self.problems.append(
                    f"order {order}: version {self._versions.get(order)} was told, its view has {self.views.get(order)}"
                )

    def _take(self, topic: str, records: list[TopicRecord]) -> None:
        for record in records:
            self._took[topic](record)

    def _take_update(self, record: TopicRecord) -> None:
        update = _update(record.value)
        place = (record.partition, update.offset, update.index)
        first = self._told.setdefault(place, record.value)
        if first is not record.value:
            self.told_again += 1
            if first != record.value:
                self.problems.append(f"update {place} was told in two ways: {first!r} and {record.value!r}")
        position = (update.offset, update.index)
        if position <= self._position.get(record.partition, (-1, -1)):
            if first is record.value:
                self.problems.append(f"update {place} comes after a later one, so that readers drop it")
            return
        self._position[record.partition] = position
        versions = update.others | ({update.order_id: update.order_version} if update.order_version else {})
        for order, version in versions.items():
            if version <= self._versions.get(order, 0):
                self.problems.append(f"order {order}: version {version} after {self._versions[order]} at {place}")
            self._versions[order] = version
        self.placed.update(event.order_id for event in update.events if event.type == "order_placed")

    def _take_view(self, record: TopicRecord) -> None:
        view = _view(record.value)
        # The last record of a key is what stays and what a new reader gets, so that it has to be the newest.
        self.views[view.order_id] = view.version

    def _take_row(self, record: TopicRecord) -> None:
        reader = self._batches.setdefault(record.partition, BatchReader())
        rows = self._rows.setdefault(record.partition, {})
        # What was deleted has no value; to the client of the audit it is empty.
        for batch in reader.feed([LogRecord(record.record_offset, record.key, record.value or None)]):
            if batch.row is None:
                self.void_batches += 1
                continue
            for kept in batch.kept:
                if kept.value is None:
                    rows.pop(kept.key, None)
                elif kept.key != POSITION and not kept.key.startswith(RESERVED):
                    rows[kept.key] = kept.value
            self._digests[record.partition] = batch.row.digest

    def _check_rows(self) -> None:
        for partition, rows in self._rows.items():
            if not self._batches[partition].is_whole():
                self.problems.append(f"partition {partition}: the changelog ends within a batch")
            if Digest(rows.items()).value() != self._digests[partition]:
                self.problems.append(f"partition {partition}: the rows in the changelog do not have its digest")


def report(bootstrap: str, prefix: str, evidence: Evidence) -> dict[str, Any]:
    """The audit, all commands decided once more, and what our own reading found, as figures and violations."""
    audit = audit_topics(bootstrap, prefix, replay=True)
    broken = [*_broken(audit), *evidence.problems]
    return {
        "orders": audit.orders,
        "commands": audit.commands,
        "updates": audit.updates,
        "movements": audit.movements,
        "dead_letters": audit.dead_letters,
        "told_again": evidence.told_again,
        "void_batches": evidence.void_batches,
        "checks": len(audit.findings),
        "violations": sum(finding.violations for finding in audit.findings) + len(evidence.problems),
        "broken": broken[: 4 * _EXAMPLES],
        "audit_seconds": round(audit.seconds, 1),
    }


def _broken(audit: AuditReport) -> list[str]:
    return [
        f"{finding.invariant} {finding.statement}: {finding.violations} of {finding.checked}, {finding.examples}"
        for finding in audit.findings
        if finding.violations
    ]
