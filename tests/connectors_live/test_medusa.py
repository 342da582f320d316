import msgspec

from connectors.frame.facts import OrderStated, ParcelScanned, ParcelStated, PaymentKind
from connectors.frame.message import Message
from connectors.systems.medusa import CONNECTOR
from models.records.order import OrderStatus
from tests.support.medusa_trial import Trial, now_ms


def test_an_order_of_a_storefront_comes_by_poll_and_is_routed(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 3, trial.bowl: 2})
    stated = trial.stated(order_id)
    order = trial.take_in(order_id)

    assert {line.sku: (line.quantity, line.unit_price_minor) for line in stated.lines} == {
        trial.mug: (3, 1000),
        trial.bowl: (2, 1250),
    }
    assert (stated.currency, stated.shipping_minor, stated.total_minor, stated.paid) == ("EUR", 400, 5900, True)
    assert [(one.kind, one.amount_minor) for one in stated.payments] == [(PaymentKind.AUTHORISED, 5900)]
    assert stated.destination is not None
    assert (stated.destination.country, stated.destination.postcode) == ("DE", "89073")
    assert stated.buyer is not None
    assert stated.buyer.email == "ada@shop.example"
    assert (order.status, order.total_minor) == (OrderStatus.ROUTED, 5900)
    assert {line.sku: line.allocated for line in order.lines} == {trial.mug: 3, trial.bowl: 2}


def test_an_event_that_a_subscriber_hands_on_says_the_same_as_the_poll(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 1})
    payment = trial.medusa.capture(order_id)
    placed = msgspec.json.encode({"name": "order.placed", "data": {"id": order_id}})
    captured = msgspec.json.encode({"name": "payment.captured", "data": {"id": payment}})

    assert trial.shell.facts(Message(body=placed)) == trial.poll(order_id)
    assert trial.shell.facts(Message(body=captured)) == trial.poll(order_id)


def test_an_edit_takes_units_off_and_what_is_captured_is_on_record(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 3, trial.bowl: 2})
    order = trial.take_in(order_id)
    before = trial.stated(order_id).source_version
    lines = {line.sku: line.line_id for line in order.lines}
    trial.medusa.capture(order_id)
    captured = trial.stated(order_id)
    trial.medusa.edit(order_id, lines[trial.mug], 2)
    trial.medusa.edit(order_id, lines[trial.bowl], 0)
    order = trial.take_in(order_id)

    assert captured.source_version > before
    assert [one.kind for one in captured.payments] == [PaymentKind.AUTHORISED, PaymentKind.CAPTURED]
    assert {line.sku: line.quantity - line.cancelled for line in order.lines if line.allocated} == {trial.mug: 2}
    assert order.money is not None
    assert [(one.kind, one.amount_minor) for one in order.money.payments] == [("authorised", 5900), ("captured", 5900)]


def test_money_that_moves_is_found_although_the_order_does_not_change(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 1})
    payment = trial.medusa.capture(order_id)
    after_capture = now_ms()
    trial.medusa.admin(f"/payments/{payment}/refund", {"amount": 4, "note": "chipped"})
    (by_capture,) = [fact for fact in trial.poll(order_id, 1) if isinstance(fact, OrderStated)]
    messages, cursor = trial.shell.poll(CONNECTOR.polls[2], str(trial.begun_ms), now_ms())
    facts = [fact for message in messages for fact in trial.shell.facts(message)]
    (stated,) = [fact for fact in facts if isinstance(fact, OrderStated) and fact.external_id == order_id]

    assert by_capture == stated
    assert [(one.amount_minor, one.reason) for one in stated.refunds] == [(400, "chipped")]
    assert int(cursor) >= after_capture


def test_a_parcel_sent_at_the_shop_has_left_here_too(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 2})
    (line,) = trial.take_in(order_id).lines
    fulfilled = trial.medusa.ship(order_id, line.line_id, 2, "00343")
    facts = trial.poll(order_id)
    order = trial.take_in(order_id)

    (parcel,) = [fact for fact in facts if isinstance(fact, ParcelStated)]
    assert (parcel.parcel_id, parcel.tracking_number, parcel.location) == (fulfilled, "00343", trial.medusa.location)
    assert [(units.line_id, units.quantity) for units in parcel.units] == [(line.line_id, 2)]
    assert [fact for fact in facts if isinstance(fact, ParcelScanned)] == []
    assert (order.status, [one.tracking_number for one in order.parcels]) == (OrderStatus.SHIPPED, ["00343"])


def test_what_came_back_lowers_no_quantity_and_no_price(trial: Trial) -> None:
    order_id = trial.medusa.buy({trial.mug: 3})
    (line,) = trial.take_in(order_id).lines
    trial.medusa.ship(order_id, line.line_id, 3, "00344")
    trial.medusa.take_back(order_id, line.line_id, 1)
    stated = trial.stated(order_id)

    assert [(one.quantity, one.fulfilled, one.unit_price_minor, one.discount_minor) for one in stated.lines] == [
        (3, 3, 1000, 0)
    ]
    assert stated.total_minor == 3400
    assert [(one.amount_minor, {u.line_id: u.quantity for u in one.units}) for one in stated.refunds] == [
        (0, {line.line_id: 1})
    ]


def test_prices_with_tax_and_a_promotion_add_up_to_what_the_shop_states(trial: Trial) -> None:
    bought = {trial.mug: 3, trial.bowl: 1}
    order_id = trial.medusa.buy(bought, "fr", promotions=(trial.medusa.promotion,))
    stated = trial.stated(order_id)
    lines = {line.sku: line for line in stated.lines}
    order = trial.take_in(order_id)

    assert stated.tax_included
    assert (lines[trial.mug].unit_price_minor, lines[trial.bowl].unit_price_minor) == (1000, 1250)
    assert sum(line.discount_minor for line in stated.lines) == 425
    assert {sku: line.tax_minor for sku, line in lines.items()} == {trial.mug: 450, trial.bowl: 188}
    assert (stated.shipping_minor, stated.tax_minor, stated.total_minor) == (480, 80, 4305)
    assert order.total_minor == 4305

    trial.medusa.capture(order_id)
    trial.medusa.ship(order_id, lines[trial.mug].line_id, 3, "00346")
    trial.medusa.take_back(order_id, lines[trial.mug].line_id, 2)
    trial.medusa.edit(order_id, lines[trial.bowl].line_id, 0)
    (mugs,) = trial.stated(order_id).lines

    assert (mugs.quantity, mugs.unit_price_minor, mugs.discount_minor, mugs.tax_minor) == (3, 1000, 300, 450)
    assert trial.stated(order_id).total_minor == 3180
