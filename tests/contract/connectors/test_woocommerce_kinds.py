import base64
import hashlib
import hmac
import json

import pytest

from connectors.frame.facts import OrderCancelled, OrderRefunded, OrderStated, RefundedUnits, RefundStated
from connectors.frame.message import Message
from connectors.frame.translating import translate
from connectors.systems.woocommerce import CONNECTOR
from tests.support.woocommerce_messages import ACCOUNT, AT_MS, line, order, refund, said


def test_a_refund_names_its_order_its_units_and_whether_they_are_for_sale_again() -> None:
    expected = OrderRefunded(
        external_id="501",
        refund=RefundStated(
            refund_id="77",
            at_ms=1_788_422_400_000,
            currency="EUR",
            amount_minor=1904,
            units=(RefundedUnits(line_id="11", quantity=2, amount_minor=1600, tax_minor=304, restock=True),),
            reason="broken",
        ),
    )

    assert said([refund()]).facts == (expected,)
    asked_at = "https://shop.example/wp-json/wc/v3/orders/501/refunds?per_page=100"
    assert said([refund(_links=None)], url=asked_at).facts == (expected,)
    assert said([refund(_links=None, parent_id=501)]).facts == (expected,)


def test_a_refund_of_the_first_versions_does_not_say_who_gave_it() -> None:
    early = {name: value for name, value in refund(date_created="2026-09-03T10:00:00").items() if name != "refunded_by"}

    for version in (early, early | {"line_items": [], "meta_data": []}):
        assert CONNECTOR.recognise(Message(body=json.dumps(version).encode()))
        [fact] = said(version).facts
        assert isinstance(fact, OrderRefunded)
        assert (fact.external_id, fact.refund.amount_minor, fact.refund.at_ms) == ("501", 1904, 1_788_422_400_000)


def test_a_refund_of_no_known_order_is_refused_alone() -> None:
    told = said([refund(_links=None), refund(id=78)])

    assert [(one.field, one.entry) for one in told.refused] == [("orders[0].order_id", "77")]
    assert len(told.facts) == 1


def test_a_deleted_order_is_off() -> None:
    assert said({"id": 501}, topic="order.deleted").facts == (
        OrderCancelled(external_id="501", at_ms=AT_MS, cause="other"),
    )


def test_a_list_goes_on_after_an_order_that_cannot_be_read() -> None:
    told = said([order(line(quantity=None)), order(id=502), order(id=503, date_created_gmt="soon")])

    assert [(one.field, one.entry) for one in told.refused] == [
        ("orders[0].line_items[0].quantity", "501"),
        ("orders[2].date_created_gmt", "503"),
    ]
    assert [fact.external_id for fact in told.facts if isinstance(fact, OrderStated)] == ["502"]


@pytest.mark.parametrize(
    ("content", "topic", "why"),
    [
        ({"id": 16}, "coupon.deleted", "coupon"),
        ({"action": "woocommerce_add_to_cart", "arg": "x"}, "action.woocommerce_add_to_cart", "action"),
        (order(status="checkout-draft"), "order.created", "draft"),
        ([{"tracking_id": "t", "tracking_provider": "UPS", "date_shipped": "2026-09-01"}], "", "tracking number"),
        (order(billing_period="month"), "", "subscription"),
        ({"payment_method": "bacs", "line_items": [{"product_id": 7, "quantity": 1}]}, "", "asks the shop"),
        ({"create": [], "update": [{"id": 1, "error": {"code": "x", "message": "y"}}]}, "", "nothing in create"),
    ],
)
def test_what_says_nothing_of_orders_is_left_aside_with_a_reason(content: object, topic: str, why: str) -> None:
    told = said(content, topic=topic)

    assert (told.facts, told.refused) == ((), ())
    assert why in told.ignored


@pytest.mark.parametrize("content", [{"data": order()}, {"data": [order()]}, {"data": {"orders": [order()]}}])
def test_an_answer_through_a_tunnel_has_data_around_it(content: dict[str, object]) -> None:
    [fact] = said(content).facts

    assert isinstance(fact, OrderStated)
    assert fact.external_id == "501"
    assert CONNECTOR.recognise(Message(body=json.dumps(content).encode()))


def test_the_shops_try_of_its_webhook_is_no_message() -> None:
    assert "tried" in translate(CONNECTOR, Message(body=b"webhook_id=7"), ACCOUNT).ignored


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[[1]]", b'{"order": {"id": 1}}', b"[" * 2000])
def test_what_is_not_of_it_is_not_recognised(body: bytes) -> None:
    assert not CONNECTOR.recognise(Message(body=body))


def test_only_a_body_signed_with_one_of_the_secrets_is_let_in() -> None:
    verify = CONNECTOR.signature
    assert verify is not None
    body = json.dumps(order()).encode()
    digest = base64.b64encode(hmac.new(b"old", body, hashlib.sha256).digest()).decode()
    headers = {"x-wc-webhook-signature": digest, "x-wc-webhook-delivery-id": "d-1"}
    signed = Message(body=body, headers=headers)

    assert verify(signed, ("new", "old"))
    assert not verify(signed, ("new",))
    assert not verify(Message(body=body + b" ", headers=headers), ("old",))
    assert not verify(Message(body=body), ("old",))
    assert CONNECTOR.message_id(signed) == "d-1"


def test_a_list_that_is_null_is_an_empty_one() -> None:
    nothing = {"shipping_lines": None, "fee_lines": None, "refunds": None}
    [stated] = said(order(**nothing)).facts
    [refunded] = said([refund(line_items=None, shipping_lines=None)]).facts

    assert isinstance(stated, OrderStated)
    assert (stated.external_id, stated.refunds) == ("501", ())
    assert isinstance(refunded, OrderRefunded)
    assert (refunded.refund.amount_minor, refunded.refund.units) == (1904, ())


def test_a_currency_in_small_letters_is_the_same() -> None:
    [stated] = said(order(currency="eur")).facts

    assert isinstance(stated, OrderStated)
    assert stated.currency == "EUR"
