"""X12 as partners write it besides the standard: what is read all the same, and what has to be refused."""

import pytest

from connectors.frame.facts import (
    OrderStated,
    ParcelScanned,
    ParcelStated,
    StockCounted,
    StockExpected,
    StockLine,
    StockReceived,
)
from connectors.frame.message import Message
from connectors.frame.trying import Outcome, try_message
from connectors.systems.x12 import CONNECTOR
from tests.contract.connectors.x12_files import SHIPMENT, file, read

MADE_MS = 1788532200000
DAY_END_20260910 = 1789084740000


def test_terminators_that_end_nothing_and_blanks_at_the_ends_of_lines_are_passed_over() -> None:
    body = file("945", SHIPMENT)
    doubled = body.replace(b"~\nGE", b"~\n~\nGE").replace(b"~\nLX", b"~~\nLX")
    filled = file("945", SHIPMENT, end=" \n")

    assert read(doubled).facts == read(body).facts
    assert read(filled).facts == read(body).facts
    assert not read(doubled).refused + read(filled).refused


def test_segments_about_the_interchange_itself_are_passed_over() -> None:
    body = file("945", SHIPMENT).replace(b"\nGS", b"\nISB*1~\nISE*260904*1430*04~\nGS")

    assert len(read(body).facts) == 1
    assert read(body).refused == ()


@pytest.mark.parametrize(("date", "at_ms"), [("980301", 888753600000), ("260301", 1772366400000)])
def test_a_year_of_two_digits_is_of_the_century_that_x12_was_written_in(date: str, at_ms: int) -> None:
    (scan,) = read(file("214", f"B10*PRO1*SHP1*ABFS\nAT7*D1*NS***{date}*1200*UT", kind="QM")).facts

    assert isinstance(scan, ParcelScanned)
    assert scan.at_ms == at_ms


def test_an_estimate_is_said_when_the_document_was_made_and_not_when_it_will_come_true() -> None:
    body = "B10*PRO1*SHP1*ABFS\nAT7*AG*NS***20260910*2359*UT\nAT7*D1*NS***20260904*1200*UT"
    estimate, delivered = read(file("214", body, kind="QM")).facts

    assert isinstance(estimate, ParcelScanned)
    assert isinstance(delivered, ParcelScanned)
    assert (estimate.at_ms, estimate.expected_at_ms) == (MADE_MS, DAY_END_20260910)
    assert (delivered.at_ms, delivered.expected_at_ms) == (1788523200000, None)


def test_a_country_of_three_letters_is_that_country_and_not_the_one_of_its_first_two() -> None:
    body = "BEG*00*SA*PO-1**20260903\nN1*ST*Planta\nN3*Calle 1\nN4*Juarez*CHH*32000*MEX\nPO1*1*2*EA*1**VN*MUG"
    (order,) = read(file("850", body, kind="PO")).facts

    assert isinstance(order, OrderStated)
    assert order.destination is not None
    assert order.destination.country == "MX"


def test_a_price_that_stands_apart_from_its_line_is_the_line_s_own() -> None:
    body = """
        BEG*00*SA*PO-1**20260903
        PO1*1*2*EA***VN*MUG
        CTP**DIS*37.93
        PID*F****CLAY MUG
        PO1*2*1*EA***VN*CUP
    """
    (order,) = read(file("850", body, kind="PO")).facts

    assert isinstance(order, OrderStated)
    assert [(line.sku, line.unit_price_minor, line.title) for line in order.lines] == [
        ("MUG", 3793, "CLAY MUG"),
        ("CUP", 0, ""),
    ]


