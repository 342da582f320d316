"""Stock: facts that come in, levels and movements that are read."""

import asyncio
from typing import Any

from starlette.responses import Response

from api.answers import accepted, answer, applied
from api.context import PoolId, SkuPath, Use, Who
from api.located import check_locations, levels_of
from api.pages import Cursor, Limit, cursor_of, decode_cursor
from api.present import movement_of, present, present_sku, sku_view_of
from api.problems import Problem
from api.route import router
from api.schemas import out, responses
from api.schemas.out_stock import MovementsOut, SkuOut, SkusOut
from api.schemas.stock import (
    AdjustIn,
    CountIn,
    DispatchTransferIn,
    ReceiveIn,
    ReceiveTransferIn,
    SafetyStockIn,
    SellIn,
)
from api.schemas.stock_stated import DeclareIn, ExpectIn, FenceIn, RepairIn, RestateIn
from api.security import Scope, needs
from api.services import Services
from api.submit import Ask, Asking, Outcome
from models.events import StockExpected
from models.records.stock import SkuView

routes = router(tag="stock", prefix="/v1/pools/{pool}/stock")
# Of a document with lines booked before, some levels may not change at all.
_SETTLE_SECONDS = 0.5
Fact = (
    ReceiveIn
    | SellIn
    | AdjustIn
    | CountIn
    | SafetyStockIn
    | DispatchTransferIn
    | ReceiveTransferIn
    | RestateIn
    | FenceIn
    | ExpectIn
    | DeclareIn
    | RepairIn
)
_WRITE: dict[str, Any] = {"responses": responses.WRITES, "response_model": out.CommandOut}


