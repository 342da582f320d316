import json
from typing import Any

import pytest

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Message
from connectors.frame.reading import UnreadableError
from connectors.systems.shopify import CONNECTOR
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.support.scripted_peer import answer, deliver, poll
from tests.support.shopify_messages import ACCOUNT, AT_MS, CAME_MS, CHANGED, CHANGED_MS, fulfillment, line, order

OLD, YOUNG = "2026-09-01T08:00:00Z", "2026-09-01T08:29:00Z"


def tell(
    kind: OccasionKind, *script: HttpResponse, delivery_id: str = "D1", **fields: Any
) -> tuple[list[dict[str, Any]], Sent]:
    occasion = Occasion(delivery_id=delivery_id, kind=kind, at_ms=AT_MS, number=1, **fields)
    assert CONNECTOR.send is not None
    asked, sent = deliver(CONNECTOR.send(occasion, ACCOUNT), *script)
    return [variables(request) for request in asked if request.body], sent


def variables(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body)["variables"]
    return found


def done(mutation: str, *errors: dict[str, str], **more: Any) -> HttpResponse:
    name = "orderCancelUserErrors" if mutation == "orderCancel" else "userErrors"
    return answer({"data": {mutation: {name: list(errors)} | more}})


def cancelled(*script: HttpResponse, left: int = 1, cause: str = "inventory") -> tuple[list[dict[str, Any]], Sent]:
    """Units of a line of three are not sent, so that `left` are."""
    ours = Order(
        order_id="eu:web:5001",
        pool="eu",
        channel="web",
        external_id="5001",
        currency="EUR",
        status=OrderStatus.ROUTED,
        lines=(Line(line_id="11", sku="TEA-1", quantity=3, cancelled=3 - left),),
        destination=Destination(country="DE"),
        placed_at_ms=AT_MS,
        version=1,
        offset=1,
        index=0,
        updated_at_ms=AT_MS,
    )
    units = (UnitsOfLine(line_id="11", quantity=1),)
    return tell(OccasionKind.UNITS_CANCELLED, *script, order=ours, units=units, cause=cause)


def theirs(*lines: dict[str, Any], **fields: Any) -> HttpResponse:
    return answer({"order": order(*lines, **fields)})


def begun() -> HttpResponse:
    return done("orderEditBegin", calculatedOrder={"id": "gid://shopify/CalculatedOrder/7"})


def test_units_that_are_not_sent_are_taken_off_the_shops_order() -> None:
    script = (theirs(line(11, 3)), begun(), done("orderEditSetQuantity"), done("orderEditCommit"))
    asked, sent = cancelled(*script)

    assert asked == [
        {"order": "gid://shopify/Order/5001"},
        {"edit": "gid://shopify/CalculatedOrder/7", "line": "gid://shopify/CalculatedLineItem/11", "quantity": 1},
        {"edit": "gid://shopify/CalculatedOrder/7", "note": "Headrace: not sent (inventory)"},
    ]
    assert sent == Sent(outcome=Outcome.DONE, reference="5001")


def test_units_that_the_shop_took_off_itself_or_earlier_are_left_alone() -> None:
    for known in (theirs(line(11, 3, current_quantity=1)), theirs(line(11, 3), cancelled_at=CHANGED)):
        asked, sent = cancelled(known)
        assert (asked, sent.outcome) == ([], Outcome.DONE)


def test_an_order_of_which_nothing_is_sent_is_cancelled_without_giving_money_back() -> None:
    asked, sent = cancelled(theirs(line(11, 3)), done("orderCancel"), left=0, cause="expired")

    assert asked == [{"order": "gid://shopify/Order/5001", "reason": "OTHER", "note": "Headrace: not sent (expired)"}]
    assert sent.outcome is Outcome.DONE


def test_an_order_with_something_else_in_it_or_sent_already_is_not_cancelled_whole() -> None:
    gift = theirs(line(11, 3), line(12, 1, gift_card=True))
    gone = theirs(line(11, 3), fulfillments=[fulfillment()])
    for known in (gift, gone):
        asked, _ = cancelled(known, begun(), done("orderEditSetQuantity"), done("orderEditCommit"), left=0)
        assert asked[1]["quantity"] == 0


def test_a_shop_whose_newer_order_has_not_come_here_is_waited_for() -> None:
    asked, sent = cancelled(theirs(line(11, 5)))

    assert (asked, sent.outcome) == ([], Outcome.LATER)


def test_an_edit_that_the_shop_refuses_says_why() -> None:
    _, sent = cancelled(theirs(line(11, 3)), done("orderEditBegin", {"message": "archived"}, calculatedOrder=None))

    assert sent == Sent(outcome=Outcome.REFUSED, note="Shopify refused it: archived")


def stock(*variants: tuple[str, int], at: str = OLD, **page: Any) -> HttpResponse:
    nodes = [
        {
            "id": f"gid://shopify/ProductVariant/{number}",
            "sku": sku,
            "inventoryItem": {
                "id": f"gid://shopify/InventoryItem/{number}",
                "inventoryLevel": {"quantities": [{"name": "available", "quantity": units, "updatedAt": at}]},
            },
        }
        for number, (sku, units) in enumerate(variants, start=1)
    ]
    return answer({"data": {"productVariants": {"nodes": nodes, "pageInfo": page}}})


def available(
    *script: HttpResponse, last: int | None = 5, to: int = 3, **fields: Any
) -> tuple[list[dict[str, Any]], Sent]:
    told = (Available(sku="TEA-1", quantity=to, last_sent=last),)
    return tell(OccasionKind.AVAILABILITY, *script, **({"available": told} | fields))