def test_a_ship_notice_may_name_its_order_as_a_reference_and_leave_out_who_holds_whom() -> None:
    body = """
        BSN*00*ASN-7*20260904*1200
        HL*1**S
        TD5*****FEDX
        HL*2**O
        REF*PO*PO-1
        HL*3**I
        LIN**VP*MUG
        SN1**2*EA
        HL*4**O
        REF*PO*PO-2
        HL*5**P
        MAN*GM*000123
        HL*6**I
        LIN**VP*CUP
        SN1**3*EA
        LIN**VP*JUG
        SN1**1*EA
    """
    first, second = read(file("856", body, kind="SH")).facts

    assert isinstance(first, ParcelStated)
    assert isinstance(second, ParcelStated)
    assert (first.fulfillment_id, first.parcel_id, first.carrier) == ("PO-1", "ASN-7", "FEDX")
    assert [(units.sku, units.quantity) for units in first.units] == [("MUG", 2)]
    assert (second.fulfillment_id, second.parcel_id, second.carrier) == ("PO-2", "000123", "FEDX")
    assert [(units.sku, units.quantity) for units in second.units] == [("CUP", 3), ("JUG", 1)]


def test_packs_inside_of_an_item_say_its_units_again_and_are_not_counted_twice() -> None:
    body = """
        BSN*00*ASN-7*20260904*1200
        HL*1**S
        PRF*PO-1
        HL*2*1*I
        LIN**VP*MUG
        SN1**176*EA
        HL*3*2*P
        SN1**76*EA
        HL*4*2*P
        SN1**100*EA
    """
    (parcel,) = read(file("856", body, kind="SH")).facts

    assert isinstance(parcel, ParcelStated)
    assert [(units.sku, units.quantity) for units in parcel.units] == [("MUG", 176)]


def test_a_ship_notice_without_levels_is_read_and_one_without_an_order_is_refused() -> None:
    body = "BSN*00*ASN-7*20260904*1200\nTD5****M*FDEG\nREF*CN*1Z9\nLIN*1*VP*MUG\nSN1*1*5*EA"
    (parcel,) = read(file("856", f"PRF*PO-1\n{body}", kind="SH")).facts
    bare = read(file("856", body, kind="SH"))

    assert isinstance(parcel, ParcelStated)
    assert (parcel.fulfillment_id, parcel.tracking_number, parcel.carrier) == ("PO-1", "1Z9", "FDEG")
    assert [(units.sku, units.quantity) for units in parcel.units] == [("MUG", 5)]
    assert bare.facts == ()
    assert [refusal.field for refusal in bare.refused] == ["segments[7].PRF-01"]


def test_a_ship_notice_that_is_taken_back_takes_its_parcel_back() -> None:
    body = "BSN*01*ASN-7*20260904*1200\nHL*1**S\nPRF*PO-1\nHL*2*1*I\nLIN**VP*MUG\nSN1**2*EA"
    (parcel,) = read(file("856", body, kind="SH")).facts
    (coming,) = read(file("856", body, kind="SH"), ship_notice="expected").facts

    assert isinstance(parcel, ParcelStated)
    assert parcel.cancelled
    assert isinstance(coming, StockExpected)
    assert [(line.sku, line.quantity) for line in coming.lines] == [("MUG", 0)]


def test_a_day_that_goods_are_to_arrive_on_is_not_taken_for_the_day_of_the_notice() -> None:
    body = "BSN*00*ASN-7*20260904*1200\nDTM*017*20260910\nHL*1**S\nHL*2*1*I\nLIN**VP*MUG\nSN1**2*EA"
    (coming,) = read(file("856", body, kind="SH"), ship_notice="expected").facts

    assert isinstance(coming, StockExpected)
    assert (coming.at_ms, coming.expected_at_ms) == (MADE_MS, DAY_END_20260910)


def test_a_transfer_to_a_warehouse_is_expected_there_under_the_number_that_its_receipt_names() -> None:
    body = """
        W06*N*TRF-41*20260904**BOL-1
        N1*WH*East*92*E1
        G62*17*20260910
        W04*500*CA**VN*MUG
        N9*LT*LOT-7
        W04*20*EA*012345678901*UP*CUP*VN
        W03*520
    """
    (coming,) = read(file("943", body, kind="AR")).facts

    assert coming == StockExpected(
        document="TRF-41",
        location="E1",
        at_ms=MADE_MS,
        expected_at_ms=DAY_END_20260910,
        lines=(
            StockLine(line="1", sku="MUG", quantity=500, unit="CA", lot="LOT-7"),
            StockLine(line="2", sku="CUP", quantity=20, unit="EA"),
        ),
        version=MADE_MS,
    )


