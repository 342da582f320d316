"""Merchants' own mail templates by pool, each set of them under a version that is never changed afterwards.

A mail is written by the version that was in force when its row was made, so that it is the same at each attempt.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Final, NamedTuple

from api.control.audit import AuditLine, write_line
from api.control.database import ControlDatabase

_NEWEST: Final = "SELECT version, files FROM mail_templates WHERE pool = ? ORDER BY version DESC LIMIT 1"
_IN_FORCE_AT: Final = "SELECT version FROM mail_templates WHERE pool = ? AND at_ms <= ? ORDER BY version DESC LIMIT 1"


class Version(NamedTuple):
    """A set of templates; without files, those that come with Headrace are in force."""

    version: int
    at_ms: int
    actor: str
    reason: str
    files: int


class MailTemplates:
    """Keeps every set that was put into force."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def put(self, pool: str, files: Mapping[str, str], *, actor: str, reason: str, now_ms: int) -> tuple[int, bool]:
        """Put a set into force, and give its version and whether it is a new one; the same again changes nothing."""
        body = json.dumps(files, sort_keys=True, ensure_ascii=False)

        def change(connection: sqlite3.Connection) -> tuple[int, bool]:
            last, before = connection.execute(_NEWEST, (pool,)).fetchone() or (0, "{}")
            if before == body:
                return int(last), False
            version = int(last) + 1
            connection.execute(
                "INSERT INTO mail_templates (pool, version, at_ms, actor, reason, files) VALUES (?, ?, ?, ?, ?, ?)",
                (pool, version, now_ms, actor, reason, body),
            )
            line = AuditLine(
                at_ms=now_ms,
                actor=actor,
                action="put_mail_templates",
                pool=pool,
                target=f"mails:{pool}",
                reason=reason,
                before=f"version {last}",
                after=f"version {version}: {', '.join(files) or 'as built in'}"[:2000],
            )
            write_line(connection, line)
            return version, True

        return self._database.write(change)

    def version_at(self, pool: str, at_ms: int) -> int:
        """Give the version that was in force at a time; 0 where there was none."""
        row = self._database.connection().execute(_IN_FORCE_AT, (pool, at_ms)).fetchone()
        return 0 if row is None else int(row[0])

    def files(self, pool: str, version: int) -> dict[str, str]:
        """Give a version's files by their path; none where there is no such version."""
        found = self._database.connection().execute(
            "SELECT files FROM mail_templates WHERE pool = ? AND version = ?", (pool, version)
        )
        row = found.fetchone()
        files: dict[str, str] = {} if row is None else json.loads(row[0])
        return files

    def versions(self, pool: str, most: int) -> list[Version]:
        """Give the versions, the newest first."""
        found = self._database.connection().execute(
            "SELECT version, at_ms, actor, reason, (SELECT count(*) FROM json_each(files)) FROM mail_templates"
            " WHERE pool = ? ORDER BY version DESC LIMIT ?",
            (pool, most),
        )
        return [Version(*row) for row in found.fetchall()]
