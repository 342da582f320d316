"""A message with several entries, each read by itself: one that cannot be read is refused, the others go on."""

from collections.abc import Callable, Iterable

import msgspec

from connectors.frame.facts import AnyFact
from connectors.frame.message import Fetch, Refusal, Translation
from connectors.frame.reading import UnreadableError, within


def translate_each(
    entries: Iterable[msgspec.Raw],
    path: str,
    one: Callable[[bytes], Translation],
    name_of: Callable[[bytes], str] = lambda _: "",
) -> Translation:
    """Give what all entries of a list say together; `name_of` gives the id under which a refused one is shown.

    It is ignored for the first reason given, where no entry says anything.
    """
    facts: list[AnyFact] = []
    refused: list[Refusal] = []
    fetch: list[Fetch] = []
    why = ""
    for number, raw in enumerate(entries):
        entry = bytes(raw)
        try:
            with within(f"{path}[{number}]"):
                said = one(entry)
        except UnreadableError as error:
            refused.append(Refusal(field=error.field, reason=error.reason, entry=_name(entry, name_of)))
            continue
        facts += said.facts
        refused += [_below(refusal, f"{path}[{number}]", entry, name_of) for refusal in said.refused]
        fetch += said.fetch
        why = why or said.ignored
    if facts or refused:
        why = ""
    elif not why:
        why = f"there is nothing in {path}"
    return Translation(facts=tuple(facts), refused=tuple(refused), fetch=tuple(fetch), ignored=why)


def _below(refusal: Refusal, path: str, entry: bytes, name_of: Callable[[bytes], str]) -> Refusal:
    field = f"{path}.{refusal.field}" if refusal.field else path
    return Refusal(field=field, reason=refusal.reason, entry=refusal.entry or _name(entry, name_of))


def _name(entry: bytes, name_of: Callable[[bytes], str]) -> str:
    try:
        return name_of(entry)
    except UnreadableError:
        return ""
