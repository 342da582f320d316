"""The judgement after a run, from the topics alone: what the log holds, and what readers were told."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from models import rows
from models.records.order import Order
from models.records.stock import StockMovement
from streams.commit.digest import Digest
from streams.commit.ports import Position
from streams.commit.rows import RESERVED, START
from tests.simulator.invariants import broken
from tests.simulator.orders import STUB_MS
from tests.simulator.reference import Place, Reference, place_of, without_place
from tests.simulator.topics import COMPACTED, Batch
from tests.simulator.workload import PARTITION, Workload
from tests.simulator.world import World

_TOLD = ("order-updates", "stock-movements", "dead-letters")
_movement = msgspec.json.Decoder(StockMovement).decode


def violations(world: World, restored: dict[bytes, bytes]) -> list[str]:
    """Name what is wrong, given the rows that a fresh worker restores from the compacted log alone."""
    reference = _reference(world, restored)
    if isinstance(reference, str):
        return [reference]
    found = [
        *_wrong_batches(world.changelog.batches, reference, lax_lease=world.options.lax_lease),
        *_wrong_rows("the restored rows", restored, reference.engine.rows),
        *_wrong_rows("the holder's store", _rows_of_holder(world), reference.engine.rows),
        *_wrong_told(world, reference),
        *_wrong_views(world, reference),
        *_wrong_versions(world),
        *_hidden_by_strangers(world),
    ]
    movements = [_movement(value) for topic, _, value in reference.told if topic == "stock-movements"]
    found.extend(broken(reference.engine.rows, movements))
    return found


def _rows_of_holder(world: World) -> dict[bytes, bytes]:
    holder = world.group.holder
    stored = holder.disk.rows if holder is not None else {}
    return {key: value for key, value in stored.items() if not key.startswith(RESERVED)}


def _reference(world: World, restored: dict[bytes, bytes]) -> Reference | str:
    """The clean history; made anew if an item was skipped that the workload did not mean to be.

    Three crashes at one item are enough to skip it, whoever is to blame for them.
    """
    clean = world.workload.reference
    skipped = {key: value for key, value in restored.items() if key[:1] == rows.SKIPPED}
    expected = {key: value for key, value in clean.engine.rows.items() if key[:1] == rows.SKIPPED}
    if skipped == expected:
        return clean
    world.coverage.found["skipped for crashes of others"] += 1
    ended = sum((disk.ended_at for disk in world.group.disks.values()), start=Counter[Position]())
    reasons = {_position(key): value.decode() for key, value in skipped.items()}
    for position in reasons:
        if ended[position] < 3:
            return f"the item at {position} was skipped after {ended[position]} crashes"
    return _decided_anew(world.workload, reasons)


def _decided_anew(workload: Workload, skipped: dict[Position, str]) -> Reference:
    reference = Reference(PARTITION)
    for offset, record in enumerate(workload.records):
        for index, item in enumerate(reference.engine.split(record)):
            reference.apply(item, offset, index, skipped.get(Position(offset, index), ""))
        reference.end_record(offset)
    return reference


def _position(key: bytes) -> Position:
    _, offset, index = key.split(b"/")
    return Position(int(offset), int(index))


def _wrong_rows(whose: str, have: dict[bytes, bytes], want: dict[bytes, bytes]) -> Iterator[str]:
    if have == want:
        return
    missing, more = sorted(want.keys() - have.keys()), sorted(have.keys() - want.keys())
    other = sorted(key for key in want.keys() & have.keys() if want[key] != have[key])
    yield f"{whose} differ: missing {missing[:3]}, beyond {more[:3]}, other {other[:3]}"
    for key in other[:1]:
        at = next((at for at, (a, b) in enumerate(zip(have[key], want[key], strict=False)) if a != b), 0)
        start = max(0, at - 60)
        yield f"row {key!r} has ...{have[key][start : at + 60]!r}, not ...{want[key][start : at + 60]!r}"


def _wrong_batches(batches: list[Batch], reference: Reference, *, lax_lease: bool) -> Iterator[str]:
    """Of the batches that count, each goes on where the last one ended, and one writer at a time has claimed."""
    position, digest, writer, epoch = START, Digest().value(), "", 0
    for batch in batches:
        row = batch.row
        if row is None:
            yield f"the batch of {batch.sender} at {batch.base} has no position"
            continue
        if not batch.counts():
            continue
        where = f"the batch of {row.writer} (generation {row.epoch}) at {batch.base}"
        # A claim says where the partition stands, and moves nothing.
        is_claim = (row.position, row.digest) == (position, digest)
        if (row.writer, row.epoch) != (writer, epoch) and not is_claim:
            yield f"{where} was written without a claim, after {writer}"
        if row.position < position:
            yield f"{where} goes back from {position} to {row.position}"
        # Without a lease to hold it off, an owner of the past may claim again, and rightly owns until it is told.
        if row.epoch < epoch and not lax_lease:
            yield f"{where} claims after one of generation {epoch}"
        if row.digest not in reference.digests.get(row.position, ()):
            yield f"{where} has rows at {row.position} that no clean history has"
            return
        position, digest, writer, epoch = row.position, row.digest, row.writer, row.epoch


def _wrong_told(world: World, reference: Reference) -> Iterator[str]:
    """Each decision is told, with the same bytes, in order, and not before it is durable."""
    for topic in _TOLD:
        wanted = [told for told in reference.told if told[0] == topic]
        reader: list[tuple[str, bytes, bytes]] = []
        newest = -1
        number = {told: at for at, told in enumerate(wanted)}
        for record in world.topics.records.get(topic, ()):
            told = (topic, record.key, record.value)
            at = number.get(told)
            if at is None:
                yield f"{topic} has {record.value!r}, which no clean history tells"
                return
            if not _is_durable(reference.told[told], record.durable):
                yield f"{topic} told {reference.told[told]} when the log ended at {record.durable}"
                return
            if at > newest:
                newest = at
                reader.append(told)
        if reader != wanted:
            lost = next(at for at, told in enumerate(wanted) if at >= len(reader) or reader[at] != told)
            yield f"a reader of {topic} has {len(reader)} of {len(wanted)}; it lacks {wanted[lost]!r}"


def _wrong_views(world: World, reference: Reference) -> Iterator[str]:
    """Rendered records are those of some durable moment, and the newest are those of the end."""
    newest: dict[tuple[str, bytes], tuple[Place, bytes]] = {}
    for topic, records in world.topics.records.items():
        if topic in _TOLD:
            continue
        for record in records:
            place, content = place_of(record.value), without_place(topic, record.value)
            if reference.content_at(topic, record.key, place) != content:
                yield f"{topic} has for {record.key!r} at {place} {content!r}, not what a clean history has"
                return
            if not _is_durable(place, record.durable):
                yield f"{topic} told {record.key!r} of {place} when the log ended at {record.durable}"
                return
            known = newest.get((topic, record.key))
            if known is None or place > known[0]:
                newest[topic, record.key] = place, content
    for key, content in reference.views().items():
        if key not in newest or newest[key][1] != content:
            yield f"the newest record of {key} is {newest.get(key)}, not {content!r}"
            return


def _wrong_versions(world: World) -> Iterator[str]:
    """An order's version rises for a reader that ignores what is not newer than what it has."""
    known: dict[bytes, Order] = {}
    for record in world.topics.records.get("order-views", ()):
        order, before = rows.decode_order(record.value), known.get(record.key)
        if before is not None and (order.offset, order.index) <= (before.offset, before.index):
            continue
        if before is not None and order.version <= before.version and not _is_forgotten(before, order):
            yield f"order {order.order_id} goes back from version {before.version} to {order.version}"
        known[record.key] = order


