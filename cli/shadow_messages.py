"""Messages of a folder as facts, each by the account of the configuration folder that it came by."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from cli.connectors_check import chunks_of, files_below
from cli.console import fail

if TYPE_CHECKING:
    from connectors.folder.setup import Setup
    from connectors.frame.declaration import Connector
    from connectors.frame.message import Account, Message, Translation
    from pipelines.shadow.history import Told

_HEAD_BYTES = 1 << 20


class MessagesRead:
    """Reads folders, and counts what came of each file."""

    def __init__(self, setup: "Setup", known: Mapping[str, "Connector"]) -> None:
        self._setup = setup
        self._known = known
        self.files: Counter[str] = Counter()
        self.refused: list[str] = []
        self.without_account: set[str] = set()

    def facts(self, folder: Path, told: Callable[[int], None]) -> Iterator["Told"]:
        """Give what all files below a folder say; `told` hears how many bytes are done."""
        from pipelines.shadow.history import Told

        if not folder.exists():
            fail(f"there is no {folder}: name a folder of messages or files that the shop and the 3PL sent")
        for path, size in files_below(folder):
            name = path.relative_to(folder).as_posix() if path != folder else path.name
            outcome = "ignored"
            read = 0

            def heard(count: int) -> None:
                nonlocal read
                read += count
                told(count)

            for account, part in self._translations(path, name, size, heard):
                for refusal in part.refused:
                    self.refused.append(": ".join(filter(None, (name, refusal.entry, refusal.field, refusal.reason))))
                if part.refused:
                    outcome = "rejected"
                elif part.facts and outcome == "ignored":
                    outcome = "translated"
                for fact in part.facts:
                    yield Told(account, fact)
            self.files[outcome] += 1
            told(size - read)

    def _translations(
        self, path: Path, name: str, size: int, told: Callable[[int], None]
    ) -> Iterator[tuple["Account", "Translation"]]:
        from msgspec.structs import replace

        from connectors.frame.captured import opened
        from connectors.frame.message import Message
        from connectors.frame.translating import translate_stream
        from connectors.frame.trying import connector_of

        came_ms = path.stat().st_mtime_ns // 1_000_000
        with path.open("rb") as file:
            body = file.read(_HEAD_BYTES if size > _largest(self._known.values()) else size)
        message = opened(Message(body=body, name=name, received_at_ms=came_ms))
        connector = connector_of(message, self._known.values())
        if connector is None:
            return
        account = self._account(message, connector)
        message = replace(message, topic=connector.topic_of(message))
        if connector.stream is None:
            yield account, _translated(connector, message, account)
            return
        with path.open("rb") as file:
            chunks = chunks_of(file, told)
            for part in translate_stream(connector, replace(message, body=b""), chunks, account):
                yield account, part

    def _account(self, message: "Message", connector: "Connector") -> "Account":
        """Give the account whose folder it is in, or the only one of its connector."""
        from msgspec.structs import replace

        from connectors.frame.trying import account_for

        mine = [one for one in self._setup.accounts or () if one.connector == connector.name]
        parts = set(PurePath(message.name).parts[:-1])
        inside = [one for one in mine if one.name in parts]
        if len(inside or mine) == 1:
            return (inside or mine)[0]
        if mine:
            names = ", ".join(one.name for one in mine)
            fail(
                f"{message.name} may be of {names}: put the messages of each account into a folder of its name,"
                f" such as {mine[0].name}/{message.name}"
            )
        self.without_account.add(connector.name)
        return replace(account_for(connector), pool=self._setup.head.pool, location="")


def _translated(connector: "Connector", message: "Message", account: "Account") -> "Translation":
    from connectors.frame.message import Refusal, Translation
    from connectors.frame.translating import translate

    try:
        return translate(connector, message, account)
    except Exception as fault:  # noqa: BLE001 # One bad file must not keep the others from being read.
        reason = f"the connector failed ({type(fault).__name__}): please tell us, with the file"
        return Translation(refused=(Refusal(field="", reason=reason),))


def _largest(known: "Iterable[Connector]") -> int:
    return max((one.limits.body_bytes for one in known), default=0)
