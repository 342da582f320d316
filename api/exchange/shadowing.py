"""What accounts in shadow were told: kept as facts, sealed, to be laid beside what Headrace would have done.

Facts have the sender's own ids, so that what the account maps may be mended afterwards.
"""

import base64
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from api.control.database import ControlDatabase
from api.control.secret_box import SecretBox
from connectors.frame.facts import AnyFact

KEPT_MS = 180 * 86_400_000
_UNPACKED_BYTES_MAX = 64 << 20
_AT_ONCE = 200
_IS_LIVE = "SELECT 1 FROM connector_accounts WHERE account = ? AND live_since_ms IS NOT NULL"
_facts = msgspec.json.Decoder(list[AnyFact])


class ShadowFacts:
    """Keeps facts by account, for half a year."""

    def __init__(self, database: ControlDatabase, box: SecretBox) -> None:
        self._database = database
        self._box = box

    def keep(self, account: str, seed: str, facts: Sequence[AnyFact], now_ms: int) -> bool:
        """Keep what a message, or a part of a long one, says, the same again once; False where it is live by now.

        What is kept is there before the switch, so that whoever switches sees all of it.
        """
        told = msgspec.json.encode(facts)
        identity = f"{seed}/{blake2b(told, digest_size=8).hexdigest()}"
        sealed = self._box.seal(base64.b64encode(zlib.compress(told)).decode(), _bound(account))

        def change(connection: sqlite3.Connection) -> bool:
            if connection.execute(_IS_LIVE, (account,)).fetchone() is not None:
                return False
            connection.execute(
                "INSERT INTO shadow_facts (account, identity, sealed, kept_at_ms) SELECT ?, ?, ?, ?"
                " WHERE EXISTS (SELECT 1 FROM connector_accounts WHERE account = ?)"
                " ON CONFLICT (account, identity) DO NOTHING",
                (account, identity, sealed, now_ms, account),
            )
            connection.execute(
                "DELETE FROM shadow_facts WHERE account = ? AND kept_at_ms < ?", (account, now_ms - KEPT_MS)
            )
            return True

        return self._database.write(change)

    def of(self, account: str) -> Iterator[AnyFact]:
        """Give all facts of an account, in the order in which they came."""
        after = 0
        while True:
            rows = (
                self._database.connection()
                .execute(
                    "SELECT entry, sealed FROM shadow_facts WHERE account = ? AND entry > ? ORDER BY entry LIMIT ?",
                    (account, after, _AT_ONCE),
                )
                .fetchall()
            )
            for entry, sealed in rows:
                packed = base64.b64decode(self._box.open(bytes(sealed), _bound(account)))
                yield from _facts.decode(zlib.decompressobj().decompress(packed, _UNPACKED_BYTES_MAX))
                after = entry
            if not rows:
                return


def _bound(account: str) -> str:
    return f"shadow\x00{account}"
