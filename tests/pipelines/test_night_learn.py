"""What a night learns of lanes, and what its gate lets pass: exact values on outcomes made by hand."""

from typing import Any

import polars as pl
import pytest

from models.records.pool import RoutingModel
from pipelines.night.explain import explain
from pipelines.night.gate import judge
from pipelines.night.learn import curve_of, learn, mean_days
from pipelines.night.outcomes import DAY_MS, handling, newest, transit
from pipelines.night.tables import OUTCOMES

HOUR_MS = 3_600_000
START_MS = 1_772_409_600_000
"""2026-03-02."""
NOW_MS = START_MS + 40 * DAY_MS


def outcome(number: int, days: float | None, *, location: str = "reno", region: str = "TX", **fields: Any) -> Any:
    """Routed on the first day, shipped half a day later, arrived after so many days, or not yet."""
    routed = fields.pop("routed_at_ms", START_MS)
    return {
        "day": None,
        "pool": "us",
        "order_id": f"o{location}{region}{number}",
        "fulfillment_id": f"f{location}{region}{number}",
        "location_id": location,
        "country": "US",
        "region": region,
        "state": "delivered" if days is not None else "underway",
        "units": 1,
        "routed_at_ms": routed,
        "shipped_at_ms": routed + 12 * HOUR_MS,
        "delivered_at_ms": None if days is None else routed + int(days * DAY_MS),
        "promise_by_ms": None,
        **fields,
    }


def frame(*rows: Any) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=OUTCOMES)


def spread(location: str, counts: dict[float | None, int], region: str = "TX", **fields: Any) -> list[Any]:
    """So many outcomes of each length, in an order that mixes them."""
    lengths = [days for days, count in counts.items() for _ in range(count)]
    return [outcome(n, days, location=location, region=region, **fields) for n, days in enumerate(lengths)]


def test_a_lane_alone_is_the_share_that_arrived_within_each_number_of_whole_days() -> None:
    learned = learn(frame(*spread("reno", {1.0: 250, 1.2: 250, 2.5: 500})), NOW_MS)

    # 1.2 days are not within one whole day; half an outcome is added to both sides for all lanes.
    assert learned.lanes["*"] == (1, 250, 500, 999)
    assert learned.lanes["reno/US-TX"] == (1, 250, 500, 999)
    assert learned.outcomes == {"*": 1000, "reno": 1000, "reno/US": 1000, "reno/US-TX": 1000}


def test_a_lane_with_few_outcomes_leans_on_its_location_and_one_with_many_stands_alone() -> None:
    rows = [
        *spread("reno", {1.0: 900, 4.0: 100}, region="TX"),
        *spread("reno", {4.0: 12}, region="ME"),
        *spread("reno", {1.0: 500, 4.0: 500}, region="NY"),
        *spread("dover", {4.0: 1000}, region="TX"),
    ]
    learned = learn(frame(*rows), NOW_MS)

    assert learned.lanes["reno/US-TX"][1] == pytest.approx(900, abs=15)
    # None of the twelve arrived in a day; of all of reno's seven in ten did.
    assert 100 < learned.lanes["reno/US-ME"][1] < learned.lanes["reno/US"][1]
    assert learned.lanes["dover"][1] < 20
    assert "reno/US-WA" not in learned.lanes
    assert curve_of(learned.lanes, "reno", "US", "WA") == learned.lanes["reno/US"]
    assert curve_of(learned.lanes, "unknown", "US", "WA") == learned.lanes["*"]


def test_what_is_still_under_way_counts_as_not_arrived_and_what_is_too_young_does_not_count() -> None:
    old = spread("reno", {1.0: 50, None: 50})
    young = spread("reno", {None: 400}, region="NY", routed_at_ms=NOW_MS - HOUR_MS)

    assert learn(frame(*old), NOW_MS).lanes["reno/US-TX"][1] == 500
    with_young = learn(frame(*old, *young), NOW_MS)
    assert with_young.lanes["*"][1] == 500
    assert with_young.lanes["*"][0] <= 1


def test_what_a_location_refused_says_nothing_of_its_lanes_and_what_was_lost_never_arrives() -> None:
    rows = spread("reno", {1.0: 80}) + spread("reno", {None: 20}, region="NY", state="lost")
    rows += spread("reno", {None: 500}, region="WA", state="rejected")

    learned = learn(frame(*rows), NOW_MS)

    assert learned.outcomes["*"] == 100
    # Eight in ten, and half an outcome beside: after forty days a hundred weigh as much as 63.
    assert learned.lanes["*"][-1] == 795


def test_curves_never_fall_and_stay_within_bounds() -> None:
    rows = [
        outcome(n, (n * 7 % 11) / 2, region=f"R{n % 5}", routed_at_ms=START_MS + n * 3 * HOUR_MS) for n in range(300)
    ]
    learned = learn(frame(*rows), START_MS + 20 * DAY_MS)

    for curve in learned.lanes.values():
        assert list(curve) == sorted(curve)
        assert 0 <= curve[0] <= curve[-1] <= 1000


def test_the_order_in_which_outcomes_come_changes_nothing() -> None:
    rows = [outcome(n, (n * 7 % 11) / 2, region=f"R{n % 5}", routed_at_ms=START_MS + n * HOUR_MS) for n in range(300)]

    assert learn(frame(*rows), NOW_MS) == learn(frame(*reversed(rows)), NOW_MS)


