"""The figures of a comparison: totals, tables by order and by day and location, and what was assumed, in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from pipelines.shadow.book import Book
from pipelines.shadow.breaks import WORDS, Found
from pipelines.shadow.comparing import Compared, Units
from pipelines.shadow.history import History
from pipelines.shadow.playing import Played

Columns = dict[str, pl.DataType | type[pl.DataType]]

ORDERS: Columns = {
    "order": pl.String,
    "channel": pl.String,
    "placed_at": pl.Datetime("ms", "UTC"),
    "not_compared": pl.String,
    "theirs": pl.String,
    "ours": pl.String,
    "alike": pl.Boolean,
    "cost_theirs_minor": pl.Int64,
    "cost_ours_minor": pl.Int64,
    "saved_minor": pl.Int64,
    "late_theirs_per_mille": pl.Int64,
    "late_ours_per_mille": pl.Int64,
    "splits_avoided": pl.Int64,
}
DAYS: Columns = {
    "day": pl.String,
    "location": pl.String,
    "orders_theirs": pl.Int64,
    "orders_ours": pl.Int64,
    "units_theirs": pl.Int64,
    "units_ours": pl.Int64,
}
BREAKS: Columns = {
    "kind": pl.String,
    "at": pl.Datetime("ms", "UTC"),
    "about": pl.String,
    "location": pl.String,
    "sku": pl.String,
    "units": pl.Int64,
    "text": pl.String,
}


class Report(NamedTuple):
    """Everything that is told: totals, three tables, and what was assumed."""

    pool: str
    currency: str
    summary: dict[str, Any]
    orders: pl.DataFrame
    days: pl.DataFrame
    breaks: pl.DataFrame
    assumed: tuple[str, ...]


class Reckoned(NamedTuple):
    """What the figures are made of; `learned` and `has_rates` say what lateness and money rest on."""

    history: History
    book: Book
    played: Played
    compared: Sequence[Compared]
    found: Sequence[Found]
    learned: bool
    has_rates: bool


def report_of(pool: str, currency: str, reckoned: Reckoned) -> Report:
    """Add everything up."""
    breaks = [(one.kind, one.at_ms, *one[2:]) for one in reckoned.found]
    return Report(
        pool,
        currency,
        _summary(reckoned),
        _orders(reckoned.compared),
        _days(reckoned.compared),
        pl.DataFrame(breaks, schema=BREAKS, orient="row"),
        tuple(_assumed(reckoned)),
    )


def _summary(reckoned: Reckoned) -> dict[str, Any]:
    history, _, played, compared, found, *_ = reckoned
    told = [one for one in compared if one.left is None]
    judged = [one for one in told if one.late_theirs is not None]
    broken = Counter(one.kind for one in found)
    return {
        "orders": len(history.orders),
        "compared": len(told),
        "not_compared": dict(sorted(Counter(one.left.value for one in compared if one.left is not None).items())),
        "alike": sum(one.is_alike for one in told),
        "different": sum(not one.is_alike for one in told),
        "cost_theirs_minor": sum(one.cost_theirs_minor for one in told),
        "cost_ours_minor": sum(one.cost_ours_minor for one in told),
        "saved_minor": sum(one.saved_minor for one in told),
        "late_judged": len(judged),
        "late_theirs_per_mille": sum(one.late_theirs or 0 for one in judged),
        "late_ours_per_mille": sum(one.late_ours or 0 for one in judged),
        "splits_theirs": sum(len(one.theirs) > 1 for one in told),
        "splits_ours": sum(len(one.ours) > 1 for one in told),
        "parcels_avoided": sum(max(0, one.splits_avoided) for one in told),
        "parcels_added": sum(max(0, -one.splits_avoided) for one in told),
        "oversold_orders": len({one.about for one in found if one.kind == "oversold"}),
        "oversold_units": sum(one.units for one in found if one.kind == "oversold"),
        "breaks": {kind: broken[kind] for kind in WORDS if broken[kind]},
        "commands": len(played.commands),
        "refused": dict(sorted(played.refused.items())),
    }


def _orders(compared: Sequence[Compared]) -> pl.DataFrame:
    rows = []
    for one in compared:
        told = one.left is None
        money = (one.cost_theirs_minor, one.cost_ours_minor, one.saved_minor) if told else (None, None, None)
        stated = one.order.stated
        rows.append(
            (
                one.order.name,
                one.order.account.channel,
                stated.placed_at_ms,
                "" if one.left is None else one.left.value,
                _places(one.theirs),
                _places(one.ours),
                one.is_alike if told else None,
                *money,
                one.late_theirs,
                one.late_ours,
                one.splits_avoided if told else None,
            )
        )
    return pl.DataFrame(rows, schema=ORDERS, orient="row").sort("placed_at", "order")


def _days(compared: Sequence[Compared]) -> pl.DataFrame:
    """Count orders and units by the UTC day on which they were bought, and by location."""
    rows = []
    for one in compared:
        if one.left is None:
            for side, units in (("theirs", one.theirs), ("ours", one.ours)):
                for place, lines in units.items():
                    rows.append((one.order.stated.placed_at_ms, place, side, sum(lines.values())))
    schema: Columns = {"at": pl.Datetime("ms", "UTC"), "location": pl.String, "side": pl.String, "units": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("at").dt.strftime("%Y-%m-%d"))
    sides = [(side, pl.col("side") == side) for side in ("theirs", "ours")]
    return (
        frame.group_by(pl.col("at").alias("day"), "location")
        .agg(
            *(is_of.sum().cast(pl.Int64).alias(f"orders_{side}") for side, is_of in sides),
            *(pl.col("units").filter(is_of).sum().alias(f"units_{side}") for side, is_of in sides),
        )
        .select(pl.col(name).cast(kind) for name, kind in DAYS.items())
        .sort("day", "location")
    )


def _places(units: Units) -> str:
    return " + ".join(units)


_ALWAYS = (
    (
        "Money is the price of the folder's rate card with handling and picking, for both sides: not what was "
        "paid. Parcels of an order from one location count as one."
    ),
    (
        "Headrace's pool has a life of its own: what it sent from elsewhere is missing there later. Stock is what "
        "the merchant's messages say; a count is taken as news of what came in or was lost since the last one."
    ),
    (
        "What Headrace had allocated left when the merchant's parcel did. A refusal, a short pick or a delay of "
        "the location that it would have chosen is not in these figures."
    ),
    "Days are days of UTC, and an order counts on the day on which it was bought.",
)
_KNOWN = (
    "Lateness: the merchant's by the actual delivery where one is known, which is ours too where the order left from"
    " the same locations; else "
)
_LEARNED = (
    "how long the merchant's own deliveries of this history took from that location. Routing itself did not know them."
)


def _assumed(reckoned: Reckoned) -> Iterator[str]:
    """Say what the figures rest on; a sentence that does not apply is left out."""
    history, book, played, compared, *_ = reckoned
    told = [one for one in compared if one.left is None]
    yield from _ALWAYS
    if not reckoned.has_rates:
        yield "The folder has no rate card in policy.yaml: every parcel costs the same, so money says little."
    yield _KNOWN + (_LEARNED if reckoned.learned else "the likelihood by the routing model that was given.")
    for count, text in (
        (
            sum(one.late_theirs is None for one in told),
            "orders were not judged for lateness: they had no promise, or no delivery is known of their lane.",
        ),
        (
            sum(not one.placed for one in told),
            "orders have no position: every location counts as equally far for them.",
        ),
        (book.worked_back, "levels begin with stock that was worked back from their first count."),
        (book.inferred, "levels were never counted: what left from them is taken to have been there."),
        (len(_unjudged(history, book)), "SKUs were sold of which nobody said any stock: they are not judged oversold."),
        (sum(played.refused.values()), "commands were refused by the core: see `refused`."),
        (len(played.unasked), "orders could not be placed."),
    ):
        if count:
            yield f"{count:,} {text}"
    for why, count in sorted(history.unused.items()):
        yield f"{count:,} were not used: {why}."


def _unjudged(history: History, book: Book) -> set[str]:
    sold = {
        sku
        for order in history.orders
        for line in order.lines
        if line.goods is not None and not line.goods.untracked
        for sku, _ in line.goods.parts
    }
    return sold - book.judged
