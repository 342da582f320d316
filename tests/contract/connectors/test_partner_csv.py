"""CSV files of partners: what their rows say, which are refused in which line and column, and how long they may be."""

import tracemalloc
from collections.abc import Iterator

import pytest

from connectors.frame.facts import (
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    ParcelStated,
    StockAdjusted,
    StockCounted,
    StockReceived,
    UnitsStated,
)
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate, translate_stream
from connectors.systems.partner_csv import CONNECTOR

RECEIVED_AT_MS = 1_788_532_200_000
TEN_FIFTEEN = 1_788_516_900_000


def account(**settings: str) -> Account:
    return Account(name="csv", connector="partner_csv", pool="p", location="east", settings=settings)


def read(text: str | bytes, **settings: str) -> Translation:
    body = text.encode() if isinstance(text, str) else text
    message = Message(body=body, name="file.csv", received_at_ms=RECEIVED_AT_MS)
    return translate(CONNECTOR, message, account(**settings))


SHIPMENTS = """fulfillment_id,line_id,sku,shipped,short,shipped_at,carrier,tracking_number,lot
o1-1,l1,MUG,3,,2026-09-04T10:15:00Z,UPS,1Z9,LOT-7
o1-1,,CUP,2,3,2026-09-04T10:15:00Z,UPS,1Z9,
o2-1,,JAR,1,,2026-09-04T10:15:00Z,UPS,1Z8,
"""


def test_shipments_are_parcels_with_units_by_line_or_sku_and_what_is_short() -> None:
    first, second = read(SHIPMENTS).facts

    assert first == ParcelStated(
        parcel_id="1Z9",
        fulfillment_id="o1-1",
        at_ms=TEN_FIFTEEN,
        carrier="UPS",
        tracking_number="1Z9",
        units=(
            UnitsStated(line_id="l1", sku="MUG", quantity=3, lot="LOT-7"),
            UnitsStated(sku="CUP", quantity=2),
        ),
        short=(UnitsStated(sku="CUP", quantity=3),),
    )
    assert isinstance(second, ParcelStated)
    assert (second.parcel_id, second.fulfillment_id) == ("1Z8", "o2-1")


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", "|"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "# made by hand\n\n" + text,
        lambda text: text.replace("MUG", '"MUG"'),
        lambda text: text.rstrip("\n"),
        lambda text: text + ",,,,,,,,\n",
        lambda text: text.replace("LOT-7\n", "LOT-7,,,\n"),
    ],
)
def test_what_spreadsheets_do_to_a_file_changes_nothing(bend: object) -> None:
    assert callable(bend)
    assert read(bend(SHIPMENTS)).facts == read(SHIPMENTS).facts


def test_a_quoted_field_may_have_lines_and_separators() -> None:
    text = 'document,sku,change,reason\nA-1,MUG,-2,"fell, and\nbroke"\n\nA-1,CUP,1,found\n'
    (adjusted,) = read(text).facts

    assert isinstance(adjusted, StockAdjusted)
    assert [(line.line, line.sku, line.quantity, line.reason) for line in adjusted.lines] == [
        ("2", "MUG", -2, "fell, and\nbroke"),
        ("5", "CUP", 1, "found"),
    ]


def test_what_is_short_of_several_parcels_is_told_before_all_of_them() -> None:
    text = "fulfillment_id,sku,shipped,short,tracking_number\no1-1,MUG,1,,A\no1-1,MUG,1,2,B\n"
    picked, first, second = read(text).facts

    assert isinstance(picked, FulfillmentStepped)
    assert [units.quantity for units in picked.units] == [1, 1]
    assert isinstance(first, ParcelStated)
    assert isinstance(second, ParcelStated)
    assert (first.tracking_number, second.tracking_number, first.short, second.short) == ("A", "B", (), ())


def test_receipts_stock_and_answers_are_told_by_their_headers() -> None:
    (receipt,) = read("document,sku,received,state,expected\nR1,MUG,5,,PO1\nR1,MUG,1,damaged,PO1\n").facts
    counted, available = read(
        "sku,on_hand,available,as_of\nMUG,5,,2026-09-04T10:15:00Z\nCUP,,2,2026-09-04T10:15:00Z\n"
    ).facts
    accepted, refused, back = read(
        "fulfillment_id,answer,cause,sku,quantity,note,reference\n"
        "o1-1,accepted,,,,,W-1\no2-1,rejected,out_of_stock,MUG,1,gone,\no3-1,cancelled,,,,,\n"
    ).facts

    assert isinstance(receipt, StockReceived)
    assert (receipt.document, receipt.expected, receipt.location, receipt.at_ms) == (
        "R1",
        "PO1",
        "east",
        RECEIVED_AT_MS,
    )
    assert [(line.quantity, line.state) for line in receipt.lines] == [(5, ""), (1, "damaged")]
    assert isinstance(counted, StockCounted)
    assert isinstance(available, StockCounted)
    assert (counted.document, counted.as_of_ms, counted.available) == ("file.csv", TEN_FIFTEEN, False)
    assert (available.lines[0].sku, available.available) == ("CUP", True)
    assert accepted == FulfillmentAnswered(
        fulfillment_id="o1-1", accepted=True, at_ms=RECEIVED_AT_MS, partner_reference="W-1"
    )
    assert refused == FulfillmentAnswered(
        fulfillment_id="o2-1",
        accepted=False,
        at_ms=RECEIVED_AT_MS,
        cause="out_of_stock",
        note="gone",
        units=(UnitsStated(sku="MUG", quantity=1),),
    )
    assert back == CancellationAnswered(fulfillment_id="o3-1", accepted=True, at_ms=RECEIVED_AT_MS)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("document,sku,received\nR1,MUG,x\n", "lines[2].received"),
        ("document,sku,received\nR1,MUG,-1\n", "lines[2].received"),
        ("document,sku,received\n\nR1,,1\n", "lines[3].sku"),
        ("document,sku,received,state\nR1,MUG,1,broken\n", "lines[2].state"),
        ("document,sku,received,received_at\nR1,MUG,1,soon\n", "lines[2].received_at"),
        ("document,sku,received\nR1,MUG\n", "lines[2].received"),
        ("document,sku,received\nR1,MUG,1,2\n", "lines[2].4"),
        ("document,sku,received,colour\nR1,MUG,1,red\n", "lines[1].colour"),
        ("document,received\nR1,1\n", "lines[1].sku"),
        ("sku,sku,on_hand\nA,A,1\n", "lines[1].sku"),
        ("name,age\nx,1\n", "lines[1]"),
        ("fulfillment_id,answer\no1-1,maybe\n", "lines[2].answer"),
        ("fulfillment_id,shipped\no1-1,1\n", "lines[2].sku"),
        ('document,sku,received\nR1,"MUG,1\n', "lines[2]"),
        ("", ""),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_column(text: str, field: str) -> None:
    translation = read(text)

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == [field]


