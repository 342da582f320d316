"""One shop in which everything happens once: every command is accepted, every event told, every status reached."""

from models import commands as c
from models.records.hold import HoldType
from models.records.order import Customer
from models.records.pool import Authority, CatalogueItem, Channel, ChannelKind, RateCard, RoutingModel
from tests.support.builders import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, Line, Shop, location, units
from tests.support.everything_else import MORE


def everything_happens(shop: Shop | None = None) -> Shop:
    shop = shop if shop is not None else Shop()
    for chapter in (_open, _deliver, _return, _reject, _reserve, _hold, _break, _move_stock, *MORE, _repeat):
        chapter(shop)
    return shop


def _open(shop: Shop) -> None:
    shop.open()
    card = RateCard(
        distance_limits_meters=(100_000, 500_000),
        weight_limits_grams=(1_000,),
        price_minor=((390, 490), (490, 690), (690, 990)),
    )
    shop.follow(preset="cheapest", rate_card=card, reroute_budget=1, split_penalty_minor=150, late_minor=1_200)
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web shop", kind=ChannelKind.WEBSITE),))
    lanes: dict[str, tuple[int, ...]] = {"berlin/DE-BE": (100, 700, 950), "berlin": (50, 500, 900), "*": (0, 300, 800)}
    model = RoutingModel(version=1, lanes=lanes, trained_through="2024-03-04", note="from 30 parcels")
    shop.do(c.PutRoutingModel, model=model)
    shop.locate(
        location(
            "berlin",
            handling_minor=50,
            pick_minor=10,
            cut_off_minutes=840,
            time_zone="Europe/Berlin",
            open_weekdays=(0, 1, 2, 3, 4),
            closed_on=("2024-12-25",),
        ),
        location("attic", capacity_per_day=5, authority=Authority(movers={"sell": "till"}, counter="wms")),
    )
    for place in ("berlin", "hamburg", "munich", "attic"):
        shop.stock("A", place, 5)
        shop.stock("B", place, 2)
    shop.do(c.SetSafetyStock, **shop.fact("munich", sku="B", quantity=1))


def _deliver(shop: Shop) -> None:
    customer = Customer(customer_id="customer-1", sealed="c2VhbGVk")
    shop.place("delivered", Line("A", 2), Line("B"), customer=customer, promise_by_ms=START_MS + 25 * HOUR_MS)
    shop.do(c.AcceptFulfillment, **shop.on("delivered", 1, partner_reference="P-1"))
    shop.do(c.PickFulfillment, **shop.on("delivered", 1))
    shop.do(c.PackFulfillment, **shop.on("delivered", 1))
    shop.tick(2 * HOUR_MS)
    shop.do(c.ShipParcel, **shop.on("delivered", 1, parcel_id="p1", units=units(("1", 1))))
    shop.do(c.RecordTracking, **shop.on("delivered", 1, parcel_id="p1", carrier="dhl", tracking_number="t1"))


def _return(shop: Shop) -> None:
    shop.do(c.ShipParcel, **shop.on("delivered", 1, parcel_id="p2", carrier="dhl", tracking_number="t2"))
    shop.do(c.LoseParcel, **shop.on("delivered", 1, parcel_id="p1"))
    shop.do(c.ReturnParcelToSender, **shop.on("delivered", 1, parcel_id="p1", restock=False))
    shop.do(c.DeliverParcel, **shop.on("delivered", 1, parcel_id="p2"))


def _reject(shop: Shop) -> None:
    shop.place("rejected", Line("A"))
    shop.do(c.RejectFulfillment, **shop.on("rejected", 1, cause="damaged"))
    shop.do(c.PickFulfillment, **shop.on("rejected", 2, units=()))
    shop.do(c.ReleaseHold, **shop.on("rejected", hold=HoldType.UNROUTABLE))
    shop.do(c.RerouteOrder, **shop.on("rejected"))
    shop.do(c.CancelUnits, **shop.on("rejected"), reason="changed my mind")


def _reserve(shop: Shop) -> None:
    shop.reserve("reserved", Line("A"))
    shop.place("reserved", Line("A"))
    shop.reserve("expired", Line("A"))
    shop.tick(HOUR_MS)


def _hold(shop: Shop) -> None:
    shop.place("sold", Line("LATE"), sold=True)
    shop.do(c.HoldOrder, **shop.on("reserved", hold=HoldType.PAYMENT, release_at_ms=shop.now_ms + HOUR_MS))


def _break(shop: Shop) -> None:
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="LATE", name="Late", weight_grams=100),))
    shop.place("backordered", Line("B", 9), Line("A"), ship_complete=True)
    shop.later(MINUTE_MS)
    shop.place("broken", Line("A", 30), priority=1)
    shop.do(c.CountStock, **shop.fact("hamburg", sku="A", counted=1))
    shop.do(c.SellAtTill, **shop.document("hamburg", ("A", 2)))
    shop.do(c.AdjustStock, **shop.fact("hamburg", sku="A", delta=1, unsellable_delta=1))


def _move_stock(shop: Shop) -> None:
    shop.do(c.SellAtTill, **shop.document("attic", ("A", 1)))
    sent = shop.document("berlin", ("B", 1), document="T", to_location_id="munich")
    shop.do(c.DispatchTransfer, **sent)
    arrived = {**shop.document("munich", ("A", 1)), "transfer": "T", "dispatched_by": "wms"}
    shop.do(c.ReceiveTransfer, **arrived)
    shop.do(c.DispatchTransfer, **shop.document("berlin", ("A", 1), document="U", to_location_id="munich"))
    shop.do(c.SellAtTill, **shop.document("berlin", ("C", 1), occurred_at_ms=START_MS - DAY_MS))


def _repeat(shop: Shop) -> None:
    shop.do(c.PlaceOrder, **shop.content("broken", Line("A", 30), priority=1, source_version=-1))
    shop.do(c.PlaceOrder, **shop.content("broken", Line("A", 31), priority=1, source_version=1))
    shop.stock("A", "attic", 1, document="again")
    shop.stock("A", "attic", 1, document="again")
    shop.send(shop.make(c.CancelUnits, order_id="nobody"))
    shop.send_bytes(b"no command")
