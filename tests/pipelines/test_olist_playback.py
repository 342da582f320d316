"""How a plan is played, on orders made up here: what is sent when, and what waits for an answer."""

from models.commands import AcceptFulfillment, Command, DeliverParcel, NewLine, PlaceOrder, PutPool, ShipParcel
from models.ids import fulfillment_id, order_id
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from models.records.line import Line
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from pipelines.replay.plan import Plan, ReplayOrder, Stamps
from pipelines.replay.playback import Playback
from pipelines.replay.stock import Sold, as_sold, at_hubs

POOL = "p"
HOUR = 3_600_000
CITY = ("x", "SP")


def replay_order(name: str, at_ms: int, stamps: Stamps) -> ReplayOrder:
    place = PlaceOrder(
        command_id=name,
        pool=POOL,
        issued_at_ms=at_ms,
        actor="test",
        channel="olist",
        external_id=name,
        currency="BRL",
        lines=(NewLine(line_id="1", sku="A", quantity=1),),
        destination=Destination(country="BR"),
        placed_at_ms=at_ms,
    )
    return ReplayOrder(place=place, stamps=stamps, sellers={"1": "l1"})


def playback(*orders: ReplayOrder, window: int = 10) -> Playback:
    pool = PutPool(command_id="pool", pool=POOL, issued_at_ms=0, actor="test", currency="BRL")
    return Playback(
        Plan(pool=POOL, scenario="test", set_up=(pool,), orders=orders, locations=1, skus=1, opening_units=1),
        window,
    )


def view(name: str, version: int, *fulfillments: FulfillmentStatus, routed_at_ms: int = 0) -> Order:
    order = order_id(POOL, "olist", name)
    return Order(
        order_id=order,
        pool=POOL,
        channel="olist",
        external_id=name,
        currency="BRL",
        status=OrderStatus.ROUTED,
        lines=(Line(line_id="1", sku="A", quantity=1),),
        destination=Destination(country="BR"),
        placed_at_ms=0,
        version=version,
        offset=version,
        index=0,
        updated_at_ms=0,
        fulfillments=tuple(
            Fulfillment(
                fulfillment_id=fulfillment_id(order, number),
                location_id="l1",
                status=status,
                lines=(FulfillmentLine(line_id="1", sku="A", allocated=1),),
                routed_at_ms=routed_at_ms,
            )
            for number, status in enumerate(fulfillments, start=1)
        ),
    )


def kinds(commands: list[Command]) -> list[tuple[str, int]]:
    return [(type(command).__name__, command.issued_at_ms // HOUR) for command in commands]


def test_what_happened_to_an_order_waits_until_it_was_read() -> None:
    played = playback(replay_order("a", HOUR, Stamps(approved_ms=2 * HOUR, handed_over_ms=3 * HOUR)))

    assert kinds(played.take(None, 10)) == [("PlaceOrder", 1)]
    assert not played.is_done
    answered = played.read(view("a", 1, FulfillmentStatus.ALLOCATED))
    assert kinds(answered) == [("AcceptFulfillment", 2), ("ShipParcel", 3)]
    assert played.is_done


def test_other_orders_go_on_meanwhile_up_to_the_window() -> None:
    orders = [replay_order(f"o{number}", number * HOUR, Stamps()) for number in range(5)]
    played = playback(*orders, window=3)

    assert len(played.take(None, 10)) == 3
    assert played.take(None, 10) == []
    played.read(view("o0", 1, FulfillmentStatus.ALLOCATED))
    assert kinds(played.take(None, 10)) == [("PlaceOrder", 3)]


def test_nothing_is_sent_before_its_time() -> None:
    played = playback(replay_order("a", 5 * HOUR, Stamps()))

    assert played.take(5 * HOUR - 1, 10) == []
    assert kinds(played.take(5 * HOUR, 10)) == [("PlaceOrder", 5)]


def test_an_older_view_changes_nothing() -> None:
    played = playback(replay_order("a", HOUR, Stamps(approved_ms=2 * HOUR)))
    played.take(HOUR, 10)
    played.read(view("a", 2, FulfillmentStatus.ALLOCATED))

    assert played.read(view("a", 1)) == []
    assert kinds(played.take(None, 10)) == [("AcceptFulfillment", 2)]


def test_handed_over_before_approval_is_sent_in_that_order() -> None:
    played = playback(replay_order("a", HOUR, Stamps(approved_ms=4 * HOUR, handed_over_ms=2 * HOUR)))
    played.take(HOUR, 10)
    played.read(view("a", 1, FulfillmentStatus.ALLOCATED))

    sent = played.take(None, 10)
    assert [type(command) for command in sent] == [ShipParcel, AcceptFulfillment]


def test_delivered_before_hand_over_names_the_same_parcel() -> None:
    played = playback(replay_order("a", HOUR, Stamps(handed_over_ms=4 * HOUR, delivered_ms=3 * HOUR)))
    played.take(HOUR, 10)
    played.read(view("a", 1, FulfillmentStatus.ALLOCATED))

    delivered, shipped = played.take(None, 10)
    assert isinstance(delivered, DeliverParcel)
    assert isinstance(shipped, ShipParcel)
    assert delivered.parcel_id == shipped.parcel_id
    assert (delivered.occurred_at_ms, shipped.occurred_at_ms) == (3 * HOUR, 4 * HOUR)


def test_units_that_waited_follow_and_take_as_long_on_their_way() -> None:
    stamps = Stamps(handed_over_ms=2 * HOUR, delivered_ms=5 * HOUR)
    played = playback(replay_order("a", HOUR, stamps), replay_order("b", 10 * HOUR, Stamps()))
    played.take(HOUR, 10)
    played.read(view("a", 1))
    assert kinds(played.take(None, 1)) == [("PlaceOrder", 10)]

    followed = played.read(view("a", 2, FulfillmentStatus.ALLOCATED, routed_at_ms=7 * HOUR))
    assert kinds(followed) == [("ShipParcel", 7)]
    assert kinds(played.take(None, 10)) == [("DeliverParcel", 10)]


def test_stock_as_sold_is_what_was_sold_where() -> None:
    sold = [Sold(1, "A", CITY, 2), Sold(2, "A", ("y", "RJ"), 1), Sold(3, "A", CITY, 1)]

    assert as_sold(sold, {CITY: "l1", ("y", "RJ"): "l2"}) == {("l1", "A"): 3, ("l2", "A"): 1}


def test_hubs_open_without_the_units_of_the_newest_lines() -> None:
    sold = [Sold(number, f"S{number % 10}", CITY, 2) for number in range(20)]
    opening, receipts, short = at_hubs(sold, {"h1": 3, "h2": 1}, 0.1)

    assert short == 2
    assert sum(opening.values()) == 36
    assert sum(receipt.quantity for receipt in receipts) == 4
    assert all(receipt.at_ms - 3 * 24 * HOUR >= 10 for receipt in receipts)
