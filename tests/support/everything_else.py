"""The rest of the shop in which everything happens: edits, kits, supply, partners, collection, closing."""

from models import commands as c
from models.records import changes as ch
from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from models.records.line import Component
from models.records.money import StatedPayment, StatedRefund
from models.records.order import Customer, NewLine, Terms
from models.records.place import Destination
from models.records.pool import (
    CatalogueItem,
    Channel,
    LocationKind,
    PublishingRule,
    RoutingModel,
    StockBasis,
)
from models.records.risk import Recommendation, Risk, RiskFact, RiskFactSays, RiskLevel
from models.records.stock import Unsellable
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, location, units

FRANCE = Destination(country="FR", postcode="75001")


def _widen(shop: Shop) -> None:
    """A store to collect at, a partner, a supplier, a place and a SKU that are not counted, a kit, a capped SKU."""
    shop.locate(
        location("store", kind=LocationKind.STORE, collection=True),
        location("partner", kind=LocationKind.THIRD_PARTY),
        location("supplier", kind=LocationKind.DROP_SHIPPER, stock=StockBasis.DECLARED),
        location("printer", stock=StockBasis.UNTRACKED),
    )
    shop.do(
        c.PutCatalogue,
        items=(
            CatalogueItem(sku="KIT", components=(Component(sku="K1", quantity=1), Component(sku="K2", quantity=2))),
            CatalogueItem(sku="K1", category="parts"),
            CatalogueItem(sku="K2"),
            CatalogueItem(sku="CARD", untracked=True),
            CatalogueItem(sku="SOON", backorder_limit=50),
            CatalogueItem(sku="P"),
            CatalogueItem(sku="S"),
        ),
    )
    rules = (PublishingRule(percent=80), PublishingRule(sku="A", category="parts", threshold=2, maximum=5, end_when=1))
    shop.do(
        c.PutChannels,
        channels=(
            Channel(channel_id="b2b", name="Wholesale", approval_above_minor=5_000, segment="trade", publishing=rules),
        ),
    )
    lanes: dict[str, tuple[int, ...]] = {"*": (0, 300, 800)}
    shop.do(c.PutRoutingModel, model=RoutingModel(version=2, lanes=lanes, pick_success={"store": 900}))


def _edit(shop: Shop) -> None:
    shop.stock("K1", "berlin", 30)
    shop.stock("K2", "berlin", 60)
    terms = Terms(destinations={"office": FRANCE})
    shop.place("edited", Line("K1", 2), Line("K2", 3), promise_by_ms=shop.now_ms + DAY_MS, terms=terms)
    changes: tuple[ch.Change, ...] = (
        ch.SetPrice(line_id="1", unit_price_minor=900, discount_minor=10, tax_minor=5),
        ch.SetShipping(shipping_minor=490),
        ch.SetDiscount(discount_minor=100),
        ch.AddLine(line=NewLine(line_id="3", sku="KIT", quantity=2, unit_price_minor=2_500, ship_to="office")),
        ch.AddUnits(line_id="1", quantity=1),
        ch.RemoveUnits(line_id="2", quantity=1),
        ch.SetDestination(destination=FRANCE),
        ch.SetCustomer(customer=Customer(customer_id="customer-2", sealed="c2VhbGVk")),
        ch.SetPriority(priority=3),
        ch.SetPromise(promise_by_ms=shop.now_ms + 2 * DAY_MS),
        ch.SetTerms(
            purchase_order="PO-1", requested_at_ms=shop.now_ms + HOUR_MS, cancel_at_ms=shop.now_ms + 9 * DAY_MS
        ),
    )
    shop.do(c.EditOrder, **shop.on("edited", changes=changes, edition=0, preview=True))
    shop.do(c.EditOrder, **shop.on("edited", changes=changes, edition=0))
    stated = shop.content(
        "edited", Line("K1", 5), Line("K2", 3), source_version=2, destination=Destination(country="NL")
    )
    shop.do(c.PlaceOrder, **stated)
    paid = StatedPayment(
        payment_id="pay", kind="captured", amount_minor=4_900, currency="EUR", at_ms=shop.now_ms, tender="card"
    )
    refund = StatedRefund(
        refund_id="refund", amount_minor=900, currency="EUR", at_ms=shop.now_ms, reason="late", units={"1": 1}
    )
    shop.do(c.RecordStatedMoney, **shop.on("edited", total_minor=4_900, payments=(paid,), refunds=(refund,)))
    found = (RiskFact(says=RiskFactSays.NEGATIVE, text="another country"),)
    risk = Risk(
        provider="provider",
        level=RiskLevel.MEDIUM,
        recommendation=Recommendation.REVIEW,
        assessed_at_ms=shop.now_ms,
        facts=found,
    )
    shop.do(c.AssessRisk, **shop.on("edited", risk=risk))
    shop.do(c.ReleaseHold, **shop.on("edited", hold=HoldType.FRAUD_REVIEW))
    back = (ch.RemoveUnits(line_id="2", quantity=1), ch.AddUnits(line_id="2", quantity=1))
    shop.do(c.EditOrder, **shop.on("edited", changes=back))


