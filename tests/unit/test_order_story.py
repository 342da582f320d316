from typing import get_args

import pytest
from msgspec.structs import replace

from api.web.order_story import Entry, Teller, sentence, story
from models import commands as c
from models.events import AnyEvent
from models.records.hold import HoldType
from models.records.order import Order
from models.updates import CommandUpdate
from tests.support.builders import HOUR_MS, MINUTE_MS, START_MS, Line, Shop, location, units
from tests.support.everything import everything_happens

PLACES = {name: location(name) for name in ("berlin", "hamburg", "munich")}


def teller(order: Order) -> Teller:
    return Teller(order, PLACES, lambda at_ms: f"minute {(at_ms - START_MS) // MINUTE_MS}")


def told(shop: Shop) -> list[Entry]:
    return story(teller(shop.order("1")), updates_of(shop))


def updates_of(shop: Shop) -> list[CommandUpdate]:
    order_id = shop.order_id("1")
    return [update for update in shop.told if update.order_id == order_id or order_id in update.others]


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    return shop


def test_each_command_is_an_entry_with_who_when_and_why(shop: Shop) -> None:
    shop.place("1", Line("A", 2, 1999))
    shop.later(5 * MINUTE_MS)
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))), reason="changed their mind")

    entries = told(shop)
    assert [entry.sentences for entry in entries] == [
        ("Placed by web as 1: 2 × A, €39.98", "Routed: Berlin sends 2 × A"),
        ("Cancelled 1 × A (customer): €19.99 to refund",),
    ]
    assert (entries[1].at_ms, entries[1].actor, entries[1].reason) == (
        START_MS + 5 * MINUTE_MS,
        "tester",
        "changed their mind",
    )


def test_what_locations_and_carriers_did_is_told_by_name(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    shop.do(c.AcceptFulfillment, **shop.on("1", 1))
    shop.do(c.PickFulfillment, **shop.on("1", 1, units=units(("1", 1))))
    shop.do(c.PackFulfillment, **shop.on("1", 1))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="P1", carrier="DHL", tracking_number="0034"))
    shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="P1", restock=False))

    assert [text for entry in told(shop)[1:] for text in entry.sentences] == [
        "Berlin accepted",
        "Berlin picked, but did not find 1 × A",
        "Routed again because some units were not on the shelf: 1 × A still to be found",
        "Berlin packed",
        "Parcel P1 left Berlin with DHL, tracking 0034: 1 × A",
        "Parcel P1 came back undelivered: its units are set aside as unsellable",
    ]


def test_a_fact_that_comes_late_says_when_it_happened(shop: Shop) -> None:
    shop.place("1", Line("A"))
    happened_ms = shop.now_ms
    shop.later(HOUR_MS)
    shop.do(c.AcceptFulfillment, **shop.on("1", 1, occurred_at_ms=happened_ms))

    assert told(shop)[-1].sentences == ("Berlin accepted (it happened at minute 0)",)


def test_a_refused_command_stands_in_the_story_with_its_reason(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.send(shop.make(c.ReleaseHold, **shop.on("1", hold=HoldType.PAYMENT)))

    entry = told(shop)[-1]
    assert entry.is_refused
    assert entry.sentences == ("Refused to release hold: it is not held for payment",)


def test_what_another_command_did_to_the_order_is_told_without_its_neighbours(shop: Shop) -> None:
    shop.place("1", Line("B"))
    shop.place("2", Line("B"))
    shop.stock("B", "hamburg", 5)

    assert told(shop)[-1].sentences == ("Routed again because stock came in: Hamburg sends 1 × B",)


def test_what_the_history_no_longer_has_comes_from_the_order_itself(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.later(HOUR_MS)
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))
    order, updates = shop.order("1"), updates_of(shop)

    whole = story(teller(order), updates)
    cut = story(teller(order), updates[1:])
    gone = story(teller(order), [])

    assert len(whole) == 2
    assert [entry.sentences for entry in cut] == [
        ("Order placed",),
        ("Units routed: berlin",),
        ("Held for payment",),
    ]
    assert [entry.sentences for entry in gone] == [
        ("Order placed",),
        ("Units routed: berlin",),
        ("Hold applied: payment",),
    ]


def test_every_event_has_a_sentence_without_names_of_the_code() -> None:
    shop = everything_happens()
    order = replace(shop.order("collected"), order_id="any")
    seen: dict[type, str] = {}
    for update in shop.told:
        for event in update.events:
            seen[type(event)] = sentence(teller(order), event)

    assert set(seen) == set(get_args(AnyEvent))
    assert {kind.__name__: text for kind, text in seen.items() if "_" in text or not text[:1].isalnum()} == {}
