"""Money as a channel states it: on record with the order, once, the newest word of each payment and refund."""

from typing import Any

import pytest

from models import commands as c
from models.events import StatedMoneyRecorded
from models.records.money import StatedMoney, StatedPayment, StatedRefund
from models.rejections import RejectionCode
from tests.support.builders import START_MS, Line, Shop


def payment(kind: str = "captured", at_ms: int = START_MS, **fields: object) -> StatedPayment:
    stated = {"payment_id": "p1", "amount_minor": 3_000, "currency": "EUR"} | fields
    return StatedPayment(kind=kind, at_ms=at_ms, **stated)  # type: ignore[arg-type]


REFUND = StatedRefund(refund_id="r1", amount_minor=1_000, currency="EUR", at_ms=START_MS, units={"1": 1})


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    shop.place("1", Line("A", 3))
    return shop


def record(shop: Shop, **stated: Any) -> list[StatedMoneyRecorded]:
    told = shop.do(c.RecordStatedMoney, **shop.on("1", **stated))
    return [event for event in told.events if isinstance(event, StatedMoneyRecorded)]


def test_it_is_kept_and_changes_nothing_else(shop: Shop) -> None:
    before = shop.order("1")

    [told] = record(shop, total_minor=3_200, payments=(payment("authorised"), payment()), refunds=(REFUND,))

    after = shop.order("1")
    payments = (payment("authorised"), payment())
    assert after.money == StatedMoney(total_minor=3_200, payments=payments, refunds=(REFUND,))
    assert (told.total_minor, told.payments, told.refunds) == (3_200, payments, (REFUND,))
    assert (after.total_minor, after.lines, after.status) == (before.total_minor, before.lines, before.status)


def test_what_is_stated_again_is_told_once(shop: Shop) -> None:
    record(shop, payments=(payment(),), total_minor=3_000)

    assert record(shop, payments=(payment(),), total_minor=3_000) == []


def test_a_later_word_replaces_an_earlier_one_and_an_earlier_one_comes_too_late(shop: Shop) -> None:
    later = payment(at_ms=START_MS + 5, amount_minor=2_500)
    record(shop, payments=(payment(),))
    [told] = record(shop, payments=(later,))
    assert told.payments == (later,)

    assert record(shop, payments=(payment(),)) == []
    money = shop.order("1").money
    assert money is not None
    assert money.payments == (later,)


def test_a_total_that_is_not_stated_stays(shop: Shop) -> None:
    record(shop, total_minor=3_000)

    [told] = record(shop, refunds=(REFUND,))

    money = shop.order("1").money
    assert money is not None
    assert (told.total_minor, money.total_minor) == (None, 3_000)


def test_an_order_keeps_two_hundred_and_more_are_refused(shop: Shop) -> None:
    for start in (0, 100):
        many = tuple(payment(payment_id=f"p{number}") for number in range(start, start + 100))
        record(shop, payments=many)
    before = shop.order("1")

    shop.refused(
        RejectionCode.COMMAND_INVALID, c.RecordStatedMoney, **shop.on("1", payments=(payment(payment_id="one more"),))
    )

    assert shop.order("1").money == before.money
