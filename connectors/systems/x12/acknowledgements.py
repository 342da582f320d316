"""997, in and out: what of it could be read, by transaction set, segment and element.

In: one fact for each transaction set that is named, under its control number, else one for the group; 999 says the
same with other tags, 824 what became of it later. Out: one 997 for each functional group that came, never for a 997.
Source: X12 004010, transaction set 997, elements 715 to 724; X12 005010, transaction set 999.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from connectors.frame.facts import AnyFact, DocumentAcknowledged
from connectors.frame.message import Account
from connectors.systems.x12.elements import at, made_at
from connectors.systems.x12.envelopes import IN_ERROR
from connectors.systems.x12.segments import BrokenError, ElementError, Group, Interchange, Segment, Transaction
from connectors.systems.x12.writing import (
    NUMBERS_OURS,
    Elements,
    Parties,
    interchange,
    text,
    transaction_control,
)

_ACCEPTED = frozenset({"A", "E", "P"})
_UNSUPPORTED = "1"
_MOST_REPORTED = 999


def acknowledged(transaction: Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give what a 997 or 999 says of what we sent.

    Raises:
        ElementError: it names no group.
    """
    head, end = transaction.need("AK1"), transaction.first("AK9")
    group = head.need(2, "the group's control number")
    of_group = end.get(1) if end is not None else "A"
    at_ms = made_at(transaction.made, account)
    facts: list[AnyFact] = []
    for name, control, noted, verdict in _sets(transaction):
        accepted = verdict in _ACCEPTED and of_group != "R"
        note = _note(name, verdict if accepted or verdict not in _ACCEPTED else of_group, noted)
        facts.append(DocumentAcknowledged(reference=_number(control), accepted=accepted, at_ms=at_ms, note=note))
    if not facts:
        codes = [code for n in range(5, 10) if end is not None and (code := end.get(n))]
        note = _note(f"group {head.get(1)}", of_group, [f"code {code}" for code in codes])
        facts = [DocumentAcknowledged(reference=_number(group), accepted=of_group in _ACCEPTED, at_ms=at_ms, note=note)]
    return tuple(facts)


