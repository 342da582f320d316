"""The same commands give the same rows byte for byte, however they were cut into records."""

import json
from collections.abc import Iterable
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models import commands as c
from models.engine import Engine
from models.partition import partition_of
from models.updates import Update
from tests.property.pools import POOLS
from tests.property.profiles import EXAMPLES, FEW_EXAMPLES
from tests.property.test_engine_machine import Shops
from tests.property.test_random_stories import STEPS

_COMMANDS = 60


def story(seed: int) -> list[bytes]:
    """The commands of a random story, encoded."""
    random, shops = Random(seed), Shops()
    shops.open(preset=random.choice(("closest", "cheapest")), budget=1, most=4)
    for name in random.choices(list(STEPS), [weight for weight, _ in STEPS.values()], k=_COMMANDS):
        fields = STEPS[name][1](random)
        if name not in ("repeat", "rebuild"):
            fields["pool"] = random.choice(POOLS)
        getattr(shops, name)(**fields)
    return [item for item, _ in shops.sent]


def play(records: Iterable[list[bytes]]) -> tuple[Engine, list[Update]]:
    """Apply records as the pool agent does: item by item, draining in between."""
    engine = Engine(partition_of(POOLS[0]), strict=True)
    told: list[Update] = []
    for offset, record in enumerate(records):
        for index, item in enumerate(engine.split(c.encode_list(record))):
            told.extend(engine.apply(item, offset, index).updates)
            while (more := engine.drain()) is not None:
                told.extend(more.updates)
    return engine, told


def without_positions(rows: dict[bytes, bytes]) -> dict[bytes, Any]:
    """Rows decoded, less where in the log they were written."""
    decoded = {key: json.loads(value) for key, value in rows.items() if key[:1] != b"y"}
    for value in decoded.values():
        value.pop("offset", None)
        value.pop("index", None)
    return decoded


@FEW_EXAMPLES
@given(seed=st.integers(0, 10_000))
def test_the_same_commands_give_the_same_rows_and_updates_byte_for_byte(seed: int) -> None:
    items = story(seed)

    one, told = play([item] for item in items)
    other, told_again = play([item] for item in items)

    assert one.rows == other.rows
    assert told == told_again


@FEW_EXAMPLES
@given(seed=st.integers(0, 10_000), most=st.integers(1, 20))
def test_the_cut_into_records_changes_positions_and_nothing_else(seed: int, most: int) -> None:
    items = story(seed)
    random, cut = Random(seed), []
    rest = list(items)
    while rest:
        size = random.randint(1, most)
        cut.append(rest[:size])
        rest = rest[size:]

    one, _ = play([item] for item in items)
    other, _ = play(cut)

    assert without_positions(one.rows) == without_positions(other.rows)


@FEW_EXAMPLES
@given(seed=st.integers(0, 10_000), cut=st.integers(0, _COMMANDS))
def test_an_engine_built_from_rows_in_any_order_goes_on_alike(seed: int, cut: int) -> None:
    items = story(seed)
    lived = Engine(partition_of(POOLS[0]), strict=True)
    for offset, item in enumerate(items[:cut]):
        lived.apply(item, offset, 0)
    stored = list(lived.rows.items())
    Random(seed).shuffle(stored)
    rebuilt = Engine(partition_of(POOLS[0]), strict=True)
    rebuilt.load(stored)

    for offset, item in enumerate(items[cut:], start=cut):
        assert lived.drain() == rebuilt.drain()
        one, other = lived.apply(item, offset, 0), rebuilt.apply(item, offset, 0)
        assert (list(one.rows), list(one.updates)) == (list(other.rows), list(other.updates))
    assert lived.rows == rebuilt.rows


@EXAMPLES
@given(record=st.binary(max_size=200))
def test_no_bytes_make_an_engine_raise_or_change_its_rows(record: bytes) -> None:
    engine = Engine(partition_of(POOLS[0]), strict=True)

    for index, item in enumerate(engine.split(record)):
        told = engine.apply(item, 0, index)
        assert [update.topic for update in told.updates] == ["dead-letters"]

    assert engine.rows == {}
