"""A folder of files through the connectors: what each would do, and figures by system. So new samples are tried."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import PurePath

from msgspec.structs import replace

from connectors.frame.captured import opened
from connectors.frame.declaration import Connector
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.translating import translate
from models.types import Record

TRIED_AT_MS = 1_790_000_000_000
"""The time at which a tried message is taken to have come, so that trying it again gives the same."""

NOBODY = "-"
TEST_DATA = "test_data"
"""The setting of connectors whose documents say themselves that they are tests."""


class Outcome(StrEnum):
    """What became of a file."""

    TRANSLATED = "translated"
    IGNORED = "ignored"
    REJECTED = "rejected"


class TriedFile(Record, kw_only=True):
    """A file, the connector that read it (`-`: none knows it), and what it says."""

    name: str
    connector: str
    translation: Translation

    @property
    def outcome(self) -> Outcome:
        """Tell what became of it; one refused entry makes the file rejected, the others are translated all the same."""
        if self.translation.refused:
            return Outcome.REJECTED
        return Outcome.TRANSLATED if self.translation.facts else Outcome.IGNORED


def connector_of(message: Message, known: Iterable[Connector]) -> Connector | None:
    """Give the connector that recognises the file, before all one whose folder it is in."""
    folders = {part.lower() for part in PurePath(message.name).parts[:-1]}
    candidates = [connector for connector in known if connector.recognise(message)]
    inside = [connector for connector in candidates if folders & {connector.name, *connector.folders}]
    return next(iter(inside or candidates), None)


def account_for(connector: Connector) -> Account:
    """Give an account that says nothing of its own: what a message does not state is then not known.

    It takes data to try things with, since that is what a file here is.
    """
    return Account(
        name=connector.name,
        connector=connector.name,
        pool="tried",
        channel=connector.name,
        location=connector.name,
        settings={one.name: "yes" for one in connector.settings if one.name == TEST_DATA},
    )


def try_message(message: Message, known: Iterable[Connector]) -> TriedFile:
    """Give what a file's content says to the connector that knows it."""
    message = opened(message)
    connector = connector_of(message, known)
    if connector is None:
        return TriedFile(
            name=message.name, connector=NOBODY, translation=ignored("no connector knows a message of this kind")
        )
    return TriedFile(
        name=message.name,
        connector=connector.name,
        translation=translate(connector, replace(message, topic=connector.topic_of(message)), account_for(connector)),
    )


def figures(tried: Iterable[TriedFile]) -> dict[str, dict[str, int]]:
    """Count outcomes by connector."""
    counts: dict[str, dict[str, int]] = {}
    for one in tried:
        of_system = counts.setdefault(one.connector, dict.fromkeys(Outcome, 0))
        of_system[one.outcome] += 1
    return dict(sorted(counts.items()))


def try_all(messages: Iterable[Message], known: Iterable[Connector]) -> Iterator[TriedFile]:
    """Try one after the other."""
    connectors = tuple(known)
    for message in messages:
        yield try_message(message, connectors)
