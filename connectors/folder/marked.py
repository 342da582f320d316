"""YAML with its places: texts to nodes that know line and column.

Scalars are read as the text that was written, whatever YAML would make of it: the country NO stays NO, the time 16:30
does not become 990, and a SKU or postcode keeps its zeros. What a value means is said by its key (see `shapes`).
"""

from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from connectors.folder.faults import Faults, WrongError, did_you_mean

_NULL = "tag:yaml.org,2002:null"


def root_of(text: str, faults: Faults) -> Node | None:
    """Give the document of a file; None where there is nothing in it, or nothing that can be read."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        faults.add(line, column, f"this is no YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        faults.add(1, 1, f"this is no YAML: {' '.join(str(error).split())}")
    return None


def fault_at(faults: Faults, node: Node, reason: str) -> None:
    """Note a mistake where a node begins."""
    faults.add(node.start_mark.line + 1, node.start_mark.column + 1, reason)


def is_empty(node: Node) -> bool:
    """Tell whether a key was left without a value."""
    return isinstance(node, ScalarNode) and node.tag == _NULL


def text_of(node: Node) -> str:
    """Give a scalar as it was written.

    Raises:
        WrongError: it is a list or a mapping.
    """
    if not isinstance(node, ScalarNode):
        raise WrongError("write one value here, not a list or keys")
    return str(node.value)


def items_of(node: Node) -> list[Node]:
    """Give the items of a list.

    Raises:
        WrongError: it is none.
    """
    if not isinstance(node, SequenceNode):
        raise WrongError("write a list here, such as [first, second]")
    return list(node.value)


def entries_of(node: Node) -> list[tuple[str, Node]]:
    """Give a mapping whose keys are free.

    Raises:
        WrongError: it is none.
    """
    if not isinstance(node, MappingNode):
        raise WrongError("write names here, each on a line of its own with its value")
    entries: list[Any] = node.value
    return [(text_of(key), value) for key, value in entries]


def pairs_of(node: Node, known: tuple[str, ...], faults: Faults) -> dict[str, tuple[Node, Node]]:
    """Give a mapping by its keys, each with key node and value node; unknown keys and repeats are faults."""
    if not isinstance(node, MappingNode):
        fault_at(faults, node, f"write keys here, each on a line of its own: {', '.join(known)}")
        return {}
    pairs: dict[str, tuple[Node, Node]] = {}
    entries: list[Any] = node.value
    for key_node, value in entries:
        key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
        if key not in known:
            fault_at(faults, key_node, f"unknown key '{key}': {did_you_mean(key, known)}")
        elif key in pairs:
            first = pairs[key][0].start_mark.line + 1
            fault_at(faults, key_node, f"'{key}' stands here a second time, first in line {first}: keep one")
        else:
            pairs[key] = (key_node, value)
    return pairs
