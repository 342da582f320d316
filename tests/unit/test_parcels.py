import pytest

from models import commands as c
from models.records.fulfillment import FulfillmentStatus, ParcelStatus
from models.records.order import OrderStatus
from models.rejections import RejectionCode
from tests.support.builders import MINUTE_MS, START_MS, Line, Shop, units


@pytest.fixture
def shop() -> Shop:
    """Order 1 has two of A and one of B, all in Berlin."""
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    shop.stock("B", "berlin", 5)
    shop.place("1", Line("A", 2), Line("B", 1))
    return shop


def ship(shop: Shop, parcel: str, *named: tuple[str, int], **fields: object) -> None:
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id=parcel, units=units(*named), **fields))


def test_shipping_takes_units_off_the_shelf(shop: Shop) -> None:
    ship(shop, "p", carrier="dhl", tracking_number="t1")

    level = shop.level("A", "berlin")
    assert (level.on_hand, level.allocated, level.available) == (3, 0, 3)
    order = shop.order("1")
    assert (order.status, order.fulfillments[0].status) == (OrderStatus.SHIPPED, FulfillmentStatus.SHIPPED)
    parcel = order.parcels[0]
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == (ParcelStatus.IN_TRANSIT, "dhl", "t1")
    assert [movement.kind for movement in shop.movements[-2:]] == ["shipped", "shipped"]


def test_parcels_leave_one_by_one(shop: Shop) -> None:
    ship(shop, "p1", ("1", 1))
    assert shop.order("1").status is OrderStatus.PARTIALLY_SHIPPED
    ship(shop, "p2", ("1", 1), ("2", 1))

    order = shop.order("1")
    assert order.status is OrderStatus.SHIPPED
    assert [tuple((u.line_id, u.quantity) for u in p.units) for p in order.parcels] == [
        (("1", 1),),
        (("1", 1), ("2", 1)),
    ]


def test_an_order_is_delivered_when_its_last_parcel_has_ended(shop: Shop) -> None:
    ship(shop, "p1", ("1", 2))
    ship(shop, "p2")

    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p1"))
    assert shop.order("1").status is OrderStatus.SHIPPED
    shop.do(c.LoseParcel, **shop.on("1", 1, parcel_id="p2"))

    order = shop.order("1")
    assert (order.status, order.fulfillments[0].status) == (OrderStatus.DELIVERED, FulfillmentStatus.DELIVERED)
    assert [(line.delivered, line.lost) for line in order.lines] == [(2, 0), (0, 1)]


def test_the_same_parcel_again_changes_nothing_but_its_memory(shop: Shop) -> None:
    ship(shop, "p", ("1", 1), ("2", 1))
    parcels, level = shop.order("1").parcels, shop.level("A", "berlin")

    ship(shop, "p", ("2", 1), ("1", 1))

    assert shop.events() == []
    assert (shop.order("1").parcels, shop.level("A", "berlin")) == (parcels, level)


def test_a_parcel_with_other_units_is_refused(shop: Shop) -> None:
    ship(shop, "p", ("1", 1))

    again = shop.on("1", 1, parcel_id="p", units=units(("1", 2)))
    assert shop.refused(RejectionCode.PARCEL_CONFLICT, c.ShipParcel, **again) == "parcel_id"
    other = shop.on("1", 2, parcel_id="p")
    assert shop.refused(RejectionCode.PARCEL_CONFLICT, c.ShipParcel, **other) == "parcel_id"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ((("1", 3),), RejectionCode.TOO_MANY_UNITS),
        ((("3", 1),), RejectionCode.LINE_UNKNOWN),
        ((("1", 1), ("1", 1)), RejectionCode.LINE_REPEATED),
    ],
)
def test_units_that_are_not_there_do_not_ship(
    shop: Shop, named: tuple[tuple[str, int], ...], code: RejectionCode
) -> None:
    assert shop.refused(code, c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(*named))) == "units"


def test_an_empty_fulfillment_ships_nothing_more(shop: Shop) -> None:
    ship(shop, "p")

    for named in (units(), units(("1", 1))):
        fields = shop.on("1", 1, parcel_id="q", units=named)
        assert shop.refused(RejectionCode.STATUS_FORBIDS, c.ShipParcel, **fields) == "fulfillment_id"


@pytest.mark.parametrize("kind", [c.ShipParcel, c.DeliverParcel])
def test_a_parcel_of_an_unknown_fulfillment_is_refused(shop: Shop, kind: type[c.Command]) -> None:
    fields = shop.on("1", 7, parcel_id="p")

    assert shop.refused(RejectionCode.FULFILLMENT_UNKNOWN, kind, **fields) == "fulfillment_id"


def test_a_delivery_before_its_shipment_says_that_it_was_shipped(shop: Shop) -> None:
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    order = shop.order("1")
    assert shop.events() == ["parcel_shipped", "parcel_delivered"]
    assert (order.status, order.parcels[0].implied, order.parcels[0].carrier) == (OrderStatus.DELIVERED, True, "")
    assert shop.level("A", "berlin").on_hand == 3


