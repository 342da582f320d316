import json
from typing import Any

import pytest

from connectors.frame.facts import FulfillmentAnswered, ParcelStated
from connectors.frame.message import Account, Fetch, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.shipstation_v2 import CONNECTOR

ACCOUNT = Account(
    name="ss", connector="shipstation_v2", pool="us", location="austin", settings={"warehouse_id": "se-1"}
)
AT_MS = 1_788_250_000_000
API = "https://api.shipstation.com/v2"


def said(content: object) -> Translation:
    return translate(CONNECTOR, message(content), ACCOUNT)


def message(content: object, topic: str = "") -> Message:
    return Message(body=json.dumps(content).encode(), topic=topic, received_at_ms=AT_MS)


def label(**fields: Any) -> dict[str, Any]:
    return {
        "label_id": "se-7",
        "status": "completed",
        "shipment_id": "se-3",
        "external_shipment_id": "o1-1",
        "created_at": "2026-09-01T10:00:00Z",
        "ship_date": "2026-09-01T00:00:00Z",
        "shipment_cost": {"currency": "usd", "amount": 7.33},
        "insurance_cost": {"currency": "usd", "amount": 0.5},
        "tracking_number": "1Z7",
        "is_return_label": False,
        "carrier_code": "ups",
        "service_code": "ups_ground",
        "voided": False,
        "packages": [],
    } | fields


PARCEL = ParcelStated(
    parcel_id="se-7",
    fulfillment_id="o1-1",
    at_ms=1_788_256_800_000,
    carrier="ups",
    service="ups_ground",
    tracking_number="1Z7",
    cost_minor=783,
    currency="USD",
)


def test_a_label_of_our_shipment_is_a_parcel_with_what_it_cost() -> None:
    assert said(label()).facts == (PARCEL,)
    assert said({"labels": [label()], "total": 1, "page": 1, "pages": 1}).facts == (PARCEL,)


def test_a_label_names_our_fulfillment_by_its_package_where_it_does_not_by_its_shipment() -> None:
    packages = [{"external_package_id": None}, {"external_package_id": "o1-1"}]

    assert said(label(external_shipment_id=None, packages=packages)).facts == (PARCEL,)
    assert said(label(external_shipment_id=None)).facts == ()
    assert "no shipment of ours" in said(label(external_shipment_id=None)).ignored


def test_a_voided_label_takes_its_parcel_back() -> None:
    facts = said(label(voided=True, status="voided", voided_at="2026-09-01T12:00:00Z")).facts

    assert [(fact.cancelled, fact.at_ms) for fact in facts if isinstance(fact, ParcelStated)] == [
        (True, 1_788_264_000_000)
    ]


def test_a_label_for_a_later_day_leaves_on_that_day() -> None:
    facts = said(label(ship_date="2026-09-03T00:00:00Z")).facts

    assert [fact.at_ms for fact in facts if isinstance(fact, ParcelStated)] == [1_788_393_600_000]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (label(is_return_label=True), "comes back"),
        (label(status="processing"), "no label yet"),
        (label(status="error"), "no label yet"),
        ({"shipment_id": "se-3", "shipment_status": "pending", "external_shipment_id": None}, "no shipment of ours"),
        ({"shipment_id": "se-3", "shipment_status": "label_purchased", "external_shipment_id": "o1-1"}, "by its label"),
        ({"shipment_id": "se-3", "shipment_status": "on_hold", "external_shipment_id": "o1-1"}, "neither"),
        ({"manifest_id": "se-1", "shipments": 3}, "manifest"),
        ({"batch_id": "se-1", "status": "completed"}, "batch"),
        ({"carriers": [{"carrier_id": "se-1"}]}, "carriers"),
        ([{"status": "verified", "original_address": {}, "matched_address": {}}], "checked addresses"),
        ({"inventory": [{"sku": "MUG", "on_hand": 5, "inventory_warehouse_id": "se-1"}]}, "its own sums"),
        ({"warehouses": [{"warehouse_id": "se-1"}]}, "set up in ShipStation"),
        ({"resource_type": "API_RATE", "resource_url": f"{API}/rates/1"}, "API_RATE"),
        ({"labels": []}, "nothing in labels"),
    ],
)
def test_what_moves_no_parcel_is_left_aside_with_a_reason(content: object, why: str) -> None:
    told = said(content)

    assert (told.facts, told.refused, told.fetch) == ((), (), ())
    assert why in told.ignored


def test_a_list_without_a_name_is_read_entry_by_entry() -> None:
    told = said([label(), label(label_id="se-8", shipment_cost={"currency": "usd", "amount": "a lot"})])

    assert told.facts == (PARCEL,)
    assert [(one.field, one.entry) for one in told.refused] == [("list[1].shipment_cost.amount", "se-8")]


def test_a_bad_label_of_a_list_is_refused_alone() -> None:
    costly = label(label_id="se-8", shipment_cost={"currency": "usd", "amount": "a lot"})
    told = said({"labels": [label(), costly, label(label_id=None)]})

    assert told.facts == (PARCEL,)
    assert [(one.field, one.entry) for one in told.refused] == [
        ("labels[1].shipment_cost.amount", "se-8"),
        ("labels[2].label_id", "se-3"),
    ]


def test_amounts_of_currencies_without_cents_are_whole() -> None:
    cost = {"currency": "jpy", "amount": 1200}
    facts = said(label(shipment_cost=cost, insurance_cost=None)).facts

    assert [(fact.cost_minor, fact.currency) for fact in facts if isinstance(fact, ParcelStated)] == [(1200, "JPY")]


