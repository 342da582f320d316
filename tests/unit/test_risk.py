"""What providers say of the risk of an order: a person decides, unless the policy cancels by itself."""

from typing import Any

import pytest

from models import commands as c
from models.records.hold import HoldType
from models.records.order import OrderStatus
from models.records.pool import LocationKind
from models.records.risk import Recommendation, Risk, RiskFact, RiskFactSays, RiskLevel
from tests.support.builders import START_MS, Line, Shop, location

FACTS = (
    RiskFact(says=RiskFactSays.NEGATIVE, text="The card is from another country"),
    RiskFact(says=RiskFactSays.POSITIVE, text="The address is known"),
)


def risk(recommendation: Recommendation, at_ms: int = START_MS, **fields: Any) -> Risk:
    stated: dict[str, Any] = {"provider": "watch", "level": RiskLevel.HIGH} | fields
    return Risk(recommendation=recommendation, assessed_at_ms=at_ms, **stated)


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    shop.place("1", Line("A", 3))
    return shop


def assess(shop: Shop, said: Risk) -> None:
    shop.do(c.AssessRisk, **shop.on("1", risk=said))


def test_advice_to_review_holds_the_order_and_says_what_speaks_against_it(shop: Shop) -> None:
    assess(shop, risk(Recommendation.REVIEW, facts=FACTS))

    [hold] = shop.order("1").holds
    assert hold.type is HoldType.FRAUD_REVIEW
    assert hold.note == "watch says: high risk, review (The card is from another country)"
    assert (shop.order("1").risks[0].facts, shop.level("A", "berlin").allocated) == (FACTS, 3)


def test_advice_to_accept_holds_nothing_and_takes_no_hold_off(shop: Shop) -> None:
    assess(shop, risk(Recommendation.ACCEPT, level=RiskLevel.LOW))
    assert shop.order("1").holds == ()
    assess(shop, risk(Recommendation.REVIEW, START_MS + 1))
    assess(shop, risk(Recommendation.ACCEPT, START_MS + 2))

    assert [hold.type for hold in shop.order("1").holds] == [HoldType.FRAUD_REVIEW]
    assert [one.recommendation for one in shop.order("1").risks] == [Recommendation.ACCEPT]


def test_advice_to_cancel_is_a_persons_decision(shop: Shop) -> None:
    assess(shop, risk(Recommendation.CANCEL))

    assert (shop.order("1").status, shop.level("A", "berlin").allocated) == (OrderStatus.HELD, 3)


def test_where_the_policy_says_so_it_is_cancelled_at_once(shop: Shop) -> None:
    shop.follow(cancels_on_risk=True)

    assess(shop, risk(Recommendation.CANCEL))

    order = shop.order("1")
    assert (order.status, order.holds, shop.level("A", "berlin").allocated) == (OrderStatus.CANCELLED, (), 0)


def test_what_a_partner_has_is_asked_back_and_stays_held_until_it_answers(shop: Shop) -> None:
    shop.follow(cancels_on_risk=True)
    shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
    shop.stock("B", "partner", 2)
    shop.place("2", Line("B", 2))
    shop.do(c.AcceptFulfillment, **shop.on("2", 1))

    shop.do(c.AssessRisk, **shop.on("2", risk=risk(Recommendation.CANCEL)))

    order = shop.order("2")
    assert (order.status, order.fulfillments[0].cancellation is not None) == (OrderStatus.HELD, True)
    shop.do(c.AnswerCancellation, **shop.on("2", 1, accepted=True))
    assert shop.order("2").status is OrderStatus.CANCELLED


def test_an_older_word_of_a_provider_says_nothing_and_others_stand_beside_it(shop: Shop) -> None:
    assess(shop, risk(Recommendation.ACCEPT, START_MS + 5))
    assess(shop, risk(Recommendation.CANCEL, START_MS))
    assess(shop, risk(Recommendation.ACCEPT, START_MS, provider="other"))

    order = shop.order("1")
    assert ([one.provider for one in order.risks], order.holds) == (["watch", "other"], ())


def test_that_the_review_ends_neither_approves_nor_cancels_what_comes_next(shop: Shop) -> None:
    assess(shop, risk(Recommendation.REVIEW))
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.FRAUD_REVIEW))

    assert (shop.order("1").status, shop.order("1").lines[0].cancelled) == (OrderStatus.ROUTED, 0)


def test_of_what_has_left_it_is_only_put_on_record(shop: Shop) -> None:
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    assess(shop, risk(Recommendation.CANCEL))

    order = shop.order("1")
    assert (order.status, order.holds, len(order.risks)) == (OrderStatus.SHIPPED, (), 1)
