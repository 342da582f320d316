"""Setting a pool up: its currency, locations, channels, policy, routing model and catalogue."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.commands import PutCatalogue, PutChannels, PutLocations, PutPolicy, PutPool, PutRoutingModel
from models.events import PoolChanged
from models.ids import is_sku
from models.records.pool import AppliedPart, CatalogueItem, Pool
from models.rejections import Rejected, RejectionCode, sku_invalid
from models.rules import calendar
from models.rules.draft import Draft
from models.rules.routing import lateness
from models.rules.routing.costs import is_rate_card


def put_pool(draft: Draft, command: PutPool) -> Rejected | None:
    """Open the pool, or change its name; the currency stays what it was."""
    pool = draft.view.pool
    if draft.view.known and pool.currency != command.currency:
        return Rejected(
            RejectionCode.CURRENCY_FIXED, f"pool {pool.pool} keeps its currency {pool.currency}", "currency"
        )
    put = replace(pool, currency=command.currency, name=command.name, simulated=command.simulated)
    _apply(draft, put, "pool")
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
        strange = next((day for day in location.closed_on if not calendar.is_date(day)), None)
        if strange is not None:
            return Rejected(RejectionCode.COMMAND_INVALID, f"{strange} is no day of the calendar", "closed_on")
    for location in command.locations:
        before = draft.view.locations.get(location.location_id)
        if before is not None and before.stock is not location.stock:
            _reckon_anew(draft, location.location_id)
        draft.locations[location.location_id] = location
    _try_waiting(draft)
    _apply(draft, draft.view.pool, "locations", len(command.locations))
    return None


def put_channels(draft: Draft, command: PutChannels) -> Rejected | None:
    """Add or replace channels."""
    for channel in command.channels:
        if draft.segment_of(channel.channel_id) != channel.segment:
            _try_waiting(draft)
        draft.channels[channel.channel_id] = channel
    _apply(draft, draft.view.pool, "channels", len(command.channels))
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
    _try_waiting(draft)
    _apply(draft, replace(draft.view.pool, policy=command.policy), "policy")
    return None


def put_routing_model(draft: Draft, command: PutRoutingModel) -> Rejected | None:
    """Replace the routing model, if nobody else has done so since it was read."""
    present = draft.view.routing_model
    version = 0 if present is None else present.version
    if command.model.version != version + 1:
        return Rejected(
            RejectionCode.MODEL_VERSION,
            f"the routing model in force is version {version}; send version {version + 1}",
            "version",
        )
    strange = next((key for key, lane in command.model.lanes.items() if not lateness.is_lane(lane)), None)
    if strange is not None:
        return Rejected(
            RejectionCode.COMMAND_INVALID, f"the probabilities of lane {strange} must be there and never fall", "lanes"
        )
    draft.routing_model = command.model
    _apply(draft, draft.view.pool, "routing_model")
    return None


def put_catalogue(draft: Draft, command: PutCatalogue) -> Rejected | None:
    """Add or replace items; orders that were held for want of them are freed next."""
    for item in command.items:
        if not is_sku(item.sku):
            return sku_invalid(item.sku)
    refused = _kit_of_kits(draft, {item.sku: item for item in command.items}) or _listed_twice(draft, command)
    if refused is not None:
        return refused
    for item in command.items:
        before = draft.view.item(item.sku)
        for location_id in sorted(draft.view.levels(item.sku)) if before is not None and before.untracked else ():
            draft.fell(item.sku, location_id)
        draft.items[item.sku] = item
        for sku in (item.sku, *dict.fromkeys(listing.sku for listing in item.listings)):
            if draft.view.unmapped_orders(sku):
                draft.mapped(sku)
    _apply(draft, draft.view.pool, "catalogue", len(command.items))
    return None


def _listed_twice(draft: Draft, command: PutCatalogue) -> Rejected | None:
    """Refuse a listing that another item has, as the catalogue would be afterwards."""
    put = {item.sku for item in command.items}
    seen: dict[tuple[str, str], str] = {}
    for item in command.items:
        for listing in item.listings:
            key = (listing.channel, listing.sku)
            known = draft.view.listing(*key)
            other = seen.get(key) or (known[0] if known is not None and known[0] not in put else None)
            if other is not None:
                return Rejected(
                    RejectionCode.COMMAND_INVALID,
                    f"channel {listing.channel} sells {other} as {listing.sku} already: take it off there first",
                    "listings",
                )
            seen[key] = item.sku
    return None


def _kit_of_kits(draft: Draft, put: Mapping[str, CatalogueItem]) -> Rejected | None:
    """Refuse a kit with a component that is a kit, as the catalogue would be afterwards: stock is of components."""

    def is_kit(sku: str) -> bool:
        item = put.get(sku) or draft.view.item(sku)
        return item is not None and bool(item.components)

    for item in put.values():
        found = [(item.sku, part.sku) for part in item.components if part.sku == item.sku or is_kit(part.sku)]
        if item.components:
            # A kit that is put here too is looked at by its own components.
            found += [(kit, item.sku) for kit in sorted(draft.view.kits_with(item.sku)) if kit not in put]
        for kit, part in found:
            return Rejected(
                RejectionCode.COMMAND_INVALID,
                f"{part} is a component of the kit {kit} and a kit itself: name what it is made of instead",
                "components",
            )
    return None


def _reckon_anew(draft: Draft, location_id: str) -> None:
    """Check what orders have claimed at a location that is counted otherwise from now on."""
    for sku in draft.view.allocated_at(location_id):
        draft.fell(sku, location_id)


def _try_waiting(draft: Draft) -> None:
    for sku in draft.view.waiting_skus():
        draft.rose(sku)


def _apply(draft: Draft, pool: Pool, part: str, count: int = 0) -> None:
    """Keep since when the part stands and by whom, and tell that it changed."""
    cause = draft.cause
    stamp = AppliedPart(at_ms=cause.at_ms, actor=cause.actor, reason=cause.reason)
    draft.pool = replace(pool, applied={**pool.applied, part: stamp})
    draft.emit(PoolChanged(what=part, count=count))
