"""The switch of an account: live, with its open orders taken over as they are, or back into shadow."""

from msgspec.structs import replace

from api.exchange.accounts import StoredAccount
from api.exchange.known import KnownByViews
from api.exchange.submitting import Submitting
from api.services import Services
from connectors.frame.asked import Envelope
from connectors.frame.cutting_over import Become, Cut, cut_over, held_by, orders_of
from connectors.frame.message import Refusal
from models.ids import order_id


def planned(services: Services, stored: StoredAccount, rest: str) -> list[Cut]:
    """Say what would become of each order that the account was told of in shadow."""
    stores, setup = services.exchange, stored.setup
    if not setup.channel:
        return []
    partners: dict[str, str] = {}
    for other in stores.accounts.all(setup.pool):
        if other.setup.location and other.name != setup.name:
            partners |= held_by(other.setup.location, stores.shadow.of(other.name))
    orders = orders_of(stores.shadow.of(setup.name)).values()
    ordered = sorted(orders, key=lambda order: (order.placed_at_ms, order.external_id))
    known = KnownByViews(services.views, stores.names, setup.pool)
    envelope = Envelope(pool=setup.pool, actor=stored.actor, at_ms=services.now_ms(), seed="cut-over")
    return list(cut_over(ordered, setup, envelope, known, partners, rest))


async def go_live(services: Services, stored: StoredAccount, rest: str, *, actor: str, reason: str) -> list[Cut]:
    """Take the orders over, switch, and take over what came meanwhile; asked again, nothing is done twice.

    Raises:
        SendError: not all is known to be on record, and the account may still be in shadow: ask again.
    """
    cuts = planned(services, stored, rest)
    done = await _take_over(services, stored, cuts)
    await switch(services, stored, live=True, actor=actor, reason=reason)
    seen = {cut.external_id for cut in cuts}
    later = [cut for cut in planned(services, stored, rest) if cut.external_id not in seen]
    return done + await _take_over(services, stored, later)


async def switch(services: Services, stored: StoredAccount, *, live: bool, actor: str, reason: str) -> bool:
    """Set the account live or into shadow; False where it is so, or is removed meanwhile."""
    setup, now_ms, accounts = replace(stored.setup, live=live), services.now_ms(), services.exchange.accounts
    return await services.in_control(
        lambda: accounts.put(setup, actor=actor, reason=reason, now_ms=now_ms, is_known=True)
    )


def _names(stored: StoredAccount, cuts: list[Cut]) -> list[tuple[str, str]]:
    """Give what a partner that was asked by somebody else may call each order."""
    ids = {cut.external_id: order_id(stored.setup.pool, stored.setup.channel, cut.external_id) for cut in cuts}
    return [(name, ids[cut.external_id]) for cut in cuts for name in (cut.external_id, cut.number)]


async def _take_over(services: Services, stored: StoredAccount, cuts: list[Cut]) -> list[Cut]:
    await services.in_control(services.exchange.names.keep, stored.setup.pool, _names(stored, cuts))
    submitting, done = Submitting(services), []
    for cut in cuts:
        refused: list[Refusal] = []
        await submitting.tell(cut.asked, refused)
        note = "; ".join(f"{one.field}: {one.reason}" for one in refused)
        done.append(cut._replace(become=Become.REFUSED, note=note) if refused else cut)
    return done
