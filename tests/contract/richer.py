"""Fuller samples of rows than one story gives: orders in the middle of what may become of them, and mixed levels."""

from collections.abc import Callable
from typing import Any

from models import commands as c
from models import rows
from models.records import changes as ch
from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from models.records.line import Component
from models.records.order import Customer, NewLine, Order, Terms
from models.records.place import Destination
from models.records.pool import CatalogueItem, Channel, LocationKind, StockBasis
from models.records.stock import SkuView, StockLevel, Stub, Unsellable
from tests.support.builders import DAY_MS, HOUR_MS, MINUTE_MS, Line, Shop, location, units

BUYER = Customer(customer_id="customer-7", sealed="c2VhbGVk")
FRANCE = Destination(country="FR", postcode="75001", region="IDF")


def richer() -> dict[str, bytes]:
    """Give each sample by its name, such as `rows/order/edited_twice`."""
    found: dict[str, bytes] = {}
    for name, tell in _ORDERS.items():
        shop = _shop()
        tell(shop)
        found[f"rows/order/{name}"] = shop.engine.rows[rows.order_key(shop.order_id("1"))]
    shop = _shop()
    _levels(shop)
    for name, (sku, place) in {"apart": ("A", "berlin"), "declared": ("S", "supplier")}.items():
        found[f"rows/level/{name}"] = shop.engine.rows[rows.key(rows.LEVEL, shop.pool, place, sku)]
    found["rows/stub/expired"] = _expired_stub(shop)
    found["updates/stock-updates/apart_and_incoming"] = shop.engine.render("stock-updates", f"{shop.pool}/A".encode())
    return found


def _shop() -> Shop:
    """Units of A and B in Berlin, a store to collect at, a partner, a supplier, a kit."""
    shop = Shop().open()
    shop.locate(
        location("store", kind=LocationKind.STORE, collection=True),
        location("partner", kind=LocationKind.THIRD_PARTY),
        location("supplier", kind=LocationKind.DROP_SHIPPER, stock=StockBasis.DECLARED),
    )
    kit = (Component(sku="A", quantity=2), Component(sku="B", quantity=1))
    items = (CatalogueItem(sku="KIT", components=kit), CatalogueItem(sku="P"), CatalogueItem(sku="S"))
    shop.do(c.PutCatalogue, items=items)
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", segment="trade"),))
    shop.stock("A", "berlin", 9)
    shop.stock("B", "berlin", 2)
    shop.stock("P", "partner", 5)
    return shop


def _kit_with_pegs(shop: Shop) -> None:
    for document, days in (("PO-1", 3), ("PO-2", 9)):
        lines = (c.StockLine(line="1", sku="C", quantity=2),)
        at_ms = shop.now_ms + days * DAY_MS
        shop.do(c.ExpectStock, **shop.fact("berlin", document=document), lines=lines, expected_at_ms=at_ms)
    shop.place("1", Line("KIT", 3), Line("C", 3), promise_by_ms=shop.now_ms + DAY_MS, customer=BUYER, priority=4)


def _edited_twice(shop: Shop) -> None:
    shop.place("1", Line("A", 3), Line("B", 1), source_version=1, shipping_minor=490, discount_minor=100)
    first = (ch.AddUnits(line_id="1", quantity=1), ch.SetDestination(destination=FRANCE), ch.SetPriority(priority=2))
    shop.do(c.EditOrder, **shop.on("1", changes=first), actor="anna")
    gift = NewLine(line_id="gift", sku="C", quantity=1, discount_minor=5, unit_price_minor=10, tax_minor=1)
    shop.do(c.EditOrder, **shop.on("1", changes=(ch.AddLine(line=gift), ch.RemoveUnits(line_id="2", quantity=1))))
    stated = shop.content("1", Line("A", 2), Line("B", 1), source_version=2, destination=Destination(country="NL"))
    shop.do(c.PlaceOrder, **{**stated, "shipping_minor": 490, "discount_minor": 100})


def _to_several_addresses(shop: Shop) -> None:
    terms = Terms(purchase_order="PO-77", destinations={"office": FRANCE, "shop": Destination(country="NL")})
    lines = tuple(
        NewLine(line_id=str(number), sku="A", quantity=number, unit_price_minor=500, ship_to=ship_to)
        for number, ship_to in enumerate(("", "office", "shop"), start=1)
    )
    shop.do(c.PlaceOrder, **{**shop.content("1", terms=terms, customer=BUYER), "lines": lines})


def _held_in_parts(shop: Shop) -> None:
    shop.place("1", Line("A", 2), Line("P", 1), promise_by_ms=shop.now_ms + 3 * DAY_MS)
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT, cancel_at_ms=shop.now_ms + DAY_MS), reason="declined")
    shop.later(HOUR_MS)
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, line_id="1", release_at_ms=shop.now_ms + HOUR_MS))
    part = shop.order("1").fulfillments[0].fulfillment_id
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.ADDRESS, fulfillment_id=part), actor="anna")


