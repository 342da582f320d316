"""A mail server in this process: it keeps what it is sent, and refuses, stalls or falls silent when told to."""

import asyncio
import email
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailBoxes:
    """What came, in order; `answer` of a message may refuse it, or end the connection after all of it was taken."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.for_recipient: Callable[[str], str] = lambda _: "250 OK"
        self.for_mail: Callable[[int], str] = lambda _: "250 OK"

    async def handle_RCPT(  # noqa: N802 - its name is the server's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        answer = self.for_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del session
        raw = cast("bytes", envelope.content)
        answer = self.for_mail(len(self.raw))
        if answer.startswith("2") or answer == "lost":
            self.raw.append(raw)
            self.got.append(cast("EmailMessage", email.message_from_bytes(raw, policy=cast("Any", default))))
            self.envelopes.append((str(envelope.mail_from), [str(one) for one in envelope.rcpt_tos]))
        if answer == "lost":
            # It has it, and nobody will know.
            cast("asyncio.Transport", server.transport).abort()
        return answer

    def box(self) -> dict[str, EmailMessage]:
        """Give what a mail box holds that knows mails by their id, as mail boxes do."""
        return {str(one["Message-ID"]): one for one in self.got}


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[MailBoxes, int]]:
    """Serve until the end of the block; gives the boxes and the port."""
    boxes = MailBoxes()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    controller = Controller(boxes, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    try:
        yield boxes, port
    finally:
        await asyncio.to_thread(controller.stop)


def words_of(message: EmailMessage, kind: str = "plain") -> str:
    """Give a mail's text, or its HTML."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