def test_rows_that_are_right_are_taken_though_others_are_wrong() -> None:
    translation = read("document,sku,received\nR1,MUG,5\nR1,CUP,x\nR1,JAR,2\n")

    (receipt,) = translation.facts
    assert isinstance(receipt, StockReceived)
    assert [line.sku for line in receipt.lines] == ["MUG", "JAR"]
    assert [(refusal.field, refusal.entry) for refusal in translation.refused] == [("lines[3].received", "R1")]


def test_a_file_of_another_encoding_is_refused_unless_the_account_says_so() -> None:
    body = "document,sku,change,reason\nA-1,MUG,1,Größe\n".encode("cp1252")

    assert "UTF-8" in read(body).refused[0].reason
    (adjusted,) = read(body, encoding="cp1252").facts
    assert isinstance(adjusted, StockAdjusted)
    assert adjusted.lines[0].reason == "Größe"


def test_a_partners_own_columns_are_named_by_the_account() -> None:
    text = "Receipt No,Item,Qty,Colour\nR1,MUG,5,red\n"
    (receipt,) = read(text, columns="Receipt No=document;Item=sku;Qty=received", extra_columns="ignore").facts

    assert isinstance(receipt, StockReceived)
    assert (receipt.lines[0].sku, receipt.lines[0].quantity) == ("MUG", 5)


def test_a_date_alone_is_by_its_end_and_not_after_the_file_came() -> None:
    (earlier,) = read("document,sku,received,received_at\nR1,MUG,5,2026-09-03\n").facts
    (today,) = read("document,sku,received,received_at\nR1,MUG,5,2026-09-04\n").facts

    assert isinstance(earlier, StockReceived)
    assert isinstance(today, StockReceived)
    assert (earlier.at_ms, today.at_ms) == (1_788_479_999_999, RECEIVED_AT_MS)


def long_file(rows: int) -> Iterator[bytes]:
    yield b"sku,on_hand,as_of\n"
    for start in range(0, rows, 1_000):
        yield b"".join(b"SKU-%07d,%d,2026-09-04T10:15:00Z\n" % (n, n % 90) for n in range(start, start + 1_000))


def test_a_file_of_two_hundred_thousand_lines_is_read_in_the_memory_of_a_few() -> None:
    message = Message(body=b"", name="stock.csv", received_at_ms=RECEIVED_AT_MS)
    units = facts = 0
    tracemalloc.start()
    for part in translate_stream(CONNECTOR, message, long_file(200_000), account()):
        assert part.refused == ()
        for fact in part.facts:
            assert isinstance(fact, StockCounted)
            facts += 1
            units += len(fact.lines)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (units, facts) == (200_000, 400)
    assert peak_bytes < 20_000_000


def test_a_file_that_is_wrong_from_end_to_end_is_given_up_on() -> None:
    text = "document,sku,received\n" + "R1,MUG,x\n" * 5_000
    translation = read(text)

    assert translation.facts == ()
    assert len(translation.refused) == 1_002
    assert "not read" in translation.refused[-1].reason


def test_a_line_without_an_end_is_refused_and_not_gathered() -> None:
    message = Message(body=b"", name="stock.csv", received_at_ms=RECEIVED_AT_MS)
    endless = (b"sku,on_hand\n" if n == 0 else b"x" * 100_000 for n in range(1_000))
    (part,) = translate_stream(CONNECTOR, message, endless, account())

    assert [refusal.field for refusal in part.refused] == ["lines[2]"]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1,2]", "ISA*00*", "Nº Lote;Data;Montante\nL1;1;2\n", "external_id,sku,quantity,country\n1,A,1,US\n"],
)
def test_other_files_are_not_taken_for_a_partners(text: str) -> None:
    assert not CONNECTOR.recognise(Message(body=text.encode()))
    assert CONNECTOR.recognise(Message(body=SHIPMENTS.encode()))
