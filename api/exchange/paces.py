"""When systems are asked again, and whether what they know of orders is known here too."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.frame.declaration import Poll


@dataclass
class Pace:
    """When a poll is due, and how often in a row it has failed."""

    due_at_ms: int = 0
    failures: int = 0


class Paces:
    """Those of all accounts, since the process began."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Pace] = {}

    def of(self, account: str, poll: Poll) -> Pace:
        """Give a poll's; it is due at first."""
        return self._found.setdefault((account, poll.topic), Pace())

    def is_up_to_date(self, account: str, polls: Iterable[Poll], now_ms: int) -> bool:
        """Tell whether each poll has come to its end, and is not behind by more than one more of its periods."""
        paces = [(self.of(account, poll), poll) for poll in polls]
        return all(pace.failures == 0 and now_ms < pace.due_at_ms + 1000 * poll.every_seconds for pace, poll in paces)
