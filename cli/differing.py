"""Shows what `headrace apply` found: mistakes with their places, and what differs from what runs."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cli.console import people, print_json
from connectors.folder.difference import Change, is_done
from connectors.folder.faults import Fault
from connectors.folder.setup import Setup

_SHOWN, _FAULTS_SHOWN, _VALUE_CHARACTERS = 12, 100, 60
_SIGNS = {"added": "+", "changed": "~", "disabled": "-", "left": " "}
_COUNTED = {
    "locations": "locations",
    "channels": "channels",
    "catalogue": "SKUs",
    "opening": "lines of opening stock",
    "accounts": "accounts",
}


def show(pool: str, changes: Sequence[Change]) -> None:
    """Show what differs in a pool, key by key, and of many alike only the first."""
    if is_done(changes):
        print(f"{pool}: nothing to do.")
    if not changes:
        return
    table = Table(title=f"Pool {pool}", title_justify="left", box=None, pad_edge=False, header_style="bold")
    for title in ("", "part", "name", "what runs → what is in the folder"):
        table.add_column(title, overflow="fold")
    alike: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        alike.setdefault((change.part, change.what), []).append(change)
    for (part, what), some in alike.items():
        for change in some[:_SHOWN]:
            _add(table, change)
        if len(some) > _SHOWN:
            table.add_row(_SIGNS[what], part, f"{len(some) - _SHOWN:,} more", "")
    Console(highlight=False, markup=False).print(table)


def tell_faults(folder: Path, faults: Sequence[Fault], *, json: bool) -> None:
    """Tell what is to be put right in a folder, so that an editor finds the place."""
    if json:
        print_json({"faults": faults})
        return
    for fault in faults[:_FAULTS_SHOWN]:
        people.print(f"{folder / fault.file}:{fault.line}:{fault.column}: {fault.reason}", markup=False)
    rest = len(faults) - _FAULTS_SHOWN
    more = f" ({rest:,} of them are not shown here, --json gives all)" if rest > 0 else ""
    people.print(f"{len(faults):,} to put right{more}; nothing was applied.")


def tell_checked(pools: Sequence[Setup], *, json: bool) -> None:
    """Tell what a folder without mistakes holds."""
    counts = {one.head.pool: {part: len(getattr(one, part) or ()) for part in _COUNTED} for one in pools}
    if json:
        print_json({"faults": [], "pools": counts})
        return
    for pool, parts in counts.items():
        print(f"{pool}: no mistakes ({', '.join(f'{parts[part]:,} {name}' for part, name in _COUNTED.items())}).")


def _add(table: Table, change: Change) -> None:
    head = (_SIGNS[change.what], change.part, change.name)
    fields = [field for field in change.fields if field.new != change.name]
    if change.what == "left":
        table.add_row(*head, "runs, and is not in the folder: left as it is")
    elif change.what == "added":
        table.add_row(*head, "; ".join(f"{field.key}: {_short(field.new)}" for field in fields))
    else:
        lines = (f"{field.key}: {_short(field.old) or 'none'} → {_short(field.new) or 'none'}" for field in fields)
        table.add_row(*head, "\n".join(lines))


def _short(value: str) -> str:
    return value if len(value) <= _VALUE_CHARACTERS else f"{value[: _VALUE_CHARACTERS - 1]}…"
