"""Seeded commands beyond taking, shipping and counting: edits, supply, states, partners, closing."""

from typing import Any

from models import commands as c
from models import rows
from models.records import changes as ch
from models.records.fulfillment import CarrierStatus
from models.records.money import StatedPayment, StatedRefund
from models.records.order import NewLine, Order
from models.records.risk import Recommendation, Risk, RiskLevel
from models.records.stock import Unsellable
from tests.simulator.orders import DAY_MS, HOUR_MS, SKUS, OrderDesk

WIDE_WEIGHTS = {
    "edit_order": 6,
    "import_order": 1,
    "reopen_order": 2,
    "answer_cancellation": 2,
    "make_ready": 1,
    "collect_fulfillment": 1,
    "merge_fulfillments": 1,
    "record_scan": 4,
    "restate_stock": 2,
    "fence_stock": 2,
    "expect_stock": 4,
    "declare_stock": 2,
    "repair_level": 1,
    "assess_risk": 2,
    "record_stated_money": 2,
}

_RECENT_PICTURES = 8


class WideDesk(OrderDesk):
    """What can be asked beside the usual."""

    def _stock(self, document: str = "") -> dict[str, Any]:
        raise NotImplementedError

    def _change(self, order: Order | None) -> ch.Change:
        random = self._random
        line_id = random.choice(order.lines).line_id if order is not None else "1"
        fresh = NewLine(line_id=f"x{random.randint(0, 3)}", sku=random.choice(SKUS), quantity=random.randint(1, 2))
        changes: tuple[ch.Change, ...] = (
            ch.AddUnits(line_id=line_id, quantity=1),
            ch.RemoveUnits(line_id=line_id, quantity=1),
            ch.AddLine(line=fresh),
            ch.SetShipping(shipping_minor=random.choice((0, 499, 990))),
            ch.SetPriority(priority=random.randint(0, 5)),
            ch.SetPromise(promise_by_ms=self._now_ms + DAY_MS),
        )
        return random.choice(changes)

    def _edit_order(self) -> c.Command:
        order, envelope = self._about()
        preview = self._random.random() < 0.3
        changes = tuple(self._change(order) for _ in range(self._random.choice((1, 1, 2))))
        return c.EditOrder(**envelope, changes=changes, preview=preview)

    def _import_order(self) -> c.Command:
        number = len(self._orders) + 1
        self._order_made(str(number))
        shipped_at_ms = self._now_ms - HOUR_MS
        return c.ImportOrder(**self._envelope(), **self._content(number), shipped_at_ms=shipped_at_ms)

    def _reopen_order(self) -> c.Command:
        """Bring back an order whose last picture we have seen; one that never closed is refused, or there already."""
        order, envelope = self._about()
        closed = self._closed()
        picture = closed if closed is not None and self._random.random() < 0.8 else order
        if picture is None:
            return c.RerouteOrder(**envelope)
        return c.ReopenOrder(**{**envelope, "order_id": picture.order_id}, order=picture)

    def _closed(self) -> Order | None:
        recent = self.pictures[-_RECENT_PICTURES:]
        picture = rows.decode_order(self._random.choice(recent)) if recent else None
        return picture if picture is not None and picture.pool == self.pool else None

    def _answer_cancellation(self) -> c.Command:
        said = self._said_of("accepted", "picked")[1]
        return c.AnswerCancellation(**said, accepted=self._random.random() < 0.5)

    def _make_ready(self) -> c.Command:
        return c.MakeReady(**self._said_of("packed")[1])

    def _collect_fulfillment(self) -> c.Command:
        said = self._said_of("ready", "packed")[1]
        return c.CollectFulfillment(**said, parcel_id=self._parcel_id(said))

    def _merge_fulfillments(self) -> c.Command:
        said, other = self._said_of("allocated")[1], self._said_of("allocated")[1]
        at = {"other_order_id": other["order_id"], "other_fulfillment_id": other["fulfillment_id"]}
        return c.MergeFulfillments(**said, **at)

    def _record_scan(self) -> c.Command:
        status = self._random.choice((CarrierStatus.IN_TRANSIT, CarrierStatus.EXCEPTION, CarrierStatus.DELIVERED))
        return c.RecordScan(**self._parcel(), status=status, raw=str(self._random.randint(0, 3)))

    def _assess_risk(self) -> c.Command:
        at_ms = self._now_ms - self._random.choice((0, HOUR_MS))
        advice = self._random.choice(list(Recommendation))
        risk = Risk(provider="radar", level=RiskLevel.MEDIUM, recommendation=advice, assessed_at_ms=at_ms)
        return c.AssessRisk(**self._about()[1], risk=risk)

    def _record_stated_money(self) -> c.Command:
        at_ms = self._now_ms - self._random.choice((0, HOUR_MS))
        stated: dict[str, Any] = {"amount_minor": self._random.choice((499, 990)), "currency": "EUR", "at_ms": at_ms}
        payment = StatedPayment(payment_id=f"pay-{self._random.randint(0, 2)}", kind="captured", **stated)
        refund = StatedRefund(refund_id="back", **stated)
        return c.RecordStatedMoney(**self._about()[1], total_minor=990, payments=(payment,), refunds=(refund,))

    def _restate_stock(self) -> c.Command:
        before, after = self._random.sample((None, Unsellable.DAMAGED, Unsellable.QUALITY_CONTROL), 2)
        sku = self._random.choice(SKUS)
        return c.RestateStock(**self._stock(), sku=sku, quantity=1, before=before, after=after)

    def _fence_stock(self) -> c.Command:
        quantity = self._random.choice((0, 1, 3))
        return c.FenceStock(**self._stock(), sku=self._random.choice(SKUS), segment="trade", quantity=quantity)

    def _expect_stock(self) -> c.Command:
        random = self._random
        skus = random.sample(SKUS, random.choice((0, 1, 2)))
        lines = tuple(c.StockLine(line=sku, sku=sku, quantity=random.randint(1, 9)) for sku in skus)
        stock = self._stock(document=f"po-{random.randint(1, 4)}")
        at: dict[str, Any] = {
            "expected_at_ms": self._now_ms + random.randint(1, 5) * DAY_MS,
            "version": random.randint(0, 5),
        }
        return c.ExpectStock(**stock, lines=lines, **at)

    def _declare_stock(self) -> c.Command:
        sku = self._random.choice(SKUS)
        line = c.DeclaredLine(line="1", sku=sku, quantity=self._random.randint(0, 5))
        return c.DeclareStock(**{**self._stock(), "location_id": "supplier"}, lines=(line,))

    def _repair_level(self) -> c.Command:
        seen = c.Balances(on_hand=self._random.randint(0, 3), allocated=0, unsellable=0, safety_stock=0)
        return c.RepairLevel(**self._stock(), sku=self._random.choice(SKUS), seen=seen, ledger=seen, reason="drill")