def test_what_was_marked_as_shipped_is_a_parcel_too() -> None:
    content = {
        "fulfillment_id": "se-9",
        "shipment_number": "o1-1",
        "created_at": "2026-09-01T10:00:00Z",
        "ship_date": "2026-08-31T00:00:00Z",
        "tracking_number": "9400",
        "fulfillment_carrier_friendly_name": "USPS",
        "voided": False,
    }

    expected = ParcelStated(
        parcel_id="se-9", fulfillment_id="o1-1", at_ms=1_788_256_800_000, carrier="USPS", tracking_number="9400"
    )
    assert said({"fulfillments": [content], "page": 1, "pages": 1}).facts == (expected,)
    assert said(content).facts == (expected,)


@pytest.mark.parametrize(
    ("fields", "accepted", "note"),
    [
        ({"shipment_status": "pending"}, True, ""),
        ({"shipment_status": "processing"}, True, ""),
        ({"shipment_status": "cancelled"}, False, "cancelled in ShipStation"),
        ({"shipment_status": "pending", "errors": ["no such warehouse"]}, False, "no such warehouse"),
    ],
)
def test_a_shipment_of_ours_says_whether_it_is_taken(fields: dict[str, Any], accepted: bool, note: str) -> None:
    content = {"shipment_id": "se-3", "external_shipment_id": "o1-1", "modified_at": "2026-09-01T10:00:00Z"} | fields
    expected = FulfillmentAnswered(
        fulfillment_id="o1-1", accepted=accepted, at_ms=1_788_256_800_000, note=note, partner_reference="se-3"
    )

    assert said(content).facts == (expected,)
    assert said({"shipments": [content]}).facts == (expected,)


@pytest.mark.parametrize(
    ("kind", "url", "fetch"),
    [
        ("BATCH_PROCESSED_V2", f"{API}/batches/se-5", Fetch(url=f"{API}/labels?batch_id=se-5", topic="labels")),
        ("LABEL_CREATED_V2", f"{API}/labels/se-7", Fetch(url=f"{API}/labels/se-7", topic="labels")),
        (
            "FULFILLMENT_SHIPPED_V2",
            f"{API}/fulfillments?batch=1",
            Fetch(url=f"{API}/fulfillments?batch=1", topic="fulfillments"),
        ),
        ("API_TRACK", f"{API}/labels/se-7/track", Fetch(url=f"{API}/labels/se-7/track", topic="track")),
    ],
)
def test_a_webhook_that_only_points_is_followed(kind: str, url: str, fetch: Fetch) -> None:
    told = said({"resource_type": kind, "resource_url": url})

    assert told.fetch == (fetch,)
    assert told.facts == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://api.shipstation.com.evil.example/v2/labels/1",
        "https://api.shipstation.com@evil.example/v2/labels/1",
        "https://api.shipstation.com:8443/v2/labels/1",
        "http://api.shipstation.com/v2/labels/1",
        "https://169.254.169.254/labels/1",
        "https://api.shipstation.com\n.evil.example/labels/1",
        "//[",
        "",
    ],
)
def test_a_webhook_that_points_elsewhere_is_refused(url: str) -> None:
    told = said({"resource_type": "LABEL_CREATED_V2", "resource_url": url})

    assert [one.field for one in told.refused] == ["resource_url"]
    assert told.fetch == ()


def test_the_next_page_of_a_list_is_followed_unless_a_poll_turns_the_pages() -> None:
    content = {"labels": [label()], "links": {"next": {"href": f"{API}/labels?page=2"}}}
    polled = translate(CONNECTOR, message(content, "polled"), ACCOUNT)

    assert said(content).fetch == (Fetch(url=f"{API}/labels?page=2", topic="labels"),)
    assert polled.fetch == ()
    assert polled.facts == (PARCEL,)


@pytest.mark.parametrize(
    ("content", "is_ours"),
    [
        (label(), True),
        ({"labels": [label()]}, True),
        ({"tracking_number": "1Z7", "status_code": "IT", "carrier_status_code": "X"}, True),
        ({"resource_type": "TRACK_EVENT_V2", "data": {}}, True),
        ({"shipments": [{"shipment_id": "se-3"}]}, True),
        ({"shipments": [{"shipmentId": 5}]}, False),
        ({"shipments": []}, False),
        ([label()], True),
        ({"tracking_number": "1Z7", "status_code": "IT", "carrier_status_code": 1, "events": []}, True),
        ({"inventory": [{"sku": "MUG", "on_hand": 5, "inventory_warehouse_id": "se-1"}], "total": 1}, True),
        ({"warehouses": [{"warehouse_id": "se-1"}]}, True),
        ({"inventory": [{"sku": "MUG", "on_hand": 5}]}, False),
        ({"fulfillments": [{"fulfillmentId": 5}]}, False),
        ({"resource_type": "SHIP_NOTIFY", "resource_url": "https://ssapi.shipstation.com/shipments"}, False),
        ({"tracking_number": "1Z7"}, False),
        ([], False),
        ([{"shipmentId": 5}], False),
        ("label", False),
    ],
)
def test_its_messages_are_told_by_their_shape(content: object, is_ours: bool) -> None:
    assert CONNECTOR.recognise(message(content)) is is_ours
