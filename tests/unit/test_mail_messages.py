"""Mails as bytes: whom they come from, and that nothing put in makes a header."""

import email
from email.policy import default

import pytest

from api.exchange.outbox.posting import MailServer, SenderUnknownError
from api.settings import ApiSettings
from connectors.frame.documents import Letter


@pytest.mark.parametrize("given", ["", "nobody", "a@b\r\nBcc: x@y.example", "Shop <orders>"])
def test_a_sender_that_is_no_address_is_told_at_the_start(given: str) -> None:
    with pytest.raises(SenderUnknownError, match="HEADRACE_SMTP_FROM"):
        MailServer(ApiSettings(smtp_host="localhost", smtp_from=given))


def test_headers_are_one_line_each_and_the_bytes_the_same_at_each_attempt() -> None:
    server = MailServer(
        ApiSettings(smtp_host="x", smtp_from="Bücher <o@shop.example>", smtp_reply_to="help@shop.example")
    )
    letter = Letter(
        to="ada@example.org", shop="x", subject="Ihre Bestellung ü\r\nBcc: a@b.example " + "lang " * 60,
        text="Grüße\n.\nQUIT\n", html="<p>ü</p>", language="de", date_ms=1_795_424_400_000,
    )  # fmt: skip
    raw = server.message_of(letter, "d123")
    assert raw == server.message_of(letter, "d123")
    read = email.message_from_bytes(raw, policy=default)
    assert (read["From"], read["Reply-To"], read["To"]) == (
        "Bücher <o@shop.example>",
        "help@shop.example",
        "ada@example.org",
    )
    assert (read["Bcc"], read["Message-ID"]) == (None, "<d123@shop.example>")
    assert read["Date"] == "Mon, 23 Nov 2026 09:00:00 +0000"
    assert str(read["Subject"]).startswith("Ihre Bestellung ü Bcc: a@b.example lang")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