def was_set() -> HttpResponse:
    return done("inventorySetQuantities")


def test_stock_is_set_against_what_the_shop_has() -> None:
    asked, sent = available(stock(("TEA-1", 5), ("TEA-10", 9)), was_set())

    assert asked[0] == {"search": 'sku:"TEA-1"', "location": "gid://shopify/Location/71", "after": None}
    given = asked[1]["input"]
    assert (given["name"], given["referenceDocumentUri"]) == ("available", "gid://headrace/Delivery/D1")
    assert given["quantities"] == [
        {
            "inventoryItemId": "gid://shopify/InventoryItem/1",
            "locationId": "gid://shopify/Location/71",
            "quantity": 3,
            "changeFromQuantity": 5,
        }
    ]
    assert sent == Sent(outcome=Outcome.DONE)


def test_the_same_delivery_has_the_same_key_as_long_as_it_says_the_same() -> None:
    def key(was: int, delivery_id: str = "D1") -> str:
        asked, _ = available(stock(("TEA-1", was)), was_set(), delivery_id=delivery_id)
        return str(asked[1]["key"])

    assert key(5) == key(5)
    assert len({key(5), key(6), key(5, "D2")}) == 3


def test_what_the_shop_has_already_is_not_set_again() -> None:
    asked, sent = available(stock(("TEA-1", 3)))

    assert (len(asked), sent) == (1, Sent(outcome=Outcome.DONE))


def test_an_edit_at_the_shop_is_overwritten_and_reported() -> None:
    asked, sent = available(stock(("TEA-1", 9)), was_set())

    assert asked[1]["input"]["quantities"][0]["changeFromQuantity"] == 9
    assert sent.observed == {"TEA-1": 9}
    assert available(stock(("TEA-1", 1)), was_set())[1].observed == {"TEA-1": 1}


def test_units_that_the_shop_may_just_have_sold_are_not_put_back() -> None:
    asked, sent = available(stock(("TEA-1", 2), at=YOUNG))

    assert (len(asked), sent) == (1, Sent(outcome=Outcome.DONE))
    # What falls further does so at once, and a sale is no edit.
    asked, sent = available(stock(("TEA-1", 4), at=YOUNG), was_set())
    assert (len(asked), sent.observed) == (2, {})


def test_stock_that_changes_in_between_is_read_anew() -> None:
    stale = done("inventorySetQuantities", {"code": "CHANGE_FROM_QUANTITY_STALE", "message": "stale"})
    asked, sent = available(stock(("TEA-1", 5)), stale, stock(("TEA-1", 4)), was_set(), last=None)

    assert asked[3]["input"]["quantities"][0]["changeFromQuantity"] == 4
    assert sent.outcome is Outcome.DONE
    assert available(*[stock(("TEA-1", 5)), stale] * 3)[1].outcome is Outcome.LATER


def test_a_refusal_of_the_shop_and_goods_that_it_has_not_are_told() -> None:
    error = {"code": "INVALID_INVENTORY_ITEM", "message": "no such item"}

    assert available(stock(("TEA-1", 5)), done("inventorySetQuantities", error))[1] == Sent(
        outcome=Outcome.REFUSED, note="Shopify refused it: no such item"
    )
    assert "SKU TEA-1" in available(stock())[1].note


def test_goods_without_a_sku_are_sought_by_their_variant_over_all_pages() -> None:
    told = (Available(sku="listing 2", quantity=1, last_sent=0), Available(sku='A"B', quantity=0, last_sent=0))
    pages = stock(('A"B', 0), hasNextPage=True, endCursor="c"), stock(("x", 0), ("", 0))
    asked, sent = available(*pages, was_set(), available=told)

    assert (asked[0]["search"], asked[1]["after"]) == ('id:2 OR sku:"A\\"B"', "c")
    assert [one["quantity"] for one in asked[2]["input"]["quantities"]] == [1]
    assert sent.outcome is Outcome.DONE


def test_a_poll_asks_from_the_cursor_on_and_hands_on_what_left() -> None:
    [found] = CONNECTOR.polls
    fresh, stale = fulfillment(), fulfillment(id=902, updated_at="2020-01-01T00:00:00Z")
    waiting = fulfillment(id=903, status="pending")
    first_page = order(fulfillments=[fresh, stale, waiting])
    page = "https://acme.myshopify.com/admin/api/2026-07/orders.json?limit=100&page_info="
    link = f'<{page}p0>; rel="previous", <{page}p2>; rel="next"'
    script = [answer({"orders": [first_page]}, link=link), answer({"orders": [{"id": 5002, "updated_at": "?"}]})]
    asked, pages = poll(found.run(ACCOUNT, str(AT_MS), CAME_MS), script)

    orders = "https://acme.myshopify.com/admin/api/2026-07/orders.json"
    query = "status=any&order=updated_at%20asc&updated_at_min=2026-09-01T08%3A20%3A00Z&limit=100"
    assert asked == [f"{orders}?{query}", f"{page}p2"]
    assert [page.cursor for page in pages] == [str(CHANGED_MS), str(CHANGED_MS)]
    assert [told(one) for one in pages[0].messages] == [("orders/updated", 5001), ("fulfillments/update", 901)]
    assert [told(one) for one in pages[1].messages] == [("orders/updated", 5002)]


def told(message: Message) -> tuple[str, int]:
    return message.topic, json.loads(message.body)["id"]


def test_a_poll_that_is_not_answered_keeps_its_cursor() -> None:
    with pytest.raises(UnreadableError, match="500"):
        poll(CONNECTOR.polls[0].run(ACCOUNT, "", CAME_MS), [answer(None, 500)])
