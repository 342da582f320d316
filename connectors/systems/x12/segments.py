"""Segments, transactions and groups of X12 as they were read, and faults that say where they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from connectors.frame.reading import UnreadableError, shown


class ElementError(UnreadableError):
    """An element is missing or wrong. `code` is what a 997 says of it (AK403)."""

    def __init__(self, segment: "Segment", element: int, reason: str, code: str = "7") -> None:
        super().__init__(f"segments[{segment.position}].{segment.tag}-{element:02}", reason)
        self.segment = segment
        self.element = element
        self.code = code
        self.given = segment.get(element)


class BrokenError(UnreadableError):
    """A transaction set, or its envelope, is not whole. `code` is what a 997 says of it (AK502)."""

    def __init__(self, field: str, reason: str, code: str) -> None:
        super().__init__(field, reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment; `position` counts in its transaction set from 1, which is ST, as a 997 counts them."""

    tag: str
    elements: tuple[str, ...]
    position: int

    def get(self, number: int) -> str:
        """Give an element by its number in the standard, from 1, without blanks around it; empty where it is not."""
        return self.elements[number - 1].strip() if number <= len(self.elements) else ""

    def need(self, number: int, what: str) -> str:
        """Give an element that has to be there.

        Raises:
            ElementError: it is empty.
        """
        text = self.get(number)
        if not text:
            raise ElementError(self, number, f"{what} is missing", code="1")
        return text

    def wrong(self, number: int, what: str, code: str = "7") -> ElementError:
        """Give the fault of an element that is there and cannot be used."""
        return ElementError(self, number, f"{shown(self.get(number))} is {what}", code)


@dataclass(frozen=True, slots=True)
class Made:
    """When a document was made by its envelope, in the sender's zone, and when it came: dates alone are set by it."""

    date: str
    time: str
    received_at_ms: int


@dataclass(slots=True)
class Transaction:
    """A transaction set, ST to the segment before SE."""

    code: str
    control: str
    segments: tuple[Segment, ...]
    made: Made
    noted: tuple[str, ...] = ()
    """Faults of it that do not keep it from being read, as AK502 codes."""
    broken: BrokenError | None = None
    test: bool = False
    """True where its interchange holds data to try things with (ISA15)."""

    def all(self, *tags: str) -> list[Segment]:
        """Give its segments of some tags, in their order."""
        return [segment for segment in self.segments if segment.tag in tags]

    def first(self, tag: str, *qualifiers: str) -> Segment | None:
        """Give its first segment of a tag, or of a tag whose first element is one of some, sought in their order."""
        return first(self.segments, tag, *qualifiers)

    def need(self, tag: str) -> Segment:
        """Give its first segment of a tag.

        Raises:
            ElementError: there is none.
        """
        found = self.first(tag)
        if found is None:
            missing = Segment(tag, (), len(self.segments) + 1)
            raise ElementError(missing, 1, f"the {self.code} has no {tag}", code="1")
        return found

    @property
    def header(self) -> Segment:
        """ST."""
        return self.segments[0]


def first(segments: Sequence[Segment], tag: str, *qualifiers: str) -> Segment | None:
    """Give the first segment of a tag, or of a tag whose first element is one of some, sought in their order."""
    of_tag = [segment for segment in segments if segment.tag == tag]
    if not qualifiers:
        return next(iter(of_tag), None)
    for qualifier in qualifiers:
        for segment in of_tag:
            if segment.get(1) == qualifier:
                return segment
    return None


def with_details(transaction: Transaction, tag: str) -> Iterator[tuple[Segment, list[Segment]]]:
    """Give each item with the segments up to the next one."""
    segments = transaction.segments
    starts = [place for place, segment in enumerate(segments) if segment.tag == tag]
    for start, end in pairwise([*starts, len(segments)]):
        yield segments[start], list(segments[start + 1 : end])


@dataclass(slots=True)
class Group:
    """A functional group, GS to GE. `header` is None where the envelope was taken off before it came."""

    header: Segment | None
    transactions: list[Transaction] = field(default_factory=list)
    declared: int = 0
    noted: tuple[str, ...] = ()
    """Faults of the envelope that do not keep its content from being read, as AK905 codes."""
    broken: BrokenError | None = None


@dataclass(slots=True)
class Interchange:
    """An interchange, ISA to IEA."""

    header: Segment
    groups: list[Group] = field(default_factory=list)
    answers: list[Segment] = field(default_factory=list)
    """TA1: what became of interchanges of ours."""
    broken: BrokenError | None = None
