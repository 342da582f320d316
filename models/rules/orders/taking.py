"""What makes content an order: whether it can be one, and the row it begins as."""

from msgspec.structs import replace

from models.commands import OrderContent
from models.events import OrderPlaced
from models.ids import is_sku
from models.records.order import Order, OrderStatus, Terms
from models.rejections import Rejected, RejectionCode, sku_invalid, sku_unknown
from models.rules.draft import Draft
from models.rules.lines import kits_of
from models.rules.orders.amounts import amounts_of, total_minor
from models.rules.orders.changes import fresh_line
from models.rules.orders.edit import ordered_lines
from models.types import MAX_AMOUNT_MINOR


def check(draft: Draft, command: OrderContent) -> Rejected | None:
    """Refuse what cannot be an order of this pool, in the order of the codes."""
    wrong = next((line.sku for line in command.lines if not is_sku(line.sku)), None)
    if wrong is not None and not command.sold:
        return sku_invalid(wrong)
    unknown = next(iter(unknown_skus(draft, command)), None)
    if unknown is not None and not command.sold:
        return sku_unknown(unknown)
    pool = draft.view.pool
    if command.currency != pool.currency and not command.sold:
        return Rejected(
            RejectionCode.CURRENCY_MISMATCH,
            f"pool {pool.pool} sells in {pool.currency}, not in {command.currency}",
            "currency",
        )
    if len({line.line_id for line in command.lines}) < len(command.lines):
        return Rejected(RejectionCode.LINE_REPEATED, "each line needs a line_id of its own", "line_id")
    strange = "" if command.sold else strange_places(draft, command)
    if strange:
        return Rejected(RejectionCode.COMMAND_INVALID, strange, "terms")
    if not command.sold and not amounts_are_whole(command):
        return Rejected(
            RejectionCode.AMOUNT_INVALID, "a discount is larger than what it is taken from", "discount_minor"
        )
    if _gross_minor(command) > MAX_AMOUNT_MINOR:
        return Rejected(
            RejectionCode.AMOUNT_INVALID, f"an order comes to {MAX_AMOUNT_MINOR} minor units at most", "lines"
        )
    return None


def unknown_skus(draft: Draft, command: OrderContent) -> list[str]:
    """Give the SKUs that neither the catalogue nor the channel's listings know."""
    view, channel = draft.view, command.channel
    unknown = [line.sku for line in command.lines if view.item(line.sku) is None]
    return [sku for sku in unknown if view.listing(channel, sku) is None]


def _gross_minor(command: OrderContent) -> int:
    lines = sum(line.unit_price_minor * line.quantity + line.tax_minor for line in command.lines)
    return lines + command.shipping_minor


def amounts_are_whole(command: OrderContent) -> bool:
    nets = [line.unit_price_minor * line.quantity - line.discount_minor for line in command.lines]
    return min(nets) >= 0 and command.discount_minor <= sum(nets)


def fresh_order(draft: Draft, key: str, command: OrderContent, known: Order | None) -> Order:
    """Make the row; every unit waits until it is located."""
    terms, stated = command.terms, command.lines
    if terms is not None or any([line.ship_to for line in stated]):  # noqa: C419 - faster
        terms, unknown = _terms(draft, command)
        stated = tuple(replace(line, ship_to="") if line.ship_to in unknown else line for line in stated)
    amounts = amounts_of(stated, command.shipping_minor, command.discount_minor)
    lines = tuple(
        [fresh_line(draft, command.channel, line, amount) for line, amount in zip(stated, amounts, strict=True)]
    )
    return Order(
        order_id=key,
        pool=command.pool,
        channel=command.channel,
        external_id=command.external_id,
        currency=command.currency,
        status=OrderStatus.BACKORDERED,
        lines=lines,
        destination=command.destination,
        placed_at_ms=command.placed_at_ms,
        version=known.version if known is not None else 0,
        offset=draft.cause.offset,
        index=draft.cause.index,
        updated_at_ms=draft.cause.at_ms,
        source_version=command.source_version,
        customer=command.customer,
        priority=command.priority,
        promise_by_ms=command.promise_by_ms,
        at_risk_from_ms=_at_risk_from(draft, command),
        ship_complete=command.ship_complete,
        shipping_minor=command.shipping_minor,
        discount_minor=command.discount_minor,
        total_minor=total_minor(lines),
        fulfillments=known.fulfillments if known is not None else (),
        sequence=known.sequence if known is not None else 0,
        recent=known.recent if known is not None else (),
        forgotten_before_ms=known.forgotten_before_ms if known is not None else 0,
        story=known.story if known is not None else (),
        terms=terms,
    )


def _terms(draft: Draft, command: OrderContent) -> tuple[Terms | None, frozenset[str]]:
    """Give the terms that can be kept, and the addresses that lines name and nobody has stated."""
    terms = command.terms
    stated = terms.destinations if terms is not None else {}
    unknown = frozenset(line.ship_to for line in command.lines if line.ship_to and line.ship_to not in stated)
    if terms is not None and terms.collect_at is not None and not _may_collect(draft, terms.collect_at):
        terms = replace(terms, collect_at=None)
    return terms, unknown


def _may_collect(draft: Draft, location_id: str) -> bool:
    location = draft.view.locations.get(location_id)
    return location is not None and location.collection


def _at_risk_from(draft: Draft, command: OrderContent) -> int | None:
    if command.promise_by_ms is None:
        return None
    return max(0, command.promise_by_ms - draft.view.pool.policy.at_risk_before_ms)


def strange_places(draft: Draft, command: OrderContent) -> str:
    """Say which place an order names that is not there; nothing where all are."""
    if command.terms is None and not any([line.ship_to for line in command.lines]):  # noqa: C419 - faster
        return ""
    terms, unknown = _terms(draft, command)
    if unknown:
        return "no such address: " + ", ".join(sorted(unknown))
    if command.terms is not None and terms != command.terms:
        return f"nobody can collect at {command.terms.collect_at}"
    return ""


def taken(order: Order) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.order_id,
        channel=order.channel,
        external_id=order.external_id,
        currency=order.currency,
        total_minor=order.total_minor,
        units=sum([line.quantity for line in order.lines]),
        lines=ordered_lines(order.lines),
        kits=kits_of(order.lines),
    )
