"""A merchant's own templates: what they may do, what is refused, and in which line."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.customers.example import LINK, NAME, example_of
from api.customers.languages import Language
from api.customers.letters import write
from api.customers.wording.checking import faults_of
from api.customers.wording.wording import BUILT_IN, Wording, files_to_begin_from
from cli.console import Failure
from cli.mails import app
from models.records.mail import CustomerMail as Mail

WORDS = """# Words of mails.
hello = Bonjour {name},
hello_nobody = Bonjour,
regards = Cordialement
total = Total : {amount}
parcel = Colis : {carrier} {number}
follow = Suivre votre commande
automatic = Ce message concerne votre commande {number}.
"""
SHIPPED = "Votre commande {{ number }} est partie\n\nElle arrive{% if day %} avant le {{ day }}{% endif %}.\n"
FRENCH = {"fr/words.txt": WORDS, "fr/shipped.txt": SHIPPED}


def faults(files: dict[str, str]) -> list[str]:
    return [str(fault) for fault in faults_of(files)]


def mail_of(wording: Wording, mail: Mail = Mail.SHIPPED, locale: str = "fr-FR", **more: Any) -> Any:
    picture, news = example_of(mail)
    picture, news = more.get("picture", picture), more.get("news", news)
    language = wording.language_of(mail, locale, "de")
    return write(mail, picture, news, language, name=more.get("name", NAME), link=LINK, wording=wording)


def test_what_comes_with_headrace_is_right_by_the_same_rules_and_means_the_same_as_ones_own() -> None:
    files = files_to_begin_from()
    assert faults(files) == []
    assert {path.partition("/")[0] for path in files} == {"de", "en", "mail.html", "mail.txt"}
    for mail in Mail:
        for locale in ("de-AT", "en-US"):
            own, built_in = mail_of(Wording(files, 1), mail, locale), mail_of(BUILT_IN, mail, locale)
            assert (own.subject, own.text, own.html) == (built_in.subject, built_in.text, built_in.html)


def test_a_language_of_ones_own_is_written_in_with_its_dates_and_words() -> None:
    assert faults(FRENCH) == []
    written = mail_of(Wording(FRENCH, 3))

    assert written.subject == "Votre commande 100234 est partie"
    assert written.text.startswith(
        "Bonjour Ada Muster,\n\nElle arrive avant le vendredi 27 novembre 2026.\n\n- 2 × T-shirt, blue, M"
    )
    assert "Colis : DHL 00340434161094042557" in written.text
    assert written.by == "fr/shipped.txt, version 3, with fr/words.txt of version 3"


@pytest.mark.parametrize(
    ("mail", "locale", "expected"),
    [
        (Mail.SHIPPED, "fr_CA", Language("fr", "fr_CA")),
        (Mail.DELAYED, "fr-FR", Language("de", "de")),
        (Mail.SHIPPED, "en-GB", Language("en", "en_GB")),
        (Mail.SHIPPED, "it", Language("de", "de")),
        (Mail.SHIPPED, "", Language("de", "de")),
    ],
)
def test_a_mail_that_a_language_lacks_falls_back_to_the_language_of_all(
    mail: Mail, locale: str, expected: Language
) -> None:
    wording = Wording(FRENCH, 1)
    assert wording.language_of(mail, locale, "de") == expected
    assert wording.language_of(mail, locale, "xx").name in {"fr", "en"}


def test_one_mail_of_ones_own_leaves_all_others_as_they_were() -> None:
    wording = Wording({"en/taken.txt": "Thanks for {{ number }}\n\nWe are on it.\n"}, 2)
    assert mail_of(wording, Mail.TAKEN, "en").by == "en/taken.txt, version 2"
    assert mail_of(wording, Mail.TAKEN, "en").subject == "Thanks for 100234"
    assert mail_of(wording, Mail.SHIPPED, "en").by == "en/shipped.txt, built in"
    assert mail_of(wording, Mail.TAKEN, "de").by == "de/taken.txt, built in"
    layout = Wording({"mail.txt": "{% for one in paragraphs %}{{ one }}{% endfor %}"}, 4)
    assert mail_of(layout, locale="de").by == "de/shipped.txt, built in, with mail.txt of version 4"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("Order {{ nmber }}\n\nHi.", 1, "there is no value 'nmber' here: did you mean number?"),
        ("Order\n\n{% if day %}Hi.", 3, "Unexpected end of template"),
        ("Order\n\n{{ number", 3, "unexpected end of template"),
        ("Order\n\n{{ number.__class__ }}", 3, "there is nothing that is called number.__class__ here"),
        ("Order\n\n{{ number['__class__'] }}", 3, "looks into nothing by number or name in brackets"),
        ("Order\n\n{{ self.__init__.__globals__ }}", 3, "there is nothing that is called this.__globals__ here"),
        ("Order\n\n{{ config }}", 3, "there is no value 'config' here"),
        ("Order\n\n{{ number.format(1) }}", 3, "calls nothing"),
        ("Order\n\n{{ range(9) }}", 3, "calls nothing"),
        ("Order\n\n{{ lipsum() }}", 3, "calls nothing"),
        ("Order\n\n{% include '/etc/passwd' %}", 3, "takes in no other file"),
        ("Order\n\n{% extends 'en/taken.txt' %}", 3, "takes in no other file"),
        ("Order\n\n{% import 'x' as x %}", 3, "takes in no other file"),
        ("Order\n\n{% from 'x' import y %}", 3, "takes in no other file"),
        ("Order\n\n{% set x = number %}", 3, "a template has no assign"),
        ("Order\n\n{% macro x() %}{% endmacro %}", 3, "a template has no macro"),
        ("Order\n\n{{ 'a' * 999999999 }}", 3, "a template has no mul"),
        ("Order\n\n{{ 9 ** 999999 }}", 3, "a template has no pow"),
        ("Order\n\n{{ number ~ number }}", 3, "a template has no concat"),
        ("Order\n\n{{ '%s' % number }}", 3, "a template has no mod"),
        ("Order\n\n{{ number|attr('x') }}", 3, "of filters a template has capitalize, length, lower, trim, upper"),
        ("Order\n\n{{ number|safe }}", 3, "of filters a template has"),
        ("Order\n\n{{ number|center(99999999) }}", 3, "of filters a template has"),
        ("Order\n\n{{ number|trim('x') }}", 3, "and nothing behind them"),
        ("Order\n\n{% autoescape false %}{{ number }}{% endautoescape %}", 3, "a template has no"),
        ("Order\n\n{% for x in number %}{{ x }}{% endfor %}", 3, "a template has no list to go through"),
        ("Order\n\n{{ number is divisibleby 3 }}", 3, "a template has no test"),
        ("Order\n\n" + "{% if day %}" * 30 + "{% endif %}" * 30, 3, "there is too much inside of each other"),
        ("Order\n\n{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", 1, "there is too much inside of each other"),
        ("Order\n\n{{ " + "not " * 3000 + "day }}", 1, "there is too much inside of each other"),
        ("{% if store %}Order{% endif %}\n\nHi.", 1, "the mail has no words where is_all is empty"),
        ("\n\n \n", 1, "the mail has no subject"),
        ("Only a subject", 1, "the mail has no words"),
        ("Order\n\nHi\x1b[31m.", 3, "a character that cannot be seen"),
        ("Order\n\nHi\u202egnp.exe", 3, "a character that cannot be seen"),
        ("Order\n\n" + "x" * 16_000, 1, "the file has more than 16000 characters"),
    ],
)
def test_a_template_that_is_wrong_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    [told, *_] = faults_of({"en/shipped.txt": text})
    assert (told.file, told.line) == ("en/shipped.txt", line)
    assert reason in told.reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("en/shiped.txt", "there is no mail of this name: did you mean shipped.txt?"),
        ("shipped.txt", "there is no mail of this name: known are mail.txt, mail.html"),
        ("../en/shipped.txt", "'../en' is no language"),
        ("/etc/shipped.txt", "'/etc' is no language"),
        ("xx/shipped.txt", "'xx' is no language"),
        ("EN/shipped.txt", "'EN' is no language"),
        ("en/../shipped.txt", "'en/..' is no language"),
        ("en/shipped.html", "there is no mail of this name"),
        ("", "there is no mail of this name"),
    ],
)
def test_a_file_of_another_name_is_refused(path: str, reason: str) -> None:
    assert any(reason in fault.reason for fault in faults_of({path: "Order\n\nHi."}))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("regards", "write it as `regards = Kind regards`"),
        ("regards =", "write it as `regards = Kind regards`"),
        ("regrads = Best", "mails have no words 'regrads': did you mean regards?"),
        ("regards = {name}", "into regards nothing can be put"),
        ("hello = Hello {name.__class__}", "into hello only {name} can be put"),
        ("hello = Hello {}", "into hello only {name} can be put"),
        ("automatic = {number!r:>9999999}", "into automatic only {number} can be put"),
        ("total = In all", "total does not show {amount}"),
    ],
)
def test_a_line_of_words_that_is_wrong_is_refused(line: str, reason: str) -> None:
    [told] = faults_of({"en/words.txt": f"follow = See it\n{line}\n"})
    assert (told.file, told.line) == ("en/words.txt", 2)
    assert reason in told.reason


def test_a_language_that_headrace_has_no_words_in_brings_all_of_them() -> None:
    assert faults({"fr/shipped.txt": SHIPPED}) == [
        "fr/words.txt:1:1: fr is no language that Headrace has words in: give them here, as in en/words.txt"
    ]
    [missing] = faults(FRENCH | {"fr/words.txt": "regards = Cordialement"})
    assert missing.startswith("fr/words.txt:1:1: there are no words for hello, hello_nobody, total, parcel, follow,")
    assert faults({"fr/words.txt": f"{WORDS}regards = Bien"}) == [
        "fr/words.txt:9:1: regards stands above already: keep one"
    ]


def test_too_many_files_are_refused_unread() -> None:
    assert "there is more than anybody writes" in faults({f"en/{number}.txt": "" for number in range(401)})[0]


def test_a_folder_is_written_checked_and_previewed_by_the_command(tmp_path: Path) -> None:
    run, folder = CliRunner(), tmp_path / "mails"
    assert run.invoke(app, ["export", str(folder)]).output == f"Wrote 20 files to {folder}.\n"
    assert run.invoke(app, ["check", str(folder)]).output == "20 files are right.\n"
    (folder / "fr").mkdir()
    for path, text in FRENCH.items():
        (folder / path).write_text(text)
    out = tmp_path / "shipped.html"
    asked = ["preview", "shipped", "--folder", str(folder), "--language", "fr", "--html", "--out", str(out)]
    assert run.invoke(app, asked).exit_code == 0
    assert '<h1 style="font-size:1.25em">Votre commande 100234 est partie</h1>' in out.read_text()

    (folder / "fr" / "shipped.txt").write_text("Votre commande\n\n{{ nombre }}")
    for asked_wrong in (["check", str(folder)], [*asked[:-1], str(tmp_path / "other")]):
        with pytest.raises(Failure, match=r"fr/shipped\.txt:3:1: there is no value 'nombre' here"):
            run.invoke(app, asked_wrong, catch_exceptions=False)
    (folder / "fr" / "shipped.txt").write_bytes(b"a\n\n\xff")
    with pytest.raises(Failure, match=r"fr/shipped\.txt:3:1: the file is not UTF-8"):
        run.invoke(app, ["check", str(folder)], catch_exceptions=False)
    assert not (tmp_path / "other").exists()
