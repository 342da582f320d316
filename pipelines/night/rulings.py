"""What people say of breaks: kept beside the ledger, seen at once in lists, and heeded by every later night."""

from typing import Any

import polars as pl

from pipelines.night.breaks import CLOSED, OPEN, ruled, ruling_of
from pipelines.night.store import Store
from pipelines.night.tables import BREAKS

_VERBS = {CLOSED: "close", OPEN: "reopen"}


class RulingError(ValueError):
    """It cannot be said of this break; the message says why, and what to do."""


def standing_breaks(store: Store, pool: str = "") -> list[dict[str, Any]]:
    """The breaks of each pool's newest ledger that are open, or that people closed, as the next night will see them."""
    found = [pl.DataFrame(schema=BREAKS)]
    for name, day in store.newest_days("breaks").items():
        if pool and name != pool:
            continue
        of_pool = pl.col("pool") == name
        ledger = store.read("breaks", of_pool & (pl.col("day") == day))
        standing = ledger.filter((pl.col("state") == OPEN) | pl.col("closed_by").is_not_null())
        found.append(ruled(standing, store.read("rulings", of_pool & (pl.col("day") <= day)), day))
    return pl.concat(found).sort("pool", "first_seen", "break_id").to_dicts()


def ruling_on(standing: list[dict[str, Any]], break_id: str, state: str) -> dict[str, Any]:
    """The one of these breaks that is asked for.

    Raises:
        RulingError: it is not among them, or it is so already.
    """
    found = next((row for row in standing if row["break_id"] == break_id), None)
    if found is None:
        raise RulingError(
            f"there is no break {break_id} in the newest night that differs: see `headrace breaks list --all`"
        )
    if found["state"] == state:
        who = f" by {found['closed_by']}: {found['reason']}" if state == CLOSED else ""
        raise RulingError(f"break {break_id} is {state} already{who}")
    return found


def keep_ruling(store: Store, found: dict[str, Any], state: str, actor: str, reason: str, at_ms: int) -> None:
    """Write it down, in place of what was said of the same break since the same night."""
    row = ruling_of(found, state, actor, reason, at_ms)
    store.replace("rulings", row, found["day"], pool=found["pool"], break_id=found["break_id"])


def verb_of(state: str) -> str:
    """What it is called to bring a break there."""
    return _VERBS[state]
