"""The log of commands of one seed, made whole before anything runs, together with what should come of it."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import msgspec

from models import commands
from models.partition import partition_of
from tests.simulator.reference import Reference
from tests.simulator.shop import Shop

PARTITION = partition_of("shop-1")
SKIPPED_BECAUSE = "the worker ended 3 times while deciding this"
_POISON = "poison"


def _pools(count: int, *, here: bool) -> list[str]:
    """Give names of pools that live on the partition, or that do not."""
    names = [f"shop-{number}" for number in range(1, 600)]
    return [name for name in names if (partition_of(name) == PARTITION) is here][:count]


_POOLS = _pools(2, here=True)
_ELSEWHERE = _pools(1, here=False)[0]
_NOT_COMMANDS = (b'{"type":"place_order"}', b"42", b'{"type":"no_such_command","pool":"shop-1"}', b'"\\u0000"')
_NOT_LISTS = (b"not json", b'{"type":"tick"}', b"[1,", b"", b"[]")


@dataclass
class Workload:
    """Records of `commands`, and the clean history of them."""

    records: list[bytes]
    reference: Reference
    items: int
    by_type: Counter[str] = field(default_factory=Counter)
    # Items that end the process that decides them.
    poison: frozenset[bytes] = frozenset()


def make_workload(seed: int, items: int, *, poison: bool) -> Workload:
    """Make records with at least so many items; the same seed makes the same ones."""
    return _Maker(seed, items, poison=poison).make()


class _Maker:
    def __init__(self, seed: int, items: int, *, poison: bool) -> None:
        self._random = Random(f"workload {seed}")
        self._wanted = items
        self._reference = Reference(PARTITION)
        self._work = Workload([], self._reference, 0)
        self._shops = [Shop(pool, self._random, self._reference.engine) for pool in _POOLS]
        for shop in self._shops:
            shop.pictures = self._reference.pictures
        self._poison_after = self._random.randint(items // 4, items // 2) if poison else None

    def make(self) -> Workload:
        random = self._random
        for shop in self._shops:
            opening = [commands.encode(command) for command in shop.opening()]
            self._add_list(opening)
        while self._work.items < self._wanted:
            if random.random() < 0.03:
                self._add(random.choice(_NOT_LISTS))
            elif random.random() < 0.04 and not self._work.poison & set(_items(self._work.records[-1])):
                # The producer did not hear the answer and sent the record again.
                self._add(random.choice(self._work.records[-3:]))
            else:
                self._add_fresh(random.choice((1, 1, 1, 2, 3, 5, 9)))
        return self._work

    def _add_fresh(self, size: int) -> None:
        """Commands are made one by one, each when those before it in its list are decided."""
        offset = len(self._work.records)
        items = []
        for index in range(size):
            item = self._item()
            items.append(item)
            self._decide(item, offset, index)
        self._work.records.append(commands.encode_list(items))
        self._reference.end_record(offset)

    def _add_list(self, items: list[bytes]) -> None:
        self._add(commands.encode_list(items))

    def _add(self, record: bytes) -> None:
        offset = len(self._work.records)
        for index, item in enumerate(_items(record)):
            self._decide(item, offset, index)
        self._work.records.append(record)
        self._reference.end_record(offset)

    def _decide(self, item: bytes, offset: int, index: int) -> None:
        work = self._work
        work.items += 1
        skip = SKIPPED_BECAUSE if item in work.poison else ""
        self._reference.apply(item, offset, index, skip)

    def _item(self) -> bytes:
        random, work = self._random, self._work
        if random.random() < 0.015:
            work.by_type["not a command"] += 1
            return random.choice(_NOT_COMMANDS)
        command = random.choice(self._shops).next()
        if random.random() < 0.01:
            work.by_type["wrong partition"] += 1
            command = msgspec.structs.replace(command, pool=_ELSEWHERE)
        work.by_type[str(command.__struct_config__.tag)] += 1
        if self._poison_after is not None and work.items >= self._poison_after and not work.poison:
            command = msgspec.structs.replace(command, reason=_POISON)
            item = commands.encode(command)
            work.poison = frozenset({item})
            return item
        return commands.encode(command)


def _items(record: bytes) -> list[bytes]:
    return Reference(PARTITION).engine.split(record)
