"""Whatever a template is made of, it is refused with its line or writes a mail, and nothing in a mail can run."""

from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from api.customers.example import LINK, example_of
from api.customers.letters import write
from api.customers.picture import Item
from api.customers.wording.checking import FILE_CHARACTERS_MAX, faults_of
from api.customers.wording.wording import Wording
from models.records.mail import CustomerMail

STRANGE = "x\"'><img src=x onerror=y>javascript:z {{ 7*7 }}\r\nBcc: a@b.example"
WORDS = [
    "{{ number }}", "{{", "}}", "{%", "%}", "{#", "#}", "{% if day %}", "{% else %}", "{% endif %}", "{% endfor %}",
    "{% for x in items %}", "{% for p in paragraphs %}{{ p }}{% endfor %}", "{{ x.name }}", "{{ loop.index }}",
    "{{ shop|upper }}", "{{ shop }}", "{{ link }}", "{{ shop.__class__ }}", "{{ shop() }}", "{{ [].append }}",
    "{% raw %}", "{% endraw %}", "{%- ", " -%}", "{{ '<b>' }}", "{{ ''.join }}", "|safe", "not ", "(", ")", "[0]",
    "\n", "\n\n", " ", "Order", "<", ">", "</", "/>", "<p", "<a ", "<!--", "-->", "<!", "<?", "<style>", "</style>",
    "<title>", "</title>", "<textarea>", "href=", "title=", "style=", "onclick=", '"', "'", "=", "&lt;", "&", "https://x",
    "javascript:x()", "{{ page }}", "\x00", "\ud800", "\ue000", "\ue001", "é",
]  # fmt: skip
SOURCES = st.lists(st.sampled_from(WORDS), max_size=25).map("".join) | st.text(max_size=60)
SEEN = "{% for p in paragraphs %}<p>{{ p }}</p>{% endfor %}"


class _Runs(HTMLParser):
    """Notes what would run, or would be asked for, in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"img", "script"}:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name.startswith("on")]
        self.found += [str(value) for name, value in attrs if name == "href" and "javascript" in str(value)]


def written_by(files: dict[str, str]) -> tuple[str, str, str]:
    picture, news = example_of(CustomerMail.SHIPPED)
    wording = Wording(files, 1)
    strange = picture._replace(number=STRANGE, shop=STRANGE)
    shown = news._replace(items=(Item(STRANGE, 1),))
    language = wording.language_of(CustomerMail.SHIPPED, "en", "en")
    mail = write(CustomerMail.SHIPPED, strange, shown, language, name=STRANGE, link=LINK, wording=wording)
    return mail.subject, mail.text, mail.html


@given(SOURCES)
@example("Order\n\n{{ number }}")
def test_a_mail_is_refused_or_written(source: str) -> None:
    found = faults_of({"en/shipped.txt": source})
    if found:
        assert all(fault.line >= 1 and fault.reason for fault in found)
        return
    subject, text, _ = written_by({"en/shipped.txt": source})
    assert subject
    assert not {"\r", "\n"} & set(subject)
    assert "<built-in" not in text
    assert "<bound" not in text
    assert "49" not in text or "49" in source


@given(SOURCES)
@example("")
@example('<a href="{{ link }}" title="{{ shop }}">{{ shop }}</a>')
@example("<b title='{{ shop }}'>{% if shop %}<i>{{ shop }}</i>{% endif %}")
def test_nothing_runs_in_what_a_layout_makes_of_it(source: str) -> None:
    files = {"mail.html": f"{SEEN}{source}"}
    if faults_of(files):
        return
    _, _, html = written_by(files)
    reader = _Runs()
    reader.feed(html)
    reader.close()
    assert reader.found == []


def test_the_longest_files_are_looked_at_in_no_time() -> None:
    for part in ("{% if day %}x{% endif %}", "{{ number|upper }}", "{% raw %}{{{% endraw %}", "<a ", "<!--", "&", "{{"):
        text = part * (FILE_CHARACTERS_MAX // len(part))
        faults_of({"en/shipped.txt": f"Order\n\n{text}"[:FILE_CHARACTERS_MAX], "mail.html": text})