def days_of(reno: float, dover: float, *, day: int, count: int = 20) -> list[Any]:
    """Outcomes of one day of routing at two locations."""
    at = START_MS + day * DAY_MS
    return [
        outcome(1000 * day + n, days, location=location, routed_at_ms=at + n * HOUR_MS)
        for location, days in (("reno", reno), ("dover", dover))
        for n in range(count)
    ]


def month() -> pl.DataFrame:
    return frame(*[row for day in range(30) for row in days_of(1.5, 4.5, day=day)])


def test_the_first_model_passes_when_it_tells_lanes_apart_better_than_one_curve_for_all() -> None:
    judged = judge(month(), learn(month(), NOW_MS), None, NOW_MS, "us/2026-04-11")

    assert judged.passed
    assert judged.outcomes == 1200
    assert judged.held_out == 240
    assert judged.loss < 0.01 < judged.loss_in_force
    assert judged.worse_by_at_most < 0
    assert judged == judge(month(), learn(month(), NOW_MS), None, NOW_MS, "us/2026-04-11")


def test_a_model_that_would_be_worse_than_the_one_in_force_is_refused() -> None:
    # Up to the time that is held out everything took long; the model in force knows better.
    changed = frame(
        *[row for day in range(24) for row in days_of(6.5, 6.5, day=day)],
        *[row for day in range(24, 30) for row in days_of(1.5, 4.5, day=day)],
    )
    right = RoutingModel(
        version=4,
        lanes={"*": (0, 0, 500, 500, 500, 1000), "reno": (0, 0, 1000), "dover": (0, 0, 0, 0, 0, 1000)},
        trained_through="2026-03-02",
    )

    judged = judge(changed, learn(changed, NOW_MS), right, NOW_MS, "us/2026-04-11")

    assert not judged.passed
    assert judged.reason.startswith("it may be worse than the model in force")
    assert judged.worse_by_at_most > 0


def test_too_few_outcomes_that_the_model_in_force_has_not_seen_refuse_a_new_one() -> None:
    in_force = RoutingModel(version=1, lanes={"*": (0, 1000)}, trained_through="2026-03-30")

    judged = judge(month(), learn(month(), NOW_MS), in_force, NOW_MS, "us/2026-04-11")

    assert not judged.passed
    assert judged.reason == "only 40 outcomes that the model in force has not seen, 100 are needed"


@pytest.mark.parametrize(
    ("rows", "now_ms", "reason"),
    [
        ([], NOW_MS, "there are no outcomes to learn from yet"),
        (days_of(1.5, 4.5, day=0, count=50), NOW_MS, "only 80 outcomes to learn from, 200 are needed"),
        (
            days_of(1.5, 4.5, day=0, count=50),
            START_MS + 4 * DAY_MS,
            "what is known reaches only 3 days, by which 50 % arrive: at least 80 % are needed",
        ),
    ],
)
def test_a_model_of_too_little_is_refused(rows: list[Any], now_ms: int, reason: str) -> None:
    outcomes = frame(*rows)

    judged = judge(outcomes, learn(outcomes, now_ms), None, now_ms, "seed")

    assert (judged.passed, judged.reason) == (False, reason)


def test_the_model_in_force_is_not_put_again() -> None:
    learned = learn(month(), NOW_MS)
    same = RoutingModel(version=3, lanes=learned.lanes, trained_through="2026-03-05")

    assert judge(month(), learned, same, NOW_MS, "s").reason == "it is the model in force"


def test_a_model_is_explained_in_sentences() -> None:
    learned = learn(month(), NOW_MS)
    before = RoutingModel(version=1, lanes={"reno/US-TX": (0, 0, 0, 1000)})

    sentences = explain(learned, before, {"reno": "Reno"})

    assert sentences[0] == "All lanes: 3.5 days from 1,200 parts of orders"
    assert "Reno to TX, US: 2.0 days from 600 parts of orders (was 3.0)" in sentences
    assert "dover to TX, US: 5.0 days from 600 parts of orders" in sentences
    assert mean_days((0, 500, 1000)) == 1.5


def test_handling_and_transit_count_what_is_open_beside_what_is_done() -> None:
    outcomes = frame(
        outcome(1, 2.5),
        outcome(2, 3.5),
        outcome(3, None),
        outcome(4, None, state="lost"),
        outcome(5, None, state="waiting", shipped_at_ms=None),
        outcome(6, None, state="rejected", shipped_at_ms=None),
    )

    assert handling(outcomes).rows() == [("reno", 4, 1, 12.0, 12.0)]
    assert transit(outcomes).rows() == [("reno", "US", "TX", 2, 1, 1, 2.5, 3.0)]


def test_of_a_fulfillment_the_newest_night_counts() -> None:
    before, after = outcome(1, None), outcome(1, 2.0)
    history = frame(before, after).with_columns(day=pl.Series(["2026-03-03", "2026-03-05"]).str.to_date())

    assert newest(history).select("state").rows() == [("delivered",)]


def test_lanes_stay_apart_though_their_outcomes_are_old_and_weigh_little() -> None:
    rows = [
        row
        for region, days in (("TX", 2.0), ("ME", 5.0), ("NY", 8.0))
        for row in spread("reno", {days: 30, days + 3: 30}, region=region)
    ]
    learned = learn(frame(*rows), START_MS + 200 * DAY_MS)

    assert mean_days(learned.lanes["reno/US-TX"]) < 5 < mean_days(learned.lanes["reno/US-NY"])
    assert learned.strengths["location_id/country/region"] < 20
