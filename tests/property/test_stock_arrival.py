"""The same stock facts, whatever order they arrive in, leave the same on hand."""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from models import commands as c
from tests.property.profiles import EXAMPLES
from tests.support.builders import START_MS, Shop


class Fact(NamedTuple):
    """A movement of so many units, or a count, at an instant before now."""

    at_ms: int
    kind: str
    quantity: int


minutes = st.integers(1, 30).map(lambda minute: START_MS - minute * 60_000)
movements = st.builds(
    Fact, at_ms=minutes, kind=st.sampled_from(("receive", "sell", "adjust")), quantity=st.integers(1, 9)
)
counts = st.builds(Fact, at_ms=minutes, kind=st.just("count"), quantity=st.integers(0, 20))
facts = st.tuples(
    st.lists(movements, max_size=6), st.lists(counts, max_size=3, unique_by=lambda count: count.at_ms)
).map(lambda both: [*both[0], *both[1]])


def tell(shop: Shop, number: int, fact: Fact) -> None:
    """Send a fact under a document of its own; an older count than the newest is refused, which is right."""
    about: dict[str, Any] = shop.fact("berlin", document=f"f{number}", occurred_at_ms=fact.at_ms)
    if fact.kind in ("receive", "sell"):
        kind = c.ReceiveStock if fact.kind == "receive" else c.SellAtTill
        lines = (c.StockLine(line="1", sku="A", quantity=fact.quantity),)
        shop.send(shop.make(kind, **about, lines=lines))
    elif fact.kind == "adjust":
        shop.send(shop.make(c.AdjustStock, **about, sku="A", delta=-fact.quantity))
    else:
        shop.send(shop.make(c.CountStock, **about, sku="A", counted=fact.quantity))


def expected_on_hand(stated: list[Fact]) -> int:
    """The newest count, and what happened after it."""
    counted = max((fact for fact in stated if fact.kind == "count"), default=Fact(0, "count", 0))
    signs = {"receive": 1, "sell": -1, "adjust": -1, "count": 0}
    return counted.quantity + sum(signs[fact.kind] * fact.quantity for fact in stated if fact.at_ms > counted.at_ms)


@EXAMPLES
@given(stated=facts.flatmap(lambda known: st.tuples(st.just(known), st.permutations(range(len(known))))))
def test_on_hand_is_the_newest_count_and_what_happened_after_it(stated: tuple[list[Fact], list[int]]) -> None:
    known, order = stated
    shop = Shop().open()

    for number in order:
        tell(shop, number, known[number])

    assert shop.level("A", "berlin").on_hand == expected_on_hand(known)
    assert sum(movement.on_hand_delta for movement in shop.movements) == expected_on_hand(known)


@EXAMPLES
@given(stated=st.lists(movements, max_size=6), counted=st.integers(0, 20), at_ms=minutes, data=st.data())
def test_a_fact_told_twice_counts_once(stated: list[Fact], counted: int, at_ms: int, data: st.DataObject) -> None:
    known = [*stated, Fact(at_ms, "count", counted)]
    twice = data.draw(st.permutations([*range(len(known)), *range(len(known))]))
    shop = Shop().open()

    for number in twice:
        tell(shop, number, known[number])

    assert shop.level("A", "berlin").on_hand == expected_on_hand(known)
