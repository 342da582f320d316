"""What is listed as allowed, held against what the rules say to each of it, of orders all over a shop."""

from typing import Any

import pytest

from models import commands as c
from models.engine import Engine
from models.records.changes import SetPriority
from models.records.fulfillment import CarrierStatus, Fulfillment, Parcel, ParcelStatus
from models.records.hold import HoldType
from models.records.order import Customer, Order, Terms
from models.records.pool import LocationKind
from models.rejections import RejectionCode
from models.rules.allowed import allowed
from tests.support.builders import Line, Shop, location, units

STANDING_IN_THE_WAY = {
    RejectionCode.STATUS_FORBIDS,
    RejectionCode.ORDER_HELD,
    RejectionCode.UNITS_PICKED,
    RejectionCode.NOTHING_REQUESTED,
    RejectionCode.PARCEL_CONFLICT,
    RejectionCode.HOLD_ABSENT,
}
CUSTOMER = Customer(customer_id="ada")
PARTNER = location("partner", kind=LocationKind.THIRD_PARTY)
_ENDED_BY = {
    "deliver": ParcelStatus.DELIVERED,
    "lose": ParcelStatus.LOST,
    "return": ParcelStatus.RETURNED_TO_SENDER,
}


def shop_of_all_kinds() -> Shop:
    shop = Shop()
    shop.open()
    shop.locate(location("berlin", collection=True), location("munich"), PARTNER)
    shop.stock("A", "berlin", 50)
    shop.stock("B", "partner", 50)
    return shop


def orders_on_their_way(shop: Shop) -> list[str]:
    """Orders in many states, by their external ids."""
    at_store = Terms(collect_at="berlin")
    steps: dict[str, list[tuple[type[Any], dict[str, Any]]]] = {
        "fresh": [],
        "accepted": [(c.AcceptFulfillment, {})],
        "picked": [(c.PickFulfillment, {})],
        "packed": [(c.PickFulfillment, {}), (c.PackFulfillment, {})],
        "shipped": [(c.ShipParcel, {"parcel_id": "shipped"})],
        "partly": [(c.ShipParcel, {"parcel_id": "partly", "units": units(("1", 1))})],
        "lost": [(c.ShipParcel, {"parcel_id": "lost"}), (c.LoseParcel, {"parcel_id": "lost"})],
        "delivered": [(c.ShipParcel, {"parcel_id": "delivered"}), (c.DeliverParcel, {"parcel_id": "delivered"})],
    }
    for sku in ("A", "B"):
        for name, done in steps.items():
            shop.place(f"{name}-{sku}", Line(sku, 2), customer=CUSTOMER)
            for command, more in done:
                shop.do(command, **shop.on(f"{name}-{sku}", 1, **more))
    for name, made_ready in {"ready": 1, "packed-there": 0}.items():
        shop.place(name, Line("A"), terms=at_store, customer=CUSTOMER)
        shop.do(c.PickFulfillment, **shop.on(name, 1))
        shop.do(c.PackFulfillment, **shop.on(name, 1))
        for _ in range(made_ready):
            shop.do(c.MakeReady, **shop.on(name, 1))
    shop.place("asked", Line("B", 2))
    shop.do(c.AcceptFulfillment, **shop.on("asked", 1))
    shop.do(c.CancelUnits, **shop.on("asked"))
    shop.place("cancelled", Line("A"))
    shop.do(c.CancelUnits, **shop.on("cancelled"))
    shop.place("waiting", Line("B", 90))
    shop.reserve("reserved", Line("A"))
    others = ["ready", "packed-there", "asked", "cancelled", "waiting", "reserved"]
    held = []
    for hold in HoldType:
        shop.place(f"held-{hold}", Line("A"))
        shop.do(c.HoldOrder, **shop.on(f"held-{hold}", hold=hold))
        held.append(f"held-{hold}")
    return [*(f"{name}-{sku}" for sku in ("A", "B") for name in steps), *others, *held]


def asked(shop: Shop, order: Order, kind: type[Any], **more: Any) -> RejectionCode | None:
    """Ask the rules of a copy of the shop, and give what stands in the way."""
    engine = Engine(shop.engine.partition, strict=True)
    engine.load(shop.engine.rows.items())
    copy = Shop(shop.pool, engine)
    copy.offset, copy.now_ms = shop.offset, shop.now_ms
    if kind is c.MoveUnits:
        # Whether there is stock is not for the order to say.
        for line in order.lines:
            copy.stock(line.sku, "munich", 500)
    refusal = copy.send(copy.make(kind, order_id=order.order_id, **more)).refusal
    # Whether two parts go together is not for the one alone to say.
    code = None if refusal is None or refusal.code == RejectionCode.NOT_TOGETHER else RejectionCode(refusal.code)
    assert code is None or code in STANDING_IN_THE_WAY, refusal
    return code


