"""What an answer that is not a success means for a delivery: later, or never."""

from connectors.frame.documents import Outcome, Sent
from connectors.frame.http import HttpResponse

_TOO_EARLY = (408, 425, 429)
_WHO = (401, 403)
_SERVER = 500
_LONGEST_NOTE = 300
_LONGEST_WAIT_SECONDS = 86_400


def undone(response: HttpResponse, wait_header: str = "retry-after") -> Sent:
    """Give what comes of an answer outside of 2xx: what may pass is tried later, what will not is refused.

    A key that is wrong is put right by a person, and what waited for it then goes on: that is later too.
    """
    said = response.body[:_LONGEST_NOTE].decode("utf-8", "replace")
    note = f"HTTP {response.status}: {said}" if said else f"HTTP {response.status}"
    if response.status in _TOO_EARLY or response.status >= _SERVER:
        return Sent(outcome=Outcome.LATER, note=note, retry_after_seconds=_seconds(response.headers.get(wait_header)))
    if response.status in _WHO:
        return Sent(outcome=Outcome.LATER, note=f"{note} - check the account's secrets")
    return Sent(outcome=Outcome.REFUSED, note=note)


def _seconds(text: str | None) -> int | None:
    """Read seconds to wait; a date is left to the outbox's own pace."""
    text = (text or "").strip()
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(_LONGEST_WAIT_SECONDS)):
        return None
    return min(int(text), _LONGEST_WAIT_SECONDS)
