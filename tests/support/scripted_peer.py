"""The other side of a delivery or a poll, played from a script: what it answers, one after the other."""

from collections.abc import Iterable

import msgspec

from connectors.frame.declaration import Page, Polling, Sending
from connectors.frame.documents import Sent
from connectors.frame.http import HttpRequest, HttpResponse
from tests.support.vendor_schemas import faults_of


def answer(content: object = None, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON answer; `retry_after` is the header `retry-after`."""
    body = b"" if content is None else msgspec.json.encode(content)
    return HttpResponse(
        status=status, body=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def deliver(sending: Sending, *script: HttpResponse) -> tuple[list[HttpRequest], Sent]:
    """Play a delivery: every request that it made, and what came of it. The script is used up.

    Each request to a vendor is held to what the vendor publishes (tests/contract/schemas).
    """
    asked: list[HttpRequest] = []
    answers = list(script)
    try:
        asked.append(next(sending))
        while True:
            asked.append(sending.send(answers.pop(0)))
    except StopIteration as end:
        assert not answers, "it asked less often than the script answers"
        wrong = {f"{one.method} {one.url}": faults for one in asked if (faults := faults_of(one))}
        assert not wrong, wrong
        sent: Sent = end.value
        return asked, sent


def poll(polling: Polling, script: Iterable[HttpResponse]) -> tuple[list[str], list[Page]]:
    """Play a poll: the addresses or bodies that it asked, and the pages that it gave."""
    asked: list[str] = []
    pages: list[Page] = []
    answers = iter(script)
    reply: HttpResponse | None = None
    while True:
        try:
            step = polling.send(reply)
        except StopIteration:
            return asked, pages
        if isinstance(step, Page):
            pages.append(step)
            reply = None
        else:
            assert not faults_of(step), faults_of(step)
            asked.append(step.body.decode() if step.body else step.url)
            reply = next(answers)
