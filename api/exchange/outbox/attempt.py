"""One attempt to tell a target of an occasion: its generator asks for requests, which are made here."""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog

from api.exchange.calling import Caller, CallError, CallRefusedError
from api.exchange.folders import FolderError
from api.exchange.outbox import files
from api.exchange.outbox.building import personal_words
from api.exchange.outbox.target import Target
from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpResponse
from connectors.frame.reading import UnreadableError

ANSWER_CHARACTERS = 300
_REQUESTS_MAX = 200
_BROKEN = (401, 403, 408)
_SERVER = 500
_HIDDEN = "[personal]"

log = structlog.get_logger(__name__)


class Attempted(NamedTuple):
    """What came of an attempt. `is_broken`: the target does not work, whatever it is told of."""

    sent: Sent
    is_broken: bool
    requests: int
    status: int | None
    latency_ms: int
    answer: str


class Staging(NamedTuple):
    """Whether an earlier attempt noted that the document's hidden file is complete, and how that is noted."""

    is_noted: bool
    note: Callable[[], Awaitable[None]]


class _Talk:
    """The requests of one attempt, and the last answer."""

    def __init__(self) -> None:
        self.requests = 0
        self.last: HttpResponse | None = None


async def attempt(target: Target, occasion: Occasion, caller: Caller, staging: Staging, now_ms: int) -> Attempted:
    """Tell a target of an occasion; whatever happens, it has an outcome."""
    began = time.monotonic()
    talk = _Talk()
    try:
        if target.post is not None:
            talk.requests += 1
            sent = await target.post(occasion, now_ms)
        elif target.document is None:
            sent = await _send(target, occasion, caller, talk, now_ms)
        else:
            sent = await _put(target, occasion, staging, talk, caller.private_hosts)
        is_broken = talk.last is not None and sent.outcome is Outcome.LATER and _tells_broken(talk.last.status)
    except (CallError, FolderError) as error:
        talk.last = None
        sent, is_broken = Sent(outcome=Outcome.LATER, note=str(error)), True
    except CallRefusedError as error:
        sent, is_broken = Sent(outcome=Outcome.LATER, note=str(error)), True
    except UnreadableError as error:
        sent, is_broken = Sent(outcome=Outcome.LATER, note=f"its answer cannot be read: {error}"), True
    except Exception as error:
        # A fault of the connector's: the row stays, and goes out once it is mended.
        log.exception("a delivery cannot be made", target=target.name, delivery=occasion.delivery_id)
        sent, is_broken = Sent(outcome=Outcome.LATER, note=f"a fault on our side: {type(error).__name__}"), True
    words = personal_words(occasion)
    body = b"" if talk.last is None or target.hides_answers else talk.last.body
    return Attempted(
        sent=_without(sent, words),
        is_broken=is_broken,
        requests=talk.requests,
        status=None if talk.last is None else talk.last.status,
        latency_ms=round((time.monotonic() - began) * 1000),
        answer=hidden(body[: 4 * ANSWER_CHARACTERS].decode("utf-8", "replace"), words)[:ANSWER_CHARACTERS],
    )


async def _send(target: Target, occasion: Occasion, caller: Caller, talk: _Talk, now_ms: int) -> Sent:
    assert target.send is not None, "a target sends, or it writes documents"
    sending: Sending = target.send(occasion, now_ms)
    try:
        request = next(sending)
        while True:
            if talk.requests >= _REQUESTS_MAX:
                sending.close()
                return Sent(outcome=Outcome.LATER, note=f"more than {_REQUESTS_MAX} requests for one delivery")
            talk.requests += 1
            talk.last = None
            talk.last = await caller.call(request, target.peer)
            request = sending.send(talk.last)
    except StopIteration as stop:
        sent: Sent = stop.value
        return sent


async def _put(
    target: Target, occasion: Occasion, staging: Staging, talk: _Talk, private_hosts: frozenset[str]
) -> Sent:
    assert target.document is not None, "a target sends, or it writes documents"
    place = target.folder
    if place is None:
        raise FolderError("there is no folder to put it into: give the account the setting `outbox`")
    document = target.document(occasion)
    talk.requests += 1
    name = await files.put(
        lambda: files.OutFolder(place, private_hosts),
        document,
        occasion.delivery_id,
        staged=staging.is_noted,
        note_staged=staging.note,
    )
    return Sent(outcome=Outcome.DONE, reference=name)


def _tells_broken(status: int) -> bool:
    return status >= _SERVER or status in _BROKEN


def _without(sent: Sent, words: tuple[str, ...]) -> Sent:
    return Sent(
        outcome=sent.outcome,
        note=hidden(sent.note, words)[: 2 * ANSWER_CHARACTERS],
        reference=sent.reference,
        retry_after_seconds=sent.retry_after_seconds,
        observed=sent.observed,
    )


def hidden(text: str, words: tuple[str, ...]) -> str:
    """Take out of an answer what it repeats of a person: the log is not the vault."""
    for word in words:
        text = text.replace(word, _HIDDEN)
    return text
