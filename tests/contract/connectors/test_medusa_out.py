import base64
import json
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, get_request
from connectors.systems.medusa import CONNECTOR
from models.records.fulfillment import Fulfillment, FulfillmentStatus, Parcel, ParcelStatus
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.support.medusa_messages import ACCOUNT, ADMIN, AT_MS, CHANGED, CHANGED_MS, ORDER_ID, fulfillment
from tests.support.scripted_peer import answer, deliver

AT = f"{ADMIN}/orders/{ORDER_ID}"
OURS = fulfillment(metadata={"headrace_parcel": "p1"}, shipped_at=None, labels=[])
ITEMS = [{"id": "ordli_1", "quantity": 2}]
ITEM = {"id": "ordli_1", "quantity": 3}
CREATE = {
    "items": ITEMS,
    "no_notification": True,
    "metadata": {"headrace_parcel": "p1"},
    "location_id": "sloc_1",
}
SHIP = {
    "items": ITEMS,
    "no_notification": True,
    "labels": [{"tracking_number": "00340", "tracking_url": "", "label_url": ""}],
}


def the_order(**fields: Any) -> Order:
    known: dict[str, Any] = {
        "order_id": "o",
        "pool": "eu",
        "channel": "shop",
        "external_id": ORDER_ID,
        "currency": "EUR",
        "status": OrderStatus.ROUTED,
        "lines": (Line(line_id="ordli_1", sku="MUG", quantity=3),),
        "destination": Destination(country="DE"),
        "placed_at_ms": 0,
        "version": 1,
        "offset": 0,
        "index": 0,
        "updated_at_ms": 0,
    }
    return Order(**known | fields)


def shipped(kind: OccasionKind = OccasionKind.PARCEL_SHIPPED, **fields: Any) -> Occasion:
    parcel = Parcel(
        parcel_id="p1",
        fulfillment_id="o-1",
        units=(UnitsOfLine(line_id="ordli_1", quantity=2),),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=AT_MS,
        carrier="dhl",
        tracking_number="00340",
    )
    return Occasion(delivery_id="d1", kind=kind, at_ms=AT_MS, number=1, order=the_order(), parcel=parcel, **fields)


def cancelled(order: Order, cause: str = "inventory") -> Occasion:
    units = (UnitsOfLine(line_id="ordli_1", quantity=1),)
    kind = OccasionKind.UNITS_CANCELLED
    return Occasion(delivery_id="d1", kind=kind, at_ms=AT_MS, number=1, order=order, units=units, cause=cause)


def there(*fulfillments: dict[str, Any], **fields: Any) -> HttpResponse:
    return answer({"order": {"id": ORDER_ID, "items": [ITEM], "fulfillments": list(fulfillments)} | fields})


def sent(what: Occasion, *script: HttpResponse) -> tuple[list[tuple[str, str, Any]], Sent]:
    """What was asked (method, address without its query, body), and what came of it."""
    assert CONNECTOR.send is not None
    asked, outcome = deliver(CONNECTOR.send(what, ACCOUNT), *script)
    return [
        (one.method, one.url.partition("?")[0], json.loads(one.body) if one.body else None) for one in asked
    ], outcome


def test_a_parcel_is_a_fulfillment_that_names_it_and_a_shipment_with_its_number() -> None:
    asked, outcome = sent(shipped(), there(), there(OURS), there())

    assert asked == [
        ("GET", AT, None),
        ("POST", f"{AT}/fulfillments", CREATE),
        ("POST", f"{AT}/fulfillments/ful_1/shipments", SHIP),
    ]
    assert outcome == Sent(outcome=Outcome.DONE, reference="ful_1")


@pytest.mark.parametrize("known", [OURS | {"shipped_at": CHANGED}, OURS | {"delivered_at": CHANGED}, fulfillment()])
def test_a_parcel_that_medusa_knows_by_its_name_or_number_is_not_told_again(known: dict[str, Any]) -> None:
    asked, outcome = sent(shipped(), there(known))

    assert asked == [("GET", AT, None)]
    assert (outcome.outcome, outcome.note, outcome.reference) == (Outcome.DONE, "Medusa knows it", "ful_1")


@pytest.mark.parametrize("open_one", [OURS, fulfillment(shipped_at=None, labels=[])])
def test_what_was_made_of_the_same_units_and_not_shipped_is_shipped(open_one: dict[str, Any]) -> None:
    asked, outcome = sent(shipped(), there(open_one), there())

    assert [(method, url) for method, url, _ in asked] == [("GET", AT), ("POST", f"{AT}/fulfillments/ful_1/shipments")]
    assert outcome.outcome is Outcome.DONE


