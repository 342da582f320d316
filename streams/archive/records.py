"""A topic's records as columns, with as little Python per row as there can be."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec
import polars as pl
from msgspec import NODEFAULT, Raw, Struct, inspect
from msgspec.structs import astuple

# Partition, offset, time of the broker in milliseconds, value.
Record: TypeAlias = tuple[int, int, int, bytes]
Row: TypeAlias = tuple[Any, ...]
Schema: TypeAlias = dict[str, type[pl.DataType]]

# The columns that every table begins with; `day` is the UTC day of the broker's time.
ENVELOPE: Schema = {
    "day": pl.Date,
    "partition": pl.Int32,
    "record_offset": pl.Int64,
    "broker_at_ms": pl.Int64,
}
# Bytes that could not be read are kept as they came, with every other column empty.
UNREADABLE: Schema = {"unreadable": pl.Binary}
# A column may not be called by a word of SQL.
_RENAMED = {"offset": "command_offset", "index": "command_index"}


# The index of the row of an empty list of commands.
NO_COMMAND = -1


class Shape(NamedTuple):
    """The columns of a table between envelope and `unreadable`, and how a record becomes rows of them."""

    columns: Schema
    rows: Callable[[bytes], Sequence[Row]]

    @property
    def schema(self) -> Schema:
        return ENVELOPE | self.columns | UNREADABLE


class _Header(Struct):
    """What is told about a command in columns of its own; the rest stays in its text."""

    pool: str = ""
    type: str = ""
    command_id: str = ""
    order_id: str = ""


_NO_HEADER = _Header()
_header_decoder = msgspec.json.Decoder(_Header)
_list_decoder = msgspec.json.Decoder(list[Raw])


def shape_of_commands() -> Shape:
    """One row a command: its index in the record, a few columns, and its text byte for byte."""
    columns: Schema = {"command_index": pl.Int32}
    columns |= dict.fromkeys(_Header.__struct_fields__, pl.String)
    columns |= {"value": pl.String}
    return Shape(columns, _command_rows)


def _command_rows(value: bytes) -> Sequence[Row]:
    items = _list_decoder.decode(value)
    if not items:
        # Its row tells that the record was there: offsets are without gaps.
        return ((NO_COMMAND, *astuple(_NO_HEADER), value.decode(), None),)
    return [_command_row(index, bytes(item)) for index, item in enumerate(items)]


def _command_row(index: int, item: bytes) -> Row:
    try:
        text = item.decode()
    except UnicodeDecodeError:
        return (index, *astuple(_NO_HEADER), None, item)
    try:
        header = _header_decoder.decode(item)
    except msgspec.DecodeError:
        # Whether it is a command is for the core to say, which dead-letters it if it is none.
        header = _NO_HEADER
    return (index, *astuple(header), text, None)


def shape_of(model: type[Struct]) -> Shape:
    """One column a field of the model; whatever is not a number, a text or a flag stays JSON text."""
    columns: Schema = {}
    fields: list[tuple[str, Any, Any]] = []
    texts: list[int] = []
    described = inspect.type_info(model)
    assert isinstance(described, inspect.StructType)
    for position, field in enumerate(described.fields):
        column, kind = _column_of(field.type)
        default = field.default
        if field.default_factory is not NODEFAULT:
            default = field.default_factory()
        if kind is Raw:
            texts.append(position)
            default = default if default is NODEFAULT else Raw(msgspec.json.encode(default))
        columns[_RENAMED.get(field.name, field.name)] = column
        fields.append((field.name, kind, default))
    lean = msgspec.defstruct(
        f"{model.__name__}Columns",
        [(name, kind) if default is NODEFAULT else (name, kind, default) for name, kind, default in fields],
        kw_only=True,
    )
    decode = msgspec.json.Decoder(lean).decode

    def rows(value: bytes) -> Sequence[Row]:
        cells = list(astuple(decode(value)))
        for position in texts:
            cells[position] = bytes(cells[position]).decode()
        return ((*cells, None),)

    return Shape(columns, rows)


def _column_of(kind: inspect.Type) -> tuple[type[pl.DataType], Any]:
    match kind:
        case inspect.BoolType():
            return pl.Boolean, bool
        case inspect.IntType():
            return pl.Int64, int
        case inspect.StrType() | inspect.EnumType():
            return pl.String, str
        case inspect.UnionType(types=types) if {type(t) for t in types} == {inspect.StrType, inspect.NoneType}:
            return pl.String, str | None
        case _:
            return pl.String, Raw


def to_frame(shape: Shape, records: Sequence[Record]) -> pl.DataFrame:
    """All rows of the records, in their order."""
    schema = shape.schema
    width = len(shape.columns)
    rows: list[Row] = []
    append = rows.append
    for partition, offset, at_ms, value in records:
        try:
            read = shape.rows(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            read = (((None,) * width + (value,)),)
        for row in read:
            append((partition, offset, at_ms, *row))
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(schema) - 1)
    names = [name for name in schema if name != "day"]
    frame = pl.DataFrame(
        [pl.Series(name, cells, dtype=schema[name]) for name, cells in zip(names, columns, strict=True)]
    )
    day = pl.from_epoch("broker_at_ms", time_unit="ms").dt.date().alias("day")
    return frame.with_columns(day).select(*schema)
