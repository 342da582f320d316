"""X12 files of warehouses and partners: what each transaction set says, and which are refused where."""

from connectors.frame.facts import (
    FulfillmentStepped,
    OrderStated,
    ParcelScanned,
    ParcelStated,
    Step,
    StockAdjusted,
    StockCounted,
    StockExpected,
    StockReceived,
    UnitsStated,
)
from connectors.systems.x12.references import depositor_number, fulfillment_of
from models.ids import fulfillment_id, order_id
from models.records.fulfillment import CarrierStatus
from tests.contract.connectors.x12_files import OURS, SHIPMENT, file, read

EAST_1015 = 1788516900000


def test_a_shipment_has_its_parcel_with_units_by_line_lots_and_what_is_short() -> None:
    (parcel,) = read(file("945", SHIPMENT)).facts

    assert parcel == ParcelStated(
        parcel_id="1Z999",
        fulfillment_id=OURS,
        at_ms=EAST_1015,
        location="E1",
        carrier="UPSN",
        service="UPS GROUND",
        tracking_number="1Z999",
        units=(
            UnitsStated(line_id="line-1", sku="MUG-CLAY", quantity=3, unit="EA", lot="LOT-7"),
            UnitsStated(sku="CUP", quantity=2, unit="EA"),
        ),
        short=(UnitsStated(sku="CUP", quantity=3, unit="EA"),),
    )


def test_cartons_with_numbers_of_their_own_are_parcels_of_their_own_and_what_was_found_is_told_before() -> None:
    body = """
        W06*F*SO-1*20260904*SHIP-9
        W27*M*FDEG
        LX*1
        MAN*GM*00012345678901234567**CP*7001
        W12*CC*2*2**EA**VN*MUG
        LX*2
        MAN*GM*00012345678901234568**CP*7002
        W12*CC*1*1**EA**VN*MUG
        W12*CL*4*1**EA**VN*CUP
    """
    picked, first, second = read(file("945", body)).facts

    assert isinstance(picked, FulfillmentStepped)
    assert picked.step is Step.PICKED
    assert [(units.sku, units.quantity) for units in picked.units] == [("MUG", 2), ("MUG", 1), ("CUP", 1)]
    assert isinstance(first, ParcelStated)
    assert isinstance(second, ParcelStated)
    assert (first.parcel_id, first.tracking_number, first.carrier) == ("7001", "7001", "FDEG")
    assert [(units.sku, units.quantity) for units in second.units] == [("MUG", 1), ("CUP", 1)]
    assert (first.short, second.short) == ((), ())


def test_a_shipment_of_nothing_is_short_of_everything_and_no_parcel_of_all_that_is_left() -> None:
    (parcel,) = read(file("945", "W06*F*SO-1*20260904*S\nLX*1\nW12*CN*5*0*5*EA**VN*MUG")).facts

    assert isinstance(parcel, ParcelStated)
    assert parcel.units == ()
    assert parcel.short == (UnitsStated(sku="MUG", quantity=5, unit="EA"),)


def test_units_whose_rest_follows_are_not_short() -> None:
    (parcel,) = read(file("945", "W06*F*SO-1*20260904*S\nLX*1\nW12*BP*5*2*3*EA**VN*MUG")).facts

    assert isinstance(parcel, ParcelStated)
    assert [units.quantity for units in parcel.units] == [2]
    assert parcel.short == ()


def test_our_numbers_come_back_exactly_though_x12_has_room_for_22_characters() -> None:
    for number in (1, 9, 35, 36, 999):
        ours = fulfillment_id(order_id("p", "shop", f"A-{number}"), number)
        assert len(depositor_number(ours)) <= 22
        assert fulfillment_of(depositor_number(ours)) == ours
    assert fulfillment_of("SO-2026-88901") == "SO-2026-88901"


def test_a_receipt_brings_sound_units_and_sets_damaged_ones_apart() -> None:
    body = """
        W17*F*20260904*RC-1*PO-7***0915
        N1*WH*East*92*E1
        W07*10*CA**VN*MUG***LOT-1
        W13*2*CA*01
        W13*1*CA*03
        W07*4*EA**VN*CUP
        W14*14
    """
    (receipt,) = read(file("944", body, kind="RE")).facts

    assert isinstance(receipt, StockReceived)
    assert (receipt.document, receipt.expected, receipt.location) == ("RC-1", "PO-7", "E1")
    assert [(line.line, line.sku, line.quantity, line.unit, line.lot, line.state) for line in receipt.lines] == [
        ("1", "MUG", 8, "CA", "LOT-1", ""),
        ("1/01", "MUG", 2, "CA", "LOT-1", "damaged"),
        ("2", "CUP", 4, "EA", "", ""),
    ]


def test_a_receipt_whose_total_is_another_is_refused_with_the_element() -> None:
    translation = read(file("944", "W17*F*20260904*RC-1\nW07*10*CA**VN*MUG\nW14*25", kind="RE"))

    assert translation.facts == ()
    (refusal,) = translation.refused
    assert (refusal.field, refusal.entry) == ("segments[4].W14-01", "0001")


def test_an_adjustment_keeps_signs_and_reasons_and_a_hold_changes_the_state_alone() -> None:
    body = """
        W15*20260904*ADJ-1
        N1*WH*East*92*E1
        W19*AA*-5*EA**VN*MUG
        W19*56*7*EA**VN*CUP
        W19*05*3*EA**VN*JAR
        W19*05*-2*EA**VN*POT
        W19*05*2*EA**VN*POT
        W19*55*4*EA**VN*PAN
        W19*AU*1*EA**VN*LID
    """
    (adjusted,) = read(file("947", body, kind="AW")).facts

    assert isinstance(adjusted, StockAdjusted)
    assert [(line.sku, line.quantity, line.state) for line in adjusted.lines] == [
        ("MUG", -5, ""),
        ("CUP", 7, ""),
        ("JAR", -3, ""),
        ("JAR", 3, "quality_control"),
        ("POT", -2, ""),
        ("POT", 2, "quality_control"),
        ("PAN", 4, ""),
        ("PAN", -4, "quality_control"),
        ("LID", 1, "damaged"),
    ]
    assert adjusted.lines[0].reason == "AA physical count"


