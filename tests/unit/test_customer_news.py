"""What there is to say to a customer when the turn of a mail has come, and in which zone their day is."""

from typing import Any

import pytest
from msgspec.structs import replace

from api.customers.carriers import carrier_page
from api.customers.picture import picture_of
from api.customers.zones import zone_of
from api.exchange.outbox.building import Skip
from api.exchange.outbox.mail_news import Case, told_of
from api.exchange.outbox.mailing import AboutMail, is_wanted, mails_of
from connectors.frame.registry import connectors
from models import events
from models.geo import position_of
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Parcel, ParcelStatus
from models.records.line import Line, UnitsOfLine
from models.records.mail import CustomerMail as Mail
from models.records.money import StatedMoney, StatedRefund
from models.records.order import Order, OrderStatus, Terms
from models.records.place import Destination
from models.updates import CommandUpdate

NOW_MS = 1_795_424_400_000
DAY_MS = 86_400_000
UNITS = (UnitsOfLine(line_id="1", quantity=2),)
ORDER = Order(
    order_id="o1",
    pool="shop",
    channel="web",
    external_id="100",
    currency="EUR",
    status=OrderStatus.ROUTED,
    lines=(Line(line_id="1", sku="A", quantity=3, allocated=1, shipped=2),),
    destination=Destination(country="DE"),
    placed_at_ms=NOW_MS,
    version=1,
    offset=1,
    index=0,
    updated_at_ms=NOW_MS,
    promise_by_ms=NOW_MS + 2 * DAY_MS,
)
PARCEL = Parcel(parcel_id="P", fulfillment_id="f1", units=UNITS, status=ParcelStatus.IN_TRANSIT, shipped_at_ms=NOW_MS)
PART = Fulfillment(
    fulfillment_id="f1",
    location_id="berlin",
    status=FulfillmentStatus.READY,
    lines=(FulfillmentLine(line_id="1", sku="A", allocated=1),),
    routed_at_ms=NOW_MS,
)


def said(order: Order, told_ms: int | None = None, **about: Any) -> tuple[str, tuple[Any, ...]] | str:
    """Give which mail it is with its items, or why there is none."""
    case = Case(
        AboutMail(**about), order, picture_of(order, None, {"A": "Lamp"}), {"A": "Lamp"}, NOW_MS, lambda: told_ms
    )
    found = told_of(case)
    if isinstance(found, Skip):
        return found.note
    return found.mail.value, tuple((item.quantity, item.name) for item in found.news.items)


def test_a_parcel_is_part_of_the_order_as_long_as_units_are_still_to_come() -> None:
    shipped: dict[str, Any] = {"mail": Mail.SHIPPED, "parcel_id": "P", "fulfillment_id": "f1", "units": UNITS}
    part = replace(ORDER, parcels=(PARCEL,))
    assert said(part, **shipped) == ("partly_shipped", ((2, "Lamp"),))
    whole = replace(part, lines=(replace(ORDER.lines[0], allocated=0, cancelled=1),))
    assert said(whole, **shipped) == ("shipped", ((2, "Lamp"),))
    arrived = replace(part, parcels=(replace(PARCEL, status=ParcelStatus.DELIVERED),))
    assert said(arrived, **shipped) == "it is not on its way any more"


def test_what_the_customer_collects_is_told_when_it_lies_ready_and_not_when_they_take_it() -> None:
    order = replace(ORDER, fulfillments=(PART,), parcels=(PARCEL,), terms=Terms(collect_at="berlin"))
    assert said(order, mail=Mail.READY, fulfillment_id="f1") == ("ready", ((1, "Lamp"),))
    took = said(order, mail=Mail.SHIPPED, parcel_id="P", fulfillment_id="f1", units=UNITS)
    assert took == "the customer took it along, or it is not there any more"
    gone = replace(order, fulfillments=(replace(PART, status=FulfillmentStatus.DELIVERED),))
    assert said(gone, mail=Mail.READY, fulfillment_id="f1") == "it does not lie ready any more"


@pytest.mark.parametrize(
    ("days", "now_days", "told_days", "found"),
    [
        (5, 5, None, ("delayed", ())),
        (5, 6, None, "another date is promised by now"),
        (2, 2, None, "it is the day that the customer knows"),
        (5, 5, 5, "it is the day that the customer knows"),
        (2, 2, 5, ("delayed", ())),
        (-3, -3, None, "the day is over"),
    ],
)
def test_of_new_dates_only_the_last_is_told_and_only_where_the_day_is_news(
    days: int, now_days: int, told_days: int | None, found: Any
) -> None:
    order = replace(ORDER, revised_promise_ms=NOW_MS + now_days * DAY_MS)
    told_ms = None if told_days is None else NOW_MS + told_days * DAY_MS
    assert said(order, told_ms, mail=Mail.DELAYED, promise_by_ms=NOW_MS + days * DAY_MS) == found


