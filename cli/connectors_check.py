"""Tries a folder of messages: file by file what each would do, and last the figures by system."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
from msgspec import Struct

from cli.console import fail, print_json, progress

if TYPE_CHECKING:
    from connectors.frame.declaration import Connector
    from connectors.frame.message import Account, Message, Refusal, Translation

_WHOLE_BYTES_MAX = 8 << 20
_HEAD_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 18
_SHOWN = 20


class Checked(Struct, kw_only=True):
    """What a file would do. Of a long one, which is read in parts, facts are only counted."""

    file: str
    connector: str = "-"
    outcome: str = "ignored"
    ignored: str = ""
    refused: list["Refusal"] = []
    facts: list[dict[str, Any]] = []
    fact_counts: dict[str, int] = {}
    commands: dict[str, int] = {}
    waits: list[str] = []
    """What facts would wait for: an order or a parcel that only a running Headrace knows."""
    bytes: int = 0


def check_folder(folder: Path, *, json: bool) -> None:
    """Print what each file would do, then the figures."""
    from connectors.frame.registry import connectors

    if not folder.exists():
        fail(f"there is no {folder}: name a folder of messages, or one message")
    known = tuple(connectors().values())
    files = list(files_below(folder))
    counts: dict[str, Counter[str]] = {}
    with progress(shown=not json) as bar:
        task, done = bar.add_task("trying", total=sum(size for _, size in files), note=""), 0
        for path, size in files:
            name = path.relative_to(folder).as_posix() if path != folder else path.name
            one = check_file(path, name, known, lambda read: bar.advance(task, read))
            counts.setdefault(one.connector, Counter())[one.outcome] += 1
            done += size
            bar.update(task, completed=done)
            _print(one, json=json)
    systems = {name: dict(sorted(counted.items())) for name, counted in sorted(counts.items())}
    print_json({"files": len(files), "systems": systems})


def check_file(
    path: Path, name: str, known: tuple["Connector", ...], told: Callable[[int], object] = lambda _: None
) -> Checked:
    """Try one file; whatever is in it, this gives an outcome. `told` hears of a long one how many bytes are read."""
    from connectors.frame.message import Message
    from connectors.frame.trying import TRIED_AT_MS, account_for, try_message

    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            body = file.read(_HEAD_BYTES if size > _WHOLE_BYTES_MAX else _WHOLE_BYTES_MAX)
        message = Message(body=body, name=name, received_at_ms=TRIED_AT_MS)
        if size > _WHOLE_BYTES_MAX:
            return _long(path, message, known, told)
        tried = try_message(message, known)
    except OSError as error:
        return _rejected(name, f"it cannot be read: {error.strerror}")
    except Exception as fault:  # noqa: BLE001 # One bad file must not keep the others from being tried.
        return _rejected(name, f"the connector failed ({type(fault).__name__}): please tell us, with the file")
    checked = Checked(file=name, connector=tried.connector, outcome=tried.outcome.value, bytes=size)
    connector = next((one for one in known if one.name == tried.connector), None)
    if connector is None:
        checked.ignored = tried.translation.ignored
    else:
        checked.facts = [msgspec.to_builtins(fact) for fact in tried.translation.facts]
        _add(checked, tried.translation, account_for(connector))
    return checked


def files_below(folder: Path) -> Iterator[tuple[Path, int]]:
    """Give the files below a folder in order; links are not followed, nor is what is no plain file."""
    if folder.is_file():
        yield folder, folder.stat().st_size
        return
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path, path.stat().st_size


def chunks_of(file: BinaryIO, told: Callable[[int], object]) -> Iterator[bytes]:
    """Read a file in pieces; `told` hears how many bytes each had, once it is dealt with."""
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
        told(len(chunk))


def _long(path: Path, message: "Message", known: tuple["Connector", ...], told: Callable[[int], object]) -> Checked:
    """Read a long file part by part, where its connector can; its beginning tells whose it is."""
    from connectors.frame.translating import translate_stream
    from connectors.frame.trying import account_for, connector_of

    connector = connector_of(message, [one for one in known if one.stream is not None])
    if connector is None:
        return _rejected(
            message.name, f"it has more than {_WHOLE_BYTES_MAX:,} bytes, and no connector reads it in parts"
        )
    checked = Checked(file=message.name, connector=connector.name, bytes=path.stat().st_size)
    account = account_for(connector)
    with path.open("rb") as file:
        chunks = chunks_of(file, told)
        for part in translate_stream(connector, msgspec.structs.replace(message, body=b""), chunks, account):
            _add(checked, part, account)
    checked.outcome = "rejected" if checked.refused else "translated" if checked.fact_counts else "ignored"
    return checked


def _add(checked: Checked, translation: "Translation", account: "Account") -> None:
    """Add what a part says, and the commands it asks for where nothing is known."""
    from connectors.frame.asked import Envelope, NothingKnown, UnknownYet
    from connectors.frame.asking import ask
    from connectors.frame.reading import UnreadableError

    checked.refused += translation.refused[: _SHOWN - len(checked.refused)] if len(checked.refused) < _SHOWN else ()
    checked.ignored = checked.ignored or translation.ignored
    facts, commands = Counter(checked.fact_counts), Counter(checked.commands)
    for number, fact in enumerate(translation.facts):
        facts[str(fact.__struct_config__.tag)] += 1
        envelope = Envelope(pool=account.pool, actor=account.name, at_ms=0, seed=str(number))
        try:
            asked = ask(fact, account, envelope, NothingKnown())
            commands.update(str(one.command.__struct_config__.tag) for one in asked)
        except (UnknownYet, UnreadableError) as error:
            if len(checked.waits) < _SHOWN:
                checked.waits.append(str(error))
    checked.fact_counts, checked.commands = dict(facts), dict(commands)


def _rejected(name: str, reason: str) -> Checked:
    from connectors.frame.message import Refusal

    return Checked(file=name, outcome="rejected", refused=[Refusal(field="", reason=reason)])


def _print(one: Checked, *, json: bool) -> None:
    if json:
        print_json(one)
        return
    if one.outcome == "rejected":
        said = "; ".join(": ".join(filter(None, (no.entry, no.field, no.reason))) for no in one.refused)
    elif one.outcome == "ignored":
        said = one.ignored
    else:
        said = f"{_counted(one.fact_counts)} → {_counted(one.commands) or 'nothing to ask'}"
        said += f" (waits: {'; '.join(one.waits)})" if one.waits else ""
    print(_harmless(f"{one.file}  {one.connector}  {one.outcome}  {said}"))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts.items())


def _harmless(text: str) -> str:
    """Leave out what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
