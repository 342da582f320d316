import pytest

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome
from connectors.frame.http import HttpRequest
from connectors.systems.medusa import CONNECTOR
from models import commands as c
from models.records.line import UnitsOfLine
from tests.support.known import asked_of
from tests.support.live_shell import AnswerLostError, LiveShell
from tests.support.medusa_trial import Trial, now_ms


def test_a_parcel_is_a_shipment_with_tracking_once_and_no_echo_of_it_comes_back(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 3, trial.bowl: 2})
    trial.take_in(order_id)
    on_hand, reserved = trial.medusa.stocked(trial.mug)
    parcel = trial.ship(order_id, f"p-{order_id[-6:]}", "00340", (trial.mug, 3), (trial.bowl, 1))
    occasion = trial.occasion(OccasionKind.PARCEL_SHIPPED, order_id, parcel)
    first, again = trial.shell.send(occasion), trial.shell.send(occasion)
    (made,) = trial.medusa.fulfillments(order_id)
    rows = trial.pool.business()
    trial.take_in(order_id)

    assert (first.outcome, again.outcome) == (Outcome.DONE, Outcome.DONE)
    assert first.reference == again.reference == made["id"]
    assert made["shipped_at"] is not None
    assert made["location_id"] == trial.medusa.location
    assert [label["tracking_number"] for label in made["labels"]] == ["00340"]
    assert {item["sku"]: item["quantity"] for item in made["items"]} == {trial.mug: 3, trial.bowl: 1}
    assert trial.medusa.stocked(trial.mug) == (on_hand - 3, reserved - 3)
    assert [one.parcel_id for one in trial.pool.order(order_id).parcels] == [parcel.parcel_id]
    assert {line.sku: line.shipped for line in trial.pool.order(order_id).lines} == {trial.mug: 3, trial.bowl: 1}
    assert len(trial.pool.business()) == len(rows)

    delivered = trial.shell.send(trial.occasion(OccasionKind.PARCEL_DELIVERED, order_id, parcel))
    (made,) = trial.medusa.fulfillments(order_id)
    assert delivered.outcome is Outcome.DONE
    assert made["delivered_at"] is not None


def test_a_parcel_whose_answer_was_lost_is_in_effect_once(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 2})
    trial.take_in(order_id)
    parcel = trial.ship(order_id, "p-lost", "00341", (trial.mug, 2))
    occasion = trial.occasion(OccasionKind.PARCEL_SHIPPED, order_id, parcel)

    def creates(request: HttpRequest) -> bool:
        return request.method == "POST" and "/shipments" not in request.url

    def ships(request: HttpRequest) -> bool:
        return "/shipments" in request.url

    for loses in (creates, ships):
        with pytest.raises(AnswerLostError):
            trial.shell.send(occasion, loses=loses)
    sent = trial.shell.send(occasion)
    (made,) = trial.medusa.fulfillments(order_id)

    assert (sent.outcome, sent.note) == (Outcome.DONE, "Medusa knows it")
    assert [label["tracking_number"] for label in made["labels"]] == ["00341"]


def test_what_somebody_packed_at_the_shop_is_shipped_and_not_made_again(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 1})
    (line,) = trial.take_in(order_id).lines
    items = [{"id": line.line_id, "quantity": 1}]
    trial.medusa.admin(f"/orders/{order_id}/fulfillments", {"items": items, "location_id": trial.medusa.location})
    parcel = trial.ship(order_id, "p-packed", "00342", (trial.mug, 1))
    sent = trial.shell.send(trial.occasion(OccasionKind.PARCEL_SHIPPED, order_id, parcel))
    (made,) = trial.medusa.fulfillments(order_id)

    assert (sent.outcome, sent.reference) == (Outcome.DONE, made["id"])
    assert made["shipped_at"] is not None


