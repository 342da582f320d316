"""From the bytes of a file to interchanges, whatever separators each of them uses.

The segments are taken apart by the library `ansi-x12`, strictly. What is bent before it reads: a byte order mark,
an ISA whose elements are not padded, one that forgot ISA16 or its terminator at the end of the line, lines that were
wrapped, separators that became two bytes or more in UTF-8, an end of file in place of the last terminator, terminators
that end nothing, and transaction sets whose envelope somebody has taken off.
"""

import re
from collections.abc import Iterator

from x12 import X12Error, tokenize_x12

from connectors.frame.reading import UnreadableError, shown
from connectors.systems.x12.segments import Segment

_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
"""Of ISA01 to ISA15; ISA16 is one sign."""
_NUMERIC = {9: "a date, 6 digits", 10: "a time, 4 digits", 12: "a version, 5 digits", 13: "a number, 9 digits"}
_ELEMENT = rb"(?:(?:(?!\1)[^\r\n]){0,60}\1)"
_SIGN = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|."
_ISA = re.compile(rb"ISA([^\w\s])(" + _ELEMENT + rb"{15})(" + _SIGN + rb")(" + _SIGN + rb")?", re.DOTALL)
_BARE = re.compile(rb"ST([^\w\s])\d{3}\1\w{1,9}(?:\1\w{0,35})?([^\w\s]|\r|\n)", re.DOTALL)
_GROUP = re.compile(rb"[^\w\s]\s*GS([^\w\s])[A-Z]{2}\1")
_AROUND = b" \t\r\n\x00\x1a"
_HEADER = "ISA*00*          *00*          *ZZ*{0:15}*ZZ*{0:15}*000101*0000*U*00401*000000000*0*P*"
_HEADER_BYTES = 104
"""Of an ISA that is padded, up to ISA16."""
_UNUSED = b":>|\\^\x1f"
_STAND_INS = b"\x1c\x1e"
"""For a component separator and a terminator that are no single byte."""

ENVELOPES = frozenset({"ISA", "TA1", "GS", "GE", "IEA"})


def is_x12(body: bytes) -> bool:
    """Tell whether a file looks like X12: cheap, and never raises."""
    start = _begin(body[:300])
    if start.startswith(b"ISA"):
        return not start[3:4].isalnum() and len(start) > len("ISA*")
    # A header that is damaged has a group behind it all the same.
    return _BARE.match(start) is not None or _GROUP.search(start) is not None


def is_edifact(body: bytes) -> bool:
    """Tell whether a file looks like EDIFACT."""
    return re.match(rb"(UNA.{5,6}\s*UNB|UN[BH][^\w\s])", _begin(body[:100]), re.DOTALL) is not None


def _begin(body: bytes) -> bytes:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip(_AROUND)


def read_segments(body: bytes) -> Iterator[list[Segment]]:
    """Give the segments of each interchange; positions count in the interchange from 1, which is ISA.

    Raises:
        UnreadableError: it is no X12, or an ISA or segment of it cannot be read.
    """
    content = _begin(body).rstrip(b"\x00\x1a")
    if content.startswith(b"ISA") and _ISA.match(content) is None:
        content = _unwrapped(content)
    found = list(_ISA.finditer(content))
    bare = _BARE.match(content)
    if bare is not None:
        yield _tokenised(_bare_header(bare) + content)[1:]
        return
    if not found or found[0].start() != 0:
        raise UnreadableError("ISA", f"this begins with {shown(content[:24])}: an interchange begins with ISA, whole")
    ends = [match.start() for match in found[1:]] + [len(content)]
    for match, end in zip(found, ends, strict=True):
        yield _tokenised(_canonical(match, content[match.end() : end]))


def _unwrapped(content: bytes) -> bytes:
    """Join lines that end in the middle of an ISA, where it is whole then; a terminator that is no line's end stays."""
    joined = content.replace(b"\r", b"").replace(b"\n", b"")
    found = _ISA.match(joined)
    return joined if found is not None and found.start(3) == _HEADER_BYTES else content


def _bare_header(bare: re.Match[bytes]) -> bytes:
    """Give an ISA for transaction sets without one: their own separators, and nobody's names."""
    element, terminator = bare[1], bare[2]
    component = next(bytes([sign]) for sign in _UNUSED if bytes([sign]) not in (element, terminator))
    return _HEADER.format("").encode().replace(b"*", element) + component + terminator


