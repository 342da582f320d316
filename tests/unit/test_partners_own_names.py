"""A partner that was asked by somebody else, before cut-over, knows orders by the shop's name of them."""

from typing import Any

import pytest

from connectors.frame.asked import UnknownYet
from connectors.frame.facts import CancellationAnswered, FulfillmentAnswered, FulfillmentStepped, ParcelStated, Step
from connectors.frame.facts import UnitsStated as Units
from connectors.frame.message import Account, Alias
from connectors.frame.naming import plain_name
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.ids import order_id
from models.records.order import NewLine
from models.records.pool import LocationKind
from tests.support.builders import START_MS, Line, Shop, location
from tests.support.known import asked_of, tell

PARTNER = Account(
    name="3pl", connector="any", pool="shop", location="partner", aliases={"A-CASE": Alias(sku="A", quantity=2)}
)


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
    shop.stock("A", "partner", 9)
    shop.place("Web-1001", Line("A", 3))
    return shop


def parcel(**fields: Any) -> ParcelStated:
    stated: dict[str, Any] = {"parcel_id": "p1", "at_ms": START_MS, "fulfillment_id": "#web-1001"} | fields
    return ParcelStated(**stated)


def our_part(shop: Shop) -> str:
    return f"{shop.order_id('Web-1001')}-1"


def test_the_sign_case_and_spaces_of_a_name_make_no_difference() -> None:
    assert [plain_name(name) for name in ("#1001", " 1001 ", "WEB-1", "")] == ["1001", "1001", "web-1", ""]


def test_its_parcel_finds_the_order_and_a_repeat_of_it_leaves_once(shop: Shop) -> None:
    named = parcel(units=(Units(quantity=1, line_id="their 7", sku="A-CASE"),), tracking_number="T1")
    tell(shop, named, PARTNER)
    [again] = tell(shop, named, PARTNER, message="m2")

    assert [(one.parcel_id, one.fulfillment_id) for one in shop.order("Web-1001").parcels] == [("p1", our_part(shop))]
    assert shop.order("Web-1001").lines[0].shipped == 2
    assert again.repeated


def test_a_parcel_that_names_the_order_beside_a_key_of_nobodys_is_found_by_that(shop: Shop) -> None:
    tell(shop, parcel(fulfillment_id="7f3a90", external_id="web-1001"), PARTNER)

    assert shop.order("Web-1001").lines[0].shipped == 3


@pytest.mark.parametrize(
    "fact",
    [
        FulfillmentAnswered(fulfillment_id="web-1001", accepted=True, at_ms=START_MS),
        FulfillmentStepped(fulfillment_id="web-1001", step=Step.PICKED, at_ms=START_MS),
        CancellationAnswered(fulfillment_id="web-1001", accepted=False, at_ms=START_MS),
    ],
)
def test_its_other_words_find_the_order_too(shop: Shop, fact: Any) -> None:
    [asked] = asked_of(shop, fact, PARTNER)

    assert isinstance(asked.command, c.FulfillmentCommand)
    assert (asked.command.order_id, asked.command.fulfillment_id) == (shop.order_id("Web-1001"), our_part(shop))


def test_what_it_was_never_asked_for_waits_and_one_that_never_left_says_nothing(shop: Shop) -> None:
    elsewhere = Account(name="other", connector="any", pool="shop", location="berlin")
    for account, name in ((PARTNER, "web-9999"), (elsewhere, "web-1001")):
        with pytest.raises(UnknownYet, match=f"nothing that {account.location} was asked for is known as {name}"):
            asked_of(shop, parcel(fulfillment_id=name), account)

    assert asked_of(shop, parcel(fulfillment_id="web-9999", cancelled=True), PARTNER) == ()


def test_a_name_that_two_orders_have_is_a_persons_task(shop: Shop) -> None:
    shop.place("web-1001", Line("A", 1))

    with pytest.raises(UnreadableError, match="web-1001 may be of o"):
        asked_of(shop, parcel(), PARTNER)


def test_an_order_that_was_over_before_is_told_nothing(shop: Shop) -> None:
    like = shop.order("Web-1001")
    past = c.ImportOrder(
        command_id="past",
        actor="import",
        pool="shop",
        issued_at_ms=shop.now_ms,
        channel=like.channel,
        external_id="past",
        currency=like.currency,
        lines=(NewLine(line_id="1", sku="A", quantity=1),),
        destination=like.destination,
        placed_at_ms=START_MS,
        shipped_at_ms=START_MS,
    )
    shop.send(past)

    assert shop.order("past").historic
    assert asked_of(shop, parcel(fulfillment_id="past"), PARTNER) == ()


def test_our_own_name_is_not_looked_for(shop: Shop) -> None:
    ours = f"{order_id('shop', 'web', 'unknown')}-1"
    [asked] = asked_of(shop, parcel(fulfillment_id=ours), PARTNER)

    assert isinstance(asked.command, c.ShipParcel)
    assert asked.command.fulfillment_id == ours
