"""A small shell around a connector: it makes the requests that the connector wants, for tests on running systems."""

from collections.abc import Callable

import httpx2 as httpx

from connectors.frame.declaration import Connector, Page, Poll
from connectors.frame.documents import Occasion, Sent
from connectors.frame.facts import AnyFact
from connectors.frame.http import HttpRequest, HttpResponse, get_request
from connectors.frame.message import Account, Message
from connectors.frame.translating import translate


class AnswerLostError(Exception):
    """The system has done it, and its answer did not come."""


class LiveShell:
    """Asks and tells one account of a connector."""

    def __init__(self, connector: Connector, account: Account, secrets: dict[str, str]) -> None:
        self._connector = connector
        self._account = account
        self._secrets = secrets

    def call(self, request: HttpRequest) -> HttpResponse:
        assert httpx.URL(request.url).host in self._connector.hosts(self._account)
        assert self._connector.authorise is not None
        made = self._connector.authorise(request, self._account, self._secrets)
        answer = httpx.request(made.method, made.url, headers=made.headers, content=made.body, timeout=60)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(status=answer.status_code, headers=headers, body=answer.content, url=made.url)

    def send(self, occasion: Occasion, *, loses: Callable[[HttpRequest], bool] = lambda _: False) -> Sent:
        """Deliver once; the answers to requests that `loses` picks are lost."""
        assert self._connector.send is not None
        sending = self._connector.send(occasion, self._account)
        try:
            request = next(sending)
            while True:
                answer = self.call(request)
                if loses(request):
                    raise AnswerLostError
                request = sending.send(answer)
        except StopIteration as end:
            sent: Sent = end.value
            return sent

    def poll(self, poll: Poll, cursor: str, now_ms: int) -> tuple[list[Message], str]:
        """Ask once, to the end: what it brought, and the cursor to go on from."""
        polling = poll.run(self._account, cursor, now_ms)
        messages: list[Message] = []
        reply: HttpResponse | None = None
        while True:
            try:
                step = polling.send(reply)
            except StopIteration:
                return messages, cursor
            if isinstance(step, Page):
                messages += step.messages
                cursor, reply = step.cursor, None
            else:
                reply = self.call(step)

    def facts(self, message: Message) -> list[AnyFact]:
        """Read a message, and what it points at."""
        said = translate(self._connector, message, self._account)
        assert said.refused == ()
        found = list(said.facts)
        for fetch in said.fetch:
            answer = self.call(get_request(fetch.url))
            assert answer.ok, answer.body
            found += self.facts(Message(body=answer.body, topic=fetch.topic, received_at_ms=message.received_at_ms))
        return found
