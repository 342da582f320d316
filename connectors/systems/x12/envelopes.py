"""From segments to interchanges, groups and transaction sets, with every fault of the envelopes as a 997 names it.

A transaction set without its end, or under another control number at its end, is refused. A count that is wrong is
only noted where nothing can be missing: partners count wrongly by one, more segments than declared are all there, and
so is a content that comes to its own total.
Source: X12 004010, segments ISA to IEA, elements 715 (group) and 718 (transaction set syntax errors).
"""

from collections.abc import Iterable, Iterator

from connectors.frame.reading import shown
from connectors.systems.x12.segments import BrokenError, Group, Interchange, Made, Segment, Transaction

NO_TRAILER, OTHER_CONTROL, WRONG_COUNT, IN_ERROR = "2", "3", "4", "5"
"""Codes of AK502."""
GROUP_NO_TRAILER, GROUP_OTHER_CONTROL, GROUP_WRONG_COUNT = "3", "4", "5"
"""Codes of AK905."""
_MISCOUNT = 1
_ABOUT_INTERCHANGES = frozenset({"TA1", "TA3", "ISB", "ISE", "ISX"})
"""Stand between ISA and the first group: acknowledgements, grades of service, an escape sign."""


def read_interchange(segments: Iterable[Segment], received_at_ms: int, *, strict: bool = False) -> Interchange:
    """Give an interchange; whatever is wrong with its parts is noted in them. `strict` lets no wrong count pass."""
    reader = _Reader(received_at_ms, strict=strict)
    for segment in segments:
        reader.take(segment)
    return reader.done()


