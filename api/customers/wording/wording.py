"""Which template a mail is written by: a merchant's own where there is one, else the one that comes with Headrace.

A language that has neither falls back to the one that is set for all, and at last to English; mail by mail, so that a
merchant may bring one of them alone.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Template

from api.customers.languages import FALLBACK, WORDS, Language, locale_of
from api.customers.wording.sandbox import compiled
from models.records.mail import CustomerMail

WORDS_FILE = "words.txt"
TEXT_LAYOUT, HTML_LAYOUT = "mail.txt", "mail.html"
# What can be put into each of the words that mails have.
MAIL_WORDS: Mapping[str, tuple[str, ...]] = {
    "hello": ("name",),
    "hello_nobody": (),
    "regards": (),
    "total": ("amount",),
    "parcel": ("carrier", "number"),
    "follow": (),
    "automatic": ("number",),
}
TEXT_VALUES = ("amount", "day", "is_all", "is_later", "number", "old_day", "shop", "store", "when")
LAYOUT_VALUES = (
    "automatic", "follow", "greeting", "items", "link", "page", "paragraphs", "parcel", "regards", "shop", "subject",
    "tag", "total",
)  # fmt: skip
PUT_IN = re.compile(r"{(\w*)}")
_FOLDER = Path(__file__).parent.parent / "templates"
_COMPILED_MOST = 512


class Wording:
    """A merchant's own files by their path, `de/shipped.txt`, in front of those that come with Headrace."""

    def __init__(self, files: Mapping[str, str], version: int = 0) -> None:
        """`version` is 0 where there are none of their own."""
        self.version = version
        self._own = files
        own_words = {path.partition("/")[0]: words_in(text) for path, text in files.items() if _is_words(path)}
        built_in = {name: {key: words[key] for key in MAIL_WORDS} for name, words in WORDS.items()}
        self._words = built_in | {name: built_in.get(name, {}) | own for name, own in own_words.items()}

    @property
    def languages(self) -> tuple[str, ...]:
        """Give the languages that there are mails in."""
        return tuple(sorted(self._words))

    def language_of(self, mail: CustomerMail, given: str, fallback: str) -> Language:
        """Give the language of a mail to a customer whose locale is `given`; `fallback` is for all others."""
        for tag in (given, fallback):
            locale = locale_of(tag)
            if locale is not None and self._has(locale.language, mail):
                return Language(locale.language, str(locale))
        return Language(FALLBACK, FALLBACK)

    def template(self, mail: CustomerMail, language: Language) -> tuple[Template, str]:
        """Give the template of a mail, and how the log of a delivery names it."""
        path = path_of(language.name, mail)
        whose = f"version {self.version}" if path in self._own else "built in"
        around = {TEXT_LAYOUT, HTML_LAYOUT, f"{language.name}/{WORDS_FILE}"} & self._own.keys()
        more = f", with {' and '.join(sorted(around))} of version {self.version}" if around else ""
        return _template(self._source(path), is_html=False), f"{path}, {whose}{more}"

    def layout(self, name: str) -> Template:
        """Give what is around the words of each mail, as plain text or as HTML."""
        return _template(self._source(name), is_html=name == HTML_LAYOUT)

    def word(self, language: Language, key: str, **values: str) -> str:
        """Give words by their key, with values put in as they are."""
        return PUT_IN.sub(lambda found: values[found[1]], self._words[language.name][key])

    def _has(self, language: str, mail: CustomerMail) -> bool:
        path = path_of(language, mail)
        return language in self._words and (path in self._own or path in BUILT_IN_FILES)

    def _source(self, path: str) -> str:
        return self._own[path] if path in self._own else BUILT_IN_FILES[path]


def path_of(language: str, mail: CustomerMail) -> str:
    """Give where the template of a mail is."""
    return f"{language}/{mail.value}.txt"


def words_in(text: str) -> dict[str, str]:
    """Read a file of words, a line each: `regards = Kind regards`; what begins with # is a comment."""
    lines = (line.partition("=") for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip() for key, _, value in lines}


def files_to_begin_from() -> dict[str, str]:
    """Give all that comes with Headrace as files that a merchant can change."""
    words = {
        f"{name}/{WORDS_FILE}": "".join(f"{key} = {of_page[key]}\n" for key in MAIL_WORDS)
        for name, of_page in WORDS.items()
    }
    return dict(sorted({**BUILT_IN_FILES, **words}.items()))


def _is_words(path: str) -> bool:
    return path.endswith(f"/{WORDS_FILE}")


@lru_cache(maxsize=_COMPILED_MOST)
def _template(source: str, *, is_html: bool) -> Template:
    return compiled(source, is_html=is_html)


def _built_in() -> dict[str, str]:
    found = (path for path in _FOLDER.rglob("*") if path.suffix in {".txt", ".html"})
    return {path.relative_to(_FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in found}


BUILT_IN_FILES: Mapping[str, str] = _built_in()
BUILT_IN = Wording({})
