"""A merchant's own layout of mails: what it may be made of, and that what strangers typed stays text in it."""

import pytest

from api.customers.example import LINK, example_of
from api.customers.letters import write
from api.customers.picture import Item
from api.customers.wording.checking import faults_of
from api.customers.wording.wording import Wording
from models.records.mail import CustomerMail as Mail


def faults(files: dict[str, str]) -> list[str]:
    return [str(fault) for fault in faults_of(files)]


LAYOUT = (
    '<!doctype html><html lang="{{ tag }}"><body>{% for one in paragraphs %}<p>{{ one }}</p>{% endfor %}{BODY}'
    "</body></html>"
)


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://shop.example/logo.png" alt="{{ shop }}">',
        '{% if link %}<a href="{{ link }}" style="color:red">{{ follow }}</a>{% endif %}',
        "{% for item in items %}<p>{{ loop.index }} {{ item.quantity }} {{ item.name|upper }}</p>{% endfor %}",
        "<style>p { margin: 0 }</style><title>{{ subject }}</title>",
        '<a href="mailto:help@shop.example">help</a>',
    ],
)
def test_a_layout_of_ones_own_may_be(body: str) -> None:
    assert faults({"mail.html": LAYOUT.replace("{BODY}", body)}) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<p>\n<script>alert(1)</script>", "a mail has no <script>"),
        ("<p>\n<SCRIPT src=//x>", "a mail has no <script>"),
        ('<p>\n<iframe src="https://x.example">', "a mail has no <iframe>"),
        ('<p>\n<form action="https://x.example">', "a mail has no <form>"),
        ('<p>\n<meta http-equiv="refresh" content="0">', "a mail has no <meta>"),
        ("<p>\n<p title={{ shop }}>", "put what is shown inside of <p> into quotes"),
        ("<p>\n<p {{ shop }}>", "put what is shown inside of <p> into quotes"),
        ("<p>\n<{{ shop }}>", "a < that begins no tag is written &lt;"),
        ("<p>\n</{{ shop }}>", ""),
        ("<p>\n<!{{ shop }}>", ""),
        ("<p>\n<?{{ shop }}>", ""),
        ("<p>\n<b{% if link %}>{% endif %}", "put the {% %} around the whole"),
        ("<p>\n<b title='{{ shop }}", "a < that begins no tag"),
        ('<p>\n<p title="{% if link %}x{% endif %}">', "put the {% %} around the whole <p>"),
        ('<p>\n<p onclick="x()">', "nothing in it may run"),
        ('<p>\n<a href="javascript:x()">', "must be https://"),
        ('<p>\n<a href="http://x.example">', "must be https://"),
        ('<p>\n<a href="{{ shop }}">', "must be https://"),
        ('<p>\n<a href="https://x.example/?{{ link }}">', "must be https://"),
        ('<p>\n<p style="{{ shop }}">', "nothing is shown inside of a style"),
        ("<p>\n<style>{{ shop }}</style>", "nothing is shown inside of <style>"),
        ("<p>\n<!-- {{ shop }} -->", "nothing is shown inside of a comment"),
        ("<p>\n{{ greeting|safe }}", "of filters a template has"),
        ("<p>\n{{ items[0] }}", "looks into nothing"),
        ("<p>\n{% for a in items %}{% for b in items %}{% endfor %}{% endfor %}", "not inside of another loop"),
        ("<p>\n{% for a in items %}{{ a._asdict }}{% endfor %}", "nothing that is called a._asdict here: a has name"),
        ("<p>\n{% for a in items %}{{ loop.cycle }}{% endfor %}", "nothing that is called loop.cycle"),
    ],
)
def test_a_layout_in_which_something_could_run_or_break_out_is_refused_with_its_line(body: str, reason: str) -> None:
    [told, *_] = faults_of({"mail.html": LAYOUT.replace("{BODY}", body)})
    assert (told.file, told.line) == ("mail.html", 2)
    assert reason in told.reason


def test_a_layout_shows_what_the_mail_says() -> None:
    assert "it shows no paragraphs" in faults({"mail.txt": "{{ regards }}"})[0]
    assert "it cannot be written: list is neither a text nor a number" in faults({"mail.txt": "{{ paragraphs }}"})[0]
    assert (
        "neither a text nor a number"
        in faults({"mail.txt": "{% for one in paragraphs %}{{ one }}{% endfor %}{% if items %}{{ items }}{% endif %}"})[
            0
        ]
    )


def test_names_of_strangers_stay_text_in_every_layout_and_no_header_is_injected() -> None:
    picture, news = example_of(Mail.SHIPPED)
    bad = "<script>\"'{{ 7*7 }}\r\nBcc: x@evil.example"
    wording = Wording(
        {
            "en/shipped.txt": "{{ number }} of {{ shop }}\n\n{{ number }}",
            "mail.html": LAYOUT.replace(
                "{BODY}", '<p title="{{ shop }}">{% for i in items %}{{ i.name }}{% endfor %}</p>'
            ),
        },
        1,
    )
    news = news._replace(items=(Item(bad, 1),))
    language = wording.language_of(Mail.SHIPPED, "en", "en")
    strange = picture._replace(number=bad, shop=bad)
    written = write(Mail.SHIPPED, strange, news, language, name=bad, link=LINK, wording=wording)
    assert "\n" not in written.subject
    assert "\r" not in written.subject
    assert "<script>" not in written.html
    assert "49" not in written.html
    assert 'title="&lt;script&gt;&#34;&#39;{{ 7*7 }}' in written.html
