import pytest
from msgspec.structs import replace

from connectors.frame.facts import OrderStated
from connectors.frame.message import Account, Fetch, Message
from connectors.systems.medusa import CONNECTOR
from connectors.systems.medusa.calls import ORDER_FIELDS
from tests.support.medusa_messages import ACCOUNT, ADMIN, ORDER_ID, item, order, said

FETCH = Fetch(url=f"{ADMIN}/orders/{ORDER_ID}?fields={ORDER_FIELDS}", topic="order")


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"orders": [one], "count": 1}])
def test_an_order_is_read_alone_in_a_list_and_as_the_api_wraps_it(wrap: object) -> None:
    assert callable(wrap)
    (fact,) = said(wrap(order())).facts

    assert isinstance(fact, OrderStated)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("order.placed", {"id": ORDER_ID}),
        ("order.fulfillment_created", {"order_id": ORDER_ID, "fulfillment_id": "ful_1"}),
        ("order-edit.confirmed", {"order_id": ORDER_ID, "actions": []}),
    ],
)
def test_an_event_asks_for_the_order_that_it_names(name: str, data: dict[str, object]) -> None:
    assert said({"name": name, "data": data}).fetch == (FETCH,)
    assert said({"event": name, "data": data, "metadata": {}}).fetch == (FETCH,)
    assert said(data | {"no_notification": True}).fetch == (FETCH,)


def test_an_event_with_the_whole_order_is_the_order() -> None:
    assert said({"name": "order.placed", "data": order()}).facts == said(order()).facts


def test_an_event_of_money_asks_for_the_payment_and_that_names_the_order() -> None:
    asked = said({"name": "payment.refunded", "data": {"id": "pay_1"}}).fetch
    fields = "id,amount,payment_collection_id,payment_collection.order.id"
    answer = {
        "id": "pay_1",
        "amount": 5,
        "payment_collection_id": "pc",
        "payment_collection": {"order": {"id": ORDER_ID}},
    }

    assert asked == (Fetch(url=f"{ADMIN}/payments/pay_1?fields={fields}", topic="payment"),)
    assert said({"payment": answer}).fetch == (FETCH,)
    assert "no order" in said({"payment": answer | {"payment_collection": {"order": None}}}).ignored


def test_an_id_cannot_be_asked_for_without_an_address() -> None:
    nowhere = Account(name="shop", connector="medusa", pool="eu")

    assert [one.field for one in said({"name": "order.placed", "data": {"id": ORDER_ID}}, nowhere).refused] == [
        "data.id"
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"name": "product.updated", "data": {"id": "prod_1"}}, "moves no order"),
        ({"name": "shipment.created", "data": {"id": "ful_1"}}, "next poll"),
        (order(status="draft"), "draft"),
        (order(is_draft_order=True), "draft"),
        (order(id="cart_01JSNXDH9BPJWWKVW03B9E9KW8"), "cart"),
        ([order(id="cart_01JSNXDH9BPJWWKVW03B9E9KW8")], "cart"),
        ({"draft_order": {"items": [], "summary": {}, "version": 1, "status": "draft"}}, "draft"),
        ({"email": "a@b.example", "items": [], "sales_channel_id": "sc"}, "asks Medusa"),
        ({"return": {"id": "return_1", "items": []}}, "return"),
        ({"orders": [], "count": 0, "offset": 0, "limit": 20}, "nothing in orders"),
        ([{"quantity": 1, "detail": {"version": 2}}], "without their order"),
    ],
)
def test_what_moves_nothing_is_left_aside_with_a_reason(content: object, why: str) -> None:
    told = said(content)

    assert (told.facts, told.refused, told.fetch) == ((), (), ())
    assert why in told.ignored


def test_a_list_goes_on_after_an_order_that_cannot_be_read() -> None:
    other = "order_01JSNXDH9BPJWWKVW03B9E9KW9"
    told = said({"orders": [order(item(detail={"quantity": 1.5})), order(id=other), order(created_at="soon")]})

    assert [(one.field, one.entry) for one in told.refused] == [
        ("orders[0].items[0].quantity", ORDER_ID),
        ("orders[2].created_at", ORDER_ID),
    ]
    assert [fact.external_id for fact in told.facts if isinstance(fact, OrderStated)] == [other]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (order(currency_code=None), "currency_code"),
        (order(item(unit_price="ten")), "items[0].unit_price"),
        (order(items=[{"title": "Mug"}]), "items[0]"),
        ({"object": "order", "id": "order_1", "items": [], "currency_code": "eur"}, "object"),
        (order(cart_id="cart_1", tax_rate=None), "cart_id"),
        ({"order": order(refunded_total=0)}, "order.refunded_total"),
        ({"hello": 1}, ""),
    ],
)
def test_what_is_missing_or_wrong_is_refused_with_its_field(content: object, field: str) -> None:
    told = said(content)

    assert [one.field for one in told.refused] == [field]
    assert told.facts == ()


def test_the_currency_is_the_accounts_where_an_order_names_none() -> None:
    (fact,) = said(order(currency_code=None), replace(ACCOUNT, currency="DKK")).facts

    assert isinstance(fact, OrderStated)
    assert fact.currency == "DKK"


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        (b'{"id": "order_01JSNXDH9BPJWWKVW03B9E9KW8"}', True),
        (b'{"name": "payment.captured", "data": {"id": "pay_1"}}', True),
        (b'{"id": "order_1abc", "items": [], "object": "Order"}', False),
        (b'{"draft_order": {"line_items": []}}', False),
        (b'{"order": {"line_items": []}}', False),
        (b"[]", False),
        (b"{", False),
        (b"\xff", False),
    ],
)
def test_a_shape_tells_whether_it_is_medusas(body: bytes, ours: bool) -> None:
    assert CONNECTOR.recognise(Message(body=body)) is ours
