"""All that leaves for a system is what the system publishes that it takes: every connector, every occasion that it
wants, with everything in it and with the least.
"""

import csv
import io
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from connectors.frame.documents import Occasion, OccasionKind, Outcome
from connectors.frame.http import HttpRequest
from connectors.frame.message import Account, Message
from connectors.frame.registry import connectors
from connectors.frame.signatures import standard_webhooks
from connectors.systems.partner_csv.orders import COLUMNS
from connectors.systems.shipstation_v2 import CONNECTOR as SHIPSTATION_V2
from connectors.systems.woocommerce.sending import EXTENSIONS
from tests.support.rich_occasions import AT_MS, MOST_AVAILABLE, account, rich
from tests.support.vendor_peers import PEERS, play
from tests.support.vendor_schemas import faults_of, schema_of

SECRET = "whsec_" + "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
OUTGOING = json.loads((Path(__file__).parents[2] / "docs" / "plain-webhook.schema.json").read_text())
REQUESTED = OccasionKind.FULFILLMENT_REQUESTED
WRITTEN_AS_FILES = {"partner_csv", "x12"}
"""Their documents are files: tests/contract/connectors/test_x12_out.py and the strict reading of CSV beside this."""


def sent(who: Account, what: Occasion) -> list[HttpRequest]:
    """Give what is asked of the other side, once it has been seen that it is told all."""
    asked, outcome = play(connectors()[who.connector], who, what, PEERS[who.connector])
    assert outcome.outcome is not Outcome.LATER, outcome
    return asked


def told_to_all() -> list[tuple[str, OccasionKind]]:
    senders = (one for one in connectors().values() if one.send is not None)
    return [(one.name, kind) for one in senders for kind in sorted(one.wants)]


def test_each_connector_that_sends_has_another_side_here_and_a_schema_or_a_file() -> None:
    senders = {one.name for one in connectors().values() if one.wants}

    assert senders == set(PEERS) | WRITTEN_AS_FILES
    assert {name for name, one in connectors().items() if one.send is not None} == set(PEERS)


@pytest.mark.parametrize(("whole", "least"), list(product((False, True), (False, True))))
@pytest.mark.parametrize(("name", "kind"), told_to_all())
def test_every_request_is_one_that_the_vendor_takes(name: str, kind: OccasionKind, whole: bool, least: bool) -> None:
    for request in sent(account(name), rich(name, kind, whole=whole, least=least)):
        assert faults_of(request) == [], (request.method, request.url, request.body[:2000])
        assert name == "plain" or schema_of(request.url) is not None, request.url


WRITING = {"POST", "PUT", "PATCH"}


@pytest.mark.parametrize(("name", "kind"), told_to_all())
def test_every_occasion_writes_something(name: str, kind: OccasionKind) -> None:
    assert [one for one in sent(account(name), rich(name, kind, whole=True)) if one.method in WRITING]


@pytest.mark.parametrize("name", ["shopify", "woocommerce", "square", "medusa"])
def test_all_that_may_be_sold_is_told_in_parts_that_are_taken_at_once(name: str) -> None:
    asked = sent(account(name), rich(name, OccasionKind.AVAILABILITY))
    bodies = [one.body.decode() for one in asked if one.method in WRITING]

    counted = sum(body.count('"quantity":') + body.count('quantity":') for body in bodies)
    assert counted >= MOST_AVAILABLE
    assert len(bodies) > 1


@pytest.mark.parametrize("extension", sorted(EXTENSIONS))
@pytest.mark.parametrize("least", [False, True])
def test_an_extension_for_tracking_numbers_is_told_as_it_wants_it(extension: str, least: bool) -> None:
    what = rich("woocommerce", OccasionKind.PARCEL_SHIPPED, least=least)
    asked = sent(account("woocommerce", tracking=extension), what)

    assert [fault for one in asked for fault in faults_of(one)] == []


@pytest.mark.parametrize("least", [False, True])
def test_shipengine_is_not_told_what_only_shipstation_knows(least: bool) -> None:
    what = rich("shipstation_v2", OccasionKind.FULFILLMENT_REQUESTED, least=least)
    asked = sent(account("shipstation_v2", api="shipengine"), what)
    (shipment,) = json.loads(asked[1].body)["shipments"]

    assert [fault for one in asked for fault in faults_of(one)] == []
    assert "create_sales_order" not in shipment