def test_stock_says_what_is_on_hand_by_state_else_what_is_for_sale_as_of_its_time() -> None:
    body = """
        BIA*00*SI*INV-1*20260904*0600
        DTM*007*20260904*0545*ET
        N1*WH*East*92*E1
        LIN*1*VN*MUG
        QTY*17*10*EA
        QTY*20*2*EA
        QTY*33*6*EA
        LIN*2*VN*CUP
        QTY*33*4*EA
    """
    on_hand, available = read(file("846", body, kind="IB")).facts

    assert isinstance(on_hand, StockCounted)
    assert isinstance(available, StockCounted)
    assert (on_hand.document, on_hand.location, on_hand.as_of_ms) == ("INV-1", "E1", 1788515100000)
    assert [(line.sku, line.quantity, line.state) for line in on_hand.lines] == [("MUG", 8, ""), ("MUG", 2, "damaged")]
    assert [(line.sku, line.quantity) for line in available.lines] == [("CUP", 4)]
    assert (on_hand.available, available.available) == (False, True)


def test_an_account_says_what_its_partner_means_by_other_quantities() -> None:
    body = "BIA*00*SI*INV-1*20260904\nLIN*1*VN*MUG\nQTY*34*10*EA\nQTY*QB*3*EA"
    (stock,) = read(file("846", body, kind="IB"), quantity_qualifiers="34=on_hand QB=damaged").facts

    assert isinstance(stock, StockCounted)
    assert [(line.quantity, line.state) for line in stock.lines] == [(7, ""), (3, "damaged")]


def test_a_ship_notice_is_a_parcel_by_carton_or_what_is_expected() -> None:
    body = """
        BSN*00*ASN-1*20260904*1000
        DTM*017*20260910
        HL*1**S
        TD5**2*UPSN
        HL*2*1*O
        PRF*SO-1
        HL*3*2*P
        MAN*CP*1Z1
        HL*4*3*I
        LIN**VN*MUG
        SN1**2*EA
        HL*5*2*P
        MAN*CP*1Z2
        HL*6*5*I
        LIN**VN*CUP
        SN1**1*EA
    """
    first, second = read(file("856", body, kind="SH")).facts
    (coming,) = read(file("856", body, kind="SH"), ship_notice="expected").facts

    assert isinstance(first, ParcelStated)
    assert isinstance(second, ParcelStated)
    assert [(one.parcel_id, one.fulfillment_id, one.units[0].sku) for one in (first, second)] == [
        ("1Z1", "SO-1", "MUG"),
        ("1Z2", "SO-1", "CUP"),
    ]
    assert isinstance(coming, StockExpected)
    assert [(line.sku, line.quantity) for line in coming.lines] == [("MUG", 2), ("CUP", 1)]


def test_a_carriers_statuses_are_scans_by_its_own_clock_and_unknown_ones_keep_their_word() -> None:
    body = """
        B10*PRO-1*SHP-1*ABFS
        LX*1
        AT7*D1*NS***20260904*0930*ED
        MS1*DALLAS*TX*USA
        AT7*Q9*NS***20260904*0940*UT
        AT7***AB*NA*20260905*0800*UT
    """
    delivered, unknown = read(file("214", body, kind="QM")).facts

    assert delivered == ParcelScanned(
        tracking_number="PRO-1",
        status=CarrierStatus.DELIVERED,
        at_ms=1788528600000,
        carrier="ABFS",
        raw="D1 NS",
        place="DALLAS, TX, USA",
    )
    assert isinstance(unknown, ParcelScanned)
    assert (unknown.status, unknown.raw) == (CarrierStatus.UNKNOWN, "Q9 NS")


def test_a_purchase_order_is_an_order_of_the_channel_by_its_own_number() -> None:
    body = """
        BEG*00*SA*PO-88**20260903
        CUR*BY*CAD
        DTM*010*20260910
        N1*ST*Store 12*92*12
        N3*1 MAIN ST*DOCK 4
        N4*TORONTO*ON*M5V1A1
        PO1*10*6*EA*12.345**VN*MUG*BP*B-7
        PID*F****CLAY MUG
    """
    (order,) = read(file("850", body, kind="PO")).facts

    assert isinstance(order, OrderStated)
    assert (order.external_id, order.currency, order.paid, order.test) == ("PO-88", "CAD", False, False)
    assert order.destination is not None
    assert (order.destination.country, order.destination.region) == ("CA", "ON")
    (line,) = order.lines
    assert (line.line_id, line.sku, line.quantity, line.unit_price_minor) == ("10", "MUG", 6, 1235)
    assert (line.listing_ref, line.title, line.unit) == ("B-7", "CLAY MUG", "")


def test_a_purchase_order_in_cases_says_so_unless_cases_are_what_is_agreed() -> None:
    body = file("850", "BEG*00*SA*PO-89**20260903\nPO1*1*2*CA*120**VN*MUG", kind="PO")
    (order,) = read(body).facts
    (agreed,) = read(body, unit="CA").facts

    assert isinstance(order, OrderStated)
    assert isinstance(agreed, OrderStated)
    assert [(line.sku, line.quantity, line.unit) for line in order.lines] == [("MUG", 2, "CA")]
    assert [(line.sku, line.quantity, line.unit) for line in agreed.lines] == [("MUG", 2, "")]