def _is_forgotten(before: Order, order: Order) -> bool:
    """Tell whether a number came again, as another order, after all that was known of the first one had gone."""
    return before.closed_at_ms is not None and order.updated_at_ms >= before.closed_at_ms + STUB_MS


def _hidden_by_strangers(world: World) -> Iterator[str]:
    """The last record of a key is the newest, unless the holder has not told that topic again since a stranger did."""
    holder = world.group.holder
    for topic in COMPACTED:
        records = world.topics.records.get(topic, [])
        newest: dict[bytes, Place] = {}
        last: dict[bytes, int] = {}
        # Of an order that has left the table nothing is told again: it leaves long after what a stranger tells late.
        closed: set[bytes] = set()
        for at, record in enumerate(records):
            newest[record.key] = max(newest.get(record.key, (-1, -1)), place_of(record.value))
            last[record.key] = at
            if topic == "order-views" and rows.decode_order(record.value).closed_at_ms is not None:
                closed.add(record.key)
        told = [at for at, record in enumerate(records) if holder is not None and record.sender == holder.assignment]
        for key, at in last.items():
            place = place_of(records[at].value)
            if key not in closed and place < newest[key] and told and told[0] < at < told[-1]:
                yield f"the last record of {key!r} in {topic} is of {place}, and hides the one of {newest[key]}"


def _is_durable(place: Place, durable: Position) -> bool:
    """What is told of a command is durable when the position in the log is past it."""
    offset, step = place
    return (offset, step // 1000) < (durable.offset, durable.index)
