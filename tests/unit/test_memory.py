from typing import Any

import pytest

from models import commands as c
from models.records.hold import HoldType
from models.records.order import Customer
from models.records.stock import Answered
from models.rejections import Rejected, RejectionCode
from models.rules import memory
from tests.support.builders import DAY_MS, START_MS, Line, Shop, neighbour_of


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    return shop


def test_the_same_command_again_is_a_repeat_and_changes_nothing(shop: Shop) -> None:
    command = shop.make(c.PlaceOrder, **shop.content("1", Line("A")))
    shop.send(command)
    before = shop.business()

    told = shop.send(command)

    assert (told.repeated, told.refusal, told.events) == (True, None, ())
    assert shop.business() == before


def test_who_asks_when_and_why_does_not_make_a_command_another(shop: Shop) -> None:
    fields = {**shop.content("1", Line("A")), "command_id": "same"}
    shop.do(c.PlaceOrder, **fields)

    told = shop.do(c.PlaceOrder, **fields, actor="retry", reason="timeout", issued_at_ms=START_MS + 5)

    assert told.repeated is True


def test_freshly_sealed_personal_data_does_not_make_a_command_another(shop: Shop) -> None:
    fields = {**shop.content("1", Line("A")), "command_id": "same"}
    shop.do(c.PlaceOrder, **fields, customer=Customer(customer_id="k", sealed="b25l"))

    again = {**fields, "customer": Customer(customer_id="k", sealed="dHdv")}
    assert shop.do(c.PlaceOrder, **again).repeated is True
    other = {**fields, "customer": Customer(customer_id="j", sealed="dHdv")}
    assert shop.refused(RejectionCode.COMMAND_CONFLICT, c.PlaceOrder, **other) == "customer"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"priority": 3}, "priority"),
        ({"lines": (c.NewLine(line_id="1", sku="A", quantity=2, unit_price_minor=1000),)}, "lines"),
        ({"promise_by_ms": START_MS}, "promise_by_ms"),
    ],
)
def test_a_command_id_used_for_other_content_is_refused_naming_the_field(
    shop: Shop, changed: dict[str, Any], field: str
) -> None:
    fields = {**shop.content("1", Line("A")), "command_id": "same"}
    shop.do(c.PlaceOrder, **fields)

    assert shop.refused(RejectionCode.COMMAND_CONFLICT, c.PlaceOrder, **{**fields, **changed}) == field


def test_a_command_id_used_for_another_type_of_equal_fields_is_refused(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))
    told = shop.on("1", 1, parcel_id="p", command_id="same")
    shop.do(c.LoseParcel, **told)

    assert shop.refused(RejectionCode.COMMAND_CONFLICT, c.DeliverParcel, **told) == "type"


def test_a_refused_command_is_refused_alike_when_it_comes_again(shop: Shop) -> None:
    command = shop.make(c.PlaceOrder, **shop.content("1", Line("NEW")))
    first = shop.send(command)
    shop.do(c.PutCatalogue, items=({"sku": "NEW"},))

    told = shop.send(command)

    assert (told.repeated, told.refusal) == (True, first.refusal)
    shop.refuses(RejectionCode.COMMAND_CONFLICT, shop.make(c.Tick, command_id=command.command_id))


def test_a_refusal_is_forgotten_after_the_window(shop: Shop) -> None:
    shop.refused(RejectionCode.ORDER_UNKNOWN, c.CancelUnits, order_id="o", command_id="x")
    assert b"r/shop/x" in shop.engine.rows

    shop.tick(14 * DAY_MS)
    assert b"r/shop/x" in shop.engine.rows
    shop.tick(1000)

    assert b"r/shop/x" not in shop.engine.rows


def test_an_order_remembers_so_many_commands_and_refuses_what_is_older(shop: Shop) -> None:
    first = shop.make(c.PlaceOrder, **shop.content("1", Line("A")))
    shop.send(first)
    for number in range(memory.RING):
        shop.later(1)
        kind: type[c.Command] = c.ReleaseHold if number % 2 else c.HoldOrder
        shop.do(kind, **shop.on("1", hold=HoldType.PAYMENT))

    assert len(shop.order("1").recent) == memory.RING
    assert shop.refuses(RejectionCode.COMMAND_TOO_OLD, first) == "issued_at_ms"
    shop.refused(RejectionCode.COMMAND_TOO_OLD, c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, issued_at_ms=START_MS))


def test_a_field_that_a_later_version_adds_changes_no_fingerprint(shop: Shop) -> None:
    stated = shop.make(c.CancelUnits, order_id="o", cause="staff")
    usual = shop.make(c.CancelUnits, order_id="o")
    whole = memory.fingerprint(stated)

    # `cause` is the last field: what does not state it ends before it, as if there were no such field.
    assert len(whole) == 4 * (1 + len(memory.fields_of(c.CancelUnits)))
    assert whole.startswith(memory.fingerprint(usual))
    assert len(memory.fingerprint(usual)) <= len(whole) - 8
    answered = Answered(at_ms=0, fingerprint=memory.fingerprint(usual) + "AAAA" * 5)
    assert memory.recall(usual, None, answered) == memory.Repeated()
    conflict = memory.recall(stated, None, answered)
    assert isinstance(conflict, Rejected)
    assert (conflict.code, conflict.field) == (RejectionCode.COMMAND_CONFLICT, "cause")


def test_fingerprints_name_every_field_but_the_envelope(shop: Shop) -> None:
    command = shop.make(c.Tick)

    assert len(memory.fingerprint(command)) == 4 * (1 + len(memory.fields_of(c.Tick)))
    assert [name for name, _ in memory.fields_of(c.Tick)] == ["pool"]


def test_the_story_of_an_order_is_bounded_and_keeps_how_it_began(shop: Shop) -> None:
    shop.place("1", Line("A"))
    for number in range(60):
        shop.later(1)
        kind: type[c.Command] = c.ReleaseHold if number % 2 else c.HoldOrder
        shop.do(kind, **shop.on("1", hold=HoldType.PAYMENT))

    story = shop.order("1").story
    assert len(story) == 30
    assert (story[0].event, story[-1].event, story[-1].detail) == ("order_placed", "hold_released", "payment")


def test_each_pool_of_a_partition_remembers_for_itself(shop: Shop) -> None:
    shop.refused(RejectionCode.ORDER_UNKNOWN, c.CancelUnits, order_id="o", command_id="x")
    other = neighbour_of(shop).open()

    told = other.send(other.make(c.Tick, command_id="x"))

    assert told.refusal is None