def _supply(shop: Shop) -> None:
    shop.place("soon", Line("SOON", 4), promise_by_ms=shop.now_ms + DAY_MS)
    expected = {**shop.fact("berlin", document="PO-7"), "expected_at_ms": shop.now_ms + 5 * DAY_MS, "version": 1}
    line = c.StockLine(line="1", sku="SOON", quantity=10)
    shop.do(c.ExpectStock, **expected, lines=(line,), confidence_per_mille=900)
    shop.stock("SOON", "berlin", 2, expected="PO-7")
    lines = (c.DeclaredLine(line="1", sku="S", quantity=7),)
    shop.do(c.DeclareStock, **shop.fact("supplier", lines=lines))
    shop.do(c.RestateStock, **shop.fact("berlin", sku="K1", quantity=2, after=Unsellable.QUALITY_CONTROL))
    shop.do(c.FenceStock, **shop.fact("berlin", sku="K1", segment="trade", quantity=5))
    seen = shop.level("K2", "berlin")
    was = c.Balances(
        on_hand=seen.on_hand, allocated=seen.allocated, unsellable=seen.unsellable, safety_stock=seen.safety_stock
    )
    shop.do(c.RepairLevel, **shop.fact("berlin", sku="K2", seen=was, ledger=was), reason="the ledger says so")
    shop.place("printed", Line("CARD", 3), Line("S", 2))
    shop.do(c.PlaceOrder, **shop.content("fenced", Line("K1", 6), channel="b2b"))


def _partner(shop: Shop) -> None:
    shop.stock("P", "partner", 9)
    buyer = Customer(customer_id="customer-3")
    shop.place("recalled", Line("P", 2))
    shop.do(c.CancelUnits, **shop.on("recalled", units=units(("1", 1))))
    shop.place("asked", Line("P", 2), customer=buyer)
    shop.do(c.AcceptFulfillment, **shop.on("asked", 1))
    shop.do(c.CancelUnits, **shop.on("asked", units=units(("1", 1))))
    shop.do(c.AnswerCancellation, **shop.on("asked", 1, accepted=True))
    shop.place("with it", Line("P", 1), customer=buyer)
    other = {"other_order_id": shop.order_id("with it"), "other_fulfillment_id": f"{shop.order_id('with it')}-1"}
    shop.do(c.MergeFulfillments, **shop.on("asked", 1, **other))
    shop.do(c.ShipParcel, **shop.on("asked", 1, parcel_id="both", carrier="dhl", tracking_number="t9"))
    scanned = shop.on("asked", 1, parcel_id="both", detail="Leipzig", raw="PU")
    shop.do(c.RecordScan, **scanned, status=CarrierStatus.IN_TRANSIT)
    shop.tick(4 * DAY_MS)
    for parcel in ("asked", "with it"):
        shop.do(c.DeliverParcel, **shop.on(parcel, 1, parcel_id="both"))


def _move(shop: Shop) -> None:
    shop.place("moved", Line("P", 2))
    part = shop.on("moved", fulfillment_id=f"{shop.order_id('moved')}-1")
    shop.do(c.MoveUnits, **part, location_id="partner", units=units(("1", 1)), reason="one of them is a gift")


def _arrive_first(shop: Shop) -> None:
    shop.place("arrived", Line("P", 3))
    shop.do(c.DeliverParcel, **shop.on("arrived", 1, parcel_id="early"))
    shop.do(c.ShipParcel, **shop.on("arrived", 1, parcel_id="early", units=units(("1", 2))))


def _collect(shop: Shop) -> None:
    shop.stock("P", "store", 5)
    shop.place("collected", Line("P", 2), terms=Terms(collect_at="store"))
    for step in (c.AcceptFulfillment, c.PickFulfillment, c.PackFulfillment, c.MakeReady):
        shop.do(step, **shop.on("collected", 1))
    shop.do(c.CollectFulfillment, **shop.on("collected", 1, parcel_id="taken"))
    past = {"shipped_at_ms": shop.now_ms - 400 * DAY_MS, "location_id": "berlin", "tracking_number": "old-1"}
    shop.do(c.ImportOrder, **shop.content("past", Line("P", 1), placed_at_ms=shop.now_ms - 401 * DAY_MS), **past)
    pay_by = Terms(pay_by_ms=shop.now_ms + HOUR_MS)
    shop.place("unpaid", Line("P", 1), terms=pay_by, stock=c.StockPolicy.SKIP)
    shop.do(
        c.HoldOrder,
        **shop.on("printed", hold=HoldType.OTHER, line_id="1", cancel_at_ms=shop.now_ms + 3 * HOUR_MS),
        reason="the colour",
    )
    shop.do(c.ReleaseHold, **shop.on("printed", hold=HoldType.OTHER, line_id="1"), reason="blue it is")


def _close(shop: Shop) -> None:
    shop.do(c.PlaceOrder, **shop.content("collected", Line("P", 9), terms=Terms(collect_at="store"), source_version=3))
    shop.tick(31 * DAY_MS)
    shop.tick(HOUR_MS)
    shop.do(c.ReopenOrder, **shop.on("collected", order=shop.closed("collected")))


MORE = (_widen, _edit, _supply, _partner, _move, _arrive_first, _collect, _close)
