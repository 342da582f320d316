"""A shop in a running Medusa, the pool that it sells for, and what stands between them."""

import time
from dataclasses import dataclass

from connectors.frame.documents import Occasion, OccasionKind
from connectors.frame.facts import AnyFact, OrderStated
from connectors.frame.message import Account
from connectors.systems.medusa import CONNECTOR
from models import commands as c
from models.records.fulfillment import Fulfillment, Parcel
from models.records.line import UnitsOfLine
from models.records.order import Order
from tests.support.builders import Shop, location
from tests.support.known import tell
from tests.support.live_shell import LiveShell
from tests.support.medusa_shop import MedusaShop


@dataclass(kw_only=True)
class Trial:
    """A shop in Medusa, the pool that it sells for, and what stands between them."""

    medusa: MedusaShop
    account: Account
    shell: LiveShell
    pool: Shop
    begun_ms: int
    messages: int = 0

    @property
    def cursor(self) -> str:
        """The one with which a poll, less its overlap, begins with this trial."""
        return str(self.begun_ms + CONNECTOR.polls[0].overlap_ms)

    @property
    def mug(self) -> str:
        return self.medusa.skus[0]

    @property
    def bowl(self) -> str:
        return self.medusa.skus[1]

    def poll(self, order_id: str, which: int = 0) -> list[AnyFact]:
        """Ask as the exchange does, which knows a message that comes twice, and give what an order says."""
        messages, _ = self.shell.poll(CONNECTOR.polls[which], self.cursor, now_ms())
        once = {message.body: message for message in messages}.values()
        facts = [fact for message in once for fact in self.shell.facts(message)]
        return [fact for fact in facts if getattr(fact, "external_id", "") == order_id]

    def stated(self, order_id: str) -> OrderStated:
        (fact,) = [fact for fact in self.poll(order_id) if isinstance(fact, OrderStated)]
        return fact

    def take_in(self, order_id: str) -> Order:
        """Ask the pool for what the newest poll says; nothing of it is refused."""
        self.messages += 1
        for fact in self.poll(order_id):
            told = tell(self.pool, fact, self.account, message=f"m{self.messages}")
            assert [one.refusal for one in told if one.refusal is not None] == []
        return self.pool.order(order_id)

    def ship(self, order_id: str, parcel_id: str, tracking: str, *units: tuple[str, int]) -> Parcel:
        """Let units of an order's first fulfillment leave."""
        skus = {line.sku: line.line_id for line in self.pool.order(order_id).lines}
        named = tuple(UnitsOfLine(line_id=skus[sku], quantity=count) for sku, count in units)
        self.pool.do(
            c.ShipParcel,
            **self.pool.on(order_id, 1, parcel_id=parcel_id, units=named, carrier="dhl", tracking_number=tracking),
        )
        return next(one for one in self.pool.order(order_id).parcels if one.parcel_id == parcel_id)

    def occasion(self, kind: OccasionKind, order_id: str, parcel: Parcel | None = None) -> Occasion:
        order = self.pool.order(order_id)
        part: Fulfillment | None = next(iter(order.fulfillments), None)
        number = self.pool.offset
        return Occasion(
            delivery_id=f"d{number}",
            kind=kind,
            at_ms=now_ms(),
            number=number,
            order=order,
            fulfillment=part,
            parcel=parcel,
        )


def now_ms() -> int:
    return int(time.time() * 1000)


def trial_of(medusa: MedusaShop) -> Trial:
    """Open a pool with one location, which is Medusa's, and 50 of each SKU."""
    account = Account(
        name="medusa",
        connector="medusa",
        pool="shop",
        channel="web",
        locations={medusa.location: "ulm"},
        settings={"url": medusa.base, "stock_location": medusa.location},
    )
    pool = Shop()
    pool.now_ms = now_ms()
    pool.open(skus=medusa.skus)
    pool.locate(location("ulm"))
    for sku in medusa.skus:
        pool.stock(sku, "ulm", 50)
    shell = LiveShell(CONNECTOR, account, {"secret_key": medusa.key})
    return Trial(medusa=medusa, account=account, shell=shell, pool=pool, begun_ms=now_ms())
