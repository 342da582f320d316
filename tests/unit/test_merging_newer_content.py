"""Newer content of a channel: what it changed is taken, what only we changed stays, what both changed is a clash."""

from typing import Any

import pytest

from models import commands as c
from models.events import ContentMerged
from models.records import changes as ch
from models.records.hold import HoldType
from models.records.order import OrderStatus, Terms
from models.records.place import Destination
from models.records.pool import CatalogueItem
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, START_MS, Line, Shop, location, units

FRANCE, SPAIN = Destination(country="FR"), Destination(country="ES")


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 20)
    shop.stock("B", "berlin", 20)
    shop.place("1", Line("A", 3, 1000), Line("B", 1, 500), source_version=1)
    return shop


def newer(shop: Shop, *lines: Line, version: int = 2, **fields: Any) -> ContentMerged:
    told = shop.do(c.PlaceOrder, **shop.content("1", *lines, source_version=version, **fields))
    return next(event for event in told.events if isinstance(event, ContentMerged))


def ordered(shop: Shop) -> list[tuple[str, int]]:
    return [(line.line_id, line.quantity - line.cancelled) for line in shop.order("1").lines]


def test_fewer_units_of_the_channel_are_cancelled_and_free(shop: Shop) -> None:
    merged = newer(shop, Line("A", 1, 1000), Line("B", 1, 500))

    assert (merged.taken, merged.clashes) == (("lines",), ())
    assert ordered(shop) == [("1", 1), ("2", 1)]
    assert shop.level("A", "berlin").allocated == 1


def test_a_line_that_the_channel_no_longer_states_is_cancelled(shop: Shop) -> None:
    newer(shop, Line("A", 3, 1000))

    assert ordered(shop) == [("1", 3), ("2", 0)]
    assert shop.order("1").status is OrderStatus.ROUTED


def test_a_line_that_the_channel_adds_is_located(shop: Shop) -> None:
    newer(shop, Line("A", 3, 1000), Line("B", 1, 500), Line("B", 2, 400))

    assert ordered(shop) == [("1", 3), ("2", 1), ("3", 2)]
    assert (shop.level("B", "berlin").allocated, shop.order("1").total_minor) == (3, 4300)


def test_other_prices_are_taken_and_the_order_comes_to_the_channels_total(shop: Shop) -> None:
    merged = newer(shop, Line("A", 3, 900), Line("B", 1, 500), shipping_minor=490, discount_minor=100)

    assert merged.taken == ("prices", "shipping_minor", "discount_minor")
    assert shop.order("1").total_minor == 3 * 900 + 500 + 490 - 100


def test_what_only_we_changed_stays(shop: Shop) -> None:
    shop.do(c.EditOrder, **shop.on("1", changes=(ch.SetDestination(destination=FRANCE), ch.SetPriority(priority=4))))

    merged = newer(shop, Line("A", 2, 1000), Line("B", 1, 500))

    order = shop.order("1")
    assert (merged.taken, merged.kept, merged.clashes) == (("lines",), ("destination", "priority"), ())
    assert (order.destination, order.priority, ordered(shop)[0]) == (FRANCE, 4, ("1", 2))
    assert order.holds == ()


def test_an_address_that_both_changed_stays_ours_and_a_person_is_asked(shop: Shop) -> None:
    shop.do(c.EditOrder, **shop.on("1", changes=(ch.SetDestination(destination=FRANCE),)))

    merged = newer(shop, Line("A", 3, 1000), Line("B", 1, 500), destination=SPAIN)

    order = shop.order("1")
    assert (merged.clashes, order.destination) == (("destination",), FRANCE)
    assert [(hold.type, hold.note) for hold in order.holds] == [
        (HoldType.CLASH, "changed by the channel and here: destination")
    ]
    assert order.status is OrderStatus.ROUTED


def test_units_that_both_changed_follow_the_channel_and_a_person_is_asked(shop: Shop) -> None:
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    merged = newer(shop, Line("A", 1, 1000), Line("B", 1, 500))

    assert merged.clashes == ("lines",)
    assert ordered(shop)[0] == ("1", 1)


def test_the_same_change_on_both_sides_is_no_clash(shop: Shop) -> None:
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    merged = newer(shop, Line("A", 2, 1000), Line("B", 1, 500))

    assert (merged.taken, merged.clashes) == ((), ())
    assert ordered(shop)[0] == ("1", 2)


def test_what_has_shipped_already_is_a_clash_and_stays_shipped(shop: Shop) -> None:
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 3))))

    merged = newer(shop, Line("A", 1, 1000), Line("B", 1, 500))

    order = shop.order("1")
    assert merged.clashes == ("lines",)
    assert (order.lines[0].shipped, order.lines[0].cancelled) == (3, 0)
    assert [hold.type for hold in order.holds] == [HoldType.CLASH]