@pytest.mark.parametrize("captured", [False, True])
def test_units_that_are_not_sent_are_taken_off_the_order(trial: Trial, captured: bool) -> None:
    order_id = trial.medusa.buy({trial.mug: 3, trial.bowl: 1})
    if captured:
        trial.medusa.capture(order_id)
    lines = {line.sku: line.line_id for line in trial.take_in(order_id).lines}
    one_mug = (UnitsOfLine(line_id=lines[trial.mug], quantity=1),)
    trial.pool.do(c.CancelUnits, order_id=trial.pool.order_id(order_id), units=one_mug, cause="inventory")
    some = trial.occasion(OccasionKind.UNITS_CANCELLED, order_id)
    first, again = trial.shell.send(some), trial.shell.send(some)
    left = {line.sku: line.quantity for line in trial.stated(order_id).lines}
    trial.take_in(order_id)
    trial.pool.do(c.CancelUnits, order_id=trial.pool.order_id(order_id), cause="inventory")
    last = trial.shell.send(trial.occasion(OccasionKind.UNITS_CANCELLED, order_id))
    order = trial.medusa.admin(f"/orders/{order_id}?fields=status,payment_status,*items")["order"]

    assert (first.outcome, again.outcome, again.note) == (Outcome.DONE, Outcome.DONE, "Medusa knows it")
    assert left == {trial.mug: 2, trial.bowl: 1}
    assert last.outcome is Outcome.DONE
    if captured:
        assert (order["items"], order["payment_status"]) == ([], "captured")
    else:
        assert order["status"] == "canceled"


def test_an_edit_of_ours_that_was_begun_is_begun_anew_and_anybody_elses_waited_for(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 3})
    (line,) = trial.take_in(order_id).lines
    one_mug = (UnitsOfLine(line_id=line.line_id, quantity=1),)
    trial.pool.do(c.CancelUnits, order_id=trial.pool.order_id(order_id), units=one_mug, cause="inventory")
    occasion = trial.occasion(OccasionKind.UNITS_CANCELLED, order_id)
    trial.medusa.admin("/order-edits", {"order_id": order_id, "internal_note": "somebody"})
    waits = trial.shell.send(occasion)
    trial.medusa.end_edit(order_id)
    with pytest.raises(AnswerLostError):
        trial.shell.send(occasion, loses=lambda request: "/items/item/" in request.url)
    done = trial.shell.send(occasion)

    assert (waits.outcome, done.outcome) == (Outcome.LATER, Outcome.DONE)
    assert [one.quantity for one in trial.stated(order_id).lines] == [2]


def test_what_may_be_sold_is_set_beside_what_is_reserved(trial: Trial) -> None:
    def told(*available: Available) -> Occasion:
        kind = OccasionKind.AVAILABILITY
        return Occasion(delivery_id="s1", kind=kind, at_ms=now_ms() + 3_600_000, number=1, available=available)

    trial.medusa.buy({trial.mug: 2})
    _, reserved = trial.medusa.stocked(trial.mug)
    first = trial.shell.send(
        told(
            Available(sku=trial.mug, quantity=7), Available(sku=trial.bowl, quantity=0, location=trial.medusa.location)
        )
    )
    set_to = trial.medusa.stocked(trial.mug), trial.medusa.stocked(trial.bowl)[0] - trial.medusa.stocked(trial.bowl)[1]
    trial.medusa.admin(
        f"/inventory-items/{trial.medusa.items[trial.mug]}/location-levels/{trial.medusa.location}",
        {"stocked_quantity": reserved + 9},
    )
    by_variant = Available(sku="listing", listing_ref=trial.medusa.variants[trial.mug], quantity=8, last_sent=7)
    edited = trial.shell.send(told(by_variant))
    missing = trial.shell.send(told(Available(sku="NOTHING", quantity=1)))

    assert first.outcome is Outcome.DONE
    assert set_to == ((7 + reserved, reserved), 0)
    assert (edited.outcome, edited.observed) == (Outcome.DONE, {"listing": 9})
    assert trial.medusa.stocked(trial.mug) == (8 + reserved, reserved)
    assert (missing.outcome, missing.note) == (Outcome.REFUSED, "Medusa has no inventory item with the SKU NOTHING")


def test_a_poll_goes_on_from_its_cursor_and_a_key_that_is_wrong_waits_for_a_person(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 1})
    _, cursor = trial.shell.poll(CONNECTOR.polls[0], str(trial.begun_ms), now_ms())
    later, kept = trial.shell.poll(CONNECTOR.polls[0], str(int(cursor) + 600_000 + 5000), now_ms())
    trial.take_in(order_id)
    parcel = trial.ship(order_id, "p-key", "00345", (trial.mug, 1))
    nobody = LiveShell(CONNECTOR, trial.account, {"secret_key": "sk_wrong"})
    refused = nobody.send(trial.occasion(OccasionKind.PARCEL_SHIPPED, order_id, parcel))

    assert (later, kept) == ([], str(int(cursor) + 605_000))
    assert asked_of(trial.pool, trial.stated(order_id), trial.account) != ()
    assert (refused.outcome, trial.medusa.fulfillments(order_id)) == (Outcome.LATER, [])