class _Reader:
    """Where an interchange stands while its segments are read."""

    def __init__(self, received_at_ms: int, *, strict: bool) -> None:
        self._strict = strict
        self._received_at_ms = received_at_ms
        self._interchange = Interchange(Segment("ISA", (), 1))
        self._group: Group | None = None
        self._open: list[Segment] = []

    def take(self, segment: Segment) -> None:
        """Put a segment where it belongs."""
        tag = segment.tag
        if tag == "ISA" and segment.position == 1:
            self._interchange.header = segment
        elif tag in _ABOUT_INTERCHANGES and not self._open:
            if tag == "TA1":
                self._interchange.answers.append(segment)
        elif tag == "ST":
            self._cut()
            self._open = [segment]
        elif tag == "SE" and self._open:
            self._close(segment)
        elif tag == "GS":
            self._cut()
            self._group = Group(segment)
            self._interchange.groups.append(self._group)
        elif tag == "GE":
            self._cut()
            self._end_group(segment)
        elif tag == "IEA":
            self._cut()
            self._end(segment)
        elif self._open:
            self._open.append(Segment(tag, segment.elements, len(self._open) + 1))
        else:
            self._break(segment, f"{shown(tag)} stands outside of any transaction set")

    def done(self) -> Interchange:
        """Give what was read; what has no end is a fault."""
        self._cut()
        bare = not self._interchange.header.elements
        if self._group is not None and not bare:
            self._group.broken = BrokenError("GE", "the functional group has no end", GROUP_NO_TRAILER)
        if not self._ended and not bare:
            self._interchange.broken = BrokenError("IEA", "the interchange has no end: send it again, whole", "")
        return self._interchange

    _ended = False

    def _current(self) -> Group:
        if self._group is None:
            # Its envelope was taken off, or never put on.
            self._group = Group(None)
            self._interchange.groups.append(self._group)
        return self._group

    def _transaction(self) -> Transaction:
        header = self._open[0]
        header = Segment("ST", header.elements, 1)
        group = self._current().header
        made = Made(
            date=group.get(4) if group is not None else "",
            time=group.get(5) if group is not None else "",
            received_at_ms=self._received_at_ms,
        )
        is_test = self._interchange.header.get(15) == "T"
        return Transaction(header.get(1), header.get(2), (header, *self._open[1:]), made, test=is_test)

    def _cut(self) -> None:
        """End a transaction set that was begun and not ended."""
        if self._open:
            transaction = self._transaction()
            field = f"segments[{len(self._open) + 1}].SE"
            reason = f"the {shown(transaction.code)} has no end: send it again, whole"
            transaction.broken = BrokenError(field, reason, NO_TRAILER)
            self._current().transactions.append(transaction)
        self._open = []

    def _close(self, trailer: Segment) -> None:
        transaction = self._transaction()
        position = len(self._open) + 1
        count, control = trailer.get(1), trailer.get(2)
        declared = int(count) if count.isascii() and count.isdecimal() and len(count) <= 10 else -1  # noqa: PLR2004
        if control != transaction.control:
            reason = f"{shown(control)} is not the control number of ST-02, {shown(transaction.control)}"
            transaction.broken = BrokenError(f"segments[{position}].SE-02", reason, OTHER_CONTROL)
        elif declared != position and not self._is_forgiven(declared, position, transaction):
            reason = f"{shown(count)} segments are declared, {position} are there"
            transaction.broken = BrokenError(f"segments[{position}].SE-01", reason, WRONG_COUNT)
        elif declared != position:
            transaction.noted = (WRONG_COUNT,)
        self._current().transactions.append(transaction)
        self._open = []

    def _is_forgiven(self, declared: int, position: int, transaction: Transaction) -> bool:
        """Tell whether nothing can be missing: counted wrongly by one, or all there by the content's own total."""
        if self._strict or declared < 0:
            return False
        return declared <= position + _MISCOUNT or totals_agree(transaction)

    def _end_group(self, trailer: Segment) -> None:
        group = self._current()
        count = trailer.get(1)
        group.declared = int(count) if count.isascii() and count.isdecimal() and len(count) <= 6 else 0  # noqa: PLR2004
        noted = []
        if group.header is not None and _number(trailer.get(2)) != _number(group.header.get(6)):
            noted.append(GROUP_OTHER_CONTROL)
        if group.declared > len(group.transactions):
            reason = f"{shown(count)} transaction sets are declared, {len(group.transactions)} are there"
            group.broken = BrokenError("GE-01", reason, GROUP_WRONG_COUNT)
        elif group.declared != len(group.transactions):
            noted.append(GROUP_WRONG_COUNT)
        group.noted = tuple(noted)
        self._group = None

    def _end(self, trailer: Segment) -> None:
        if self._group is not None and self._interchange.header.elements:
            self._group.broken = BrokenError("GE", "the functional group has no end", GROUP_NO_TRAILER)
            self._group = None
        self._ended = True
        count = trailer.get(1)
        # Some count an acknowledgement that stands alone.
        there = len(self._interchange.groups) or len(self._interchange.answers)
        if count.isascii() and count.isdecimal() and int(count[:9]) > there:
            reason = f"{shown(count)} functional groups are declared, {len(self._interchange.groups)} are there"
            self._interchange.broken = BrokenError("IEA-01", reason, "")

    def _break(self, segment: Segment, reason: str) -> None:
        if self._interchange.broken is None:
            self._interchange.broken = BrokenError(f"segments[{segment.position}]", reason, "")


def totals_agree(transaction: Transaction) -> bool:
    """Tell whether a transaction set states a total of its content, and has it: W03, W14 or CTT."""
    segments = transaction.segments
    for tag, counted, places in (("W03", "W12", (3, 2)), ("W14", "W07", (1,))):
        total = transaction.first(tag)
        if total is not None and total.get(1).isdecimal():
            given = [next((one.get(n) for n in places if one.get(n)), "") for one in segments if one.tag == counted]
            return all(text.isdecimal() for text in given) and sum(map(int, given)) == int(total.get(1))
    total = transaction.first("CTT")
    if total is None:
        return False
    counts = [str(sum(segment.tag == tag for segment in segments)) for tag in ("LIN", "PO1", "HL")]
    return total.get(1) in [count for count in counts if count != "0"]


def _number(text: str) -> str:
    return text.lstrip("0") or "0"


def faults_of(interchange: Interchange) -> Iterator[tuple[str, BrokenError]]:
    """Give what is wrong with the envelopes, each with the control number of what it is in."""
    for group in interchange.groups:
        if group.broken is not None:
            yield group.header.get(6) if group.header is not None else "", group.broken
    if interchange.broken is not None:
        yield interchange.header.get(13), interchange.broken
