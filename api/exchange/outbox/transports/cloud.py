"""What answers of clouds' JSON APIs mean. Only codes are kept: an answer may repeat what authorised its request."""

from typing import Any

import msgspec

from api.exchange.calling import CallRefusedError
from connectors.frame.answers import undone
from connectors.frame.documents import Outcome, Sent
from connectors.frame.http import HttpResponse

_SERVER = 500
_TOO_MANY = 429


def content_of(answer: HttpResponse) -> dict[str, Any]:
    """Give what an answer holds; nothing where it is no JSON object."""
    try:
        return msgspec.json.decode(answer.body or b"{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def not_taken(answer: HttpResponse, code: str, place: str, *, is_of_event: bool, is_slower: bool = False) -> Sent:
    """Give what comes of an answer outside of 2xx with a code: what the event itself is refused for will not pass.

    Raises:
        CallRefusedError: the credentials or the place, a word such as topic, are wrong.
    """
    note = f"HTTP {answer.status} {code}".strip()
    if is_of_event:
        return Sent(outcome=Outcome.REFUSED, note=note)
    if answer.status >= _SERVER or answer.status == _TOO_MANY or is_slower:
        wait_seconds = undone(answer).retry_after_seconds
        return Sent(outcome=Outcome.LATER, note=note, retry_after_seconds=wait_seconds)
    # Whatever is sent is refused: a person puts it right, and all that waits goes on.
    raise CallRefusedError(f"{note}: check the {place} and the credentials")