@pytest.mark.parametrize(
    "other",
    [
        OURS | {"canceled_at": CHANGED},
        fulfillment(shipped_at=None, labels=[], items=[{"line_item_id": "ordli_1", "quantity": 1}]),
        fulfillment(labels=[{"tracking_number": "other"}]),
        fulfillment(metadata={"headrace_parcel": "p0"}, shipped_at=None, labels=[]),
    ],
)
def test_another_parcels_fulfillment_or_one_taken_back_is_left_alone(other: dict[str, Any]) -> None:
    asked, _ = sent(shipped(), there(other), there(other, OURS | {"id": "ful_2"}), there())

    assert [url for _, url, _ in asked] == [AT, f"{AT}/fulfillments", f"{AT}/fulfillments/ful_2/shipments"]


def test_the_parcel_leaves_from_the_location_that_the_account_maps() -> None:
    part = Fulfillment(
        fulfillment_id="o-1", location_id="ulm", status=FulfillmentStatus.PACKED, lines=(), routed_at_ms=0
    )
    account = replace(ACCOUNT, locations={"sloc_9": "ulm"}, settings=ACCOUNT.settings | {"notify_customer": "yes"})
    assert CONNECTOR.send is not None
    asked, _ = deliver(CONNECTOR.send(shipped(fulfillment=part), account), there(), there(OURS), there())
    made = json.loads(asked[1].body)

    assert (made["location_id"], made["no_notification"]) == ("sloc_9", False)


def test_a_delivery_is_marked_once_and_waits_for_its_shipment() -> None:
    delivered = shipped(OccasionKind.PARCEL_DELIVERED)
    asked, outcome = sent(delivered, there(OURS | {"shipped_at": CHANGED}), there())

    assert asked[1] == ("POST", f"{AT}/fulfillments/ful_1/mark-as-delivered", {"no_notification": True})
    assert outcome.outcome is Outcome.DONE
    assert sent(delivered, there(OURS | {"delivered_at": CHANGED}))[1].note == "Medusa knows it"
    assert sent(delivered, there())[1].outcome is Outcome.LATER


@pytest.mark.parametrize(
    ("response", "outcome", "seconds"),
    [
        (answer(status=429, retry_after="7"), Outcome.LATER, 7),
        (answer(status=503), Outcome.LATER, None),
        (answer({"message": "conflict"}, 409), Outcome.LATER, None),
        (answer(status=401), Outcome.LATER, None),
        (answer({"message": "exceeds the reserved quantity"}, 400), Outcome.REFUSED, None),
        (answer(status=404), Outcome.REFUSED, None),
        (HttpResponse(status=200, body=b"<html>"), Outcome.LATER, None),
        (answer({"nothing": 1}), Outcome.LATER, None),
    ],
)
def test_what_may_pass_is_tried_later_and_what_will_not_is_refused(
    response: HttpResponse, outcome: Outcome, seconds: int | None
) -> None:
    for script in ((response,), (there(), response), (there(OURS), response)):
        told = sent(shipped(), *script)[1]

        assert (told.outcome, told.retry_after_seconds) == (outcome, seconds)


def test_an_order_of_which_nothing_is_sent_or_paid_is_cancelled() -> None:
    order = the_order(lines=(Line(line_id="ordli_1", sku="MUG", quantity=3, cancelled=3),))
    asked, outcome = sent(cancelled(order), there(), answer({"order": {}}))

    assert asked[1] == ("POST", f"{AT}/cancel", {})
    assert outcome.outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("fields", "cancelled_units"),
    [
        ({"payment_collections": [{"captured_amount": 37.2}]}, 3),
        ({"fulfillments": [OURS]}, 3),
        ({}, 1),
    ],
)
def test_other_orders_are_edited_down_to_what_will_be_sent(fields: dict[str, Any], cancelled_units: int) -> None:
    order = the_order(lines=(Line(line_id="ordli_1", sku="MUG", quantity=3, cancelled=cancelled_units),))
    script = (there(**fields), answer({"order_changes": [{"status": "confirmed"}]}), *[answer({})] * 3)
    asked, outcome = sent(cancelled(order), *script)
    edit = f"{ADMIN}/order-edits"

    assert asked[1:] == [
        ("GET", f"{AT}/changes", None),
        ("POST", edit, {"order_id": ORDER_ID, "internal_note": "Headrace d1"}),
        ("POST", f"{edit}/{ORDER_ID}/items/item/ordli_1", {"quantity": 3 - cancelled_units}),
        ("POST", f"{edit}/{ORDER_ID}/confirm", {}),
    ]
    assert outcome.outcome is Outcome.DONE


def test_an_edit_that_was_begun_is_begun_anew_and_anybody_elses_is_waited_for() -> None:
    order = the_order(lines=(Line(line_id="ordli_1", sku="MUG", quantity=3, cancelled=1),))
    ours = answer({"order_changes": [{"status": "pending", "internal_note": "Headrace d1"}]})
    others = answer({"order_changes": [{"status": "requested", "internal_note": None}]})
    asked, outcome = sent(cancelled(order), there(), ours, *[answer({})] * 4)

    assert asked[2] == ("DELETE", f"{ADMIN}/order-edits/{ORDER_ID}", None)
    assert outcome.outcome is Outcome.DONE
    assert sent(cancelled(order), there(), others)[1].outcome is Outcome.LATER