@routes.post("/receive", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def receive(pool: PoolId, body: ReceiveIn, ask: Asking) -> Response:
    """Units came in; waiting orders are served first."""
    return await _book(ask, pool, body)


@routes.post("/sell", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def sell(pool: PoolId, body: SellIn, ask: Asking) -> Response:
    """Units left over the counter; may come late and out of order."""
    return await _book(ask, pool, body)


@routes.post("/adjust", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def adjust(pool: PoolId, body: AdjustIn, ask: Asking) -> Response:
    """Correct on hand by a difference."""
    return await _book(ask, pool, body)


@routes.post("/count", **_WRITE)
@needs(Scope.STOCK_COUNT, Scope.STOCK_WRITE, located=True)
async def count(pool: PoolId, body: CountIn, ask: Asking) -> Response:
    """State what was counted as of a time; with `expected_on_hand`, only if that is what we have."""
    check_locations(ask.who, body.location_id)
    return await _book(ask, pool, body)


@routes.post("/safety-stock", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def set_safety_stock(pool: PoolId, body: SafetyStockIn, ask: Asking) -> Response:
    """Keep units back at a location."""
    return await _book(ask, pool, body)


@routes.post("/restate", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def restate(pool: PoolId, body: RestateIn, ask: Asking) -> Response:
    """Move units from one state to another: damaged, in quality control, reserved, or for sale."""
    return await _book(ask, pool, body)


@routes.post("/fence", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def fence(pool: PoolId, body: FenceIn, ask: Asking) -> Response:
    """Set units apart for a segment, to which channels belong; 0 gives them back to all."""
    return await _book(ask, pool, body)


@routes.post("/expect", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def expect(pool: PoolId, body: ExpectIn, ask: Asking) -> Response:
    """Units are expected at a time; said again, it replaces what was expected of the document."""
    return await _book(ask, pool, body)


@routes.post("/declare", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def declare(pool: PoolId, body: DeclareIn, ask: Asking) -> Response:
    """What a supplier has of each SKU as of a time."""
    return await _book(ask, pool, body)


@routes.post("/repair", **_WRITE)
@needs(Scope.ADMIN)
async def repair(pool: PoolId, body: RepairIn, ask: Asking) -> Response:
    """Put a level right that is not what its ledger says; refused where it is not as it was seen."""
    return await _book(ask, pool, body)


@routes.post("/transfers", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def dispatch_transfer(pool: PoolId, body: DispatchTransferIn, ask: Asking) -> Response:
    """Units leave one location for another."""
    return await _book(ask, pool, body)


@routes.post("/transfers/receive", **_WRITE)
@needs(Scope.STOCK_WRITE)
async def receive_transfer(pool: PoolId, body: ReceiveTransferIn, ask: Asking) -> Response:
    """Units of a transfer arrive, short or over."""
    return await _book(ask, pool, body)


@routes.get("", response_model=SkusOut, responses=responses.READS)
@needs(Scope.STOCK_READ, located=True)
async def list_skus(pool: PoolId, services: Use, who: Who, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Levels of all SKUs, in the order of their text."""
    rows = await services.views.skus(pool, after=decode_cursor(cursor, str) or "", limit=limit + 1)
    more = cursor_of(rows[limit - 1][0]) if len(rows) > limit else None
    views = [levels_of(who, sku_view_of(row[1])) for row in rows[:limit]]
    return answer({"skus": [present_sku(view) for view in views if view is not None], "next_cursor": more})


@routes.get("/{sku:path}/movements", response_model=MovementsOut, responses=responses.READS)
@needs(Scope.STOCK_READ, located=True)
async def list_movements(
    pool: PoolId, sku: SkuPath, services: Use, who: Who, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The ledger of a SKU, newest first: what changed its levels, by whom and why."""
    before = decode_cursor(cursor, tuple[int, int, int])
    rows = await services.views.movements(pool, sku, before=before, limit=limit + 1)
    more = cursor_of(rows[limit - 1][:3]) if len(rows) > limit else None
    movements = [movement_of(row[3]) for row in rows[:limit]]
    shown = [present(movement) for movement in movements if who.works_at(movement.location_id)]
    return answer({"movements": shown, "next_cursor": more})


@routes.get("/{sku:path}", response_model=SkuOut, responses=responses.READS)
@needs(Scope.STOCK_READ, located=True)
async def read_sku(pool: PoolId, sku: SkuPath, services: Use, who: Who) -> Response:
    """What is available of a SKU, in total and by location."""
    view = levels_of(who, found_sku(services, pool, sku))
    if view is None:
        raise sku_unknown()
    return answer(present_sku(view))


def found_sku(services: Services, pool: str, sku: str) -> SkuView:
    """Give the levels of a SKU.

    Raises:
        Problem: 404.
    """
    row = services.views.sku(pool, sku)
    if row is None:
        raise sku_unknown()
    return sku_view_of(row[2])


def sku_unknown() -> Problem:
    """The answer for a SKU of which nothing is there, or nothing of theirs."""
    return Problem(404, "sku_unknown", "No stock of this SKU is on record in this pool: check its spelling.")


async def submit_fact(ask: Ask, pool: str, body: Fact) -> Outcome:
    """Submit a stock fact; who reads the levels afterwards finds them changed.

    Raises:
        Problem: it was refused.
    """
    # Without an Idempotency-Key the document is the key: a repeat that states no time is still the same fact.
    identity = body.identity()
    derived = None if identity is None else "\x00".join((type(body).__name__, *identity))
    outcome = await ask.submit(pool, body.command, derived_key=derived)
    update = outcome.update
    if update is not None and (update.movements or any(isinstance(one, StockExpected) for one in update.events)):
        position = update.offset, update.index
        await asyncio.gather(*(_settled(ask, pool, sku, position) for sku in body.skus()))
    return outcome


async def _book(ask: Ask, pool: str, body: Fact) -> Response:
    outcome = await submit_fact(ask, pool, body)
    return accepted(pool, outcome) if outcome.update is None else applied(outcome)


async def _settled(ask: Ask, pool: str, sku: str, position: tuple[int, int]) -> None:
    row = ask.services.views.sku(pool, sku)
    at = None if row is None else row[:2]
    await ask.settled(("sku", pool, sku), position, at, min(ask.wait_seconds, _SETTLE_SECONDS))
