import base64
import json
from typing import Any

import pytest

from connectors.frame.documents import Occasion, OccasionKind, Outcome
from connectors.frame.facts import ParcelScanned
from connectors.frame.http import HttpRequest
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.easypost import CONNECTOR
from models.records.fulfillment import CarrierStatus, Parcel, ParcelStatus
from tests.support.scripted_peer import answer, deliver, poll

ACCOUNT = Account(name="ep", connector="easypost", pool="eu")
AT_MS = 1_788_250_000_000


def tracker(*details: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "trk_9",
        "object": "Tracker",
        "tracking_code": "JD0146",
        "carrier": "DHLExpress",
        "status": "in_transit",
        "tracking_details": list(details),
    } | fields


def detail(at: str = "2026-09-01T08:30:00+02:00", status: str = "in_transit", **fields: Any) -> dict[str, Any]:
    return {"object": "TrackingDetail", "datetime": at, "status": status, "message": "On its way"} | fields


def said(content: object) -> Translation:
    return translate(CONNECTOR, message(content), ACCOUNT)


def message(content: object, **headers: str) -> Message:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Message(body=json.dumps(content).encode(), headers=names, received_at_ms=AT_MS)


def scans(content: object) -> list[tuple[CarrierStatus, str, int]]:
    facts = said(content).facts
    return [(fact.status, fact.detail, fact.at_ms) for fact in facts if isinstance(fact, ParcelScanned)]


def test_every_scan_of_a_tracker_is_told_with_its_own_time() -> None:
    place = {"city": "LEIPZIG", "state": None, "country": "DE", "zip": "04435"}
    told = said(
        tracker(
            detail(status_detail="arrived_at_facility", tracking_location=place),
            detail("2026-09-02T06:00:00Z", "out_for_delivery", message=None, description="With courier"),
            est_delivery_date="2026-09-02T16:00:00Z",
            status="out_for_delivery",
        )
    )

    assert told.facts == (
        ParcelScanned(
            tracking_number="JD0146",
            carrier="DHLExpress",
            status=CarrierStatus.IN_TRANSIT,
            detail="arrived_at_facility",
            at_ms=1_788_244_200_000,
            raw="On its way",
            place="LEIPZIG DE",
            expected_at_ms=1_788_364_800_000,
        ),
        ParcelScanned(
            tracking_number="JD0146",
            carrier="DHLExpress",
            status=CarrierStatus.OUT_FOR_DELIVERY,
            at_ms=1_788_328_800_000,
            raw="With courier",
            expected_at_ms=1_788_364_800_000,
        ),
    )


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("pre_transit", "label_created", (CarrierStatus.PRE_TRANSIT, "label_created")),
        ("in_transit", "unknown", (CarrierStatus.IN_TRANSIT, "")),
        ("in_transit", "weather_delay", (CarrierStatus.IN_TRANSIT, "weather_delay")),
        ("in_transit", "damaged", (CarrierStatus.EXCEPTION, "damaged")),
        ("in_transit", "refused", (CarrierStatus.EXCEPTION, "refused")),
        ("in_transit", "out_for_delivery", (CarrierStatus.OUT_FOR_DELIVERY, "out_for_delivery")),
        ("in_transit", "return", (CarrierStatus.RETURN_TO_SENDER, "return")),
        ("unknown", "expired", (CarrierStatus.EXPIRED, "expired")),
        ("available_for_pickup", None, (CarrierStatus.AVAILABLE_FOR_PICKUP, "")),
        ("return_to_sender", "return", (CarrierStatus.RETURN_TO_SENDER, "return")),
        ("failure", "lost", (CarrierStatus.EXCEPTION, "lost")),
        ("cancelled", None, (CarrierStatus.EXCEPTION, "cancelled")),
        ("error", None, (CarrierStatus.EXCEPTION, "")),
        ("a_word_of_next_year", None, (CarrierStatus.UNKNOWN, "a_word_of_next_year")),
        (None, None, (CarrierStatus.UNKNOWN, "")),
    ],
)
def test_every_status_and_sub_code_has_its_canonical_one(
    status: str, code: str, expected: tuple[CarrierStatus, str]
) -> None:
    told = said(tracker(detail(status=status, status_detail=code), status=status, status_detail=code)).facts

    assert [(fact.status, fact.detail) for fact in told if isinstance(fact, ParcelScanned)] == [expected]


