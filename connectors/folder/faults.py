"""What is wrong in a configuration folder: file, line, column, and what to do. All of it is told at once."""

from difflib import get_close_matches
from typing import Self

from models.types import Record


class Fault(Record, kw_only=True):
    """One mistake; in a CSV file the column is the number of the field."""

    file: str
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason}"


class WrongError(ValueError):
    """A value that cannot be taken; the text says what would be right."""


class Faults:
    """The mistakes found so far, of one file or of all."""

    def __init__(self, file: str = "", found: list[Fault] | None = None) -> None:
        self.file = file
        self._found: list[Fault] = [] if found is None else found

    def of(self, file: str) -> Self:
        """Give the same list, for another file."""
        return type(self)(file, self._found)

    def add(self, line: int, column: int, reason: str) -> None:
        """Note one; lines and columns count from 1."""
        self._found.append(Fault(file=self.file, line=line, column=column, reason=reason))

    def has_any(self) -> bool:
        """Tell whether something is wrong in this file."""
        return any(fault.file == self.file for fault in self._found)

    def listed(self) -> tuple[Fault, ...]:
        """Give all, in the order of files and lines."""
        return tuple(sorted(self._found, key=lambda fault: (fault.file, fault.line, fault.column)))


def did_you_mean(given: str, known: tuple[str, ...]) -> str:
    """Give the hint that ends a refusal of an unknown name: the nearest one, or all there are."""
    near = get_close_matches(given.lower(), known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
