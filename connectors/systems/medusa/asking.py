"""One request whose answer counts, or what comes of it that it does not."""

from collections.abc import Generator
from typing import TypeVar

from msgspec.structs import replace

from connectors.frame.answers import undone
from connectors.frame.documents import Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.reading import read_json

Shape = TypeVar("Shape")

Asked = Generator[HttpRequest, HttpResponse, Shape | Sent]

_CONFLICT = 409


def asked(request: HttpRequest, shape: type[Shape]) -> Asked[Shape]:
    """Give the answer, or what went wrong; something else that is being done to the order ends by itself.

    Raises:
        UnreadableError: the answer is not what was asked for.
    """
    response = yield request
    if response.ok:
        return read_json(response.body, shape)
    wrong = undone(response)
    return replace(wrong, outcome=Outcome.LATER) if response.status == _CONFLICT else wrong
