"""Items of warehouse documents: what was not sent, what stands for another, cartons and places of single items."""

from connectors.frame.facts import FulfillmentStepped, ParcelStated, StockCounted, StockReceived
from tests.contract.connectors.x12_files import file, read


def test_an_item_that_was_cancelled_is_short_though_no_quantity_says_that_none_was_sent() -> None:
    body = "W06*F*SO-1*20260904*S\nLX*1\nW12*CC*2***EA**VN*MUG\nW12*IC*5***EA**VN*CUP\nW12*CP*7**3*EA**VN*JAR"
    (parcel,) = read(file("945", body)).facts

    assert isinstance(parcel, ParcelStated)
    assert [(units.sku, units.quantity) for units in parcel.units] == [("MUG", 2), ("JAR", 4)]
    assert [(units.sku, units.quantity) for units in parcel.short] == [("CUP", 5), ("JAR", 3)]


def test_cartons_may_be_named_behind_each_item() -> None:
    body = """
        W06*F*SO-1*20260904*S
        LX*1
        W12*CC*2*2**EA**VN*MUG
        MAN*GM*000123**CP*1Z1
        W12*CC*1*1**EA**VN*CUP
        N9*2I*1Z2
    """
    first, second = read(file("945", body)).facts

    assert isinstance(first, ParcelStated)
    assert isinstance(second, ParcelStated)
    assert [(one.tracking_number, one.units[0].sku) for one in (first, second)] == [("1Z1", "MUG"), ("1Z2", "CUP")]


def test_what_stands_for_another_product_is_told_by_its_own_sku_alone() -> None:
    body = "W06*F*SO-1*20260904*S\nLX*1\nW12*IS*2*2**EA**VN*MUG-RED\nN9*LI*l1"
    (parcel,) = read(file("945", body)).facts

    assert isinstance(parcel, ParcelStated)
    assert [(units.line_id, units.sku, units.quantity) for units in parcel.units] == [("", "MUG-RED", 2)]


def test_pieces_of_a_case_that_came_in_damaged_are_set_apart_in_their_own_unit() -> None:
    body = "W17*F*20260904*RC-1\nW07*10*CA**VN*MUG\nW13*3*EA*01"
    (received,) = read(file("944", body, kind="RE")).facts

    assert isinstance(received, StockReceived)
    assert [(line.line, line.quantity, line.unit, line.state) for line in received.lines] == [
        ("1", 10, "CA", ""),
        ("1/01/of", -3, "EA", ""),
        ("1/01", 3, "EA", "damaged"),
    ]


def counts_of(body: str) -> list[tuple[str, bool, list[tuple[str, int, str]]]]:
    facts = read(file("846", body, kind="IB")).facts
    assert all(isinstance(fact, StockCounted) for fact in facts)
    return [
        (fact.location, fact.available, [(line.sku, line.quantity, line.lot) for line in fact.lines])
        for fact in facts
        if isinstance(fact, StockCounted)
    ]


def test_lots_of_stock_are_read() -> None:
    body = "BIA*00*SI*I-1*20260904\nLIN*1*VN*MUG\nQTY*17*4*EA\nREF*LT*L-1\nLIN*2*VN*MUG*LT*L-2\nQTY*17*6*EA"

    assert counts_of(body) == [("east", False, [("MUG", 4, "L-1"), ("MUG", 6, "L-2")])]


def test_each_item_may_name_its_own_place_or_several() -> None:
    body = """
        BIA*00*SI*I-1*20260904
        N1*WH*Main*92*E1
        LIN*1*VN*MUG
        QTY*17*4*EA
        N1*WH*West*92*W1
        LIN*2*VN*CUP
        QTY*17*6*EA
        LIN*3*VN*JAR
        QTY*17*9*EA
        N1*WH*Main*92*E1
        QTY*17*7*EA
        N1*WH*West*92*W1
        QTY*17*2*EA
    """
    assert counts_of(body) == [
        ("W1", False, [("MUG", 4, ""), ("JAR", 2, "")]),
        ("E1", False, [("CUP", 6, ""), ("JAR", 7, "")]),
    ]


def test_places_that_share_a_quantity_are_refused() -> None:
    body = "BIA*00*SI*I-1*20260904\nLIN*1*VN*MUG\nQTY*17*4*EA\nN1*WH*A*92*E1\nN1*WH*B*92*W1"
    translation = read(file("846", body, kind="IB"))
    shared = read(file("846", "LIN*1*VN*MUG\nQTY*17*4*EA\nSDQ*EA*92*E1*3*W1*1", kind="IB"))

    assert translation.facts == shared.facts == ()
    assert [refusal.field for refusal in translation.refused] == ["segments[5].N1-01"]
    assert [refusal.field for refusal in shared.refused] == ["segments[4].SDQ-01"]


def test_a_report_of_stock_that_is_taken_back_says_nothing() -> None:
    assert "taken back" in read(file("846", "BIA*01*SI*I-1*20260904\nLIN*1*VN*MUG\nQTY*17*4*EA", kind="IB")).ignored


def test_quantities_of_unknown_meaning_are_named_with_the_setting_that_explains_them() -> None:
    (refusal,) = read(file("846", "LIN*1*UK*100\nQTY*1*250\nQTY*QA*198", kind="IB")).refused

    assert refusal.field == "segments[3].QTY-01"
    assert "1, QA" in refusal.reason
    assert "quantity_qualifiers" in refusal.reason


def test_items_without_cartons_stay_one_parcel_with_what_is_short() -> None:
    body = "W06*F*SO-1*20260904*S\nLX*1\nMAN*CP*1Z1\nMAN*CP*1Z2\nW12*CC*4*3**EA**VN*MUG\nW12*CC*1*1**EA**VN*CUP"
    (parcel,) = read(file("945", body)).facts

    assert not isinstance(parcel, FulfillmentStepped)
    assert isinstance(parcel, ParcelStated)
    assert (parcel.tracking_number, len(parcel.units), parcel.short[0].quantity) == ("1Z1", 2, 1)


def test_an_item_that_is_counted_in_two_units_is_refused_and_not_added_up() -> None:
    body = "BIA*00*SI*REF*20260904\nLIN*1*SK*MUG\nQTY*33*2*CA\nQTY*33*24*EA\nLIN*2*SK*CUP\nQTY*33*5*EA\nQTY*33*3*EA"
    told = read(file("846", body, kind="IB"))

    assert [(one.field, one.reason) for one in told.refused] == [
        ("segments[5].QTY-03", "MUG is counted in 'CA' and in 'EA': one of them is to be stated")
    ]
    (counted,) = read(file("846", body.replace("QTY*33*2*CA\n", ""), kind="IB")).facts
    assert isinstance(counted, StockCounted)
    assert [(line.sku, line.quantity) for line in counted.lines] == [("MUG", 24), ("CUP", 8)]
