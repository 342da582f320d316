from typing import Any

import pytest

from models import commands as c
from models.engine import Engine
from models.events import Candidate, UnitsRouted
from models.records.pool import RateCard, RoutingModel
from models.rejections import RejectionCode
from models.rules.routing.lateness import lane
from tests.support.builders import DAY_MS, Line, Shop

LANES: dict[str, tuple[int, ...]] = {"berlin": (0, 0, 100), "hamburg": (0, 900, 1000)}
# Hamburg is farther from Berlin's door by this much.
CARD = RateCard(distance_limits_meters=(100_000,), price_minor=((300,), (500,)))


def shop_that_learned(late_minor: int = 1_000, preset: str = "cheapest", lanes: Any = None) -> Shop:
    shop = Shop().open(preset=preset, rate_card=CARD, late_minor=late_minor)
    for place in ("berlin", "hamburg"):
        shop.stock("A", place, 10)
    shop.do(c.PutRoutingModel, model=RoutingModel(version=1, lanes=LANES if lanes is None else lanes))
    return shop


def routed(shop: Shop) -> UnitsRouted:
    return next(event for event in shop.told[-1].events if isinstance(event, UnitsRouted))


def place_of(shop: Shop, **fields: Any) -> str:
    return shop.place("1", Line("A"), **fields).fulfillments[0].location_id


def test_a_location_that_would_come_late_loses_to_a_dearer_one_in_time() -> None:
    shop = shop_that_learned()

    assert place_of(shop, promise_by_ms=shop.now_ms + DAY_MS) == "hamburg"
    trace = routed(shop).trace
    # 300 and 500 minor units, and 1,000 at 1000 and 100 per mille.
    assert trace.candidates == (
        Candidate(location_id="berlin", lines=1, cost_milli=1_300_000, lost_by="cost"),
        Candidate(location_id="hamburg", lines=1, cost_milli=600_000, lost_by=""),
    )
    assert trace.late_per_mille == {"berlin": 1000, "hamburg": 100}
    assert (trace.model_version, trace.cost_milli) == (1, 600_000)


@pytest.mark.parametrize(
    ("late_minor", "preset", "days"),
    [
        pytest.param(1_000, "cheapest", None, id="no promise"),
        pytest.param(0, "cheapest", 1, id="late costs nothing"),
        pytest.param(1_000, "closest", 1, id="money does not count"),
        pytest.param(1_000, "cheapest", -1, id="late from everywhere"),
    ],
)
def test_lateness_changes_nothing_where_it_does_not_count(late_minor: int, preset: str, days: int | None) -> None:
    shop = shop_that_learned(late_minor, preset)
    promise_by_ms = None if days is None else shop.now_ms + days * DAY_MS

    assert place_of(shop, promise_by_ms=promise_by_ms) == "berlin"
    weighed = days == -1
    assert routed(shop).trace.model_version == int(weighed)
    assert routed(shop).trace.late_per_mille == ({"berlin": 1000, "hamburg": 1000} if weighed else {})


@pytest.mark.parametrize(
    ("hours", "berlin"),
    [(0, 1000), (23, 1000), (24, 1000), (47, 1000), (48, 900), (480, 900)],
)
def test_slack_counts_in_whole_days_and_the_last_probability_holds_on(hours: int, berlin: int) -> None:
    shop = shop_that_learned()
    shop.place("1", Line("A"), promise_by_ms=shop.now_ms + hours * DAY_MS // 24)

    assert routed(shop).trace.late_per_mille["berlin"] == berlin


def test_the_narrowest_lane_that_is_known_counts() -> None:
    lanes: dict[str, tuple[int, ...]] = {"berlin/DE-BE": (1,), "berlin/DE": (2,), "berlin": (3,), "*": (4,)}
    model = RoutingModel(version=1, lanes=lanes)

    assert lane(model, "berlin", "DE", "BE") == (1,)
    assert lane(model, "berlin", "DE", "HH") == (2,)
    assert lane(model, "berlin", "FR", "BE") == (3,)
    assert lane(model, "munich", "DE", "BE") == (4,)
    assert lane(RoutingModel(version=1), "berlin", "DE", "BE") == ()


def test_a_location_of_which_nothing_is_known_is_not_held_late() -> None:
    shop = shop_that_learned(lanes={"hamburg": (0, 500)})

    assert place_of(shop, promise_by_ms=shop.now_ms + DAY_MS) == "berlin"


@pytest.mark.parametrize("lane", [(), (500, 400), (0, 1000, 999)])
def test_probabilities_that_fall_are_refused(lane: tuple[int, ...]) -> None:
    shop = Shop().open()
    model = RoutingModel(version=1, lanes={"berlin": lane})

    assert shop.refused(RejectionCode.COMMAND_INVALID, c.PutRoutingModel, model=model) == "lanes"


def test_a_model_follows_the_version_it_was_made_after_and_an_older_one_may_come_back() -> None:
    shop = shop_that_learned()
    first = RoutingModel(version=1, lanes=LANES)

    assert shop.refused(RejectionCode.MODEL_VERSION, c.PutRoutingModel, model=first) == "version"
    shop.do(c.PutRoutingModel, model=RoutingModel(version=2))
    shop.do(c.PutRoutingModel, model=RoutingModel(version=3, lanes=LANES, note="back to 1"))

    assert place_of(shop, promise_by_ms=shop.now_ms + DAY_MS) == "hamburg"


def test_what_was_learned_is_there_after_a_restart() -> None:
    shop = shop_that_learned()

    engine = Engine(shop.engine.partition, strict=True)
    engine.load(shop.engine.rows.items())
    shop.engine = engine

    assert place_of(shop, promise_by_ms=shop.now_ms + DAY_MS) == "hamburg"