def asked_of_the_order(shop: Shop, order: Order) -> dict[str, RejectionCode | None]:
    held = {hold.type for hold in order.holds}
    units_of = [{"units": units((line.line_id, 1))} for line in order.lines]
    cancelled = [asked(shop, order, c.CancelUnits, **one) for one in units_of]
    moved = [
        asked(shop, order, c.MoveUnits, fulfillment_id=part.fulfillment_id, location_id="munich")
        for part in order.fulfillments
    ]
    edit = {"changes": (SetPriority(priority=1),), "preview": True}
    return {
        "edit": asked(shop, order, c.EditOrder, **edit),
        "cancel": None if None in cancelled else cancelled[0],
        "hold": asked(shop, order, c.HoldOrder, hold=next(kind for kind in HoldType if kind not in held)),
        "release": asked(shop, order, c.ReleaseHold, hold=next(iter(held), HoldType.OTHER)),
        "reroute": asked(shop, order, c.RerouteOrder),
        "move": None if None in moved else RejectionCode.STATUS_FORBIDS,
    }


def asked_of_a_part(shop: Shop, order: Order, part: Fulfillment) -> dict[str, RejectionCode | None]:
    of = {"fulfillment_id": part.fulfillment_id, "occurred_at_ms": shop.now_ms}
    other = shop.order("companion-B" if part.location_id == "partner" else "companion-A")
    together = {"other_order_id": other.order_id, "other_fulfillment_id": other.fulfillments[0].fulfillment_id}
    return {
        "accept": asked(shop, order, c.AcceptFulfillment, **of),
        "reject": asked(shop, order, c.RejectFulfillment, **of),
        "pick": asked(shop, order, c.PickFulfillment, **of),
        "pack": asked(shop, order, c.PackFulfillment, **of),
        "ready": asked(shop, order, c.MakeReady, **of),
        "merge": asked(shop, order, c.MergeFulfillments, **of, **together),
        "ship": asked(shop, order, c.ShipParcel, **of, parcel_id="new"),
        "collect": asked(shop, order, c.CollectFulfillment, **of, parcel_id="new"),
        "answer-cancellation": asked(shop, order, c.AnswerCancellation, **of, accepted=True),
    }


def asked_of_a_parcel(shop: Shop, order: Order, parcel: Parcel) -> dict[str, RejectionCode | None]:
    of = {
        "fulfillment_id": parcel.fulfillment_id,
        "parcel_id": parcel.parcel_id,
        "occurred_at_ms": shop.now_ms,
    }
    return {
        "tracking": asked(shop, order, c.RecordTracking, **of, carrier="x", tracking_number="1"),
        "scan": asked(shop, order, c.RecordScan, **of, status=CarrierStatus.EXCEPTION),
        "deliver": asked(shop, order, c.DeliverParcel, **of),
        "lose": asked(shop, order, c.LoseParcel, **of),
        "return": asked(shop, order, c.ReturnParcelToSender, **of),
    }


@pytest.fixture(scope="module")
def shop() -> Shop:
    made = shop_of_all_kinds()
    for sku in ("A", "B"):
        made.place(f"companion-{sku}", Line(sku), customer=CUSTOMER)
    return made


def test_what_is_listed_is_taken_and_what_is_not_is_refused(shop: Shop) -> None:
    names = orders_on_their_way(shop)
    places = {place.location_id: place for place in (location("berlin"), PARTNER)}
    listed, taken = {}, {}
    for name in names:
        order = shop.order(name)
        may = allowed(order, places)
        listed[name] = set(may.order)
        taken[name] = {action for action, code in asked_of_the_order(shop, order).items() if code is None}
        for part in order.fulfillments:
            listed[part.fulfillment_id] = set(may.fulfillments.get(part.fulfillment_id, ()))
            answers = asked_of_a_part(shop, order, part)
            taken[part.fulfillment_id] = {action for action, code in answers.items() if code is None}
        for parcel in order.parcels:
            listed[parcel.parcel_id] = set(may.parcels[parcel.parcel_id])
            answers = asked_of_a_parcel(shop, order, parcel)
            # Told again that it ended as it did changes nothing, and is not listed.
            same = {"deliver", "lose", "return"} if parcel.status is not ParcelStatus.IN_TRANSIT else set()
            taken[parcel.parcel_id] = {
                action
                for action, code in answers.items()
                if code is None and not (action in same and _ENDED_BY[action] is parcel.status)
            }

    assert {name: (listed[name], taken[name]) for name in listed if listed[name] != taken[name]} == {}
    assert len(listed) > 50
