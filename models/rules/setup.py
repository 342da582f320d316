"""Setting a pool up: its currency, locations, policy and catalogue."""

from msgspec.structs import replace

from models.commands import PutCatalogue, PutLocations, PutPolicy, PutPool
from models.events import PoolChanged
from models.ids import is_sku
from models.records.pool import Pool
from models.rejections import Rejected, RejectionCode, sku_invalid
from models.rules import calendar
from models.rules.draft import Draft
from models.rules.routing.costs import is_rate_card


def put_pool(draft: Draft, command: PutPool) -> Rejected | None:
    """Open the pool, or change its name; the currency stays what it was."""
    pool = draft.view.pool
    if draft.view.known and pool.currency != command.currency:
        return Rejected(
            RejectionCode.CURRENCY_FIXED, f"pool {pool.pool} keeps its currency {pool.currency}", "currency"
        )
    policy = pool.policy
    draft.pool = Pool(
        pool=command.pool,
        currency=command.currency,
        name=command.name,
        simulated=command.simulated,
        policy=policy,
    )
    draft.emit(PoolChanged(what="pool"))
    return None


def put_locations(draft: Draft, command: PutLocations) -> Rejected | None:
    """Add or replace locations; orders that wait may find stock there."""
    for location in command.locations:
        if not calendar.is_time_zone(location.time_zone):
            return Rejected(
                RejectionCode.TIME_ZONE_UNKNOWN,
                f"{location.time_zone} is no time zone; use a name such as Europe/Berlin",
                "time_zone",
            )
    for location in command.locations:
        draft.locations[location.location_id] = location
    for sku in draft.view.waiting_skus():
        draft.rose(sku)
    draft.emit(PoolChanged(what="locations", count=len(command.locations)))
    return None


def put_policy(draft: Draft, command: PutPolicy) -> Rejected | None:
    """Replace the policy, if nobody else has done so since it was read; orders that wait are tried under it."""
    present = draft.view.pool.policy.version
    if command.policy.version != present + 1:
        return Rejected(
            RejectionCode.POLICY_VERSION,
            f"the policy in force is version {present}; send version {present + 1}",
            "version",
        )
    if not is_rate_card(command.policy.rate_card):
        return Rejected(
            RejectionCode.COMMAND_INVALID,
            "limits must rise, with one row of prices more than distances and one price more than weights",
            "rate_card",
        )
    draft.pool = replace(draft.view.pool, policy=command.policy)
    for sku in draft.view.waiting_skus():
        draft.rose(sku)
    draft.emit(PoolChanged(what="policy"))
    return None


def put_catalogue(draft: Draft, command: PutCatalogue) -> Rejected | None:
    """Add or replace items; orders that were held for want of them are freed next."""
    for item in command.items:
        if not is_sku(item.sku):
            return sku_invalid(item.sku)
    for item in command.items:
        draft.items[item.sku] = item
        if draft.view.unmapped_orders(item.sku):
            draft.mapped(item.sku)
    draft.emit(PoolChanged(what="catalogue", count=len(command.items)))
    return None