def test_the_shipment_that_comes_after_its_delivery_completes_it(shop: Shop) -> None:
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    ship(shop, "p", carrier="dhl", tracking_number="t1", occurred_at_ms=START_MS - MINUTE_MS)

    parcel = shop.order("1").parcels[0]
    assert shop.events() == ["tracking_recorded"]
    assert (parcel.implied, parcel.carrier, parcel.shipped_at_ms) == (False, "dhl", START_MS - MINUTE_MS)
    assert shop.level("A", "berlin").on_hand == 3


def test_a_delivery_of_nothing_is_refused(shop: Shop) -> None:
    ship(shop, "p")

    assert shop.refused(RejectionCode.PARCEL_UNKNOWN, c.DeliverParcel, **shop.on("1", 1, parcel_id="q")) == "parcel_id"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(c.LoseParcel, {}), (c.ReturnParcelToSender, {}), (c.RecordTracking, {"carrier": "a", "tracking_number": "b"})],
)
def test_a_parcel_never_heard_of_is_refused(shop: Shop, kind: type[c.Command], fields: dict[str, str]) -> None:
    told = shop.on("1", 1, parcel_id="p", **fields)

    assert shop.refused(RejectionCode.PARCEL_UNKNOWN, kind, **told) == "parcel_id"


def test_tracking_may_be_stated_and_corrected(shop: Shop) -> None:
    ship(shop, "p")
    for number in ("t1", "t2"):
        shop.do(c.RecordTracking, **shop.on("1", 1, parcel_id="p", carrier="ups", tracking_number=number))

    assert shop.order("1").parcels[0].tracking_number == "t2"


def test_the_repeat_of_tracking_that_said_nothing_new_does_not_undo_a_correction(shop: Shop) -> None:
    ship(shop, "p", carrier="ups", tracking_number="t1")
    same = shop.make(c.RecordTracking, **shop.on("1", 1, parcel_id="p", carrier="ups", tracking_number="t1"))
    shop.send(same)
    shop.do(c.RecordTracking, **shop.on("1", 1, parcel_id="p", carrier="ups", tracking_number="t2"))

    assert shop.send(same).repeated is True
    assert shop.order("1").parcels[0].tracking_number == "t2"


def test_a_lost_parcel_may_be_found_and_delivered(shop: Shop) -> None:
    ship(shop, "p")
    shop.do(c.LoseParcel, **shop.on("1", 1, parcel_id="p"))
    assert shop.order("1").lines[0].lost == 2

    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    line = shop.order("1").lines[0]
    assert (line.lost, line.delivered) == (0, 2)


@pytest.mark.parametrize("restock", [True, False])
def test_a_parcel_that_came_back_is_on_hand_again(shop: Shop, restock: bool) -> None:
    ship(shop, "p")

    shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p", restock=restock))

    level, order = shop.level("A", "berlin"), shop.order("1")
    assert (level.on_hand, level.unsellable, level.available) == (5, 0 if restock else 2, 5 if restock else 3)
    assert (order.lines[0].returned_to_sender, order.status) == (2, OrderStatus.DELIVERED)


def test_units_that_came_back_go_to_who_waits(shop: Shop) -> None:
    ship(shop, "p")
    shop.place("2", Line("A", 5))

    shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p"))

    assert shop.order("2").status is OrderStatus.ROUTED


def test_a_delivered_parcel_is_neither_lost_nor_returned(shop: Shop) -> None:
    ship(shop, "p")
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    for kind in (c.LoseParcel, c.ReturnParcelToSender):
        assert shop.refused(RejectionCode.PARCEL_CONFLICT, kind, **shop.on("1", 1, parcel_id="p")) == "parcel_id"


def test_a_parcel_that_came_back_is_not_delivered(shop: Shop) -> None:
    ship(shop, "p")
    shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p"))

    shop.refused(RejectionCode.PARCEL_CONFLICT, c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))


def test_the_same_end_twice_books_once(shop: Shop) -> None:
    ship(shop, "p")
    for _ in range(2):
        shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p"))

    assert shop.level("A", "berlin").on_hand == 5


def test_a_parcel_that_left_before_a_count_is_in_that_count_already(shop: Shop) -> None:
    shop.later(10 * MINUTE_MS)
    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=3))

    ship(shop, "p", occurred_at_ms=START_MS + MINUTE_MS)

    level = shop.level("A", "berlin")
    assert (level.on_hand, level.allocated) == (3, 0)
    assert [m.on_hand_delta for m in shop.movements if m.sku == "A" and m.offset == shop.offset - 1] == [-2, 2]


def test_units_that_a_late_shipment_frees_go_to_who_waits(shop: Shop) -> None:
    shop.later(10 * MINUTE_MS)
    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=3))
    shop.place("2", Line("A", 3))
    assert shop.order("2").lines[0].waiting == 2

    ship(shop, "p", occurred_at_ms=START_MS + MINUTE_MS)

    assert shop.order("2").status is OrderStatus.ROUTED
