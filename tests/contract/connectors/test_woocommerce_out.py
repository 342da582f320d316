import base64
import json
from typing import Any

import pytest

from connectors.frame.declaration import Page
from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, get_request
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from connectors.systems.woocommerce import CONNECTOR
from models.records.fulfillment import Parcel, ParcelStatus
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.support.scripted_peer import answer, deliver, poll

AT_MS = 1_788_250_000_000
SHOP = "https://shop.example"
API = f"{SHOP}/wp-json/wc/v3"
ACCOUNT = Account(
    name="shop", connector="woocommerce", pool="eu", settings={"url": SHOP, "carriers": "dhl=DHL Germany; ups=UPS"}
)
TRACKED = Account(
    name="shop", connector="woocommerce", pool="eu", settings={"url": SHOP, "tracking": "shipment-tracking"}
)


def shipped(status: OrderStatus = OrderStatus.SHIPPED, **fields: Any) -> Occasion:
    parcel = Parcel(
        parcel_id="p1",
        fulfillment_id="o-1",
        units=(UnitsOfLine(line_id="11", quantity=2),),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=AT_MS,
        carrier="dhl",
        tracking_number="00340",
    )
    return occasion(OccasionKind.PARCEL_SHIPPED, status, parcel=parcel, **fields)


def occasion(kind: OccasionKind, status: OrderStatus = OrderStatus.ROUTED, **fields: Any) -> Occasion:
    order = Order(
        order_id="o",
        pool="eu",
        channel="shop",
        external_id="501",
        currency="EUR",
        status=status,
        lines=(Line(line_id="11", sku="MUG", quantity=3),),
        destination=Destination(country="DE"),
        placed_at_ms=0,
        version=1,
        offset=0,
        index=0,
        updated_at_ms=0,
    )
    return Occasion(delivery_id="d1", kind=kind, at_ms=AT_MS, number=1, order=order, **fields)


def sent(what: Occasion, *script: HttpResponse, account: Account = ACCOUNT) -> tuple[list[tuple[str, str, Any]], Sent]:
    assert CONNECTOR.send is not None
    asked, outcome = deliver(CONNECTOR.send(what, account), *script)
    return [(one.method, one.url, json.loads(one.body) if one.body else None) for one in asked], outcome


def test_a_parcel_is_noted_for_the_customer_and_a_shipped_order_is_completed() -> None:
    asked, outcome = sent(
        shipped(), answer([{"note": "Hello"}]), answer({"id": 1}, 201), answer({"status": "processing"}), answer({})
    )

    assert asked == [
        ("GET", f"{API}/orders/501/notes?type=customer", None),
        ("POST", f"{API}/orders/501/notes", {"note": "Sent with DHL Germany: 00340", "customer_note": True}),
        ("GET", f"{API}/orders/501?_fields=id,status", None),
        ("PUT", f"{API}/orders/501", {"status": "completed"}),
    ]
    assert outcome == Sent(outcome=Outcome.DONE, reference="501")


def test_what_the_shop_knows_already_is_not_told_twice() -> None:
    there = answer([{"note": "Sent with DHL Germany: 00340"}])
    asked, outcome = sent(shipped(), there, answer({"status": "completed"}))

    assert [method for method, _, _ in asked] == ["GET", "GET"]
    assert outcome.outcome is Outcome.DONE


def test_the_first_of_several_parcels_completes_nothing() -> None:
    asked, _ = sent(shipped(OrderStatus.PARTIALLY_SHIPPED), answer([]), answer({}, 201))

    assert [method for method, _, _ in asked] == ["GET", "POST"]


def test_the_tracking_extension_gets_the_number_once() -> None:
    url = f"{SHOP}/wp-json/wc-shipment-tracking/v3/orders/501/shipment-trackings"
    what = shipped(OrderStatus.PARTIALLY_SHIPPED)
    names = answer({"Global": {"UPS": "https://ups.example/%1$s"}, "Germany": {"DHL": "https://dhl.example/%1$s"}})
    first, _ = sent(what, answer([{"tracking_number": "other"}]), names, answer({}, 201), account=TRACKED)
    again, outcome = sent(what, answer([{"tracking_number": "00340"}]), account=TRACKED)

    assert first == [
        ("GET", url, None),
        ("GET", f"{SHOP}/wp-json/wc-shipment-tracking/v3/shipment-trackings/providers", None),
        ("POST", url, {"tracking_provider": "DHL", "tracking_number": "00340", "date_shipped": "2026-09-01"}),
    ]
    assert [method for method, _, _ in again] == ["GET"]
    assert outcome.outcome is Outcome.DONE


