"""A thing by its keys: read from YAML nodes with all its mistakes, and written back."""

from collections.abc import Callable
from typing import Any, NamedTuple

from yaml.nodes import Node

from connectors.folder.faults import WrongError
from connectors.folder.kinds import Kind, Reading, Tree
from connectors.folder.marked import fault_at, is_empty, pairs_of


class Field(NamedTuple):
    """A key of a file, its kind, and the record's field where that is called otherwise."""

    key: str
    kind: Kind
    field: str = ""
    required: bool = False

    @property
    def name(self) -> str:
        """Give the record's field."""
        return self.field or self.key


class Shape(NamedTuple):
    """The keys of one thing. `build` makes it of the fields that were given, `take` gives all its fields."""

    what: str
    fields: tuple[Field, ...]
    build: Callable[[dict[str, Any]], Any]
    take: Callable[[Any], dict[str, Any]]
    default: Any
    check: Callable[[dict[str, Any]], str | None] = lambda _: None
    """What is wrong with the whole, though each field is right."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the keys in the order in which they are written."""
        return tuple(field.key for field in self.fields)

    def read(self, node: Node, reading: Reading) -> Any:
        """Give the thing; None where it has mistakes, each of which was noted."""
        pairs = pairs_of(node, self.keys, reading.faults)
        values: dict[str, Any] = {}
        is_whole = True
        for field in self.fields:
            _, given = pairs.get(field.key, (None, None))
            if given is None or is_empty(given):
                if field.required:
                    fault_at(reading.faults, node, f"this {self.what} has no '{field.key}': add it")
                    is_whole = False
                continue
            try:
                values[field.name] = field.kind.read(given, reading)
            except WrongError as error:
                fault_at(reading.faults, given, f"{field.key}: {error}")
                is_whole = False
        wrong = self.check(values) if is_whole else None
        if wrong is not None:
            fault_at(reading.faults, node, wrong)
        return self.build(values) if is_whole and wrong is None else None

    def every(self, thing: Any, currency: str) -> dict[str, Tree]:
        """Give a thing by all its keys as they would be written; what is not set has none."""
        values = self.take(thing)
        return {
            field.key: field.kind.tree(values[field.name], currency)
            for field in self.fields
            if values[field.name] is not None
        }

    def trees(self, thing: Any, currency: str) -> dict[str, Tree]:
        """Give a thing by its keys, without what is at its default."""
        values, usual = self.take(thing), self.take(self.default)
        written = self.every(thing, currency)
        return {
            field.key: written[field.key]
            for field in self.fields
            if field.key in written and (field.required or values[field.name] != usual[field.name])
        }


def group(shape: Shape) -> Kind:
    """Give the kind of keys within a key."""

    def read(node: Node, reading: Reading) -> Any:
        return shape.read(node, reading)

    return Kind(read, shape.trees)
