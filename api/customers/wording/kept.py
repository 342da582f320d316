"""The wording that is kept for each pool, made once for each version of it."""

from functools import lru_cache

from api.control.mail_templates import MailTemplates
from api.customers.wording.wording import BUILT_IN, Wording

_MADE_MOST = 64


class Wordings:
    """Gives the wording of a pool; a version never changes, so what was made of one is kept."""

    def __init__(self, templates: MailTemplates) -> None:
        self._templates = templates
        self._made = lru_cache(maxsize=_MADE_MOST)(self._make)

    def at(self, pool: str, at_ms: int) -> Wording:
        """Give what was in force at a time."""
        version = self._templates.version_at(pool, at_ms)
        return self._made(pool, version) if version else BUILT_IN

    def _make(self, pool: str, version: int) -> Wording:
        return Wording(self._templates.files(pool, version), version)
