"""What customers are written: each mail's exact words in each language, and what nobody can make of it."""

from collections.abc import Sequence

import pytest

from api.customers.example import LINK, NAME, example_of
from api.customers.languages import WORDS, accepted_language, language_of
from api.customers.letters import News, write
from api.customers.picture import Item
from api.customers.plain import greeted, mailable, one_line
from models.records.mail import CustomerMail as Mail

SHIRTS, KETTLE = "- 2 × T-shirt, blue, M", "- 1 × Kettle, 1 l"
PAGE = "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557"
FRIDAY, FREITAG = "Friday, November 27, 2026", "Freitag, 27. November 2026"
MONTAG = "Montag, 30. November 2026"
ENGLISH: list[tuple[Mail, str, Sequence[str]]] = [
    (
        Mail.TAKEN,
        "Your order 100234 at Web shop",
        [
            "Thank you for your order. We write again as soon as it is on its way.",
            f"We expect it to be with you by {FRIDAY}.",
            f"{SHIRTS}\n{KETTLE}",
            "Total: €78.97",
        ],
    ),
    (
        Mail.PARTLY_SHIPPED,
        "Part of your order 100234 is on its way",
        [
            "These items of your order 100234 have left and are on their way to you. The others follow.",
            f"We expect all of it to be with you by {FRIDAY}.",
            SHIRTS,
            f"Parcel: DHL 00340434161094042557\n{PAGE}",
        ],
    ),
    (
        Mail.SHIPPED,
        "Your order 100234 is on its way",
        [
            "These items of your order 100234 have left and are on their way to you.",
            f"We expect them to be with you by {FRIDAY}.",
            f"{SHIRTS}\n{KETTLE}",
            f"Parcel: DHL 00340434161094042557\n{PAGE}",
        ],
    ),
    (
        Mail.READY,
        "Your order 100234 is ready to collect",
        [
            "These items of your order 100234 lie ready for you at Berlin Mitte.",
            "Please have the number of your order at hand when you come.",
            f"{SHIRTS}\n{KETTLE}",
        ],
    ),
    (
        Mail.DELIVERED,
        "Your order 100234 has been delivered",
        [
            "These items of your order 100234 have been delivered on Monday, November 23, 2026.",
            "If you have not received them, please tell us.",
            f"{SHIRTS}\n{KETTLE}",
        ],
    ),
    (
        Mail.DELAYED,
        "Your order 100234 comes later",
        [
            f"We now expect your order 100234 to be with you by Monday, November 30, 2026, instead of by {FRIDAY}.",
            "We are sorry that you have to wait.",
        ],
    ),
    (
        Mail.CANCELLED,
        "Part of your order 100234 has been cancelled",
        ["These items of your order 100234 have been cancelled and will not be sent.", SHIRTS],
    ),
    (
        Mail.REFUNDED,
        "A refund for your order 100234",
        [
            "€19.99 of your order 100234 has been refunded.",
            "It may take a few days until you see it on your account.",
        ],
    ),
]
GERMAN: list[tuple[Mail, str, Sequence[str]]] = [
    (
        Mail.TAKEN,
        "Ihre Bestellung 100234 bei Web shop",
        [
            "Vielen Dank für Ihre Bestellung. Wir schreiben Ihnen wieder, sobald sie unterwegs ist.",
            f"Voraussichtlich ist sie bei Ihnen bis {FREITAG}.",
            f"{SHIRTS}\n{KETTLE}",
            "Summe: 78,97\xa0€",
        ],
    ),
    (
        Mail.PARTLY_SHIPPED,
        "Ein Teil Ihrer Bestellung 100234 ist unterwegs",
        [
            "Diese Artikel Ihrer Bestellung 100234 sind auf dem Weg zu Ihnen. Die übrigen folgen.",
            f"Voraussichtlich ist alles bei Ihnen bis {FREITAG}.",
            SHIRTS,
            f"Paket: DHL 00340434161094042557\n{PAGE}",
        ],
    ),
    (
        Mail.SHIPPED,
        "Ihre Bestellung 100234 ist unterwegs",
        [
            "Diese Artikel Ihrer Bestellung 100234 sind auf dem Weg zu Ihnen.",
            f"Voraussichtlich sind sie bei Ihnen bis {FREITAG}.",
            f"{SHIRTS}\n{KETTLE}",
            f"Paket: DHL 00340434161094042557\n{PAGE}",
        ],
    ),
    (
        Mail.READY,
        "Ihre Bestellung 100234 liegt zur Abholung bereit",
        [
            "Diese Artikel Ihrer Bestellung 100234 liegen für Sie bereit: Berlin Mitte.",
            "Bitte halten Sie bei der Abholung die Nummer Ihrer Bestellung bereit.",
            f"{SHIRTS}\n{KETTLE}",
        ],
    ),
    (
        Mail.DELIVERED,
        "Ihre Bestellung 100234 wurde zugestellt",
        [
            "Diese Artikel Ihrer Bestellung 100234 wurden am Montag, 23. November 2026 zugestellt.",
            "Falls Sie sie nicht erhalten haben, sagen Sie uns bitte Bescheid.",
            f"{SHIRTS}\n{KETTLE}",
        ],
    ),
    (
        Mail.DELAYED,
        "Ihre Bestellung 100234 kommt später",
        [
            f"Ihre Bestellung 100234 ist jetzt voraussichtlich bis {MONTAG} bei Ihnen, statt bis {FREITAG}.",
            "Es tut uns leid, dass Sie warten müssen.",
        ],
    ),
    (
        Mail.CANCELLED,
        "Ein Teil Ihrer Bestellung 100234 wurde storniert",
        ["Diese Artikel Ihrer Bestellung 100234 wurden storniert und werden nicht versandt.", SHIRTS],
    ),
    (
        Mail.REFUNDED,
        "Eine Erstattung zu Ihrer Bestellung 100234",
        [
            "19,99 € Ihrer Bestellung 100234 wurden erstattet.",
            "Bis der Betrag auf Ihrem Konto erscheint, können einige Tage vergehen.",
        ],
    ),
]