def test_no_line_of_an_address_is_lost_where_there_are_fields_for_three() -> None:
    for name, field in (("shipstation_v1", "street3"), ("shipstation_v2", "address_line3")):
        body = sent(account(name), rich(name, OccasionKind.FULFILLMENT_REQUESTED))[-1].body.decode()
        assert f'"{field}":"Third floor, Ring twice"' in body


def test_an_address_that_shipstation_would_refuse_is_not_sent() -> None:
    whole = rich("shipstation_v2", OccasionKind.FULFILLMENT_REQUESTED)
    assert whole.address is not None
    lacking = replace(whole, address=replace(whole.address, city="", postcode=""))
    asked, outcome = play(SHIPSTATION_V2, account("shipstation_v2"), lacking, PEERS["shipstation_v2"])

    assert [one.method for one in asked] == ["GET"]
    assert (outcome.outcome, "without a city and a postcode" in outcome.note) == (Outcome.REFUSED, True)


@pytest.mark.parametrize("least", [False, True])
@pytest.mark.parametrize("kind", sorted(connectors()["plain"].wants))
def test_the_plain_webhook_sends_what_its_published_schema_has_and_signs_it(kind: OccasionKind, least: bool) -> None:
    plain = connectors()["plain"]
    (request,) = sent(account("plain"), rich("plain", kind, least=least))
    outgoing = strict(OUTGOING | {"oneOf": [{"$ref": "#/$defs/outgoing"}]})

    assert list(Draft202012Validator(outgoing).iter_errors(json.loads(request.body))) == []
    assert plain.sign is not None
    signed = plain.sign(request, account("plain"), {"sending_secret": SECRET}, AT_MS)
    message = Message(body=signed.body, headers=signed.headers, received_at_ms=AT_MS)
    assert (signed.headers["webhook-id"], standard_webhooks(message, (SECRET,))) == ("d1", True)


CSV_ROW = {
    "type": "object",
    "additionalProperties": False,
    "required": list(COLUMNS),
    "properties": {name: {"type": "string"} for name in COLUMNS}
    | {
        "action": {"enum": ["ship", "cancel"]},
        "fulfillment_id": {"minLength": 1},
        "line_id": {"minLength": 1},
        "sku": {"minLength": 1},
        "quantity": {"pattern": r"^[1-9]\d*$"},
        "order_number": {"minLength": 1},
        "requested_at": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "promise_by": {"pattern": r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?$"},
        "country": {"pattern": r"^[A-Z]{2}$"},
    },
}
"""A row as docs/partner-csv.md has it, column by column in its order."""


def csv_rows(body: bytes, separator: str) -> list[dict[str, str]]:
    """Read a file strictly: every row has as many cells as there are columns, each line ends as CSV says."""
    header, *rows = csv.reader(io.StringIO(body.decode(), newline=""), delimiter=separator, strict=True)
    assert header == list(COLUMNS)
    assert body.endswith(b"\r\n")
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize(("whole", "least"), list(product((False, True), (False, True))))
@pytest.mark.parametrize("kind", sorted(connectors()["partner_csv"].wants))
@pytest.mark.parametrize(("separator", "sign"), [("comma", ","), ("semicolon", ";")])
def test_a_file_of_orders_is_what_the_page_for_partners_has(
    kind: OccasionKind, whole: bool, least: bool, separator: str, sign: str
) -> None:
    document = connectors()["partner_csv"].document
    assert document is not None
    file = document(rich("partner_csv", kind, whole=whole, least=least), account("partner_csv", separator=separator))
    rows = csv_rows(file.body, sign)

    assert rows
    assert [error.message for row in rows for error in Draft202012Validator(CSV_ROW).iter_errors(row)] == []


def test_a_row_that_a_partner_could_not_read_is_found() -> None:
    document = connectors()["partner_csv"].document
    assert document is not None
    (row, *_) = csv_rows(document(rich("partner_csv", REQUESTED), account("partner_csv")).body, ",")

    for wrong in ({"action": "send"}, {"quantity": "0"}, {"requested_at": "yesterday"}, {"country": "us"}, {"x": "1"}):
        assert not Draft202012Validator(CSV_ROW).is_valid(row | wrong)
    assert not Draft202012Validator(CSV_ROW).is_valid({name: row[name] for name in row if name != "line_id"})


def strict(schema: Any) -> Any:
    """Give a schema in which no object has fields that it does not name: receivers may be lenient, we are not."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else {}
    return {name: strict(one) for name, one in schema.items()} | closed
