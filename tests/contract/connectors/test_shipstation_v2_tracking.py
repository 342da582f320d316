import json
from typing import Any

import pytest

from connectors.frame.facts import ParcelScanned
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.shipstation_v2 import CONNECTOR
from models.records.fulfillment import CarrierStatus

ACCOUNT = Account(name="ss", connector="shipstation_v2", pool="us", location="austin")
AT_MS = 1_788_250_000_000
API = "https://api.shipstation.com/v2"


def said(content: object) -> Translation:
    return translate(CONNECTOR, Message(body=json.dumps(content).encode(), received_at_ms=AT_MS), ACCOUNT)


def track(*events: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"tracking_number": "1Z7", "carrier_code": "ups", "status_code": "IT", "events": list(events)} | fields


def event(status: str | None = "IT", **fields: Any) -> dict[str, Any]:
    return {"occurred_at": "2026-09-01T10:00:00Z", "status_code": status, "description": "Departed"} | fields


def test_every_event_of_a_tracking_is_a_scan() -> None:
    content = track(
        event(city_locality="Austin", state_province="TX", country_code="US", status_detail_code="IN_TRANSIT"),
        event("IT", occurred_at="2026-09-02T08:00:00Z", description="Out for Delivery"),
        event("DE", occurred_at="2026-09-02T12:00:00Z", description="Left at door", signer="A. Person"),
        status_code="DE",
        estimated_delivery_date="2026-09-02T00:00:00",
    )

    told = said({"resource_url": f"{API}/tracking", "resource_type": "API_TRACK", "data": content})
    assert told == said(content)
    assert "Person" not in repr(told)
    assert told.facts == (
        scan(1_788_256_800_000, CarrierStatus.IN_TRANSIT, "in_transit", "Departed", "Austin TX US"),
        scan(1_788_336_000_000, CarrierStatus.OUT_FOR_DELIVERY, "", "Out for Delivery"),
        scan(1_788_350_400_000, CarrierStatus.DELIVERED, "signed", "Left at door"),
    )


def scan(at_ms: int, status: CarrierStatus, detail: str, raw: str, place: str = "") -> ParcelScanned:
    return ParcelScanned(
        tracking_number="1Z7",
        carrier="ups",
        status=status,
        detail=detail,
        at_ms=at_ms,
        raw=raw,
        place=place,
        expected_at_ms=1_788_307_200_000,
    )


@pytest.mark.parametrize(
    ("code", "detail", "expected"),
    [
        ("UN", None, (CarrierStatus.UNKNOWN, "")),
        ("NY", "ELEC_ADVICE_RECD_BY_CARRIER", (CarrierStatus.PRE_TRANSIT, "elec_advice_recd_by_carrier")),
        ("AC", None, (CarrierStatus.IN_TRANSIT, "accepted")),
        ("IT", "OUT_FOR_DELIVERY", (CarrierStatus.OUT_FOR_DELIVERY, "out_for_delivery")),
        ("AT", "CUSTOMER_NOT_HOME", (CarrierStatus.ATTEMPT_FAILED, "customer_not_home")),
        ("SP", None, (CarrierStatus.AVAILABLE_FOR_PICKUP, "service_point")),
        ("EX", "DAMAGED", (CarrierStatus.EXCEPTION, "damaged")),
        ("EX", "RETURN_TO_SENDER", (CarrierStatus.RETURN_TO_SENDER, "return_to_sender")),
        ("ZZ", None, (CarrierStatus.UNKNOWN, "zz")),
        ("", None, (CarrierStatus.UNKNOWN, "")),
    ],
)
def test_every_status_and_detail_code_has_its_canonical_one(
    code: str, detail: str | None, expected: tuple[CarrierStatus, str]
) -> None:
    facts = said(track(event(code, status_detail_code=detail), status_code="")).facts

    assert [(fact.status, fact.detail) for fact in facts if isinstance(fact, ParcelScanned)] == [expected]


def test_a_state_without_an_event_is_told_as_of_its_delivery_or_as_of_now() -> None:
    delivered = said(track(status_code="DE", actual_delivery_date="2026-09-02T12:00:00Z")).facts
    moving = said(track(event("AC"), status_code="AT")).facts

    assert [(fact.status, fact.at_ms) for fact in delivered if isinstance(fact, ParcelScanned)] == [
        (CarrierStatus.DELIVERED, 1_788_350_400_000)
    ]
    assert [(fact.status, fact.at_ms) for fact in moving if isinstance(fact, ParcelScanned)] == [
        (CarrierStatus.IN_TRANSIT, 1_788_256_800_000),
        (CarrierStatus.ATTEMPT_FAILED, AT_MS),
    ]


def test_an_event_that_cannot_be_read_is_refused_alone() -> None:
    told = said(track(event(), event(occurred_at=None)))

    assert [one.field for one in told.refused] == ["events[1].occurred_at"]
    assert len(told.facts) == 1


@pytest.mark.parametrize(
    ("description", "status"),
    [
        ("Delivered, Individual Picked Up at Post Office", CarrierStatus.DELIVERED),
        ("In Transit", CarrierStatus.IN_TRANSIT),
        ("Out for Delivery", CarrierStatus.OUT_FOR_DELIVERY),
        ("Exception", CarrierStatus.EXCEPTION),
        ("Arrived at facility", CarrierStatus.UNKNOWN),
    ],
)
def test_an_event_without_a_status_says_it_in_its_description(description: str, status: CarrierStatus) -> None:
    (told, *_) = said(track(event(None, description=description))).facts

    assert isinstance(told, ParcelScanned)
    assert (told.status, told.raw) == (status, description)


def test_the_state_is_not_told_again_as_of_now_where_an_event_says_it_in_words() -> None:
    assert len(said(track(event(None, description="In Transit"))).facts) == 1


def test_an_event_of_an_older_message_has_its_time_under_another_name() -> None:
    older = {"event_date": "2026-09-01T12:00:00.500Z", "description": "Delivered, Front Desk"}
    told = said(track(older, status_code="DE"))
    (fact,) = told.facts

    assert told.refused == ()
    assert isinstance(fact, ParcelScanned)
    assert (fact.status, fact.at_ms) == (CarrierStatus.DELIVERED, 1_788_264_000_500)