def test_a_carrier_that_the_extension_does_not_know_is_told_in_a_note() -> None:
    what = shipped(OrderStatus.PARTIALLY_SHIPPED)
    asked, outcome = sent(what, answer([]), answer({"Global": []}), answer([]), answer({}, 201), account=TRACKED)
    note = f"{API}/orders/501/notes"

    assert asked[-1] == ("POST", note, {"note": "Sent with dhl: 00340", "customer_note": True})
    assert outcome.outcome is Outcome.DONE


def test_an_extension_that_lists_no_carriers_is_told_ours() -> None:
    what = shipped(OrderStatus.PARTIALLY_SHIPPED)
    asked, _ = sent(what, answer([]), answer({"code": "rest_no_route"}, 404), answer({}, 201), account=TRACKED)
    _, later = sent(what, answer([]), answer(None, 503), account=TRACKED)

    assert asked[-1][2]["tracking_provider"] == "dhl"
    assert later.outcome is Outcome.LATER


def test_units_that_are_not_sent_are_noted_for_the_staff_and_a_cancelled_order_is_cancelled() -> None:
    units = (UnitsOfLine(line_id="11", quantity=2),)
    noted, _ = sent(occasion(OccasionKind.UNITS_CANCELLED, units=units), answer([]), answer({}, 201))
    off, _ = sent(
        occasion(OccasionKind.UNITS_CANCELLED, OrderStatus.CANCELLED), answer({"status": "on-hold"}), answer({})
    )
    known, _ = sent(occasion(OccasionKind.UNITS_CANCELLED, OrderStatus.CANCELLED), answer({"status": "refunded"}))

    assert noted[1][2] == {"note": "Not sent: 2 × MUG (d1)", "customer_note": False}
    assert off[1] == ("PUT", f"{API}/orders/501", {"status": "cancelled"})
    assert len(known) == 1


@pytest.mark.parametrize(
    ("reply", "outcome", "seconds"),
    [
        (answer({}, 429, retry_after="30"), Outcome.LATER, 30),
        (answer({}, 503), Outcome.LATER, None),
        (answer({}, 401), Outcome.LATER, None),
        (answer({"code": "woocommerce_rest_shop_order_invalid_id"}, 404), Outcome.REFUSED, None),
        (HttpResponse(status=200, body=b"<html>maintenance"), Outcome.LATER, None),
    ],
)
def test_what_may_pass_is_tried_later_and_what_will_not_is_refused(
    reply: HttpResponse, outcome: Outcome, seconds: int | None
) -> None:
    asked, came = sent(shipped(), reply)

    assert (came.outcome, came.retry_after_seconds) == (outcome, seconds)
    assert len(asked) == 1


def test_stock_is_set_by_sku_in_batches_and_what_the_shop_changed_is_observed() -> None:
    available = (
        Available(sku="MUG", quantity=5, last_sent=8),
        Available(sku="CAP-M", quantity=0, last_sent=2),
        Available(sku="SAME", quantity=4, last_sent=4),
        Available(sku="listing 40", quantity=1, listing_ref="40"),
    )
    there = [
        {"id": 7, "parent_id": 0, "sku": "MUG", "stock_quantity": 6},
        {"id": 23, "parent_id": 22, "sku": "CAP-M", "stock_quantity": 2},
        {"id": 9, "parent_id": 0, "sku": "SAME", "stock_quantity": 4},
    ]
    told = occasion(OccasionKind.AVAILABILITY, available=available)
    asked, outcome = sent(told, answer(there), answer({"update": []}), answer({"update": []}))

    assert asked[0][1].startswith(f"{API}/products?sku=MUG%2CCAP-M%2CSAME%2Clisting+40&per_page=100")
    assert asked[1:] == [
        (
            "POST",
            f"{API}/products/batch",
            {
                "update": [
                    {"id": 7, "manage_stock": True, "stock_quantity": 5},
                    {"id": 40, "manage_stock": True, "stock_quantity": 1},
                ]
            },
        ),
        (
            "POST",
            f"{API}/products/22/variations/batch",
            {"update": [{"id": 23, "manage_stock": True, "stock_quantity": 0}]},
        ),
    ]
    assert outcome == Sent(outcome=Outcome.DONE, observed={"MUG": 6})