@pytest.mark.parametrize(
    ("head", "document", "expected"),
    [
        ("W17*F*20260904*RCV-1*TRF-41", "RCV-1", "TRF-41"),
        ("W17*F*RCV-1*20260904*TRF-41", "RCV-1", "TRF-41"),
        ("W17*20260904*RCV-1*TRF-41", "RCV-1", "TRF-41"),
    ],
)
def test_a_receipt_s_number_and_date_are_told_apart_wherever_they_stand(
    head: str, document: str, expected: str
) -> None:
    (received,) = read(file("944", f"{head}\nW07*5*EA**VN*MUG\nW07*2*EA*****CUP", kind="RE")).facts

    assert isinstance(received, StockReceived)
    assert (received.document, received.expected, received.at_ms) == (document, expected, MADE_MS)
    assert [(line.sku, line.quantity) for line in received.lines] == [("MUG", 5), ("CUP", 2)]


def test_a_report_of_stock_without_its_heading_has_the_number_of_its_transaction_set() -> None:
    (counted,) = read(file("846", "LIN*1*VN*MUG\nQTY*33*500*EA", kind="IB")).facts

    assert isinstance(counted, StockCounted)
    assert (counted.document, counted.as_of_ms, counted.available) == ("0001", MADE_MS, True)


def test_a_shipment_with_the_items_of_another_document_is_refused_since_it_would_stand_for_all() -> None:
    translation = read(file("945", "W06*N*SO-1*20260904*SHIP-9\nW04*12*EA**VN*MUG"))

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == ["segments[4].W12-01"]


def test_a_date_in_the_place_of_the_shipment_s_number_is_when_it_left_and_no_number_of_a_parcel() -> None:
    (parcel,) = read(file("945", "W06*N*SO-1**20260903*FEDEX\nW12*MUG-CLAY*10*EA")).facts

    assert isinstance(parcel, ParcelStated)
    assert (parcel.parcel_id, parcel.at_ms) == ("SO-1", 1788479999999)
    assert [(units.sku, units.quantity, units.unit) for units in parcel.units] == [("MUG-CLAY", 10, "EA")]


def test_a_file_of_test_data_that_is_tried_from_a_folder_says_what_it_says() -> None:
    body = file("945", SHIPMENT).replace(b"*0*P*", b"*0*T*")
    tried = try_message(Message(body=body, name="x12/945.edi"), (CONNECTOR,))

    assert tried.outcome is Outcome.TRANSLATED
    assert len(tried.translation.facts) == 1


def test_a_carrier_and_its_service_may_be_swapped_and_the_tracking_number_stand_beside_them() -> None:
    body = "W06*F*SO-1*20260904*SHIP-9\nW27*M*UPS Ground*UPSN*1Z999AA10123456784\nW12*CC*2*2*0*EA*BP*B-7*VP*MUG"
    (parcel,) = read(file("945", body)).facts
    (paid,) = read(file("945", body.replace("1Z999AA10123456784", "PP"))).facts

    assert isinstance(parcel, ParcelStated)
    assert isinstance(paid, ParcelStated)
    assert (parcel.carrier, parcel.service, parcel.tracking_number) == ("UPSN", "UPS Ground", "1Z999AA10123456784")
    assert (paid.carrier, paid.tracking_number, paid.parcel_id) == ("UPSN", "", "SHIP-9")
    assert [(units.sku, units.quantity, units.unit) for units in parcel.units] == [("MUG", 2, "EA")]


def test_a_transfer_may_list_its_goods_as_a_shipping_advice_does() -> None:
    body = "W06*N*TRF-41*20260904\nLX*1\nW12*CC*200*EA*VN*MUG\nN9*LT*LOT-7"
    (coming,) = read(file("943", body, kind="AR")).facts

    assert isinstance(coming, StockExpected)
    assert coming.lines == (StockLine(line="1", sku="MUG", quantity=200, unit="EA", lot="LOT-7"),)