def test_a_signature_is_told_without_the_name_of_who_signed() -> None:
    told = said(tracker(detail(status="delivered"), status="delivered", signed_by="A. Person"))

    assert scans(tracker(detail(status="delivered"), status="delivered", signed_by="A. Person")) == [
        (CarrierStatus.DELIVERED, "signed", 1_788_244_200_000)
    ]
    assert "Person" not in repr(told)


def test_a_status_that_no_scan_says_is_told_as_of_the_trackers_last_change() -> None:
    content = tracker(detail(), status="delivered", updated_at="2026-09-01T10:00:00Z")

    assert scans(content) == [
        (CarrierStatus.IN_TRANSIT, "", 1_788_244_200_000),
        (CarrierStatus.DELIVERED, "", 1_788_256_800_000),
    ]
    assert scans(tracker(status="pre_transit")) == [(CarrierStatus.PRE_TRANSIT, "", AT_MS)]


@pytest.mark.parametrize(
    "content",
    [
        {"object": "Event", "id": "evt_1", "description": "tracker.updated", "result": tracker(detail())},
        {"events": [{"object": "Event", "description": "tracker.updated", "result": tracker(detail())}]},
        {"trackers": [tracker(detail())], "has_more": False},
        {"object": "Shipment", "id": "shp_1", "tracker": tracker(detail())},
        {"shipments": [{"object": "Shipment", "id": "shp_1", "tracker": tracker(detail())}]},
        {"object": "Order", "id": "order_1", "shipments": [{"object": "Shipment", "tracker": tracker(detail())}]},
        {name: value for name, value in tracker(detail()).items() if name != "object"},
    ],
)
def test_a_tracker_is_found_wherever_it_stands(content: dict[str, Any]) -> None:
    assert scans(content) == [(CarrierStatus.IN_TRANSIT, "", 1_788_244_200_000)]
    assert CONNECTOR.recognise(message(content))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"object": "Event", "id": "evt_2", "description": "batch.created", "result": {}}, "batch.created"),
        ({"object": "Event", "id": "evt_2", "description": "tracker.created"}, "without its content"),
        ({"object": "Shipment", "id": "shp_1", "tracker": None}, "no scan yet"),
        ({"object": "Shipment", "id": "shp_1", "tracker": tracker(status="unknown")}, "no scan yet"),
        ({"trackers": []}, "nothing in trackers"),
        ({"object": "Refund", "id": "rfnd_1", "tracking_code": "JD0146"}, "refund"),
        ({"object": "Pickup", "id": "pickup_1"}, "pickup"),
        ({"object": "RefundReport", "id": "refrep_1"}, "refund report"),
        ({"object": "CarrierAccount", "id": "ca_1"}, "carrier account"),
        ({"events": [{"object": "Event", "description": "tracker.updated"}]}, "events without their content"),
    ],
)
def test_what_tells_no_scan_is_left_aside_with_a_reason(content: dict[str, Any], why: str) -> None:
    told = said(content)

    assert told.facts == ()
    assert told.refused == ()
    assert why in told.ignored


def test_objects_of_its_account_are_known_as_its_own() -> None:
    for kind in ("CarrierAccount", "CashFlowReport", "Rate", "RefundReport", "ShipmentInvoiceReport", "TaxIdentifier"):
        assert CONNECTOR.recognise(message({"id": "x_1", "object": kind}))
    assert not CONNECTOR.recognise(message({"id": "x_1", "object": "charge"}))


def test_a_scan_that_cannot_be_read_is_refused_alone() -> None:
    told = said(
        {"trackers": [tracker(detail(), detail(at="yesterday")), tracker(tracking_code=None), tracker(detail())]}
    )

    assert [(one.field, one.entry) for one in told.refused] == [
        ("trackers[0].tracking_details[1].datetime", "JD0146"),
        ("trackers[1].tracking_code", "trk_9"),
    ]
    assert len(told.facts) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"object": 5}', b'{"object": "Product"}', b"null", b"[" * 999])
def test_what_is_not_of_it_is_not_recognised(body: bytes) -> None:
    assert not CONNECTOR.recognise(Message(body=body))


def test_a_repeat_is_known_by_the_id_of_the_event() -> None:
    assert CONNECTOR.message_id(message({"object": "Event", "id": "evt_7"})) == "evt_7"
    assert CONNECTOR.message_id(message(tracker())) == ""
    assert CONNECTOR.message_id(Message(body=b"no json")) == ""


