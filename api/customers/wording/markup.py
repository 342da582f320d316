"""What the HTML of a merchant's layout may be: values stand in text or in quoted attributes, and nothing runs."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from api.customers.wording.sandbox import Mistake

_NOTHING_OF = frozenset({"base", "embed", "form", "frame", "iframe", "link", "math", "object", "script", "svg"})
_RAW = frozenset({"noscript", "style", "template", "textarea", "title", "xmp"})
_ADDRESSES = frozenset({"action", "background", "cite", "data", "formaction", "href", "poster", "src", "srcset"})
_ADDRESS = re.compile(r"https://[^\ue000\ue001]*|mailto:[^\ue000\ue001]*|#[a-z]*|\ue000(link|page)\ue000")
_QUOTED = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
_MISTAKES_MOST = 20
_VALUE, _STEP = "\ue000", "\ue001"
_JINJA = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)


def mistakes_of_markup(source: str) -> list[Mistake]:
    """Give what is wrong in the HTML of a template, whose own language is right already."""
    if _VALUE in source or _STEP in source:
        return [Mistake(1, "there is a character of a private area in it")]
    reader = _Reader()
    try:
        reader.feed(_JINJA.sub(_stand_in, source))
        reader.close()
    except _EnoughError:
        pass
    except (AssertionError, ValueError):
        # So the parser says that a declaration is none.
        reader.found.append(Mistake(reader.getpos()[0], "this is no HTML: write < as &lt;"))
    return reader.found


def _stand_in(found: re.Match[str]) -> str:
    """Give what stands for a part of the template's language, of as many lines."""
    text, lines = found[0], "\n" * found[0].count("\n")
    if text.startswith("{#"):
        return lines
    said = "".join(text[2:-2].strip("-+ \t\r\n").split("\n"))
    return (f"{_VALUE}{said}{_VALUE}" if text.startswith("{{") else _STEP) + lines


class _EnoughError(Exception):
    """There are more mistakes than anybody reads at once."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Mistake] = []
        self._raw = ""

    def note(self, reason: str) -> None:
        """Note a mistake in the line that is read."""
        self.found.append(Mistake(self.getpos()[0], reason))
        if len(self.found) == _MISTAKES_MOST:
            raise _EnoughError

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag and its attributes."""
        if tag in _NOTHING_OF or (tag == "meta" and any(name == "http-equiv" for name, _ in attrs)):
            self.note(f"a mail has no <{tag}>: take it out")
        if tag in _RAW:
            self._raw = tag
        unquoted = _QUOTED.sub("", self.get_starttag_text() or "")
        if _STEP in (self.get_starttag_text() or ""):
            self.note(f"put the {{% %}} around the whole <{tag}>, not into it")
        elif _VALUE in unquoted:
            self.note(f"put what is shown inside of <{tag}> into quotes")
        for reason in _wrong_attributes(tag, attrs):
            self.note(reason)

    def handle_endtag(self, tag: str) -> None:
        """Look at the end of a tag, which has nothing in it."""
        if _VALUE in tag or _STEP in tag:
            self.note("a value may not stand in the end of a tag")
        if tag == self._raw:
            self._raw = ""

    def handle_data(self, data: str) -> None:
        """Look at text, which may show values except where it is not escaped as text is."""
        if "<" in data:
            # What is shown behind it would become a tag.
            self.note("a < that begins no tag is written &lt;")
        if self._raw not in {"", "title"} and (_VALUE in data or _STEP in data):
            self.note(f"nothing is shown inside of <{self._raw}>")

    def handle_comment(self, data: str) -> None:
        """Look at a comment, which some mail programs read."""
        if _VALUE in data or _STEP in data:
            self.note("nothing is shown inside of a comment")

    def handle_decl(self, decl: str) -> None:
        """Look at the line that says that it is HTML."""
        if _VALUE in decl or _STEP in decl:
            self.note("nothing is shown inside of <!...>")

    def unknown_decl(self, data: str) -> None:
        """Look at what conditional comments are made of."""
        self.handle_decl(data)

    def handle_pi(self, data: str) -> None:
        """Look at what is for other programs."""
        self.handle_decl(data)


def _wrong_attributes(tag: str, attrs: list[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in attrs:
        if name.startswith("on") or name == "srcdoc":
            yield f"a mail has no {name}: nothing in it may run"
        if name == "style" and _VALUE in (value or ""):
            yield "nothing is shown inside of a style"
        if name.rpartition(":")[2] in _ADDRESSES and not _ADDRESS.fullmatch((value or "").strip()):
            yield (
                f"the {name} of <{tag}> must be https://..., mailto:..., or {{{{ link }}}} or {{{{ page }}}} alone, and"
                " nothing else may be put into it"
            )