def _asked_back(shop: Shop) -> None:
    shop.place("1", Line("P", 4))
    shop.do(c.AcceptFulfillment, **shop.on("1", 1, partner_reference="3PL-9"), actor="partner")
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="first", units=units(("1", 1)), carrier="dhl"))
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2)), cause="fraud"))


def _in_one_parcel(shop: Shop) -> None:
    shop.place("1", Line("A", 2), customer=BUYER)
    shop.place("2", Line("A", 1), customer=BUYER)
    other = {"other_order_id": shop.order_id("2"), "other_fulfillment_id": f"{shop.order_id('2')}-1"}
    shop.do(c.MergeFulfillments, **shop.on("1", 1, **other))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="both", carrier="dhl", tracking_number="0034"))
    for status, raw in ((CarrierStatus.IN_TRANSIT, "AA"), (CarrierStatus.ATTEMPT_FAILED, "NH")):
        shop.later(MINUTE_MS)
        shop.do(c.RecordScan, **shop.on("1", 1, parcel_id="both", status=status, detail="nobody there", raw=raw))
    shop.tick(4 * DAY_MS)


def _collected(shop: Shop) -> None:
    shop.stock("C", "store", 4)
    shop.place("1", Line("C", 3), terms=Terms(collect_at="store"), customer=BUYER)
    for step, actor in ((c.AcceptFulfillment, "anna"), (c.PickFulfillment, "ben"), (c.PackFulfillment, "ben")):
        shop.later(MINUTE_MS)
        shop.do(step, **shop.on("1", 1), actor=actor)
    shop.do(c.MakeReady, **shop.on("1", 1), actor="anna")
    shop.do(c.CollectFulfillment, **shop.on("1", 1, parcel_id="counter-1", units=units(("1", 2))), actor="anna")


def _historic(shop: Shop) -> None:
    past = {"shipped_at_ms": shop.now_ms - 300 * DAY_MS, "location_id": "berlin", "tracking_number": "old-1"}
    content = shop.content("1", Line("A", 2), Line("KIT", 1), placed_at_ms=shop.now_ms - 301 * DAY_MS)
    shop.do(c.ImportOrder, **content, **past, carrier="dhl")


def _from_a_fence(shop: Shop) -> None:
    shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="trade", quantity=2))
    shop.place("1", Line("A", 5), ship_complete=True, promise_by_ms=shop.now_ms + HOUR_MS)
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="closed", units=units(("1", 1))))
    shop.tick(MINUTE_MS)


def _reserved(shop: Shop) -> None:
    shop.reserve("1", Line("A", 2), Line("C", 1), customer=BUYER, terms=Terms(requested_at_ms=shop.now_ms + DAY_MS))


def _reopened(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="implied"))
    shop.tick(31 * DAY_MS)
    shop.do(c.ReopenOrder, **shop.on("1", order=shop.closed("1")))


def _levels(shop: Shop) -> None:
    """A level of which units are apart in every way, and one that a supplier declared."""
    shop.do(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=1))
    for state in Unsellable:
        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=1, after=state))
    for segment, quantity in (("trade", 2), ("vip", 1)):
        shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment=segment, quantity=quantity))
    shop.place("1", Line("A", 1), Line("A", 9))
    lines = (c.StockLine(line="1", sku="A", quantity=6),)
    expected = {"lines": lines, "expected_at_ms": shop.now_ms + DAY_MS, "confidence_per_mille": 800}
    shop.do(c.ExpectStock, **shop.fact("berlin", document="PO-1"), **expected)
    shop.do(c.DeclareStock, **shop.fact("supplier", lines=(c.DeclaredLine(line="1", sku="S", quantity=7),)))
    shop.place("2", Line("S", 2))


def _expired_stub(shop: Shop) -> bytes:
    shop.reserve("gone", Line("B", 1), source_version=4)
    shop.tick(2 * HOUR_MS)
    shop.tick(31 * DAY_MS)
    return shop.engine.rows[rows.key(rows.STUB, shop.pool, shop.order_id("gone"))]


_ORDERS: dict[str, Callable[[Shop], None]] = {
    "kit_with_pegs": _kit_with_pegs,
    "edited_twice": _edited_twice,
    "to_several_addresses": _to_several_addresses,
    "held_in_parts": _held_in_parts,
    "asked_back": _asked_back,
    "in_one_parcel": _in_one_parcel,
    "collected": _collected,
    "historic": _historic,
    "from_a_fence": _from_a_fence,
    "reserved": _reserved,
    "reopened": _reopened,
}

KINDS: dict[str, type[Any]] = {
    **{f"rows/order/{name}": Order for name in _ORDERS},
    "rows/level/apart": StockLevel,
    "rows/level/declared": StockLevel,
    "rows/stub/expired": Stub,
    "updates/stock-updates/apart_and_incoming": SkuView,
}
"""How each of them is read."""
