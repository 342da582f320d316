"""What must hold of every plan: more stock never costs more, names do not matter, nothing beyond stock is given."""

from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from models.rules.routing.kernel import solve
from models.rules.routing.plan import Demand, Limits, Option, Plan
from tests.property.profiles import EXAMPLES
from tests.support.brute_force import Place, Problem, random_problem

problems = st.integers(0, 1_000_000).map(lambda seed: random_problem(Random(seed)))


def solved(problem: Problem) -> Plan:
    demands = [Demand(str(n), *want) for n, want in enumerate(problem.wants)]
    options = [Option(str(n), *place) for n, place in enumerate(problem.places)]
    return solve(demands, options, Limits(problem.split_milli, problem.most_packages, problem.weight_limits_grams))


@EXAMPLES
@given(problem=problems, place=st.integers(0, 2), want=st.integers(0, 2), more=st.integers(1, 3))
def test_more_stock_never_costs_more(problem: Problem, place: int, want: int, more: int) -> None:
    place, want = place % len(problem.places), want % len(problem.wants)
    free = list(problem.places[place].free)
    free[want] += more
    places = list(problem.places)
    places[place] = places[place]._replace(free=tuple(free))
    before, after = solved(problem), solved(problem._replace(places=tuple(places)))
    assume(before.method == after.method == "exact")

    assert after.cost_milli <= before.cost_milli


@EXAMPLES
@given(problem=problems, other=problems)
def test_one_more_location_never_costs_more(problem: Problem, other: Problem) -> None:
    added = other.places[0]
    free = (*added.free, 1, 1)[: len(problem.wants)]
    brackets = len(problem.weight_limits_grams) + 1
    place = Place(free, (added.package_milli * 3)[:brackets], added.unit_milli)
    before, after = solved(problem), solved(problem._replace(places=(*problem.places, place)))
    assume(before.method == after.method == "exact")

    assert after.cost_milli <= before.cost_milli


@EXAMPLES
@given(problem=problems, more=st.integers(1, 3))
def test_one_more_package_allowed_never_costs_more(problem: Problem, more: int) -> None:
    wider = problem._replace(most_packages=problem.most_packages + more)
    before, after = solved(problem), solved(wider)
    assume(before.method == after.method == "exact")

    assert after.cost_milli <= before.cost_milli


@EXAMPLES
@given(problem=problems, data=st.data())
def test_the_order_of_lines_and_of_locations_changes_no_cost(problem: Problem, data: st.DataObject) -> None:
    lines = data.draw(st.permutations(range(len(problem.wants))))
    places = data.draw(st.permutations(range(len(problem.places))))
    other = problem._replace(
        wants=tuple(problem.wants[n] for n in lines),
        places=tuple(
            problem.places[n]._replace(free=tuple(problem.places[n].free[line] for line in lines)) for n in places
        ),
    )

    assert solved(other).cost_milli == solved(problem).cost_milli


@EXAMPLES
@given(seed=st.integers(0, 1_000_000))
def test_a_plan_never_gives_more_than_was_asked_or_is_there(seed: int) -> None:
    random = Random(seed)
    count = random.randint(1, 12)
    demands = [Demand(str(n), random.randint(1, 40), random.randint(0, 2_000), 4_000_000) for n in range(count)]
    options = [
        Option(str(n), tuple(random.choice((0, 0, 1, 5, 50)) for _ in demands), (random.randint(0, 9_999),), 10)
        for n in range(random.randint(0, 8))
    ]
    limits = Limits(random.randint(0, 5_000), random.randint(1, 8), ())

    plan = solve(demands, options, limits)

    given_units = [0] * count
    for package in plan.packages:
        for want, units in package.units:
            assert 0 < units <= options[package.option].available[want]
            given_units[want] += units
    assert all(units <= demand.quantity for units, demand in zip(given_units, demands, strict=True))
    assert len(plan.packages) <= limits.most_packages
    left_out = sum((d.quantity - units) * d.unfilled_milli for d, units in zip(demands, given_units, strict=True))
    splits = limits.split_milli * max(0, len(plan.packages) - 1)
    assert plan.cost_milli == sum(package.cost_milli for package in plan.packages) + splits + left_out
