"""Orders and cancellations that are written for a partner as CSV, and the page that documents all columns."""

from pathlib import Path

from connectors.frame.documents import Occasion, OccasionKind
from connectors.frame.facts import Address, Buyer
from connectors.frame.message import Account, Alias
from connectors.systems.partner_csv import CONNECTOR
from connectors.systems.partner_csv.kinds import KINDS
from connectors.systems.partner_csv.orders import COLUMNS
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from models.records.line import UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination

REQUESTED_AT_MS = 1_788_532_200_000
PAGE = Path(__file__).parents[3] / "docs" / "partner-csv.md"


def occasion(kind: OccasionKind = OccasionKind.FULFILLMENT_REQUESTED, units: tuple[UnitsOfLine, ...] = ()) -> Occasion:
    return Occasion(
        delivery_id="d-1",
        kind=kind,
        at_ms=REQUESTED_AT_MS,
        number=12,
        order=Order(
            order_id="o1",
            pool="p",
            channel="shop",
            external_id="1001",
            currency="USD",
            status=OrderStatus.ROUTED,
            lines=(),
            destination=Destination(country="US"),
            placed_at_ms=REQUESTED_AT_MS,
            version=1,
            offset=1,
            index=0,
            updated_at_ms=REQUESTED_AT_MS,
        ),
        fulfillment=Fulfillment(
            fulfillment_id="o1-1",
            location_id="east",
            status=FulfillmentStatus.ALLOCATED,
            lines=(FulfillmentLine(line_id="l1", sku="MUG", allocated=3), FulfillmentLine(line_id="l2", sku="CUP")),
            routed_at_ms=REQUESTED_AT_MS,
        ),
        address=Address(country="US", name="=Ada", lines=("1 Main St", "Floor 2"), city="New York", region="NY"),
        buyer=Buyer(email="a@b.c", phone="+1 5"),
        titles={"MUG": "Clay mug"},
        units=units,
    )


def test_an_order_is_written_a_row_a_line_so_that_no_spreadsheet_runs_it() -> None:
    assert CONNECTOR.document is not None
    who = Account(name="csv", connector="partner_csv", pool="p", aliases={"TP-1": Alias(sku="MUG")})
    file = CONNECTOR.document(occasion(), who)

    assert file.name == "orders-000000012.csv"
    assert file.body.decode().split("\r\n") == [
        ",".join(COLUMNS),
        "ship,o1-1,l1,TP-1,3,Clay mug,1001,2026-09-04T14:30:00Z,,'=Ada,,1 Main St,Floor 2,,New York,NY,,US,'+1 5,a@b.c",
        "",
    ]


def test_a_cancellation_asks_for_the_units_back() -> None:
    assert CONNECTOR.document is not None
    back = occasion(OccasionKind.CANCELLATION_REQUESTED, (UnitsOfLine(line_id="l1", quantity=2),))
    file = CONNECTOR.document(
        back, Account(name="csv", connector="partner_csv", pool="p", settings={"separator": "semicolon"})
    )

    assert file.body.decode().split("\r\n")[1].split(";")[:5] == ["cancel", "o1-1", "l1", "MUG", "2"]


def test_the_page_for_partners_has_every_column_as_it_is_read_and_written() -> None:
    page = PAGE.read_text()

    for kind in KINDS:
        assert f"## {kind.name.capitalize()}: {kind.what}" in page
        for column in kind.columns:
            needed = "yes" if column.required else ""
            assert f"| `{column.name}` | {needed} | {column.what} |" in page
    for name, what in COLUMNS.items():
        assert f"| `{name}` | {what} |" in page
