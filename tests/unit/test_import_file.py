"""A file of orders: what its rows mean, every mistake told, and what becomes of each row."""

from typing import Any

import pytest

from connectors.orders.columns import COLUMNS
from connectors.orders.reading import Around, OrdersFile, read_orders
from connectors.orders.report import Outcome, report_of, report_sheet
from tests.support.documents import ROOT

NOW_MS = 1_800_000_000_000
"""2027-01-15T08:00:00Z."""


def read(text: str | bytes, **around: Any) -> OrdersFile:
    known = {"currency": "EUR", "skus": None, "historic": False, "keep_good_fields": False, "now_ms": NOW_MS}
    return read_orders(text if isinstance(text, bytes) else text.encode(), Around(**{**known, **around}))


def mistakes(found: OrdersFile) -> list[tuple[int, str, str, str]]:
    return [(note.row, note.external_id, note.field, note.reason) for note in found.notes]


CSV = """external_id,placed_at,country,postcode,email,address,shipping,sku,quantity,unit_price,line_tax
1001,2027-01-14T09:30:00+01:00,DE,10115,ada@example.org,Musterweg 1|10115 Berlin,4.90,A,2,19.99,6.38
1002,,AT,,,,,B,1,5,
1001,,,,,,,B,1,5.00,
"""


def test_rows_of_one_order_are_its_lines_wherever_they_stand() -> None:
    found = read(CSV)

    assert found.notes == ()
    assert [(order.external_id, order.rows) for order in found.orders] == [("1001", (2, 4)), ("1002", (3,))]
    assert found.orders[0].body == {
        "external_id": "1001",
        "placed_at": "2027-01-14T09:30:00+01:00",
        "currency": "EUR",
        "shipping_minor": 490,
        "destination": {"country": "DE", "postcode": "10115"},
        "customer": {"email": "ada@example.org", "address_lines": ["Musterweg 1", "10115 Berlin"]},
        "lines": [
            {"sku": "A", "quantity": 2, "unit_price_minor": 1999, "tax_minor": 638},
            {"sku": "B", "quantity": 1, "unit_price_minor": 500},
        ],
    }


def test_json_lines_say_the_same_with_numbers_as_they_are_written() -> None:
    lines = (
        '{"external_id": "1001", "country": "DE", "sku": "A", "quantity": 2, "unit_price": 19.90, "shipping": null}\n'
        '\n{"external_id": "1001", "sku": "00B", "quantity": "1", "ship_complete": true}\n'
    )

    [order] = read(lines).orders

    assert order.rows == (1, 3)
    assert order.body == {
        "external_id": "1001",
        "currency": "EUR",
        "ship_complete": True,
        "destination": {"country": "DE"},
        "lines": [{"sku": "A", "quantity": 2, "unit_price_minor": 1990}, {"sku": "00B", "quantity": 1}],
    }


def test_amounts_are_in_the_currency_of_the_order() -> None:
    [order] = read("external_id,currency,country,sku,quantity,unit_price\n1,JPY,JP,A,1,590\n").orders

    assert (order.body["currency"], order.body["lines"][0]["unit_price_minor"]) == ("JPY", 590)


def test_every_mistake_of_every_row_is_told() -> None:
    found = read(
        "external_id,country,email,sku,quantity,unit_price\n"
        "1,DE,,A,0,1\n1,FR,,,1,1.999\n2,Germany,,A,1,\n3,DE,,X,1,\n4,,,A,1,\n5,DE,,A,1,\n",
        skus={"A"},
    )

    assert mistakes(found) == [
        (2, "1", "quantity", "'0' is no whole number from 1 to 1000000"),
        (3, "1", "country", "row 2 says 'DE' of the same order: write it once"),
        (3, "1", "sku", "this row has no sku: fill it in"),
        (
            3,
            "1",
            "unit_price",
            "'1.999' has more decimals than the 2 of EUR: write for example 5.90",
        ),
        (4, "2", "country", "'Germany' is no country: write its two letters"),
        (4, "2", "country", "this order has no country: fill it in"),
        (5, "3", "sku", "the pool's catalogue has no SKU X: add it first"),
        (6, "4", "country", "this order has no country: fill it in"),
    ]
    assert found.spoilt == {"1": (2, 3), "2": (4,), "3": (5,), "4": (6,)}
    assert [order.external_id for order in found.orders] == ["5"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("external_id,country,sku,quantity\n1,DE,A,1\n,,B,1\n", id="a line without its order"),
        pytest.param("external_id,country,sku,quantity\n1,DE,A,1\n1,DE,B\n", id="a row that is too short"),
        pytest.param('{"external_id": "1", "country": "DE", "sku": "A", "quantity": 1}\n{"sku"\n', id="broken JSON"),
    ],
)
def test_a_row_that_names_no_order_may_be_a_line_of_any_so_the_file_is_not_whole(text: str) -> None:
    assert read(text, keep_good_fields=True).is_whole is False


