"""Of an order the floor sees what is at its own locations: nothing that tells of others (I12)."""

from api.located import levels_of, part_of
from api.security import Principal
from models import commands as c
from models.records.changes import SetPriority
from models.records.hold import HoldType
from models.records.order import Order, Terms
from models.records.place import Destination
from tests.support.builders import NEAR_BERLIN, START_MS, Line, Shop

BERLIN = Principal("u", "ann", frozenset(), frozenset({"*"}), is_person=True, locations=frozenset({"berlin"}))


def shop_of_two() -> tuple[Shop, Order]:
    """An order of which Berlin ships one line and Munich another, edited and held in parts."""
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    shop.stock("B", "munich", 5)
    lines = shop.content("one", Line("A"), Line("B"), Line("C"))
    gift = Destination(country="FR")
    stated = tuple(
        c.NewLine(line_id=line.line_id, sku=line.sku, quantity=1, ship_to="gift" if line.sku == "B" else "")
        for line in lines["lines"]
    )
    terms = Terms(purchase_order="PO", destinations={"gift": gift, "unused": NEAR_BERLIN})
    shop.do(c.PlaceOrder, **lines | {"lines": stated, "terms": terms})
    shop.do(c.EditOrder, **shop.on("one", changes=(SetPriority(priority=2),)))
    for line_id in ("1", "2"):
        shop.do(c.HoldOrder, **shop.on("one", hold=HoldType.OTHER, line_id=line_id))
    order = shop.order("one")
    for part in order.fulfillments:
        held = shop.on("one", hold=HoldType.CUSTOMER_REQUEST, fulfillment_id=part.fulfillment_id)
        shop.do(c.HoldOrder, **held)
    return shop, shop.order("one")


def test_holds_addresses_editions_and_pegs_of_others_are_left_out() -> None:
    _, order = shop_of_two()
    part = part_of(BERLIN, order)

    assert part is not None
    [own] = part.fulfillments
    assert own.location_id == "berlin"
    assert [(hold.line_id, hold.fulfillment_id) for hold in part.holds] == [("1", ""), ("", own.fulfillment_id)]
    assert part.terms is not None
    assert (part.terms.purchase_order, part.terms.destinations) == ("PO", {})
    assert (part.edits, part.story, [line.line_id for line in part.lines]) == (None, (), ["1"])
    assert all(line.pegs == () for line in part.lines)


def test_what_is_expected_or_apart_elsewhere_is_left_out() -> None:
    shop, _ = shop_of_two()
    shop.stock("A", "munich", 5)
    line = (c.StockLine(line="1", sku="A", quantity=3),)
    for place in ("berlin", "munich"):
        shop.do(c.ExpectStock, **shop.fact(place, lines=line, expected_at_ms=START_MS + 1))
        shop.do(c.FenceStock, **shop.fact(place, sku="A", segment="vip", quantity=1))
    view = levels_of(BERLIN, shop.sku_view("A"))

    assert view is not None
    assert isinstance(view.incoming, tuple)
    assert isinstance(view.apart, tuple)
    assert [row.location_id for row in view.levels] == ["berlin"]
    assert [row.location_id for row in view.incoming] == ["berlin"]
    assert [row.location_id for row in view.apart] == ["berlin"]
