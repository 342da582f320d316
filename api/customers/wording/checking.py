"""What is wrong with a merchant's templates, all of it at once, with file and line, before any is in force.

Each is written with a made-up order in every way that an order of its kind may be, so that none lacks a subject.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from jinja2 import TemplateError

from api.customers.example import example_of
from api.customers.languages import WORDS, Language, locale_of
from api.customers.letters import values_of
from api.customers.picture import Item
from api.customers.wording.markup import mistakes_of_markup
from api.customers.wording.sandbox import Mistake, compiled, mistakes_of
from api.customers.wording.wording import (
    HTML_LAYOUT,
    LAYOUT_VALUES,
    MAIL_WORDS,
    PUT_IN,
    TEXT_LAYOUT,
    TEXT_VALUES,
    WORDS_FILE,
)
from connectors.folder.faults import Fault, Faults, did_you_mean
from models.records.mail import CustomerMail

FILES_MAX = 400
FILE_CHARACTERS_MAX = 16_000
ALL_CHARACTERS_MAX = 600_000
_WORD_MAX = 300
_NAME_SHOWN = 80
_PARAGRAPHS_MIN = 2
_AT_WRITING = (TemplateError, TypeError, ValueError, ArithmeticError)
_MAILS = {f"{mail.value}.txt": mail for mail in CustomerMail}
_LAYOUTS = (TEXT_LAYOUT, HTML_LAYOUT)


def faults_of(files: Mapping[str, str]) -> tuple[Fault, ...]:
    """Give what is wrong with files by their path, such as `de/shipped.txt`; nothing where they may be in force."""
    faults = Faults()
    if len(files) > FILES_MAX or sum(map(len, files.values())) > ALL_CHARACTERS_MAX:
        most = f"{FILES_MAX} files with {ALL_CHARACTERS_MAX} characters"
        faults.of(".").add(1, 1, f"there is more than anybody writes: at most {most}")
        return faults.listed()
    for path, text in files.items():
        here = faults.of(path[:_NAME_SHOWN])
        for line, reason in _mistakes_of_file(path, text):
            here.add(line, 1, reason)
    for language in sorted({path.partition("/")[0] for path in files if "/" in path} - WORDS.keys()):
        if f"{language}/{WORDS_FILE}" not in files and not faults.has_any():
            reason = f"{language} is no language that Headrace has words in: give them here, as in en/{WORDS_FILE}"
            faults.of(f"{language}/{WORDS_FILE}").add(1, 1, reason)
    return faults.listed()


def _mistakes_of_file(path: str, text: str) -> Iterator[Mistake]:
    language, slash, name = path.rpartition("/")
    if len(text) > FILE_CHARACTERS_MAX:
        yield Mistake(1, f"the file has more than {FILE_CHARACTERS_MAX} characters")
    elif unseen := next((one for one in text if not (one.isprintable() or one.isspace())), ""):
        line = text[: text.index(unseen)].count("\n") + 1
        yield Mistake(line, f"there is a character that cannot be seen, {unseen!a}: take it out")
    elif not slash and name in _LAYOUTS:
        yield from _mistakes_of_layout(name, text)
    elif slash and not _is_language(language):
        yield Mistake(1, f"'{language[:_NAME_SHOWN]}' is no language: name the folder by two letters, such as fr")
    elif slash and name == WORDS_FILE:
        yield from _mistakes_of_words(language, text)
    elif slash and name in _MAILS:
        yield from _mistakes_of_mail(language, _MAILS[name], text)
    else:
        known = (*_MAILS, WORDS_FILE) if slash else _LAYOUTS
        yield Mistake(1, f"there is no mail of this name: {did_you_mean(name[:_NAME_SHOWN], known)}")


def _is_language(name: str) -> bool:
    locale = locale_of(name) if name.isascii() and name.isalpha() and name.islower() else None
    return locale is not None and locale.language == name


def _mistakes_of_mail(language: str, mail: CustomerMail, text: str) -> Iterator[Mistake]:
    found = mistakes_of(text, TEXT_VALUES)
    if found:
        yield from found
        return
    template, locale = compiled(text), Language(language, language)
    picture, news = example_of(mail)
    values = values_of(mail, picture, news, locale)
    shown = ("", str(values["when"]))
    ways = product((False, True), (False, True), ("", picture.shop), shown, shown)
    for is_all, is_later, store, day, old_day in ways:
        given = {"is_all": is_all, "is_later": is_later, "store": store, "day": day, "old_day": old_day}
        try:
            written = template.render(values | given)
        except _AT_WRITING as error:
            yield Mistake(1, f"it cannot be written: {error}")
            return
        paragraphs = [part for part in written.split("\n\n") if part.strip()]
        if len(paragraphs) < _PARAGRAPHS_MIN:
            told = ", ".join(f"{name} is {value or 'empty'}" for name, value in given.items())
            lacks = "no words" if paragraphs else "no subject"
            yield Mistake(
                1, f"the mail has {lacks} where {told}: the first paragraph is the subject, the rest the words"
            )
            return


def _mistakes_of_layout(name: str, text: str) -> Iterator[Mistake]:
    found = mistakes_of(text, LAYOUT_VALUES)
    if not found and name == HTML_LAYOUT:
        found = mistakes_of_markup(text)
    yield from found
    if found:
        return
    template, said = compiled(text, is_html=name == HTML_LAYOUT), "what-the-mail-says"
    for shown, items in (("", []), ("shown", [Item("T-shirt", 1), Item("Kettle", 2)])):
        values: dict[str, object] = dict.fromkeys(LAYOUT_VALUES, shown)
        try:
            written = template.render(values | {"paragraphs": [said], "items": items})
        except _AT_WRITING as error:
            yield Mistake(1, f"it cannot be written: {error}")
            return
        if said not in written:
            yield Mistake(1, "it shows no paragraphs, which are what the mail says: go through them with for")
            return


def _mistakes_of_words(language: str, text: str) -> Iterator[Mistake]:
    lines = [line for line in enumerate(text.splitlines(), start=1) if line[1].strip() and line[1].lstrip()[0] != "#"]
    seen = set[str]()
    for number, line in lines:
        key, equals, words = (part.strip() for part in line.partition("="))
        if not equals or not words or len(words) > _WORD_MAX:
            yield Mistake(number, f"write it as `regards = Kind regards`, in up to {_WORD_MAX} characters")
        elif key not in MAIL_WORDS:
            yield Mistake(number, f"mails have no words '{key[:_NAME_SHOWN]}': {did_you_mean(key, tuple(MAIL_WORDS))}")
        elif key in seen:
            yield Mistake(number, f"{key} stands above already: keep one")
        else:
            yield from _mistakes_of_word(number, key, words)
        seen.add(key)
    missing = () if language in WORDS else tuple(key for key in MAIL_WORDS if key not in seen)
    if missing:
        yield Mistake(1, f"there are no words for {', '.join(missing)}: add a line for each")


def _mistakes_of_word(number: int, key: str, words: str) -> Iterator[Mistake]:
    allowed = MAIL_WORDS[key]
    rest = PUT_IN.sub(lambda found: "" if found[1] in allowed else found[0], words)
    if "{" in rest or "}" in rest:
        may = f"only {', '.join(f'{{{name}}}' for name in allowed)}" if allowed else "nothing"
        yield Mistake(number, f"into {key} {may} can be put")
    unused = [name for name in allowed if f"{{{name}}}" not in words]
    if unused and key in {"total", "parcel"}:
        yield Mistake(number, f"{key} does not show {{{unused[0]}}}: put it in")
