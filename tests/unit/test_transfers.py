from typing import Any

import pytest

from models import commands as c
from models import rows
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 10)
    shop.stock("B", "berlin", 10)
    return shop


def dispatch(shop: Shop, *lines: tuple[str, int], document: str = "T", **fields: Any) -> None:
    shop.do(c.DispatchTransfer, **shop.document("berlin", *lines, document=document, to_location_id="munich", **fields))


def arrival(shop: Shop, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
    return {**shop.document("munich", *lines), "transfer": "T", "dispatched_by": "wms", **fields}


def on_the_way(shop: Shop) -> tuple[tuple[str, int], ...] | None:
    raw = shop.engine.rows.get(rows.key(rows.TRANSFER, shop.pool, "wms/T"))
    return rows.decode_transfer(raw).in_transit if raw is not None else None


def levels(shop: Shop, sku: str = "A") -> tuple[int, int]:
    return shop.level(sku, "berlin").on_hand, shop.level(sku, "munich").on_hand


def test_units_on_their_way_are_at_neither_end(shop: Shop) -> None:
    dispatch(shop, ("A", 4))

    assert levels(shop) == (6, 0)
    assert on_the_way(shop) == (("A", 4),)


def test_a_complete_arrival_closes_the_transfer(shop: Shop) -> None:
    dispatch(shop, ("A", 4), ("B", 1))

    told = shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 4), ("B", 1), final=False))

    assert (levels(shop), levels(shop, "B")) == ((6, 4), (9, 1))
    assert told.events[0].missing == ()  # type: ignore[union-attr]
    assert on_the_way(shop) is None


def test_a_part_that_arrives_leaves_the_rest_on_its_way(shop: Shop) -> None:
    dispatch(shop, ("A", 4))

    shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 1), final=False))
    assert on_the_way(shop) == (("A", 3),)
    shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 3), final=False))

    assert levels(shop) == (6, 4)
    assert on_the_way(shop) is None


def test_a_final_arrival_that_is_short_names_what_is_missing(shop: Shop) -> None:
    dispatch(shop, ("A", 4), ("B", 2))

    told = shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 1)))

    assert told.events[0].missing == (("A", 3), ("B", 2))  # type: ignore[union-attr]
    assert levels(shop) == (6, 1)


def test_more_than_was_sent_is_booked_as_it_arrived(shop: Shop) -> None:
    dispatch(shop, ("A", 4))

    shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 6), ("B", 1)))

    assert (levels(shop), levels(shop, "B")) == ((6, 6), (10, 1))


def test_a_second_part_of_the_same_document_adds_to_the_transfer(shop: Shop) -> None:
    dispatch(shop, ("A", 4))
    shop.do(
        c.DispatchTransfer,
        **shop.document("berlin", ("A", 4), ("B", 2), document="T", to_location_id="munich"),
    )

    assert on_the_way(shop) == (("A", 4), ("B", 2))


def test_a_transfer_does_not_change_where_it_goes(shop: Shop) -> None:
    dispatch(shop, ("A", 4))

    fields = shop.document("berlin", ("A", 4), ("B", 2), document="T", to_location_id="hamburg")
    assert shop.refused(RejectionCode.DOCUMENT_CONFLICT, c.DispatchTransfer, **fields) == "to_location_id"


def test_a_transfer_to_nowhere_is_refused(shop: Shop) -> None:
    fields = shop.document("berlin", ("A", 4), to_location_id="nowhere")

    assert shop.refused(RejectionCode.LOCATION_UNKNOWN, c.DispatchTransfer, **fields) == "to_location_id"


def test_an_arrival_of_a_transfer_that_was_never_sent_is_refused(shop: Shop) -> None:
    assert shop.refused(RejectionCode.TRANSFER_UNKNOWN, c.ReceiveTransfer, **arrival(shop, ("A", 1))) == "transfer"


def test_an_arrival_told_twice_is_booked_once_even_after_the_transfer_is_closed(shop: Shop) -> None:
    dispatch(shop, ("A", 4))
    told = arrival(shop, ("A", 4))
    shop.do(c.ReceiveTransfer, **told)

    shop.do(c.ReceiveTransfer, **told)

    assert shop.events() == ["line_repeated"]
    assert levels(shop) == (6, 4)


def test_units_that_arrive_after_the_transfer_was_closed_are_not_lost_in_silence(shop: Shop) -> None:
    dispatch(shop, ("A", 4))
    shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 3), document="arrived"))

    late = arrival(shop, ("A", 3), ("A", 1), document="arrived")
    assert shop.refused(RejectionCode.TRANSFER_UNKNOWN, c.ReceiveTransfer, **late) == "transfer"


def test_a_dispatch_of_promised_units_moves_their_orders(shop: Shop) -> None:
    shop.stock("A", "hamburg", 9)
    shop.place("1", Line("A", 9))

    dispatch(shop, ("A", 4))

    order = shop.order("1")
    assert sorted((f.location_id, f.lines[0].allocated) for f in order.fulfillments) == [("berlin", 6), ("hamburg", 3)]


def test_an_arrival_serves_who_waits(shop: Shop) -> None:
    dispatch(shop, ("A", 10))
    shop.place("1", Line("A", 2))

    shop.do(c.ReceiveTransfer, **arrival(shop, ("A", 10)))

    assert shop.order("1").fulfillments[0].location_id == "munich"