def test_an_unknown_column_is_told_before_anything_is_read() -> None:
    found = read("external_id,country,sku,qty\n1,DE,A,1\n")

    assert (found.orders, found.is_whole) == ((), False)
    missing, unknown = (note.reason for note in found.notes)
    assert unknown.startswith("unknown column 'qty': ")
    assert missing.startswith("the column 'quantity' is missing: ")


def test_bytes_that_are_no_text_are_told_by_their_line() -> None:
    [note] = read(b"external_id\n1\xfc\n").notes

    assert note.reason == "line 2 is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)"


def test_good_fields_are_kept_and_what_an_order_needs_is_not_left_out() -> None:
    found = read(
        "external_id,country,email,priority,latitude,sku,quantity\n1,DE,a@b.c,11,52,A,1\n2,DE,,1,,A,none\n",
        keep_good_fields=True,
    )

    [order] = found.orders
    assert order.body["destination"] == {"country": "DE"}
    assert "priority" not in order.body
    assert [(note.field, note.reason) for note in found.dropped] == [
        ("priority", "left out: '11' is no whole number from 0 to 9")
    ]
    assert list(found.spoilt) == ["2"]


def test_an_order_of_the_past_says_when_and_may_be_five_minutes_ahead() -> None:
    head = "external_id,placed_at,shipped_at,shipped_from,country,sku,quantity\n"
    ahead, beyond = "2027-01-15T08:05:00Z", "2027-01-15T08:05:01Z"
    found = read(
        f"{head}1,{ahead},,berlin,DE,A,1\n2,{beyond},,,DE,A,1\n3,,,,DE,A,1\n4,2024-02-29T00:00:00Z,{beyond},,DE,A,1\n",
        historic=True,
    )

    [order] = found.orders
    assert order.body["shipped_at"] == order.body["placed_at"] == "2027-01-15T08:05:00+00:00"
    assert order.body["location_id"] == "berlin"
    assert [(note.row, note.field) for note in found.notes] == [
        (3, "placed_at"),
        (3, "shipped_at"),
        (4, "placed_at"),
        (5, "shipped_at"),
    ]


def test_columns_of_the_past_count_only_there() -> None:
    [order] = read("external_id,shipped_at,tracking_number,country,sku,quantity\n1,then,T,DE,A,1\n").orders

    assert not {"shipped_at", "tracking_number"} & set(order.body)


def test_the_report_says_what_became_of_every_row() -> None:
    found = read("external_id,country,sku,quantity\n1,DE,A,1\n2,DE,A,x\n2,,B,1\n1,,B,1\n3,DE,A,1\n=4,DE,A,1\n")
    outcomes = {"1": Outcome(result="taken"), "3": Outcome(result="refused", field="lines", reason="no stock")}

    assert report_sheet(report_of(found, outcomes)) == (
        "row,external_id,outcome,field,reason\n"
        "2,1,taken,,\n"
        "3,2,skipped,quantity,\"'x' is no whole number from 1 to 1000000\"\n".replace('"', "")
        + "4,2,skipped,,another row of it is wrong\n"
        "5,1,taken,,\n"
        "6,3,refused,lines,no stock\n"
        "7,'=4,not_sent,,\n"
    )


def test_every_column_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "import.md").read_text()

    assert [column.name for column in COLUMNS if f"`{column.name}`" not in reference] == []
