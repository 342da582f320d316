"""What an action of a page is, for the tests that do it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.roles import Role


class Action(NamedTuple):
    """A form that changes something. `not_for` sees its page without it, or has no such page; None is nobody signed in,
    of what everybody may do. `since` has happened to the order before; `berlin` and `order` are what is special there,
    and `beside` is another order. Braces in `fields` and `asked` name what there is.
    An order waits for `unmapped`, a SKU that nobody knows.
    The same form is sent with `first` before, which only tells what it would do.
    """

    url: str
    page: str
    by: Role
    not_for: Role | None
    told: str
    fields: Mapping[str, str] = {}
    told_in: str = "body"
    command: str = ""
    asked: Mapping[str, Any] = {}
    lines: Sequence[str] = ()
    reason: str = ""
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any] = {}
    since: Sequence[str] = ()
    first: Mapping[str, str] = {}
    berlin: Mapping[str, Any] = {}
    order: Mapping[str, Any] = {}
    beside: Mapping[str, Any] = {}
    unmapped: str = ""

    @property
    def audited(self) -> list[str]:
        """What stands in the audit log: the command, or what was done to people, keys and sessions."""
        return [self.command] if self.command else list(self.lines)
