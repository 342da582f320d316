"""Hands mails to a mail server over SMTP, each once in effect: its Message-ID is that of the delivery at each attempt.

smtplib knows no event loop, so each mail has a thread while it is sent (docs/decisions/0022-mails.md).
"""

import asyncio
import contextlib
import re
import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from api.customers.plain import mailable, one_line
from api.exchange.calling import CallError
from api.settings import ApiSettings
from connectors.frame.documents import Letter, Occasion, Outcome, Sent

_PERMANENT = 500
_TLS, _STARTTLS = "tls", "starttls"
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class SenderUnknownError(ValueError):
    """HEADRACE_SMTP_FROM is no address."""


class MailServer:
    """Sends mails as one sender, by one server."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        name, address = parseaddr(settings.smtp_from)
        self._name, self._address = one_line(name), mailable(address)
        self._reply_to = mailable(settings.smtp_reply_to)
        if settings.smtp_host and not self._address:
            raise SenderUnknownError(
                "HEADRACE_SMTP_FROM must be the address that mails come from, such as orders@shop.example"
            )

    async def post(self, occasion: Occasion, _now_ms: int) -> Sent:
        """Send the letter of an occasion.

        Raises:
            CallError: the server does not work, whatever it is sent.
        """
        letter = occasion.letter
        assert letter is not None, "only letters are posted"
        return await asyncio.to_thread(self._send, letter, occasion.delivery_id)

    def message_of(self, letter: Letter, delivery_id: str) -> bytes:
        """Give a letter as it is sent: the same bytes at each attempt."""
        domain = self._address.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._name or one_line(letter.shop), addr_spec=self._address)
        message["To"] = Address(addr_spec=letter.to)
        if self._reply_to:
            message["Reply-To"] = Address(addr_spec=self._reply_to)
        message["Subject"] = one_line(letter.subject, 200)
        message["Date"] = format_datetime(datetime.fromtimestamp(letter.date_ms // 1000, UTC))
        message["Message-ID"] = f"<{delivery_id}@{domain}>"
        # Nobody's absence is answered to a machine, and no list takes it for a post.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="quoted-printable")
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        # Setting the content takes headers of this name away.
        message["Content-Language"] = letter.language
        message.set_boundary(f"=-{delivery_id}")
        return message.as_bytes()

    def _send(self, letter: Letter, delivery_id: str) -> Sent:
        raw = self.message_of(letter, delivery_id)
        try:
            server = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            raise CallError(f"the mail server refuses user and password ({_code(error)})") from None
        except (smtplib.SMTPException, OSError) as error:
            raise CallError(f"no mail server answers as it should: {_named(error)}") from None
        try:
            server.sendmail(self._address, [letter.to], raw)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, text)] = error.recipients.values()
            return _undone("the address", code, text)
        except smtplib.SMTPSenderRefused as error:
            raise CallError(f"the mail server refuses HEADRACE_SMTP_FROM as sender ({_code(error)})") from None
        except smtplib.SMTPDataError as error:
            return _undone("the mail", error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            # It may have arrived: it goes again under the same id, by which mail boxes know it.
            raise CallError(f"the mail server fell silent: {_named(error)}") from None
        finally:
            # The mail has been taken, or refused, whatever becomes of the farewell.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()
        note = f"written by {letter.written_by}" if letter.written_by else ""
        return Sent(outcome=Outcome.DONE, note=note, reference=f"<{delivery_id}@{self._address.rpartition('@')[2]}>")

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        host, port, wait_seconds = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_seconds
        domain = self._address.rpartition("@")[2]
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if settings.smtp_security == _TLS:
            server = smtplib.SMTP_SSL(host, port, local_hostname=domain, timeout=wait_seconds, context=context)
        else:
            server = smtplib.SMTP(host, port, local_hostname=domain, timeout=wait_seconds)
        try:
            if settings.smtp_security == _STARTTLS:
                server.starttls(context=context)
            if settings.smtp_user and settings.smtp_password is not None:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


def _undone(what: str, code: int, text: bytes | str) -> Sent:
    """Give what a refusal means; of its words only the code, since the rest repeats the address."""
    found = _ENHANCED.search(text if isinstance(text, str) else text.decode("utf-8", "replace"))
    note = f"the mail server refuses {what} ({code}{' ' + found[0] if found else ''})"
    return Sent(outcome=Outcome.REFUSED if code >= _PERMANENT else Outcome.LATER, note=note)


def _code(error: smtplib.SMTPResponseException) -> str:
    return str(error.smtp_code)


def _named(error: Exception) -> str:
    return type(error).__name__
