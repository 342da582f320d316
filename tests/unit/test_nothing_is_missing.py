"""Every command, event, status and kind of movement there is does happen, and every refusal can be met."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from models import commands as c
from models import events
from models.records.changes import SetPriority
from models.records.fulfillment import FulfillmentStatus, ParcelStatus
from models.records.hold import HoldType
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem, Policy, RateCard, RoutingModel
from models.records.stock import MovementKind
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, START_MS, Line, Shop, location, neighbour_of, units
from tests.support.everything import everything_happens
from tests.support.invariants import violations


def tags(union: Any) -> set[str]:
    return {str(kind.__struct_config__.tag) for kind in get_args(union)}


def test_every_command_is_accepted_somewhere() -> None:
    shop = everything_happens()

    assert {told.command for told in shop.told if told.refusal is None} == tags(c.AnyCommand)


def test_every_event_is_told_somewhere() -> None:
    shop = everything_happens()

    assert {str(e.__struct_config__.tag) for told in shop.told for e in told.events} == tags(events.AnyEvent)


def test_every_status_is_reached() -> None:
    shop = everything_happens()

    views = [json.loads(value) for topic, value in shop.published if topic == "order-views"]
    seen = {
        "orders": {order["status"] for order in views},
        "fulfillments": {item["status"] for order in views for item in order.get("fulfillments", [])},
        "parcels": {item["status"] for order in views for item in order.get("parcels", [])},
    }
    assert seen == {
        "orders": {status.value for status in OrderStatus},
        "fulfillments": {status.value for status in FulfillmentStatus},
        "parcels": {status.value for status in ParcelStatus},
    }


def test_every_kind_of_movement_is_made_and_every_invariant_holds() -> None:
    shop = everything_happens()

    movements = [json.loads(value) for topic, value in shop.published if topic == "stock-movements"]
    assert {movement["kind"] for movement in movements} == {kind.value for kind in MovementKind}
    assert violations(shop.engine.rows, movements) == []


def placed(shop: Shop, *, sold: bool = False, sku: str = "A", **fields: Any) -> dict[str, Any]:
    return shop.content("9", Line(sku), sold=sold, **fields)


def fact(shop: Shop, **fields: Any) -> dict[str, Any]:
    return shop.fact("berlin", **{"sku": "A", "counted": 1, **fields})


def shipped(shop: Shop, **fields: Any) -> dict[str, Any]:
    return shop.on("shipped", 1, parcel_id="p", **fields)


Asked = tuple[type[c.Command], dict[str, Any]]

REFUSED: dict[RejectionCode, Callable[[Shop], Asked]] = {
    RejectionCode.POOL_UNKNOWN: lambda shop: (c.Tick, {"pool": neighbour_of(shop).pool}),
    RejectionCode.COMMAND_CONFLICT: lambda shop: (c.CancelUnits, shop.on("open", command_id="known", cause="other")),
    RejectionCode.COMMAND_TOO_OLD: lambda shop: (c.CountStock, fact(shop, issued_at_ms=START_MS - 30 * DAY_MS)),
    RejectionCode.SKU_INVALID: lambda shop: (c.PlaceOrder, placed(shop, sku="A\u200b")),
    RejectionCode.SKU_UNKNOWN: lambda shop: (c.PlaceOrder, placed(shop, sku="NEW")),
    RejectionCode.LOCATION_UNKNOWN: lambda shop: (c.CountStock, fact(shop, location_id="nowhere")),
    RejectionCode.CURRENCY_MISMATCH: lambda shop: (c.PlaceOrder, placed(shop, currency="USD")),
    RejectionCode.CURRENCY_FIXED: lambda _: (c.PutPool, {"currency": "USD"}),
    RejectionCode.POLICY_VERSION: lambda _: (c.PutPolicy, {"policy": Policy(version=9)}),
    RejectionCode.MODEL_VERSION: lambda _: (c.PutRoutingModel, {"model": RoutingModel(version=2)}),
    RejectionCode.TIME_ZONE_UNKNOWN: lambda _: (c.PutLocations, {"locations": (location("x", time_zone="Mars"),)}),
    RejectionCode.ORDER_UNKNOWN: lambda _: (c.CancelUnits, {"order_id": "nobody"}),
    RejectionCode.ORDER_CLOSED: lambda shop: (c.CancelUnits, shop.on("closed")),
    RejectionCode.ROW_CONFLICT: lambda shop: (c.ReopenOrder, shop.on("closed", order=shop.closed("closed", version=9))),
    RejectionCode.EDITION_CONFLICT: lambda shop: (
        c.EditOrder,
        shop.on("open", edition=7, changes=(SetPriority(priority=2),)),
    ),
    RejectionCode.BACKORDER_LIMIT: lambda shop: (c.PlaceOrder, shop.content("9", Line("CAPPED", 3))),
    RejectionCode.NOTHING_REQUESTED: lambda shop: (c.AnswerCancellation, shop.on("open", 1, accepted=True)),
    RejectionCode.NOT_TOGETHER: lambda shop: (
        c.MergeFulfillments,
        shop.on("open", 1, other_order_id=shop.order_id("held"), other_fulfillment_id=f"{shop.order_id('held')}-1"),
    ),
    RejectionCode.ORDER_CONFLICT: lambda shop: (c.PlaceOrder, shop.content("open", Line("A", 99))),
    RejectionCode.LINE_REPEATED: lambda shop: (c.CancelUnits, shop.on("open", units=units(("1", 1), ("1", 1)))),
    RejectionCode.LINE_UNKNOWN: lambda shop: (c.CancelUnits, shop.on("open", units=units(("7", 1)))),
    RejectionCode.AMOUNT_INVALID: lambda shop: (c.PlaceOrder, placed(shop, discount_minor=1_000_000)),
    RejectionCode.FULFILLMENT_UNKNOWN: lambda shop: (c.AcceptFulfillment, shop.on("open", 7)),
    RejectionCode.PARCEL_UNKNOWN: lambda shop: (c.LoseParcel, shop.on("open", 1, parcel_id="q")),
    RejectionCode.PARCEL_CONFLICT: lambda shop: (c.ShipParcel, shipped(shop, units=units(("1", 2)))),
    RejectionCode.ORDER_HELD: lambda shop: (c.AcceptFulfillment, shop.on("held", 1)),
    RejectionCode.HOLD_PRESENT: lambda shop: (c.HoldOrder, shop.on("held", hold=HoldType.PAYMENT)),
    RejectionCode.HOLD_ABSENT: lambda shop: (c.ReleaseHold, shop.on("open", hold=HoldType.PAYMENT)),
    RejectionCode.HOLD_IN_PAST: lambda shop: (c.HoldOrder, shop.on("open", hold="other", release_at_ms=1)),
    RejectionCode.STATUS_FORBIDS: lambda shop: (c.PackFulfillment, shop.on("open", 1)),
    RejectionCode.TOO_MANY_UNITS: lambda shop: (c.CancelUnits, shop.on("open", units=units(("1", 9)))),
    RejectionCode.UNITS_PICKED: lambda shop: (c.CancelUnits, shop.on("picked")),
    RejectionCode.DOCUMENT_CONFLICT: lambda shop: (c.CountStock, fact(shop, document="known", counted=7)),
    RejectionCode.TRANSFER_UNKNOWN: lambda shop: (
        c.ReceiveTransfer,
        {**shop.document("berlin", ("A", 1)), "transfer": "T", "dispatched_by": "wms"},
    ),
    RejectionCode.COUNT_STALE: lambda shop: (c.CountStock, fact(shop, occurred_at_ms=START_MS - DAY_MS)),
    RejectionCode.COUNT_CONFLICT: lambda shop: (c.CountStock, fact(shop, expected_on_hand=77)),
    RejectionCode.STOCK_TOO_LOW: lambda shop: (
        c.AdjustStock,
        shop.fact("berlin", sku="A", delta=0, unsellable_delta=-1),
    ),
    RejectionCode.COMMAND_INVALID: lambda _: (
        c.PutPolicy,
        {"policy": Policy(version=2, rate_card=RateCard(price_minor=()))},
    ),
}


@pytest.fixture(name="shop")
def shop_with_orders() -> Shop:
    """Orders in all the states that a refusal asks for, and a count of document `known`."""
    shop = Shop().open()
    shop.stock("A", "berlin", 50)
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="CAPPED", backorder_limit=2),))
    shop.place("closed", Line("A", 3))
    shop.do(c.CancelUnits, **shop.on("closed"))
    shop.tick(31 * DAY_MS)
    for name in ("open", "held", "picked", "shipped", "cancelled"):
        shop.place(name, Line("A", 3))
    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=50, document="known"))
    shop.do(c.HoldOrder, **shop.on("held", hold=HoldType.PAYMENT))
    shop.do(c.PickFulfillment, **shop.on("picked", 1))
    shop.do(c.ShipParcel, **shipped(shop))
    shop.do(c.CancelUnits, **shop.on("cancelled", command_id="known"))
    shop.send(shop.make(c.CancelUnits, **shop.on("open", command_id="known", units=units(("1", 9)))))
    shop.later(1000)
    return shop


def test_every_refusal_is_tried_here() -> None:
    assert set(REFUSED) == set(RejectionCode)


@pytest.mark.parametrize("code", RejectionCode)
def test_a_refusal_tells_its_code_and_changes_nothing(shop: Shop, code: RejectionCode) -> None:
    kind, fields = REFUSED[code](shop)

    shop.refused(code, kind, **fields)