def test_a_sku_that_the_shop_does_not_have_is_refused_and_the_others_are_told() -> None:
    available = (Available(sku="GONE", quantity=5), Available(sku="MUG", quantity=5))
    told = occasion(OccasionKind.AVAILABILITY, available=available)
    there = answer([{"id": 7, "sku": "MUG", "stock_quantity": None}])
    asked, outcome = sent(told, there, answer({"update": [{"id": 7}]}))
    _, faulty = sent(told, there, answer({"update": [{"id": 7, "error": {"message": "no"}}]}))

    assert asked[1][2] == {"update": [{"id": 7, "manage_stock": True, "stock_quantity": 5}]}
    assert (outcome.outcome, "GONE" in outcome.note) == (Outcome.REFUSED, True)
    assert (faulty.outcome, faulty.note) == (Outcome.REFUSED, "1 were not set, first product 7: no")


def page_of(*changes: str) -> list[dict[str, Any]]:
    return [{"id": number, "date_modified_gmt": at} for number, at in enumerate(changes)]


def test_a_poll_goes_on_from_the_last_change_and_keeps_the_newest() -> None:
    full = page_of(*["2026-09-01T08:00:00"] * 99, "2026-09-01T08:30:00")
    rest = page_of("2026-09-01T08:31:00")
    asked, pages = poll(CONNECTOR.polls[0].run(ACCOUNT, "1788249600000", AT_MS), [answer(full), answer(rest)])

    assert ["modified_after=2026-09-01T07%3A50%3A00&" in asked[0], "page=1" in asked[0]] == [True, True]
    assert "modified_after=2026-09-01T08%3A29%3A59&" in asked[1]
    assert [(len(page.messages), page.cursor) for page in pages] == [(100, "1788251400000"), (1, "1788251460000")]
    assert isinstance(pages[0], Page)
    assert pages[0].messages[0].topic == "order.updated"


def test_a_second_with_more_orders_than_a_page_is_read_page_by_page() -> None:
    full = page_of(*["2026-09-01T07:50:00"] * 100)
    asked, _ = poll(CONNECTOR.polls[0].run(ACCOUNT, "1788249600000", AT_MS), [answer(full), answer([])])

    assert [("modified_after=2026-09-01T07%3A50%3A00&" in url, url[-6:]) for url in asked] == [
        (True, "page=1"),
        (True, "page=2"),
    ]


def test_the_poll_asks_for_the_refunds_of_an_order_that_has_some() -> None:
    changed = [{"id": 5, "date_modified_gmt": "2026-09-01T08:00:00", "refunds": [{"id": 6, "total": "-1.00"}]}]
    asked, pages = poll(CONNECTOR.polls[0].run(ACCOUNT, "", AT_MS), [answer(changed), answer([{"id": 6}])])

    assert asked[1:] == [f"{API}/orders/5/refunds?per_page=100"]
    assert [(one.topic, one.body) for one in pages[0].messages][1:] == [("refunds", b'[{"id":6}]')]


def test_a_poll_that_fails_says_so() -> None:
    with pytest.raises(UnreadableError, match="503"):
        poll(CONNECTOR.polls[0].run(ACCOUNT, "", AT_MS), [answer({}, 503)])


def test_requests_are_signed_in_with_the_key_and_stay_at_the_shops_host() -> None:
    assert CONNECTOR.authorise is not None
    secrets = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}
    request: HttpRequest = CONNECTOR.authorise(get_request(f"{API}/orders"), ACCOUNT, secrets)

    assert request.headers["authorization"] == f"Basic {base64.b64encode(b'ck_1:cs_1').decode()}"
    assert CONNECTOR.hosts(ACCOUNT) == ("shop.example",)
    assert CONNECTOR.hosts(Account(name="x", connector="woocommerce", pool="eu")) == ()
