"""What runs, as the files of a folder: the same set-up read back gives nothing to do."""

import re
from typing import Any

import yaml

from connectors.folder import reading
from connectors.folder.accounts import ACCOUNT, aliases_sheet
from connectors.folder.goods import catalogue_sheet, kits_sheet, opening_sheet
from connectors.folder.keys import CHANNEL, LOCATION, POLICY, POOL
from connectors.folder.kinds import Tree
from connectors.folder.listings import listings_sheet
from connectors.folder.setup import Setup
from connectors.folder.shapes import Shape

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _./+-]*", re.ASCII)
_WORDS = frozenset({"yes", "no"})
_STRING = "tag:yaml.org,2002:str"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_ONE_LINE = 1_000_000


def files_of(setup: Setup) -> dict[str, str]:
    """Give the files of a pool by their names."""
    currency = setup.head.currency
    files = {reading.HEAD: _mapping(POOL, setup.head, currency)}
    if setup.locations is not None:
        files[reading.LOCATIONS] = _list(LOCATION, setup.locations, currency)
    if setup.channels is not None:
        files[reading.CHANNELS] = _list(CHANNEL, setup.channels, currency)
    if setup.policy is not None:
        files[reading.ROUTING] = _mapping(POLICY, setup.policy, currency)
    if setup.catalogue is not None:
        files[reading.CATALOGUE] = catalogue_sheet(setup.catalogue)
        if setup.kits:
            files[reading.KITS] = kits_sheet(setup.catalogue)
        if setup.listings:
            files[reading.LISTINGS] = listings_sheet(setup.catalogue)
    if setup.accounts:
        files[reading.CONNECTORS] = _list(ACCOUNT, setup.accounts, currency)
        if any(account.aliases for account in setup.accounts):
            files[reading.ALIASES] = aliases_sheet(setup.accounts)
    if setup.opening is not None:
        files[reading.OPENING] = opening_sheet(setup.opening)
    return files


def _mapping(shape: Shape, thing: Any, currency: str) -> str:
    return "\n".join(_lines(shape.trees(thing, currency))) + "\n"


def _list(shape: Shape, things: tuple[Any, ...], currency: str) -> str:
    return "\n".join("\n".join(_item(shape.trees(thing, currency))) + "\n" for thing in things)


def _item(tree: Tree) -> list[str]:
    """Give the lines of keys that are an item of a list."""
    assert isinstance(tree, dict)
    first, *rest = _lines(tree) or ["{}"]
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _lines(keys: dict[str, Tree]) -> list[str]:
    lines = []
    for key, tree in keys.items():
        match tree:
            case dict():
                lines += [f"{_inline(key)}:", *(f"  {line}" for line in _lines(tree))]
            case [{}, *_]:
                lines += [f"{key}:", *(f"  {line}" for part in tree for line in _item(part))]
            case [[*_], *_]:
                lines += [f"{key}:", *(f"  - {_inline(row)}" for row in tree)]
            case _:
                lines.append(f"{_inline(key)}: {_inline(tree)}")
    return lines


def _inline(tree: Tree) -> str:
    if isinstance(tree, list):
        return f"[{', '.join(map(_inline, tree))}]"
    assert isinstance(tree, str)
    if _is_plain(tree):
        return tree
    return str(yaml.safe_dump(tree, default_style='"', allow_unicode=True, width=_ONE_LINE)).rstrip("\n")


def _is_plain(text: str) -> bool:
    """Tell whether a text needs no quotes, for us or for any other reader of YAML."""
    if text in _WORDS or _NUMBER.fullmatch(text):
        return True
    if _PLAIN.fullmatch(text) is None or text.endswith(" "):
        return False
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return node is not None and node.tag == _STRING
