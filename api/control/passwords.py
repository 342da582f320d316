"""Passwords: what may be one (NIST SP 800-63B: length, no rules of composition, none that everybody tries first), and
how they are kept (Argon2id).
"""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 12
LENGTH_MAX = 256
_RUN_MIN = 4
_NAME_MIN = 3

# Of the passwords that leaked most often, those long enough to pass the rule of length; digits and case are left out.
_COMMON = frozenset(
    {
        "abcdefghijkl",
        "administrator",
        "changeme",
        "chocolate",
        "correcthorsebatterystaple",
        "dragon",
        "football",
        "headrace",
        "iloveyou",
        "letmein",
        "letmeinplease",
        "mypassword",
        "passphrase",
        "password",
        "princess",
        "qazwsxedc",
        "qazwsxedcrfv",
        "qwerty",
        "qwertyuiop",
        "qwertyuiopasdfghjkl",
        "qwertyuiopasdfghjklzxcvbnm",
        "secret",
        "sunshine",
        "superman",
        "thisismypassword",
        "trustno",
        "unbelievable",
        "welcome",
        "zxcvbnm",
    }
)


def normal(password: str) -> str:
    """Give one form for what different keyboards send."""
    return unicodedata.normalize("NFKC", password)


def fault_of(password: str, names: Iterable[str] = ()) -> str | None:
    """Say why this cannot be a password, None when it can; `names` are those of its owner."""
    text = normal(password)
    if len(text) < LENGTH_MIN:
        return f"A password has at least {LENGTH_MIN} characters: take a few words."
    if len(text) > LENGTH_MAX:
        return f"A password has at most {LENGTH_MAX} characters."
    plain = text.casefold()
    letters = "".join(character for character in plain if character.isalpha())
    repeated = any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, _RUN_MIN + 1))
    if letters in _COMMON or _once(letters) in _COMMON or repeated or _is_run(plain):
        return "This password is among the first that anybody would try: take another."
    if any(len(name) >= _NAME_MIN and _is_little_more(plain, name.casefold()) for name in names):
        return "A password is not a name with something added: take another."
    return None


class Passwords:
    """Hashes and verifies; who is not there is verified too, so that time does not tell."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # The library's parameters are those of RFC 9106 for machines with little memory: 64 MiB, three passes.
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody's")

    def hash(self, password: str) -> str:
        """Give what is kept of it: salt, parameters and hash in one text."""
        return self._hasher.hash(normal(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether it is the one; without one kept it takes as long and is not."""
        try:
            self._hasher.verify(kept or self._nobody, normal(password)[: LENGTH_MAX + 1])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def _once(text: str) -> str:
    """Give the part that a text repeats, or the text itself."""
    for size in range(1, len(text) // 2 + 1):
        if len(text) % size == 0 and text[:size] * (len(text) // size) == text:
            return text[:size]
    return text


def _is_run(text: str) -> bool:
    """Tell whether characters only count up or down, 9 and 0 being neighbours."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _is_little_more(text: str, name: str) -> bool:
    return name in text and len(text) - len(name) * text.count(name) < _RUN_MIN