def _canonical(match: re.Match[bytes], body: bytes) -> bytes:
    """Write the ISA as the standard has it: elements padded to their widths, all separators stated."""
    element = match[1]
    # The header has one byte a character: others would move all that stands behind them.
    fields = [_ascii(field) for field in match[2].split(element)[:-1]]
    for number, (given, width) in enumerate(zip(fields, _WIDTHS, strict=True), start=1):
        text = given.decode("latin-1")
        if len(given) > width:
            raise UnreadableError(f"ISA-{number:02}", f"{shown(text)} has more than {width} characters")
        if number in _NUMERIC and (not text.isdecimal() or (number in (9, 10, 12) and len(text) != width)):
            raise UnreadableError(f"ISA-{number:02}", f"{shown(text)} is not {_NUMERIC[number]}")
    component, terminator, body = _single(match[3], match[4] or b"", body)
    if terminator == b" " and body.lstrip(b" ")[:1] in (b"\r", b"\n"):
        # Lines are filled with blanks, and end the segments.
        terminator = body.lstrip(b" ")[:1]
    if terminator in (b"\r", b"\n", b""):
        component, terminator = _forgotten(component, terminator or b"\n", element, body)
    if terminator.isalnum() or terminator == b" " or component.isalnum() or component in (b"\r", b"\n", b" "):
        raise UnreadableError("ISA-16", f"{shown((component + terminator).decode('latin-1'))} separates nothing")
    padded = element.join(
        given.zfill(width) if number == 13 else given.ljust(width)  # noqa: PLR2004 - ISA13 is the control number
        for number, (given, width) in enumerate(zip(fields, _WIDTHS, strict=True), start=1)
    )
    # The repetition separator of ISA11 separates nothing that is read here.
    version = int(fields[11])
    repetition = fields[10] if version < 402 or fields[10] not in (b"U", b"") else b"^"  # noqa: PLR2004
    if repetition in (element, component, terminator):
        repetition = next(bytes([sign]) for sign in _UNUSED if bytes([sign]) not in (element, component, terminator))
    parts = padded.split(element)
    parts[10] = repetition.ljust(1)
    end = body.rstrip(_AROUND)
    if re.search(rb"IEA" + re.escape(element) + rb"\d+" + re.escape(element) + rb"\d+\Z", end):
        body = end + terminator
    return b"ISA" + element + element.join(parts) + element + component + terminator + body


def _ascii(field: bytes) -> bytes:
    return field if field.isascii() else _text(field).encode("ascii", "replace")


def _single(component: bytes, terminator: bytes, body: bytes) -> tuple[bytes, bytes, bytes]:
    """Give one byte for separators that have more: an ellipsis, say, that was EBCDIC or Windows before it was UTF-8."""
    if len(component) > 1:
        component, body = _STAND_INS[:1], body.replace(component, _STAND_INS[:1])
    if len(terminator) > 1:
        terminator, body = _STAND_INS[1:], body.replace(terminator, _STAND_INS[1:])
    return component, terminator, body


def _forgotten(component: bytes, terminator: bytes, element: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Tell what ends segments where the ISA ends its line: the sign at the end of the next line, if there is one.

    Some write the terminator where ISA16 belongs, others only the line's end, and end every later segment otherwise.
    """
    line = body.lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r")
    last = line[-1:]
    if not line.startswith(b"GS" + element) or last.isalnum() or last in (element, b" ", b""):
        return component, terminator
    if last == component:
        component = next(bytes([sign]) for sign in _UNUSED if bytes([sign]) not in (element, last))
    return component, last


def _tokenised(interchange: bytes) -> list[Segment]:
    # A terminator that ends nothing stands for no segment.
    ended = re.escape(interchange[105:106])
    interchange = interchange[:105] + re.sub(ended + rb"[ \t\r\n]*(?=" + ended + rb")", b"", interchange[105:])
    try:
        document = tokenize_x12(interchange)
    except X12Error as error:
        raise UnreadableError(*_where(interchange, str(error))) from None
    if len(document.first_segment.elements) != len(_WIDTHS) + 1:
        raise UnreadableError("ISA-16", f"{shown(interchange[105:106].decode('latin-1'))} ends the ISA in its middle")
    return [
        Segment(segment.tag, tuple(_text(element) for element in segment.elements), segment.index + 1)
        for segment in document
    ]


def _where(interchange: bytes, reason: str) -> tuple[str, str]:
    """Give the segment that is cut short, where the file ends without a terminator, else the library's reason."""
    terminator = interchange[105:106]
    if "does not end" in reason:
        number = interchange.count(terminator) + 1
        return f"segments[{number}]", "the file ends in the middle of this segment: send it again, whole"
    found = re.search(r"index (\d+)", reason)
    return (f"segments[{int(found[1]) + 1}]" if found else "ISA"), reason


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
