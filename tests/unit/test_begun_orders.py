"""An order that a location works on already is claimed there, accepted, and asked of nobody."""

import pytest

from api.exchange.calling import Peer
from api.exchange.outbox.target import Target
from api.exchange.outbox.telling import deliveries_of
from connectors.frame.declaration import Limits
from connectors.frame.documents import OccasionKind
from models import commands as c
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import HoldType
from models.records.order import Order, OrderStatus
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


def begun(shop: Shop, name: str, units: int, place: str = "munich") -> Order:
    return shop.place(name, Line("A", units), begun_by=place, sold=True)


def test_it_is_claimed_where_it_is_though_another_location_is_closer(shop: Shop) -> None:
    for place in ("munich", "berlin"):
        shop.stock("A", place, 5)
    order = begun(shop, "1", 2)

    [part] = order.fulfillments
    assert (part.location_id, part.status) == ("munich", FulfillmentStatus.ACCEPTED)
    assert (order.status, order.holds) == (OrderStatus.ROUTED, ())
    assert (shop.level("A", "munich").allocated, shop.level("A", "berlin").allocated) == (2, 0)
    assert shop.events() == ["order_placed", "units_routed", "fulfillment_accepted"]


def test_what_is_not_there_by_our_book_is_held_and_sent_from_nowhere_else(shop: Shop) -> None:
    shop.stock("A", "munich", 1)
    shop.stock("A", "berlin", 5)
    order = begun(shop, "1", 3)

    assert (order.lines[0].allocated, order.lines[0].waiting) == (1, 2)
    assert [hold.type for hold in order.holds] == [HoldType.UNROUTABLE]
    shop.stock("A", "hamburg", 5)
    after = shop.order("1")
    assert [part.location_id for part in after.fulfillments] == ["munich"]
    assert after.lines[0].waiting == 2


def test_what_cannot_be_claimed_yet_stays_held_once_it_is_mapped(shop: Shop) -> None:
    shop.stock("A", "berlin", 5)
    order = shop.place("1", Line("NEW", 1), begun_by="munich", sold=True)

    assert {hold.type for hold in order.holds} == {HoldType.UNMAPPED_SKU, HoldType.UNROUTABLE}
    assert order.fulfillments == ()


def test_an_unknown_location_is_refused_and_nothing_is_taken(shop: Shop) -> None:
    content = shop.content("1", Line("A", 1), begun_by="nowhere")

    assert shop.refused(RejectionCode.LOCATION_UNKNOWN, c.PlaceOrder, **content) == "begun_by"


def test_its_partner_is_not_asked_for_it_and_is_for_others(shop: Shop) -> None:
    shop.stock("A", "munich", 5)
    partner = Target(
        name="account/3pl",
        pool=shop.pool,
        title="3PL",
        since_ms=0,
        kinds=frozenset({OccasionKind.FULFILLMENT_REQUESTED}),
        peer=Peer(name="3pl", hosts=(), limits=Limits()),
        location="munich",
    )
    begun(shop, "1", 1)
    told = shop.told[-1]
    assert list(deliveries_of(told, 1, (partner,), lambda _: "web")) == []
    shop.place("2", Line("A", 1))
    [row] = deliveries_of(shop.told[-1], 1, (partner,), lambda _: "web")
    assert row.kind == OccasionKind.FULFILLMENT_REQUESTED
