"""What the forms on the page of an order ask for, field by field."""

import pytest

from api.problems import Problem
from api.web.order_changes import changes_of, digest_of, minor_of
from api.web.order_steps import hold_body, release_body, step_body
from models.records.hold import HoldType
from models.records.order import Order
from tests.support.builders import Line, Shop

ZONE = "Europe/Berlin"


def an_order() -> Order:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    return shop.place("1", Line("A", 2), Line("B", 1))


def test_every_field_is_one_change_and_what_is_empty_none() -> None:
    order = an_order()
    form = {
        "more.1": "2",
        "more.2": "−1",
        "new_sku": "C",
        "new_quantity": "3",
        "new_price": "4.90",
        "price_line": "2",
        "price": "7.50",
        "line_discount": "",
        "line_tax": "0.50",
        "discount": "1",
        "shipping": "0",
        "country": "",
        "postcode": "20095",
        "name": "Ada Secret",
        "email": "",
        "address_lines": "Weg 1\r\n\r\n 20095 Hamburg ",
        "priority": "7",
        "promise_by": "2027-03-01T12:00",
        "purchase_order": "PO-7",
        "requested_at": "",
        "cancel_at": "2027-04-01T12:00",
        "reason": "they called",
    }
    known = {"personal": "open", "name": "Ada", "email": "ada@example.org", "phone": "", "address_lines": ["Weg 9"]}

    assert changes_of(order, form, ZONE, known) == [
        {"action": "add_units", "line_id": "1", "quantity": 2},
        {
            "action": "add_line",
            "line": {"line_id": "3", "sku": "C", "quantity": 3, "unit_price_minor": 490},
        },
        {
            "action": "set_price",
            "line_id": "2",
            "unit_price_minor": 750,
            "discount_minor": order.lines[1].discount_minor,
            "tax_minor": 50,
        },
        {"action": "set_discount", "discount_minor": 100},
        {"action": "set_shipping", "shipping_minor": 0},
        {
            "action": "set_destination",
            "destination": {
                "country": order.destination.country,
                "postcode": "20095",
                "region": order.destination.region,
            },
        },
        {
            "action": "set_customer",
            "customer": {
                "name": "Ada Secret",
                "email": "ada@example.org",
                "address_lines": ["Weg 1", "20095 Hamburg"],
            },
        },
        {"action": "set_priority", "priority": 7},
        {"action": "set_promise", "promise_by": "2027-03-01T11:00:00+00:00"},
        {"action": "set_terms", "purchase_order": "PO-7", "cancel_at": "2027-04-01T10:00:00+00:00"},
        {"action": "remove_units", "line_id": "2", "quantity": 1},
    ]


def test_a_price_names_its_line_and_personal_data_is_changed_by_those_who_may_read_it() -> None:
    refused = []
    for form in ({"price": "1"}, {"name": "Ada"}):
        with pytest.raises(Problem) as problem:
            changes_of(an_order(), form, ZONE)
        refused.append((problem.value.status_code, problem.value.code, problem.value.field))

    assert refused == [(422, "line_unknown", "price_line"), (403, "scope_missing", "name")]


def test_dates_are_taken_away_and_not_set_at_the_same_time() -> None:
    form = {"clear.requested_at": "yes", "cancel_at": "2027-04-01T12:00"}

    assert changes_of(an_order(), form, ZONE) == [
        {"action": "set_terms", "cancel_at": "2027-04-01T10:00:00+00:00", "cleared": ["requested_at"]}
    ]
    with pytest.raises(Problem) as refused:
        changes_of(an_order(), form | {"clear.cancel_at": "yes"}, ZONE)
    assert (refused.value.status_code, refused.value.field) == (422, "cancel_at")


def test_a_form_that_changes_nothing_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        changes_of(an_order(), {"more.1": "0", "reason": "they called"}, ZONE)

    assert (refused.value.code, refused.value.field) == ("changes_missing", "changes")


def test_other_changes_have_another_digest() -> None:
    one, other = ([{"action": "set_priority", "priority": number}] for number in (1, 2))

    assert digest_of(one) == digest_of([dict(one[0])]) != digest_of(other)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("", "EUR", None), ("4.90", "EUR", 490), ("5", "EUR", 500), ("120", "JPY", 120), ("1.234", "KWD", 1234)],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(text: str, currency: str, minor: int | None) -> None:
    assert minor_of({"shipping": text}, "shipping", currency) == minor


@pytest.mark.parametrize("text", ["4,90", "-1", "1.234", "1e9999999", "NaN", "Infinity", "٣"])
def test_what_is_no_amount_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Problem) as refused:
        minor_of({"shipping": text}, "shipping", "EUR")

    assert (refused.value.code, refused.value.field) == ("amount_invalid", "shipping")


@pytest.mark.parametrize(
    ("on", "line_id", "fulfillment_id"), [("", "", ""), ("line:7", "7", ""), ("fulfillment:o1-1", "", "o1-1")]
)
def test_a_hold_is_put_on_and_taken_off_what_was_chosen(on: str, line_id: str, fulfillment_id: str) -> None:
    put = hold_body({"hold": "address", "on": on, "cancel_at": "2027-03-01T12:00"}, ZONE)
    taken = release_body({"hold": f"address {on}".strip()})

    assert (put.hold, put.line_id, put.fulfillment_id) == (HoldType.ADDRESS, line_id, fulfillment_id)
    assert put.cancel_at is not None
    assert put.cancel_at.isoformat() == "2027-03-01T11:00:00+00:00"
    assert (taken.hold, taken.line_id, taken.fulfillment_id) == (HoldType.ADDRESS, line_id, fulfillment_id)


def test_a_hold_of_a_program_is_taken_off_by_its_handle() -> None:
    taken = release_body({"hold": "fraud_review#radar line:7"})

    assert (taken.hold, taken.handle, taken.line_id) == (HoldType.FRAUD_REVIEW, "radar", "7")


@pytest.mark.parametrize("step", ["reject", "collect"])
def test_no_units_at_all_are_not_taken_for_all_of_them(step: str) -> None:
    form = {"cause": "damaged", "parcel_id": "C-1", "units.1": "0", "units.2": ""}
    with pytest.raises(Problem) as refused:
        step_body("reject" if step == "reject" else "collect", form)

    assert (refused.value.code, refused.value.field) == ("units_missing", "units")