def advised(transaction: Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give what an 824 says the partner's application made of what we sent: OTI accepts (A, E, C, P) or rejects (R).

    Raises:
        ElementError: it is about nothing.
    """
    transaction.need("OTI")
    places = [place for place, segment in enumerate(transaction.segments) if segment.tag == "OTI"]
    facts = []
    for begin, end in pairwise([*places, len(transaction.segments)]):
        said, details = transaction.segments[begin], transaction.segments[begin + 1 : end]
        control = said.get(9) or said.get(8) or said.need(3, "what it is about")
        accepted = said.need(1, "the verdict")[1:2] != "R"
        told = [text(" ".join((one.get(1), one.get(2))), 80) for one in details if one.tag in ("TED", "NTE")]
        noted = "" if said.get(1)[1:2] == "A" else _note(said.get(10) or "document", "E" if accepted else "R", told)
        stated = at(said.get(6), said.get(7), account)
        at_ms = stated if stated is not None else made_at(transaction.made, account)
        facts.append(DocumentAcknowledged(reference=_number(control), accepted=accepted, at_ms=at_ms, note=noted))
    return tuple(facts)


def turned_away(answers: Iterable[Segment], received_at_ms: int) -> Iterator[AnyFact]:
    """Give the interchanges of ours that a TA1 rejects: no 997 follows for what is in them.

    One that is accepted has come in, no more: of its content the 997 tells.
    """
    for said in answers:
        if said.get(4) == "R" and said.get(1):
            note = f"the interchange was rejected: code {said.get(5)}"
            yield DocumentAcknowledged(reference=_number(said.get(1)), accepted=False, at_ms=received_at_ms, note=note)


def _sets(transaction: Transaction) -> Iterator[tuple[str, str, list[str], str]]:
    """Give of each transaction set that is named its kind, control number, faults and verdict."""
    name, control = "", ""
    noted: list[str] = []
    where = ""
    for segment in transaction.segments:
        if segment.tag == "AK2":
            name, control, noted = segment.get(1), segment.need(2, "the control number"), []
        elif segment.tag in ("AK3", "IK3"):
            where = f"{segment.get(1)} at {segment.get(2)}"
            noted.append(f"{where} code {segment.get(4)}" if segment.get(4) else where)
        elif segment.tag in ("AK4", "IK4"):
            said = f"{where} element {segment.get(1)} code {segment.get(3)}"
            noted.append(f"{said} ({segment.get(4)})" if segment.get(4) else said)
        elif segment.tag in ("AK5", "IK5") and control:
            noted += [f"code {code}" for n in range(2, 7) if (code := segment.get(n))]
            yield name, control, noted, segment.get(1)
            name, control = "", ""


def _note(name: str, verdict: str, noted: list[str]) -> str:
    if verdict == "A":
        return ""
    said = {"E": "accepted with errors", "P": "partially accepted"}.get(verdict, f"rejected ({verdict})")
    return f"{name} {said}: {', '.join(noted)}"[:500] if noted else f"{name} {said}"


def _number(control: str) -> str:
    """Leave out the zeros that only fill a control number."""
    return control.lstrip("0") or control


@dataclass(slots=True)
class Verdict:
    """What became of a transaction set of theirs."""

    transaction: Transaction
    fault: ElementError | BrokenError | None = None
    supported: bool = True

    @property
    def word(self) -> str:
        """Accepted, accepted with errors noted, or rejected: element 717."""
        if self.fault is not None or not self.supported:
            return "R"
        return "E" if self.transaction.noted else "A"


def reply(
    theirs: Interchange, verdicts: dict[int, list[Verdict]], account: Account, received_at_ms: int
) -> bytes | None:
    """Write the 997s for an interchange of theirs: verdicts by the place of their group in it."""
    header = theirs.header
    wanted = [
        (group, verdicts.get(place, []))
        for place, group in enumerate(theirs.groups)
        if group.header is not None and group.header.get(1) != "FA"
    ]
    if not wanted or not header.elements:
        return None
    first_group = wanted[0][0].header or header
    parties = Parties(
        sender=(header.get(7), header.get(8), first_group.get(3)),
        receiver=(header.get(5), header.get(6), first_group.get(2)),
        usage=header.get(15) or "P",
    )
    number = NUMBERS_OURS + int(header.get(13)) % (1_000_000_000 - NUMBERS_OURS)
    sets = [_set(transaction_control(place), group, judged) for place, (group, judged) in enumerate(wanted, start=1)]
    return interchange(parties, "FA", number, received_at_ms, account, sets)


def _set(control: str, group: Group, verdicts: list[Verdict]) -> list[Elements]:
    header = group.header or Segment("GS", (), 1)
    segments: list[Elements] = [("ST", "997", control), ("AK1", header.get(1)[:2], header.get(6)[:9])]
    for verdict in verdicts[:_MOST_REPORTED]:
        segments += _verdict(verdict)
    accepted = sum(verdict.word != "R" for verdict in verdicts)
    codes = [*group.noted, *([group.broken.code] if group.broken is not None else [])]
    if accepted == len(verdicts):
        word = "E" if codes or any(verdict.word == "E" for verdict in verdicts) else "A"
    else:
        word = "P" if accepted else "R"
    counts = (str(group.declared or len(verdicts)), str(len(verdicts)), str(accepted))
    return [*segments, ("AK9", word, *counts, *codes[:5])]


def _verdict(verdict: Verdict) -> Iterator[Elements]:
    transaction, fault = verdict.transaction, verdict.fault
    yield "AK2", text(transaction.code, 3), text(transaction.control, 9)
    codes = list(transaction.noted)
    if isinstance(fault, ElementError):
        yield "AK3", fault.segment.tag, str(fault.segment.position), "", "3" if not fault.segment.elements else "8"
        if fault.segment.elements:
            yield "AK4", str(fault.element), "", fault.code, text(fault.given, 99)
        codes.append(IN_ERROR)
    elif isinstance(fault, BrokenError):
        codes.append(fault.code)
    elif not verdict.supported:
        codes.append(_UNSUPPORTED)
    yield "AK5", verdict.word, *dict.fromkeys(codes[:5])