def test_what_medusa_says_already_or_said_first_is_left_alone() -> None:
    order = the_order(lines=(Line(line_id="ordli_1", sku="MUG", quantity=3, cancelled=1),))
    more = {"items": [ITEM | {"quantity": 5}]}

    assert sent(cancelled(order), there(status="canceled"))[1].note == "Medusa has cancelled the order"
    assert sent(cancelled(order), there(items=[ITEM | {"quantity": 2}]))[1].note == "Medusa knows it"
    assert sent(cancelled(order), there(**more))[1].outcome is Outcome.LATER


def stock(*available: Available, at_ms: int = CHANGED_MS + 3_600_000) -> Occasion:
    kind = OccasionKind.AVAILABILITY
    return Occasion(delivery_id="d1", kind=kind, at_ms=at_ms, number=1, available=available)


def level(stocked: int, reserved: int, location: str = "sloc_1") -> HttpResponse:
    here = {
        "location_id": location,
        "stocked_quantity": stocked,
        "reserved_quantity": reserved,
        "updated_at": CHANGED,
    }
    return answer({"inventory_items": [{"id": "iitem_1", "sku": "MUG", "location_levels": [here]}]})


def test_what_may_be_sold_is_set_beside_what_is_reserved() -> None:
    asked, outcome = sent(stock(Available(sku="MUG", quantity=7, last_sent=5)), level(8, 3), answer({}))
    here = {"inventory_item_id": "iitem_1", "location_id": "sloc_1", "stocked_quantity": 10}

    assert asked == [
        ("GET", f"{ADMIN}/inventory-items", None),
        ("POST", f"{ADMIN}/inventory-items/location-levels/batch", {"update": [here]}),
    ]
    assert outcome == Sent(outcome=Outcome.DONE)


def test_what_is_as_it_should_be_is_not_set_and_a_location_without_a_level_gets_one() -> None:
    known, _ = sent(stock(Available(sku="MUG", quantity=5)), level(8, 3))
    made, _ = sent(stock(Available(sku="MUG", quantity=5, location="sloc_2")), level(8, 3), answer({}))
    here = {"inventory_item_id": "iitem_1", "location_id": "sloc_2", "stocked_quantity": 5}

    assert len(known) == 1
    assert made[1][2] == {"create": [here]}


def test_what_the_shop_changed_itself_is_observed_and_what_was_sold_a_moment_ago_is_not_raised() -> None:
    one = Available(sku="MUG", quantity=9, last_sent=5)

    assert sent(stock(one), level(7, 3), answer({}))[1].observed == {"MUG": 4}
    asked, outcome = sent(stock(one, at_ms=CHANGED_MS + 60_000), level(7, 3))
    assert (len(asked), outcome) == (1, Sent(outcome=Outcome.DONE))


def test_goods_without_a_sku_are_found_by_their_variant_and_a_kit_has_no_stock_of_its_own() -> None:
    one = Available(sku="listing variant_1", quantity=7, listing_ref="variant_1")
    nothing = answer({"inventory_items": []})
    part = {"inventory_item_id": "iitem_1", "required_quantity": 1}
    single = answer({"variants": [{"id": "variant_1", "inventory_items": [part]}]})
    kit = answer({"variants": [{"id": "variant_1", "inventory_items": [part, part]}]})

    assert sent(stock(one), nothing, single, level(0, 0), answer({}))[1].outcome is Outcome.DONE
    refused = sent(stock(one), nothing, kit)[1]
    assert (refused.outcome, refused.note) == (
        Outcome.REFUSED,
        "Medusa has no inventory item with the SKU listing variant_1",
    )


def test_stock_is_not_told_without_a_location() -> None:
    assert CONNECTOR.send is not None
    nowhere = replace(ACCOUNT, settings={"url": ACCOUNT.settings["url"]})
    asked, outcome = deliver(CONNECTOR.send(stock(Available(sku="MUG", quantity=1)), nowhere))

    assert (asked, outcome.outcome) == ([], Outcome.REFUSED)


def test_a_secret_key_signs_in_and_no_other_host_is_asked() -> None:
    assert CONNECTOR.authorise is not None
    made: HttpRequest = CONNECTOR.authorise(get_request(AT), ACCOUNT, {"secret_key": "sk_1"})

    assert made.headers["authorization"] == f"Basic {base64.b64encode(b'sk_1:').decode()}"
    assert CONNECTOR.hosts(ACCOUNT) == ("shop.example",)