def test_a_refund_is_told_by_what_is_stated_of_it() -> None:
    refunds = tuple(
        StatedRefund(refund_id=name, amount_minor=amount, currency="EUR", at_ms=NOW_MS)
        for name, amount in (("r1", 500), ("r2", 250), ("old", 9))
    )
    order = replace(ORDER, money=StatedMoney(refunds=refunds))
    about = AboutMail(mail=Mail.REFUNDED, refund_ids=("r1", "r2"))
    found = told_of(Case(about, order, picture_of(order, None, {}), {}, NOW_MS, lambda: None))
    assert not isinstance(found, Skip)
    assert (found.news.refunded_minor, found.news.currency) == (750, "EUR")


def update(*happened: Any, **more: Any) -> CommandUpdate:
    return CommandUpdate(
        pool="shop",
        offset=1,
        index=0,
        command_id="c",
        command="x",
        at_ms=NOW_MS,
        actor="key:a",
        events=happened,
        **more,
    )


def test_what_is_of_the_past_imported_or_only_implied_is_cause_for_no_mail() -> None:
    taken: dict[str, Any] = {
        "channel": "web",
        "external_id": "1",
        "currency": "EUR",
        "total_minor": 1,
        "units": 1,
        "lines": (),
    }
    placed = events.OrderPlaced(order_id="o1", **taken)
    assert [about.mail for _, about in mails_of(placed, update())] == [Mail.TAKEN]
    assert list(mails_of(placed, update(reason="headrace import-orders"))) == []
    assert list(mails_of(events.OrderImported(order_id="o1", shipped_at_ms=1, **taken), update())) == []
    assert list(mails_of(events.OrderReserved(order_id="o1", expires_at_ms=1, **taken), update())) == []
    left: dict[str, Any] = {
        "order_id": "o1",
        "fulfillment_id": "f1",
        "parcel_id": "P",
        "location_id": "b",
        "units": UNITS,
    }
    shipped = events.ParcelShipped(occurred_at_ms=NOW_MS - DAY_MS, **left)
    assert [about.mail for _, about in mails_of(shipped, update())] == [Mail.SHIPPED]
    assert list(mails_of(events.ParcelShipped(occurred_at_ms=NOW_MS - 3 * DAY_MS, **left), update())) == []
    assert list(mails_of(events.ParcelShipped(occurred_at_ms=NOW_MS, implied=True, **left), update())) == []
    old = StatedRefund(refund_id="r", amount_minor=1, currency="EUR", at_ms=NOW_MS - 3 * DAY_MS)
    stated = events.StatedMoneyRecorded(order_id="o1", total_minor=None, payments=(), refunds=(old,))
    assert list(mails_of(stated, update())) == []


def test_shipped_is_looked_at_where_either_of_its_mails_is_wanted() -> None:
    wanted = {"web": frozenset({Mail.PARTLY_SHIPPED}), "b2b": frozenset({Mail.TAKEN})}
    assert is_wanted(Mail.SHIPPED, "web", wanted)
    assert not is_wanted(Mail.SHIPPED, "b2b", wanted)
    assert not is_wanted(Mail.TAKEN, "amazon", wanted)
    assert is_wanted(Mail.TAKEN, None, wanted)
    assert not is_wanted(Mail.READY, None, wanted)


@pytest.mark.parametrize(
    ("place", "fallback", "zone"),
    [
        (Destination(country="DE"), "America/New_York", "Europe/Berlin"),
        (Destination(country="de"), "UTC", "Europe/Berlin"),
        (Destination(country="US", region="CA"), "America/New_York", "America/Los_Angeles"),
        (Destination(country="US", region="US-TX"), "UTC", "America/Chicago"),
        (Destination(country="US"), "America/Denver", "America/Denver"),
        (Destination(country="US"), "Europe/Berlin", "America/New_York"),
        (Destination(country="US", position=position_of(47.6, -122.3)), "UTC", "America/Los_Angeles"),
        (Destination(country="US", position=position_of(33.7, -84.4)), "UTC", "America/New_York"),
        (Destination(country="US", position=position_of(39.7, -105.0)), "UTC", "America/Denver"),
        (Destination(country="US", position=position_of(30.3, -97.7)), "UTC", "America/Chicago"),
        (Destination(country="AU", position=position_of(-31.9, 115.8)), "UTC", "Australia/Perth"),
        (Destination(country="ZZ"), "Europe/London", "Europe/London"),
        (Destination(country=""), "Nowhere/At_All", "UTC"),
    ],
)
def test_the_zone_is_that_of_where_it_goes(place: Destination, fallback: str, zone: str) -> None:
    assert zone_of(place, fallback) == zone


def test_only_known_carriers_have_a_page_and_numbers_stay_in_their_place() -> None:
    assert carrier_page("UPS", "1Z 9&x=/") == "https://www.ups.com/track?tracknum=1Z%209%26x%3D%2F"
    assert carrier_page("Royal Mail", "A1").startswith("https://www.royalmail.com/")
    assert carrier_page("javascript:alert(1)", "1") == ""
    assert carrier_page("DHL", "") == ""
    assert carrier_page("DHL", "9" * 61) == ""


def test_amazon_declares_that_nobody_else_writes_to_its_customers() -> None:
    assert [name for name, one in connectors().items() if one.forbids_mails] == ["amazon"]