def test_an_edit_by_service_and_an_older_update_by_the_channel_cross(shop: Shop) -> None:
    newer(shop, Line("A", 3, 1000), Line("B", 2, 500), version=5)
    shop.do(c.EditOrder, **shop.on("1", changes=(ch.AddUnits(line_id="1", quantity=2),)))

    told = shop.do(c.PlaceOrder, **shop.content("1", Line("A", 1, 1000), Line("B", 1, 500), source_version=4))

    assert [str(event.__struct_config__.tag) for event in told.events] == ["older_content_ignored"]
    assert ordered(shop) == [("1", 5), ("2", 2)]


def test_versions_that_skip_each_other_end_alike_in_either_order() -> None:
    ends = []
    for versions in ((2, 3), (3, 2)):
        shop = Shop().open()
        shop.stock("A", "berlin", 20)
        shop.place("1", Line("A", 3), source_version=1)
        for version in versions:
            shop.do(c.PlaceOrder, **shop.content("1", Line("A", version), source_version=version))
        ends.append((ordered(shop), shop.order("1").source_version, shop.level("A", "berlin").allocated))

    assert ends[0] == ends[1] == ([("1", 3)], 3, 3)


def test_a_promise_of_the_channel_is_taken_beside_the_first_one(shop: Shop) -> None:
    newer(shop, Line("A", 3, 1000), Line("B", 1, 500), promise_by_ms=START_MS + DAY_MS)
    newer(shop, Line("A", 3, 1000), Line("B", 1, 500), promise_by_ms=START_MS + 2 * DAY_MS, version=3)

    order = shop.order("1")
    assert (order.promise_by_ms, order.revised_promise_ms) == (START_MS + DAY_MS, START_MS + 2 * DAY_MS)


def test_newer_content_of_an_order_that_has_ended_is_only_noted(shop: Shop) -> None:
    shop.do(c.CancelUnits, **shop.on("1"))

    told = shop.do(c.PlaceOrder, **shop.content("1", Line("A", 9), source_version=2))

    assert [str(event.__struct_config__.tag) for event in told.events] == ["newer_content_noted"]
    assert shop.order("1").status is OrderStatus.CANCELLED


def test_the_same_newer_content_again_changes_nothing(shop: Shop) -> None:
    newer(shop, Line("A", 1, 1000), Line("B", 1, 500))
    before = shop.business()

    told = shop.do(c.PlaceOrder, **shop.content("1", Line("A", 1, 1000), Line("B", 1, 500), source_version=2))

    assert [str(event.__struct_config__.tag) for event in told.events] == ["older_content_ignored"]
    assert shop.business() == before


def test_a_line_that_the_channel_has_sold_is_taken_though_nobody_knows_its_sku(shop: Shop) -> None:
    merged = newer(shop, Line("A", 3, 1000), Line("B", 1, 500), Line("NEW", 2, 100), sold=True)

    order = shop.order("1")
    assert (merged.taken, [hold.type for hold in order.holds]) == (("lines",), [HoldType.UNMAPPED_SKU])
    assert (ordered(shop)[2], order.total_minor) == (("3", 2), 3700)
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEW"),))

    assert shop.order("1").holds == ()


def test_newer_content_that_is_no_order_of_the_pool_is_refused_unless_it_was_sold(shop: Shop) -> None:
    content = shop.content("1", Line("A", 3, 1000), Line("NEW", 2), source_version=2)

    assert shop.refused(RejectionCode.SKU_UNKNOWN, c.PlaceOrder, **content) == "sku"


def test_an_order_that_the_channel_says_is_paid_goes_on() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 2)
    terms = Terms(purchase_order="PO-1", pay_by_ms=START_MS + DAY_MS)
    shop.place("1", Line("A", 2), terms=terms, source_version=1)
    assert shop.order("1").status is OrderStatus.HELD

    merged = newer(shop, Line("A", 2), terms=Terms(purchase_order="PO-1"))

    order = shop.order("1")
    assert (merged.taken, merged.clashes, order.status) == (("payment",), (), OrderStatus.ROUTED)
    assert order.terms == Terms(purchase_order="PO-1")
    shop.tick(2 * DAY_MS)
    assert shop.order("1").status is OrderStatus.ROUTED


def test_terms_that_cannot_be_restated_are_a_clash(shop: Shop) -> None:
    shop.locate(location("store", collection=True))

    merged = newer(shop, Line("A", 3, 1000), Line("B", 1, 500), terms=Terms(collect_at="store"))

    assert (merged.taken, merged.clashes) == ((), ("terms",))
    assert shop.order("1").terms is None
