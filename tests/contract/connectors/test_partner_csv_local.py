"""CSV as spreadsheets of many countries write it: numbers, dates, headers and encodings."""

import pytest

from connectors.frame.facts import StockAdjusted, StockReceived
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.partner_csv import CONNECTOR

DAY_END_MS = 1788559199999
RECEIVED_AT_MS = 1_790_000_000_000


def read(body: bytes, **settings: str) -> Translation:
    account = Account(
        name="p",
        connector="partner_csv",
        pool="p",
        location="east",
        time_zone="Europe/Berlin",
        settings=settings,
    )
    return translate(CONNECTOR, Message(body=body, name="f.csv", received_at_ms=RECEIVED_AT_MS), account)


@pytest.mark.parametrize(
    "body",
    [
        "document,sku,received\nR1,MUG,5\n".encode("utf-16"),
        b"\xef\xbb\xbfDocument;SKU;Received\r\nR1;MUG;5,0\r\n",
        b"sep=;\r\ndocument;sku;received\r\nR1;MUG;+5\r\n",
        b"DOCUMENT\tSku\treceived\nR1\tMUG\t5.00\n",
    ],
)
def test_a_receipt_is_read_however_a_spreadsheet_has_saved_it(body: bytes) -> None:
    assert CONNECTOR.recognise(Message(body=body))
    (received,) = read(body).facts

    assert isinstance(received, StockReceived)
    assert [(line.sku, line.quantity) for line in received.lines] == [("MUG", 5)]


@pytest.mark.parametrize("quantity", ["1.000", "1,000", "-12.500"])
def test_thousands_that_may_be_a_fraction_are_refused(quantity: str) -> None:
    translation = read(f"document;sku;change\nA1;MUG;{quantity}\n".encode())

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == ["lines[2].change"]


def test_a_typographic_minus_takes_units_off() -> None:
    (adjusted,) = read("document,sku,change\nA1,MUG,\N{MINUS SIGN}3\n".encode()).facts

    assert isinstance(adjusted, StockAdjusted)
    assert adjusted.lines[0].quantity == -3


@pytest.mark.parametrize(
    ("date", "settings"),
    [
        ("04.09.2026", {}),
        ("4.9.2026", {}),
        ("2026/09/04", {}),
        ("4/9/2026", {"dates": "day_first"}),
        ("9/4/2026", {"dates": "month_first"}),
    ],
)
def test_a_local_date_is_by_the_end_of_that_day_in_the_account_s_zone(date: str, settings: dict[str, str]) -> None:
    (received,) = read(f"document,sku,received,received_at\nR1,MUG,5,{date}\n".encode(), **settings).facts

    assert isinstance(received, StockReceived)
    assert received.at_ms == DAY_END_MS


def test_a_date_that_may_be_two_days_is_refused() -> None:
    translation = read(b"document,sku,received,received_at\nR1,MUG,5,4/9/2026\n")

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == ["lines[2].received_at"]
