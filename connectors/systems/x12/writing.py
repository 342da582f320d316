"""Writing an interchange: one group, its transaction sets, counts and control numbers, for a partner's account.

Source: X12 004010 and 005010, control segments ISA, GS, ST, SE, GE, IEA.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.frame.message import Account

Elements = Sequence[str]
"""A segment to write: its tag and elements."""

NUMBERS_OURS = 900_000_000
"""What we send by ourselves is numbered below, what acknowledges is numbered from there on."""
_ELEMENT, _COMPONENT, _TERMINATOR, _REPETITION = "*", ">", "~", "^"
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
)
_MARKS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2013": "-", "\u2014": "-"}
)
"""Quotation marks and dashes as telephones write them."""
_SEPARATORS = str.maketrans(dict.fromkeys(f"{_ELEMENT}{_COMPONENT}{_TERMINATOR}{_REPETITION}", " "))


class Parties(NamedTuple):
    """Who sends and who gets it: qualifier and id of each for ISA, application's code for GS."""

    sender: tuple[str, str, str]
    receiver: tuple[str, str, str]
    usage: str = "P"


def parties_of(account: Account) -> Parties:
    """Give who we are and who the partner is, by the account's settings."""
    said = account.settings
    ours, theirs = said.get("our_id", "HEADRACE"), said.get("their_id", "PARTNER")
    return Parties(
        sender=(said.get("our_qualifier", "ZZ"), ours, said.get("our_code", ours)),
        receiver=(said.get("their_qualifier", "ZZ"), theirs, said.get("their_code", theirs)),
        usage="T" if said.get("test_data") == "yes" else "P",
    )


def interchange(
    parties: Parties, group: str, number: int, at_ms: int, account: Account, transactions: Iterable[list[Elements]]
) -> bytes:
    """Write transaction sets, each from ST on without SE, as one group in one interchange."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(account.time_zone or "UTC"))
    fifth = account.settings.get("version", "004010").startswith("005")
    control = number % 1_000_000_000 or 1_000_000_000 - 1
    written = [
        _isa(parties, at, control, fifth=fifth),
        (
            *("GS", group, text(parties.sender[2], 15), text(parties.receiver[2], 15)),
            *(at.strftime("%Y%m%d"), at.strftime("%H%M"), str(control), "X", account.settings.get("version", "004010")),
        ),
    ]
    count = 0
    for transaction in transactions:
        count += 1
        written += transaction
        written.append(("SE", str(len(transaction) + 1), transaction[0][2]))
    written += [("GE", str(count), str(control)), ("IEA", "1", f"{control:09}")]
    return "".join(_segment(elements) for elements in written).encode()


def _isa(parties: Parties, at: datetime, control: int, *, fifth: bool) -> Elements:
    (our_qualifier, ours, _), (their_qualifier, theirs, _) = parties.sender, parties.receiver
    return (
        *("ISA", "00", " " * 10, "00", " " * 10, f"{our_qualifier:2.2}", f"{ours:15.15}"),
        *(f"{their_qualifier:2.2}", f"{theirs:15.15}", at.strftime("%y%m%d"), at.strftime("%H%M")),
        *(_REPETITION if fifth else "U", "00501" if fifth else "00401", f"{control:09}", "0", parties.usage),
        _COMPONENT,
    )


def _segment(elements: Elements) -> str:
    tag, *values = elements
    if tag == "ISA":
        return _ELEMENT.join(elements) + _TERMINATOR + "\n"
    while values and not values[-1]:
        values.pop()
    return _ELEMENT.join((tag, *values)) + _TERMINATOR + "\n"


def text(given: str, most: int) -> str:
    """Give text as an element may have it: letters of X12, no separators, no blanks around, not too long.

    Its character set has no letter beyond ASCII: accents are left out, what has no such form is a question mark.
    """
    plain = unicodedata.normalize("NFKD", given.translate(_LETTERS).translate(_MARKS)).translate(_SEPARATORS)
    ascii_only = "".join(_sign(sign) for sign in plain if not unicodedata.combining(sign))
    return " ".join(ascii_only.split())[:most].strip()


def _sign(sign: str) -> str:
    if not sign.isprintable():
        return " "
    return sign if sign.isascii() else "?"


def transaction_control(number: int) -> str:
    """Give the control number of the one transaction set of an interchange."""
    return str(number % 1_000_000_000).zfill(4)
