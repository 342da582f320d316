"""The switch of an account between shadow and live."""

from collections import Counter

import msgspec
from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.exchange.accounts import StoredAccount
from api.exchange.going_live import go_live, planned, switch
from api.ports import SendError
from api.problems import Problem
from api.route import router
from api.routes.accounts import AccountName, check_account
from api.schemas import accounts as schemas
from api.schemas import responses
from api.security import Scope, needs
from api.services import Services
from connectors.frame.cutting_over import HOLD, ROUTE, Cut

routes = router(tag="accounts", prefix="/v1/pools/{pool}/accounts")


@routes.post("/{account}/live", response_model=schemas.CutOverOut, responses=responses.WRITES)
@needs(Scope.POOLS_WRITE)
async def go_live_with_account(
    pool: PoolId, account: AccountName, body: schemas.GoLiveIn, services: Use, who: Who
) -> Response:
    """Take over the shop's open orders as they are, and switch; none is asked of a partner that has it already."""
    stored = _stored(services, pool, account)
    rest = body.open_orders
    if rest not in {HOLD, ROUTE} and rest not in services.set_ups.locations(pool):
        raise Problem(422, "location_unknown", f"There is no location {rest}.", field="open_orders")
    check_account(services, msgspec.structs.replace(stored.setup, live=True))
    if body.dry_run:
        return answer(_shown(stored, planned(services, stored, rest), live=stored.setup.live))
    try:
        cuts = await go_live(services, stored, rest, actor=who.actor, reason=body.reason)
    except SendError as error:
        raise Problem(
            503,
            "broker_unavailable",
            f"Not all is on record, because {error}: ask again.",
            headers={"Retry-After": "1"},
        ) from None
    _stored(services, pool, account)
    return answer(_shown(stored, cuts, live=True))


@routes.post("/{account}/shadow", response_model=schemas.CutOverOut, responses=responses.WRITES)
@needs(Scope.POOLS_WRITE)
async def go_back_into_shadow(
    pool: PoolId, account: AccountName, body: schemas.GoBackIn, services: Use, who: Who
) -> Response:
    """Switch back: it is asked and listened to, and nothing is sent; orders that were taken stay."""
    stored = _stored(services, pool, account)
    await switch(services, stored, live=False, actor=who.actor, reason=body.reason)
    _stored(services, pool, account)
    return answer(_shown(stored, [], live=False))


def _stored(services: Services, pool: str, account: str) -> StoredAccount:
    stored = services.exchange.accounts.find(account)
    if stored is None or stored.setup.pool != pool:
        raise Problem(404, "account_unknown", f"There is no account {account} in {pool}.")
    return stored


def _shown(stored: StoredAccount, cuts: list[Cut], *, live: bool) -> dict[str, object]:
    counts = Counter(cut.become.value for cut in cuts)
    orders = [
        {
            "external_id": cut.external_id,
            "number": cut.number,
            "become": cut.become.value,
            "location": cut.location,
            "note": cut.note,
        }
        for cut in cuts
    ]
    return {"account": stored.name, "live": live, "counts": dict(sorted(counts.items())), "orders": orders}