def test_a_list_of_objects_is_told_entry_by_entry() -> None:
    refund = {"object": "Refund", "id": "rfnd_1", "tracking_code": "JD0146", "status": "submitted"}
    content = [refund, tracker(detail()), tracker(detail("no time"))]
    told = said(content)

    assert CONNECTOR.recognise(message(content))
    assert [fact.status for fact in told.facts if isinstance(fact, ParcelScanned)] == [CarrierStatus.IN_TRANSIT] * 2
    assert [refusal.field for refusal in told.refused] == ["list[2].tracking_details[0].datetime"]
    assert not CONNECTOR.recognise(message([{"object": "charge"}]))


def occasion(carrier: str = "ups", tracking_number: str = "1Z7") -> Occasion:
    parcel = Parcel(
        parcel_id="p1",
        fulfillment_id="o1-1",
        units=(),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=AT_MS,
        carrier=carrier,
        tracking_number=tracking_number,
    )
    return Occasion(delivery_id="d1", kind=OccasionKind.PARCEL_SHIPPED, at_ms=AT_MS, number=1, parcel=parcel)


def test_a_parcel_of_ours_is_followed_under_the_carriers_name_with_easypost() -> None:
    assert CONNECTOR.send is not None
    asked, sent = deliver(CONNECTOR.send(occasion(), ACCOUNT), answer(tracker(id="trk_1"), 201))

    assert [(one.method, one.url) for one in asked] == [("POST", "https://api.easypost.com/v2/trackers")]
    assert json.loads(asked[0].body) == {"tracker": {"tracking_code": "1Z7", "carrier": "UPS"}}
    assert (sent.outcome, sent.reference) == (Outcome.DONE, "trk_1")


def test_a_carrier_that_easypost_does_not_know_is_left_to_the_form_of_the_number() -> None:
    assert CONNECTOR.send is not None
    unknown = answer({"error": {"code": "TRACKER.CREATE.ERROR"}}, 422)
    asked, sent = deliver(CONNECTOR.send(occasion(carrier="Bike"), ACCOUNT), unknown, answer(tracker(id="trk_2"), 201))

    assert [json.loads(one.body)["tracker"] for one in asked] == [
        {"tracking_code": "1Z7", "carrier": "Bike"},
        {"tracking_code": "1Z7"},
    ]
    assert sent.outcome is Outcome.DONE


def test_what_may_pass_is_tried_later_and_what_will_not_is_refused() -> None:
    assert CONNECTOR.send is not None
    _, slow = deliver(CONNECTOR.send(occasion(), ACCOUNT), answer({}, 429, retry_after="7"))
    _, broken = deliver(CONNECTOR.send(occasion(), ACCOUNT), answer(None, 503))
    _, locked = deliver(CONNECTOR.send(occasion(), ACCOUNT), answer(None, 401))
    _, wrong = deliver(CONNECTOR.send(occasion(), ACCOUNT), answer(None, 422), answer({"error": "no"}, 422))

    assert (slow.outcome, slow.retry_after_seconds) == (Outcome.LATER, 7)
    assert (broken.outcome, broken.retry_after_seconds) == (Outcome.LATER, None)
    assert locked.outcome is Outcome.LATER
    assert "secrets" in locked.note
    assert wrong.outcome is Outcome.REFUSED


def test_a_parcel_without_a_number_needs_no_request() -> None:
    assert CONNECTOR.send is not None
    asked, sent = deliver(CONNECTOR.send(occasion(tracking_number=""), ACCOUNT))

    assert asked == []
    assert sent.outcome is Outcome.DONE


def test_the_key_goes_in_as_the_user_of_the_request() -> None:
    assert CONNECTOR.authorise is not None
    request = CONNECTOR.authorise(
        HttpRequest(method="GET", url="https://api.easypost.com/v2/trackers"), ACCOUNT, {"api_key": "k"}
    )

    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"k:").decode()


def test_trackers_of_the_last_weeks_are_read_again_page_by_page() -> None:
    run = CONNECTOR.polls[0].run
    asked, pages = poll(
        run(ACCOUNT, "5", AT_MS),
        [answer({"trackers": [tracker(id="trk_1")], "has_more": True}), answer({"trackers": [], "has_more": False})],
    )

    first = "https://api.easypost.com/v2/trackers?page_size=100&start_datetime=2026-08-02T08:06:40Z"
    assert asked == [first, f"{first}&before_id=trk_1"]
    assert [page.cursor for page in pages] == ["5", str(AT_MS)]
    assert poll(run(ACCOUNT, "5", AT_MS), [answer(None, 500)]) == ([first], [])