@pytest.mark.parametrize(("mail", "subject", "parts"), ENGLISH, ids=[one[0] for one in ENGLISH])
def test_the_words_in_english(mail: Mail, subject: str, parts: Sequence[str]) -> None:
    written = write(mail, *example_of(mail), language_of("en"), name=NAME, link=LINK)
    end = [f"Follow your order: {LINK}", "Kind regards\nWeb shop"]
    foot = "This mail was sent automatically about your order 100234."
    assert (written.subject, written.text) == (subject, "\n\n".join(["Hello Ada Muster,", *parts, *end, foot]))


@pytest.mark.parametrize(("mail", "subject", "parts"), GERMAN, ids=[one[0] for one in GERMAN])
def test_the_words_in_german(mail: Mail, subject: str, parts: Sequence[str]) -> None:
    written = write(mail, *example_of(mail), language_of("de"), name=NAME, link=LINK)
    end = [f"Bestellung verfolgen: {LINK}", "Freundliche Grüße\nWeb shop"]
    foot = "Diese Mail wurde automatisch zu Ihrer Bestellung 100234 versandt."
    assert (written.subject, written.text) == (subject, "\n\n".join(["Guten Tag Ada Muster,", *parts, *end, foot]))


def test_every_mail_and_every_word_is_there_in_every_language() -> None:
    assert [one[0] for one in ENGLISH] == [one[0] for one in GERMAN] == list(Mail)
    assert WORDS["en"].keys() == WORDS["de"].keys()


