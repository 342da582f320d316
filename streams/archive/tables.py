"""The tables of the lake: the topic each holds, its columns, and what identifies a row."""

from typing import NamedTuple

import polars as pl

from models.records.stock import StockMovement
from models.topics import Catalogue
from models.updates import CommandUpdate, DeadLetter
from streams.archive.records import Shape, shape_of, shape_of_commands


class Table(NamedTuple):
    """One table of the lake.

    `identity` names the columns that order the rows of a partition and are the same when its producer, after a
    crash, publishes a row again. It is empty where each record is a row of its own: a command sent twice is two.
    """

    name: str
    topic: str
    shape: Shape
    identity: tuple[str, ...]


def tables(catalogue: Catalogue) -> tuple[Table, ...]:
    """All tables of one system."""
    return (
        Table("commands", catalogue.commands.name, shape_of_commands(), ()),
        _published("order_updates", catalogue.order_updates.name, shape_of(CommandUpdate)),
        _published("stock_movements", catalogue.stock_movements.name, shape_of(StockMovement)),
        _published("dead_letters", catalogue.dead_letters.name, shape_of(DeadLetter)),
    )


def _published(name: str, topic: str, shape: Shape) -> Table:
    order = ("command_offset", "command_index", "part", "sequence")
    return Table(name, topic, shape, tuple(column for column in order if column in shape.columns))


def drop_repeated(table: Table, frame: pl.DataFrame, archived: dict[int, tuple[int, ...]]) -> pl.DataFrame:
    """Keep the first of each row, and only those after what is archived of their partition.

    What could not be read has no identity and is kept.
    """
    if not table.identity or frame.is_empty():
        return frame
    readable = pl.col("unreadable").is_null()
    keep = ~readable | pl.struct("partition", *table.identity).is_first_distinct()
    for partition, position in archived.items():
        here = pl.col("partition") == partition
        keep &= ~readable | ~here | _after(table.identity, position)
    return frame.filter(keep)


def _after(columns: tuple[str, ...], position: tuple[int, ...]) -> pl.Expr:
    """Compare as tuples are compared."""
    expression = pl.lit(value=False)
    for column, value in zip(reversed(columns), reversed(position), strict=True):
        expression = (pl.col(column) > value) | ((pl.col(column) == value) & expression)
    return expression


def newest_positions(table: Table, frame: pl.DataFrame) -> dict[int, tuple[int, ...]]:
    """The greatest identity of each partition in the frame."""
    if not table.identity:
        return {}
    newest = (
        frame.filter(pl.col("unreadable").is_null())
        .sort("partition", *table.identity)
        .unique("partition", keep="last")
        .select("partition", *table.identity)
    )
    return {row[0]: row[1:] for row in newest.iter_rows()}
