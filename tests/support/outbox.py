"""What goes out of a running system, and accounts that it goes to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from api.exchange.calling import Caller
from api.exchange.outbox.deliver import Outbox
from api.exchange.outbox.rows import Delivery
from api.exchange.paces import Paces
from connectors.frame.accounts import SetUpAccount
from tests.support.partner import Partner
from tests.support.system import System

HOST = "127.0.0.1"


@asynccontextmanager
async def sending(
    system: System, *, timeout_seconds: float = 20.0, paces: Paces | None = None
) -> AsyncIterator[Outbox]:
    """Send what goes out, until the end of the block."""
    caller = Caller(private_hosts=frozenset({HOST}), timeout_seconds=timeout_seconds)
    outbox = Outbox(system.services, caller, paces or Paces())
    running = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await caller.close()


def connect(
    system: System,
    connector: str,
    *,
    live: bool = True,
    folder: str = "",
    to: Partner | None = None,
    settings: dict[str, str] | None = None,
) -> str:
    """Set an account of the test's pool up that is a location and a channel, and give its target's name."""
    settings = dict(settings or {}) | ({"outbox": folder} if folder else {})
    if to is not None:
        settings["address"] = to.url
    account = SetUpAccount(
        name=f"{connector}-{system.pool}",
        connector=connector,
        pool=system.pool,
        channel="shop-de",
        location="berlin",
        live=live,
        settings=settings,
    )
    now_ms, stores = system.services.now_ms(), system.services.exchange
    stores.accounts.put(account, actor="test", reason="", now_ms=now_ms)
    stores.secrets.put(account.name, "api_token", "opens", "current", actor="test", now_ms=now_ms)
    return f"account/{account.name}"


def rows_of(system: System, target: str) -> list[Delivery]:
    """Give what a target is told, the oldest first."""
    return system.services.outbox.deliveries(target, limit=500)[::-1]


def all_ended(system: System, target: str, count: int = 0) -> bool:
    """Tell whether nothing waits of at least so many rows of a target."""
    rows = rows_of(system, target)
    return len(rows) >= count and all(row.state != "pending" for row in rows)
