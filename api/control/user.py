"""A person as the control store has them, and what a name may be."""

import re
from collections.abc import Collection
from typing import Any

from msgspec import Struct

from api.control.audit import summary
from api.roles import SCOPES, Role
from api.security import Principal

SELECT = (
    "SELECT user_id, name, email, role, pools, locations, password_hash IS NOT NULL, issuer_subject IS NOT NULL,"
    " users.created_at_ms, disabled_at_ms FROM users"
)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")
_NAME_MAX = 40


class UserError(ValueError):
    """What was asked cannot be; the text says what to do."""


class User(Struct, frozen=True, kw_only=True):
    """Somebody as they may be shown."""

    user_id: str
    name: str
    email: str
    role: Role
    pools: tuple[str, ...]
    locations: tuple[str, ...]
    has_password: bool
    signs_in_elsewhere: bool
    created_at_ms: int
    disabled_at_ms: int | None

    @property
    def principal(self) -> Principal:
        """Give what they are to every route."""
        bound = frozenset(self.locations) if self.role.is_bound_to_locations else None
        return Principal(
            self.user_id, self.name, SCOPES[self.role], frozenset(self.pools), True, bound, self.role.value
        )

    def shown(self) -> str:
        """Give what the audit tells of them: no e-mail address."""
        state = {"role": self.role, "pools": self.pools, "locations": self.locations}
        return summary(state | {"disabled": self.disabled_at_ms is not None})


def checked_name(name: str) -> str:
    """Give a name as it is kept.

    Raises:
        UserError: it is not one.
    """
    text = name.strip().casefold()
    if not _NAME.fullmatch(text):
        raise UserError(
            f"{name!r} cannot be a name: take 1 to {_NAME_MAX} of a-z, 0-9, dot, hyphen, underscore, as in ann.lee"
        )
    return text


def name_from(text: str) -> str:
    """Make a name of what an identity provider calls somebody."""
    local = text.partition("@")[0].casefold()
    return _NOT_IN_NAMES.sub("-", local).strip("._-")[: _NAME_MAX - 3] or "user"


def user_of(row: tuple[Any, ...]) -> User:
    """Give somebody from a row of `SELECT`."""
    return User(
        user_id=row[0],
        name=row[1],
        email=row[2],
        role=Role(row[3]),
        pools=tuple(row[4].split()),
        locations=tuple(row[5].split()),
        has_password=bool(row[6]),
        signs_in_elsewhere=bool(row[7]),
        created_at_ms=row[8],
        disabled_at_ms=row[9],
    )


def checked_locations(role: Role, locations: Collection[str]) -> tuple[str, ...]:
    """Give the locations that a role is bound to.

    Raises:
        UserError: the floor has none.
    """
    if not role.is_bound_to_locations:
        return ()
    if not locations:
        raise UserError(f"the role {role} is bound to locations: name at least one")
    return tuple(sorted(locations))
