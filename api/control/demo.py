"""How fast the demo runs: set from a page or the command line, read by the demo's process."""

import sqlite3

from msgspec import Struct
from msgspec.structs import asdict

from api.control.audit import AuditLine, summary, write_line
from api.control.database import ControlDatabase

SPEEDS = (0.0, 1.0, 10.0, 60.0)
"""What pages offer. At 60 an hour of the partners takes a minute."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS demo_pace (
    only INTEGER PRIMARY KEY CHECK (only = 1), speed REAL NOT NULL, orders_per_second REAL NOT NULL
) STRICT;
"""
_GET = "SELECT speed, orders_per_second FROM demo_pace"
_PUT = "INSERT OR REPLACE INTO demo_pace (only, speed, orders_per_second) VALUES (1, ?, ?)"


class Pace(Struct, frozen=True, kw_only=True):
    """How many times faster than real time partners are, 0 stands still; and the orders a second on the wall."""

    speed: float = 60.0
    orders_per_second: float = 3.0


class DemoPace:
    """The pace that was set last."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database
        database.connection().executescript(_SCHEMA)

    def now(self) -> Pace:
        """Give the pace."""
        return _read(self._database.connection())

    def change(self, speed: float | None, orders_per_second: float | None, *, actor: str, now_ms: int) -> Pace:
        """Change what is given, and give the pace as it is then."""

        def put(connection: sqlite3.Connection) -> Pace:
            before = _read(connection)
            after = Pace(
                speed=before.speed if speed is None else speed,
                orders_per_second=before.orders_per_second if orders_per_second is None else orders_per_second,
            )
            if after != before:
                connection.execute(_PUT, (after.speed, after.orders_per_second))
                line = AuditLine(
                    at_ms=now_ms,
                    actor=actor,
                    action="change_demo_pace",
                    target="demo",
                    before=summary(asdict(before)),
                    after=summary(asdict(after)),
                )
                write_line(connection, line)
            return after

        return self._database.write(put)


def _read(connection: sqlite3.Connection) -> Pace:
    row = connection.execute(_GET).fetchone()
    return Pace() if row is None else Pace(speed=row[0], orders_per_second=row[1])
