"""`headrace keys`: create, list and revoke the keys of the API."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, print_json
from cli.control import DATA, DataDir, actor, now_ms, opened_control

if TYPE_CHECKING:
    from api.control.keys import ApiKey, ApiKeys

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
_DAY_MS = 86_400_000


@app.callback()
def keys() -> None:
    """Create, list and revoke API keys. A running API sees the change at once."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who uses it; stands in the history as the actor.")],
    *,
    scope: Annotated[
        list[str], typer.Option(help="What it may do, repeatable, for example orders:write; admin may do all.")
    ],
    pool: Annotated[list[str] | None, typer.Option(help="A pool it may see, repeatable; none given: all.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="Ends after so many days.")] = None,
    data: DataDir = DATA,
    json: AsJson = False,
) -> None:
    """Create a key and print it, now and never again: only its hash is kept.

    \b
    headrace keys create shop-de --scope orders:write --scope orders:read --pool europe
    headrace keys create me --scope admin --days 30
    """
    from api.security import Scope

    known = {known.value for known in Scope}
    unknown = sorted(set(scope) - known)
    if unknown:
        fail(f"--scope {unknown[0]}: choose from {', '.join(sorted(known))}")
    text, key = create_key(data, name, scopes=scope, pools=pool or ["*"], days=days)
    if json:
        print_json({"key": text, "key_id": key.key_id, "name": name, "scopes": key.scopes, "pools": key.pools})
        return
    print(f"{text}\n\nThis is the key {key.key_id} of {name}. Keep it now, it cannot be shown again.")


@app.command("list")
def list_keys(*, data: DataDir = DATA, json: AsJson = False) -> None:
    """List all keys, without what opens anything."""
    with _opened(data) as held:
        found = held.list()
    if json:
        print_json(found)
        return
    at_ms = now_ms()
    for key in found:
        state = "revoked" if key.revoked_at_ms is not None else "holds" if key.holds(at_ms) else "expired"
        used = "never used" if key.last_used_at_ms is None else f"used {_date(key.last_used_at_ms)}"
        ends = "" if key.expires_at_ms is None else f", ends {_date(key.expires_at_ms)}"
        scopes, pools = " ".join(key.scopes), " ".join(key.pools)
        print(f"{key.key_id}  {state:<8} {key.name}  [{scopes}] pools {pools}, {used}{ends}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The visible part, hr_ and eight characters.")],
    *,
    reason: Annotated[str, typer.Option(help="Stands in the audit.")] = "",
    data: DataDir = DATA,
) -> None:
    """End a key now."""
    with _opened(data) as held:
        done = held.revoke(key_id, actor=actor(), reason=reason, now_ms=now_ms())
    if not done:
        fail(f"there is no living key {key_id}: see `headrace keys list`")
    print(f"{key_id} is revoked.")


def create_key(
    data: Path, name: str, *, scopes: list[str], pools: list[str], days: int | None = None
) -> tuple[str, "ApiKey"]:
    """Make a key in the control store of a data directory; gives its text and what may be shown of it."""
    from api.security import Scope

    at_ms = now_ms()
    with _opened(data) as held:
        return held.create(
            name=name,
            scopes=[Scope(scope) for scope in scopes],
            pools=pools,
            actor=actor(),
            now_ms=at_ms,
            expires_at_ms=None if days is None else at_ms + days * _DAY_MS,
        )


@contextmanager
def _opened(data: Path) -> Iterator["ApiKeys"]:
    from api.control.keys import ApiKeys

    with opened_control(data) as database:
        yield ApiKeys(database)


def _date(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at_ms / 1000))