def test_html_says_the_same_and_escapes_what_is_put_in() -> None:
    picture, news = example_of(Mail.TAKEN)
    picture = picture._replace(number='<i a="b">&', shop="<script>")
    news = news._replace(items=(Item("<img src=x onerror=alert(1)>", 1),))
    html = write(Mail.TAKEN, picture, news, language_of("en"), name="<b>", link='https://x/"><script>').html
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert '<a href="https://x/&#34;&gt;&lt;script&gt;">' in html
    assert "Your order &lt;i a=&#34;b&#34;&gt;&amp; at &lt;script&gt;" in html


def test_a_promise_that_is_over_is_not_repeated_and_an_earlier_day_is_no_delay() -> None:
    picture, news = example_of(Mail.SHIPPED)
    late = write(
        Mail.SHIPPED, picture, news._replace(at_ms=news.at_ms + 9 * 86_400_000), language_of("en"), name="", link=""
    )
    assert "We expect" not in late.text
    assert late.text.startswith("Hello,\n\n")
    assert "Follow" not in late.text
    picture, news = example_of(Mail.DELAYED)
    sooner = News(at_ms=news.at_ms, promise_ms=news.old_promise_ms, old_promise_ms=news.promise_ms)
    written = write(Mail.DELAYED, picture, sooner, language_of("en"), name="", link="")
    assert written.subject == "A new date for your order 100234"
    assert "sorry" not in written.text


@pytest.mark.parametrize(
    ("locale", "language", "tag"),
    [
        ("de-AT", "de", "de-AT"),
        ("de_DE", "de", "de-DE"),
        ("DE", "de", "de"),
        ("en-US", "en", "en-US"),
        ("fr-FR", "de", "de"),
        ("", "de", "de"),
        ("zz-ZZ-'; DROP", "de", "de"),
        ("de-Latn-CH", "de", "de-CH"),
    ],
)
def test_a_locale_without_words_falls_back(locale: str, language: str, tag: str) -> None:
    found = language_of(locale, "de")
    assert (found.name, found.tag) == (language, tag)


def test_the_browsers_languages_are_tried_in_their_order() -> None:
    assert accepted_language("fr, de-CH;q=0.9, en;q=0.8").tag == "de-CH"
    assert accepted_language("de;q=0, en-GB").tag == "en-GB"
    assert accepted_language("*").tag == "en"


@pytest.mark.parametrize(
    ("name", "as_greeted"),
    [
        ("Ada Muster", "Ada Muster"),
        ("Dr. Ada M. Muster-Öz O'Neill", "Dr. Ada M. Muster-Öz O'Neill"),
        ("Ada\r\nBcc: x", ""),
        ("Ada\r\nMuster\u202e\x00", "Ada Muster"),
        ("Win at casino.example now", ""),
        ("http://evil", ""),
        ("call 0900 123", ""),
        ("a@b", ""),
        ("x" * 61, ""),
        ("", ""),
    ],
)
def test_a_name_that_looks_like_more_is_no_greeting(name: str, as_greeted: str) -> None:
    assert greeted(name) == as_greeted


@pytest.mark.parametrize(
    ("address", "as_mailed"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.M+shop@Example.ORG ", "Ada.M+shop@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("a@b.example\r\nRCPT TO:<x@y.example>", ""),
        ("a@b.example> SIZE=1", ""),
        ('"a b"@c.example', ""),
        ("a@[127.0.0.1]", ""),
        ("a@b", ""),
        ("a..b@c.example", ""),
        (".a@c.example", ""),
        ("-oQ@c.example", ""),
        ("a@-c.example", ""),
        ("a,b@c.example", ""),
        ("ä@c.example", ""),
        ("a" * 65 + "@c.example", ""),
        ("@c.example", ""),
        ("", ""),
    ],
)
def test_only_plain_addresses_are_written_to(address: str, as_mailed: str) -> None:
    assert mailable(address) == as_mailed


def test_a_text_of_others_is_one_line_and_shows_all_of_itself() -> None:
    assert one_line("a\r\nb\tc\u2028d\u202ee\u0000f\u200b") == "a b c def"
    assert one_line("x" * 100, 10) == "xxxxxxxxx…"
