"""What all commands share: progress bars, JSON for programs, and errors that say what to do."""

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

# Programs read standard output; people watch this one.
people = Console(stderr=True, highlight=False, soft_wrap=True)


class Failure(Exception):  # noqa: N818 # It is told to a person, who does not read class names.
    """Something that can be expected to fail; the text says what to do next."""


def fail(text: str) -> NoReturn:
    """End the command with a sentence instead of a traceback."""
    raise Failure(text)


def explain(error: Exception) -> str | None:
    """The sentence for an expected failure; None for a bug, which keeps its traceback."""
    if isinstance(error, Failure):
        return f"headrace: {error}"
    from confluent_kafka import KafkaException

    from streams.admin import TopicsError
    from streams.brokers.process import BrokerError

    if isinstance(error, (BrokerError, TopicsError, FileNotFoundError, ConnectionError)):
        return f"headrace: {error}"
    if isinstance(error, KafkaException):
        return (
            f"headrace: the broker did not answer ({error.args[0]}): "
            "is it running at the address given by --broker or HEADRACE_BROKER?"
        )
    if type(error).__name__ == "ValidationError":
        return f"headrace: a setting is wrong: {error}"
    return None


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def print_summary(title: str, rows: dict[str, object]) -> None:
    """A few named figures for a person, on standard output."""
    width = max(map(len, rows), default=0)
    print(title)
    for name, value in rows.items():
        print(f"  {name:<{width}}  {_readable(value)}")


def _readable(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that the share of all values does not exceed; 0 without values."""
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)], 2)


@contextmanager
def progress(*, shown: bool = True) -> Iterator[Progress]:
    """A progress display on standard error; nothing where nobody watches."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    hidden = not shown or not people.is_terminal
    with Progress(*columns, console=people, disable=hidden, refresh_per_second=4) as bar:
        yield bar
