"""Sends orders of a file, some at once, and notes what became of each."""

import asyncio
import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from cli.console import progress
from cli.remote import Refused, Remote
from connectors.orders.marks import IMPORT_REASON
from connectors.orders.reading import FileOrder
from connectors.orders.report import Outcome, Result
from models.ids import order_id

# Enough to keep the broker busy, few enough that orders of others find their turn in between.
_AT_ONCE = 8


class StockChoice(StrEnum):
    """What taking an order does where stock is short, or to stock at all."""

    WAIT = "wait"
    REFUSE = "refuse"
    SKIP = "skip"
    FORCE = "force"


class Importing:
    """One file into one pool."""

    def __init__(self, remote: Remote, pool: str, channel: str, stock: StockChoice, *, historic: bool) -> None:
        self._remote = remote
        self._pool = pool
        self._channel = channel
        self._historic = historic
        self._policy: dict[str, Any] = {} if historic else _policy(stock)
        # An order is known by its identity; the key only makes one request, asked again while it is under way, one.
        self._run = secrets.token_hex(8)

    async def send(self, orders: Sequence[FileOrder], *, shown: bool) -> dict[str, Outcome]:
        """Send all orders, and give what became of each by its external id."""
        outcomes: dict[str, Outcome] = {}
        left = iter(orders)
        with progress(shown=shown) as bar:
            task = bar.add_task(self._pool, total=len(orders), note="")

            async def work() -> None:
                for order in left:
                    outcomes[order.external_id] = await self._send(order)
                    bar.update(task, advance=1, note=order.external_id)

            try:
                async with asyncio.TaskGroup() as tasks:
                    for _ in range(_AT_ONCE):
                        tasks.create_task(work())
            except ExceptionGroup as errors:
                # The first says why; the others follow from it.
                raise errors.exceptions[0] from None
        return outcomes

    async def _send(self, order: FileOrder) -> Outcome:
        identity = order_id(self._pool, self._channel, order.external_id)
        known = await self._remote.order(self._pool, identity)
        body = order.body | self._policy | {"channel": self._channel, "reason": IMPORT_REASON}
        if known is not None:
            # A row without its time says nothing else than before.
            body.setdefault("placed_at", known["placed_at"])
        path = "/orders/import" if self._historic else "/orders"
        try:
            await self._remote.post(self._pool, path, body, f"import-{self._run}-{identity}")
        except Refused as refused:
            return Outcome(result="refused", field=refused.field, reason=str(refused))
        result: Result = "taken"
        if known is not None:
            result = "changed" if order.body.get("source_version", 0) > known["source_version"] else "there_already"
        return Outcome(result=result)


def _policy(stock: StockChoice) -> dict[str, Any]:
    """Give the fields of the request. What is sold already is never refused: it is held, or waits past every limit."""
    if stock is StockChoice.FORCE:
        return {"stock": StockChoice.WAIT.value, "sold": True}
    return {"stock": stock.value}
