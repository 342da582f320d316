"""Texts of others on their way to a customer: one line, nothing invisible, no longer than it may be."""

import unicodedata

_TEXT_MAX = 80
_NAME_MAX = 60
_ADDRESS_MAX = 254
_LOCAL_MAX = 64
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-")
_DOMAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
_LABEL_MAX = 63
# Whoever orders under somebody else's address writes their own words as a name: no link, and nothing like one.
_NOT_IN_NAMES = frozenset("/:@\\<>{}[]|=0123456789")


def one_line(text: str, most: int = _TEXT_MAX) -> str:
    """Give a text without line ends, control, bidirectional and other invisible characters; cut where it is long."""
    kept = "".join(
        " " if one.isspace() else one for one in text if one.isspace() or unicodedata.category(one)[0] != "C"
    )
    line = " ".join(kept.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def greeted(name: str) -> str:
    """Give a name as a customer is greeted by it; nothing where it does not look like one."""
    line = one_line(name, _NAME_MAX)
    looks_like_more = any(one in _NOT_IN_NAMES for one in line) or "www" in line.lower() or ".." in line
    # A dot ends an initial; between letters it makes an address of the web.
    dotted = any(line[at - 1 : at].isalpha() and line[at + 1 : at + 2].isalpha() for at in _dots(line))
    return "" if looks_like_more or dotted or line.endswith("…") else line


def mailable(address: str) -> str:
    """Give an address of a mail box that may be written into an envelope; nothing where it is none.

    No quoted local part, no address literal, ASCII alone: what people have; the rest is how commands are smuggled.
    """
    local, at, domain = address.strip().rpartition("@")
    domain = _ascii(domain).lower()
    whole = f"{local}@{domain}"
    if not at or not local or len(local) > _LOCAL_MAX or len(whole) > _ADDRESS_MAX:
        return ""
    if not set(local) <= _LOCAL or not set(domain) <= _DOMAIN or local[0] in ".-" or local[-1] == "." or ".." in local:
        return ""
    labels = domain.split(".")
    right = all(0 < len(label) <= _LABEL_MAX and label[0] != "-" and label[-1] != "-" for label in labels)
    return whole if right and len(labels) > 1 else ""


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


def _dots(line: str) -> list[int]:
    return [at for at, one in enumerate(line) if one == "." and at > 0]
