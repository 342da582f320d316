"""What an audit found."""

from msgspec import Struct

MAX_EXAMPLES = 5


class Finding(Struct, frozen=True, kw_only=True):
    """One statement that was checked: over how many rows, how many broke it, and a few of those."""

    invariant: str
    statement: str
    checked: int
    violations: int
    examples: tuple[str, ...] = ()


class AuditReport(Struct, frozen=True, kw_only=True):
    """All findings, and how much was looked at.

    `pending` counts commands that were not decided yet where the audit looked at a running system; of a settled one
    they are violations.
    """

    findings: tuple[Finding, ...]
    commands: int
    updates: int
    movements: int
    orders: int
    dead_letters: int
    pending: int
    seconds: float

    @property
    def ok(self) -> bool:
        return all(finding.violations == 0 for finding in self.findings)

    def violations(self, invariant: str) -> int:
        """How many rows broke an invariant, `I1` for example; 0 for one that was not checked."""
        return sum(finding.violations for finding in self.findings if finding.invariant == invariant)

    @property
    def oversold(self) -> int:
        """Times that more was allocated than was there."""
        return self.violations("I1")

    @property
    def lost(self) -> int:
        """Commands, updates and movements that are missing or there twice."""
        return self.violations("I8")
