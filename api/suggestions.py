"""Which of our SKUs a name of a channel may mean: the most similar by SKU and by name. Pure, and fast on any catalogue.

Letters are compared, not meanings: what is told is a hint for a person, who decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process, utils

MOST_SUGGESTED = 5
_LEAST_SCORE = 60.0
_LOOKED_AT = 20
# Where only a part of the name fits, or the name of the item and not its SKU, that is a weaker hint.
_OF_PART, _OF_NAME = 0.95, 0.9


class Suggestion(NamedTuple):
    """One of our SKUs with its name, and how alike it is, from 0 to 100."""

    sku: str
    name: str
    score: int


class Goods(NamedTuple):
    """A catalogue, made ready for comparing."""

    items: Sequence[tuple[str, str]]
    skus: Sequence[str]
    names: Sequence[str]


def goods_of(items: Iterable[tuple[str, str]]) -> Goods:
    """Make a catalogue of SKUs with their names ready."""
    listed = list(items)
    return Goods(listed, [_squashed(sku) for sku, _ in listed], [_sorted(name) for _, name in listed])


def suggest(goods: Goods, wanted: str, most: int = MOST_SUGGESTED) -> tuple[Suggestion, ...]:
    """Give the SKUs that a name is most like, the likeliest first; of equals in the order of SKUs."""
    scores: dict[int, float] = {}
    for text, weight in _readings(wanted):
        for compared, choices, share in ((_squashed(text), goods.skus, 1.0), (_sorted(text), goods.names, _OF_NAME)):
            for place, score in _alike(compared, choices):
                scores[place] = max(scores.get(place, 0.0), score * weight * share)
    found = sorted(scores, key=lambda place: (-scores[place], goods.items[place][0]))
    likely = (place for place in found if scores[place] >= _LEAST_SCORE)
    return tuple(
        Suggestion(*goods.items[place], round(scores[place])) for place, _ in zip(likely, range(most), strict=False)
    )


def _alike(text: str, choices: Sequence[str]) -> Iterator[tuple[int, float]]:
    if text:
        best = process.extract(text, choices, scorer=fuzz.ratio, limit=_LOOKED_AT, score_cutoff=_LEAST_SCORE)
        yield from ((place, score) for _, score, place in best)


def _readings(wanted: str) -> Iterator[tuple[str, float]]:
    """Give a name whole, and without what channels put before or behind a SKU: a shop's prefix, the size of a pack."""
    words = utils.default_process(wanted).split()
    yield " ".join(words), 1.0
    if len(words) > 1:
        yield " ".join(words[:-1]), _OF_PART
        yield " ".join(words[1:]), _OF_PART


def _squashed(text: str) -> str:
    """Give letters and digits alone: separators are what differs most between systems."""
    return utils.default_process(text).replace(" ", "")


def _sorted(text: str) -> str:
    """Give the words in the order of the alphabet, so that theirs does not count."""
    return " ".join(sorted(utils.default_process(text).split()))
