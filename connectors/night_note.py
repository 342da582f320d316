"""What a night leaves for those who watch over the system: one small JSON text a day and pool, beside the reports."""

from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

FOLDER = "nights"


class NightNote(Struct, frozen=True, kw_only=True):
    """The night of a pool went through: every invariant holds, and all of its steps are done."""

    day: str
    pool: str
    pools: tuple[str, ...]
    """Every pool that the day has: it is green when each has its note."""
    through_ms: int
    """How far the night has looked: the end of the day, but for one that was not over."""
    breaks: dict[str, int]
    """Open breaks by class."""
    gate_passed: bool


_decode = msgspec.json.Decoder(NightNote).decode


def path_of(day: str, pool: str) -> PurePosixPath:
    """Give where the note lies in the data folder."""
    return PurePosixPath(FOLDER) / day / f"{pool}.json"


def written(note: NightNote) -> bytes:
    """Write a note; the same for the same night."""
    return msgspec.json.encode(note, order="sorted") + b"\n"


def read(content: bytes) -> NightNote | None:
    """Read a note; none where another version wrote something else."""
    try:
        return _decode(content)
    except msgspec.MsgspecError:
        return None
