"""What is known of a small shop, as connectors ask for it; and telling it what messages say."""

from connectors.frame.asked import Asked, Envelope, ParcelRef
from connectors.frame.asking import ask
from connectors.frame.facts import AnyFact
from connectors.frame.message import Account
from connectors.frame.naming import plain_name
from models import rows
from models.records.order import Order
from models.records.pool import StockBasis
from models.records.stock import StockLevel
from models.updates import CommandUpdate
from tests.support.builders import Shop


class KnownShop:
    """Knows what a shop's rows say."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def order(self, order_id: str) -> Order | None:
        raw = self._shop.engine.rows.get(rows.order_key(order_id))
        return rows.decode_order(raw) if raw is not None else None

    def _orders(self) -> list[Order]:
        found = self._shop.engine.rows.items()
        return [rows.decode_order(value) for key, value in found if key.startswith(rows.ORDER + b"/")]

    def orders_named(self, pool: str, name: str) -> tuple[Order, ...]:
        return tuple(one for one in self._orders() if one.pool == pool and plain_name(one.external_id) == name)

    def parcels(self, pool: str, tracking_number: str) -> tuple[ParcelRef, ...]:
        return tuple(
            ParcelRef(order_id=order.order_id, fulfillment_id=parcel.fulfillment_id, parcel_id=parcel.parcel_id)
            for order in self._orders()
            if order.pool == pool
            for parcel in order.parcels
            if parcel.tracking_number == tracking_number
        )

    def level(self, pool: str, sku: str, location_id: str) -> StockLevel | None:
        raw = self._shop.engine.rows.get(rows.key(rows.LEVEL, pool, location_id, sku))
        return rows.decode_level(raw) if raw is not None else None

    def moved_since(self, pool: str, sku: str, at_ms: int) -> bool:
        del pool
        return any(one.sku == sku and one.recorded_at_ms > at_ms for one in self._shop.movements)

    def is_supplied(self, pool: str, location_id: str) -> bool:
        raw = self._shop.engine.rows.get(rows.key(rows.LOCATION, pool, location_id))
        return raw is not None and rows.decode_location(raw).stock is StockBasis.DECLARED


def asked_of(shop: Shop, fact: AnyFact, account: Account, *, message: str = "m1") -> tuple[Asked, ...]:
    """Give what a fact asks for now."""
    envelope = Envelope(pool=account.pool, actor=f"connector:{account.name}", at_ms=shop.now_ms, seed=message)
    return ask(fact, account, envelope, KnownShop(shop))


def tell(shop: Shop, fact: AnyFact, account: Account, *, message: str = "m1") -> list[CommandUpdate]:
    """Let a shop hear what a message says; gives what became of each command."""
    return [shop.send(asked.command) for asked in asked_of(shop, fact, account, message=message)]
