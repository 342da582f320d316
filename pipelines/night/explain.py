"""A routing model in sentences: where orders take how long, from how many outcomes, and what it was before. Pure."""

from collections.abc import Mapping

from models.records.pool import RoutingModel
from pipelines.night.learn import Learned, mean_days

_MOST_LANES = 12
_NOTED_CHANGE_DAYS = 0.05


def explain(learned: Learned, in_force: RoutingModel | None, names: Mapping[str, str]) -> list[str]:
    """All lanes together first, then the lanes with most outcomes."""
    if not learned.lanes:
        return []
    before = in_force.lanes if in_force is not None else {}
    largest = sorted((key for key in learned.lanes if key != "*"), key=lambda key: (-learned.outcomes[key], key))
    lanes = [key for key in largest if "/" in key] or largest
    leaning = ", ".join(
        f"{level.rsplit('/', 1)[-1].removesuffix('_id')} on {strength}"
        for level, strength in learned.strengths.items()
        if level != "all"
    )
    size = f"{len(learned.lanes)} lanes in all, told apart up to {learned.days} days."
    return [
        _sentence("*", learned, before, names),
        *[_sentence(key, learned, before, names) for key in lanes[:_MOST_LANES]],
        f"{size} Outcomes of the wider place that count as a place's own: {leaning}.",
    ]


def _sentence(key: str, learned: Learned, before: Mapping[str, tuple[int, ...]], names: Mapping[str, str]) -> str:
    days = mean_days(learned.lanes[key])
    was = before.get(key)
    change = f" (was {mean_days(was):.1f})" if was and abs(mean_days(was) - days) >= _NOTED_CHANGE_DAYS else ""
    return f"{_named(key, names)}: {days:.1f} days from {learned.outcomes[key]:,} parts of orders{change}"


def _named(key: str, names: Mapping[str, str]) -> str:
    if key == "*":
        return "All lanes"
    location, _, lane = key.partition("/")
    name = names.get(location) or location
    if not lane:
        return f"{name} to anywhere"
    country, _, region = lane.partition("-")
    return f"{name} to {region}, {country}" if region else f"{name} to {country}"
