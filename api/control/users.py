"""The people who may sign in: their role, their pools and, for the floor, their locations."""

import secrets
import sqlite3
from collections.abc import Collection
from typing import Any

import msgspec

from api.control.audit import AuditLine, write_line
from api.control.database import ControlDatabase
from api.control.user import SELECT, User, UserError, checked_locations, checked_name, user_of
from api.roles import SCOPES, Role
from api.security import Scope

_LIST = SELECT + " ORDER BY name"
_BY_ID = SELECT + " WHERE user_id = ?"
_BY_NAME = SELECT + " WHERE name = ?"
_BY_EMAIL = SELECT + " WHERE email = ?"
_BY_SUBJECT = SELECT + " WHERE issuer_subject = ?"
_OTHERS = SELECT + " WHERE user_id != ?"


class Users:
    """Adds, changes and finds people; every change with its audit line in the same transaction."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def list(self) -> list[User]:
        """Give everybody, by name."""
        rows = self._database.connection().execute(_LIST).fetchall()
        return [user_of(row) for row in rows]

    def find(self, user_id: str) -> User | None:
        """Give somebody by id."""
        return _one(self._database.connection(), _BY_ID, user_id)

    def named(self, name: str) -> User | None:
        """Give somebody by what they type: their name or their e-mail address."""
        text = name.strip().casefold()
        found = _one(self._database.connection(), _BY_NAME, text)
        if found is None and "@" in text:
            rows = self._database.connection().execute(_BY_EMAIL, (text,))
            same = rows.fetchall()
            # An address that two people share names neither.
            return user_of(same[0]) if len(same) == 1 else None
        return found

    def of_subject(self, issuer_subject: str) -> User | None:
        """Give who signs in elsewhere under this name."""
        return _one(self._database.connection(), _BY_SUBJECT, issuer_subject)

    def add(
        self,
        *,
        name: str,
        role: Role,
        actor: str,
        now_ms: int,
        email: str = "",
        pools: Collection[str] = ("*",),
        locations: Collection[str] = (),
        issuer_subject: str | None = None,
    ) -> User:
        """Add somebody, who cannot sign in before they have a password or come from an identity provider.

        Raises:
            UserError: the name is not one or is taken, or the floor has no location.
        """
        user = User(
            user_id="u" + secrets.token_hex(8),
            name=checked_name(name),
            email=email.strip().casefold(),
            role=role,
            pools=tuple(sorted(pools)),
            locations=checked_locations(role, locations),
            has_password=False,
            signs_in_elsewhere=issuer_subject is not None,
            created_at_ms=now_ms,
            disabled_at_ms=None,
        )

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO users (user_id, name, email, role, pools, locations, issuer_subject, created_at_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (user.user_id, user.name, user.email, role, *_lists(user), issuer_subject, now_ms),
            )
            line = AuditLine(at_ms=now_ms, actor=actor, action="add_user", target=_target(user), after=user.shown())
            write_line(connection, line)

        try:
            self._database.write(insert)
        except sqlite3.IntegrityError:
            raise UserError(f"there is somebody called {user.name} already: choose another name") from None
        return user

    def change(
        self,
        user_id: str,
        *,
        actor: str,
        reason: str,
        now_ms: int,
        role: Role | None = None,
        pools: Collection[str] | None = None,
        locations: Collection[str] | None = None,
        disabled: bool | None = None,
    ) -> User:
        """Change what is given. Whoever is disabled is signed out everywhere, at once.

        Raises:
            UserError: there is nobody of this id, or nobody would be left who may change users.
        """

        def change(connection: sqlite3.Connection) -> User:
            before = _one(connection, _BY_ID, user_id)
            if before is None:
                raise UserError("there is nobody of this id: list the users again")
            wanted: dict[str, Any] = {
                "role": role if role is not None else before.role,
                "pools": tuple(sorted(pools)) if pools is not None else before.pools,
                "disabled_at_ms": before.disabled_at_ms,
            }
            if disabled is not None and disabled != (before.disabled_at_ms is not None):
                wanted["disabled_at_ms"] = now_ms if disabled else None
            given = locations if locations is not None else before.locations
            wanted["locations"] = checked_locations(wanted["role"], given)
            after = msgspec.structs.replace(before, **wanted)
            if after == before:
                return before
            _keep_an_admin(connection, before, after)
            connection.execute(
                "UPDATE users SET role = ?, pools = ?, locations = ?, disabled_at_ms = ? WHERE user_id = ?",
                (after.role, *_lists(after), after.disabled_at_ms, user_id),
            )
            if after.disabled_at_ms is not None:
                connection.execute("DELETE FROM sessions WHERE user_id = ?", (user_id,))
                connection.execute("DELETE FROM links WHERE user_id = ?", (user_id,))
            action = "change_user" if disabled is None else "disable_user" if disabled else "enable_user"
            line = AuditLine(
                at_ms=now_ms,
                actor=actor,
                action=action,
                target=_target(after),
                reason=reason,
                before=before.shown(),
                after=after.shown(),
            )
            write_line(connection, line)
            return after

        return self._database.write(change)

    def link_subject(self, user: User, issuer_subject: str, *, actor: str, now_ms: int) -> None:
        """Know somebody from now on by what their identity provider calls them."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE users SET issuer_subject = ? WHERE user_id = ? AND issuer_subject IS NULL",
                (issuer_subject, user.user_id),
            )
            line = AuditLine(at_ms=now_ms, actor=actor, action="link_user", target=_target(user))
            write_line(connection, line)

        self._database.write(change)

    def password_hash(self, user_id: str) -> str | None:
        """Give what is kept of somebody's password."""
        row = (
            self._database.connection()
            .execute("SELECT password_hash FROM users WHERE user_id = ?", (user_id,))
            .fetchone()
        )
        return None if row is None else row[0]

    def set_password(self, user: User, password_hash: str, *, actor: str, now_ms: int) -> None:
        """Keep a new password; whoever was signed in with the old one is signed out."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE users SET password_hash = ? WHERE user_id = ?", (password_hash, user.user_id))
            connection.execute("DELETE FROM sessions WHERE user_id = ?", (user.user_id,))
            line = AuditLine(at_ms=now_ms, actor=actor, action="set_password", target=_target(user))
            write_line(connection, line)

        self._database.write(change)

    def rehash(self, user_id: str, before: str, after: str) -> None:
        """Keep the same password under newer parameters, unless it was changed meanwhile."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE users SET password_hash = ? WHERE user_id = ? AND password_hash = ?", (after, user_id, before)
            )

        self._database.write(change)


def _one(connection: sqlite3.Connection, query: str, value: str) -> User | None:
    row = connection.execute(query, (value,)).fetchone()
    return None if row is None else user_of(row)


def _lists(user: User) -> tuple[str, str]:
    return " ".join(user.pools), " ".join(user.locations)


def _target(user: User) -> str:
    return f"user:{user.name}"


def _keep_an_admin(connection: sqlite3.Connection, before: User, after: User) -> None:
    def manages(user: User) -> bool:
        return user.disabled_at_ms is None and Scope.ADMIN in SCOPES[user.role] and "*" in user.pools

    if manages(before) and not manages(after):
        others = connection.execute(_OTHERS, (before.user_id,)).fetchall()
        if not any(manages(user_of(row)) for row in others):
            raise UserError("this is the last admin of all pools: make somebody else admin first")
