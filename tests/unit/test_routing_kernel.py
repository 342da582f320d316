from random import Random

import pytest

from models.rules.routing.kernel import solve
from models.rules.routing.plan import Demand, Limits, Option, Plan
from tests.support.brute_force import Problem, cost_of, least_cost, random_problem

FREE = Limits(split_milli=100, most_packages=4, weight_limits_grams=())
UNFILLED = 10_000


def demand(sku: str, quantity: int = 1) -> Demand:
    return Demand(sku, quantity, 500, UNFILLED)


def option(name: str, available: tuple[int, ...], package_milli: int = 1_000, unit_milli: int = 0) -> Option:
    return Option(name, available, (package_milli,), unit_milli)


def solved(problem: Problem) -> Plan:
    demands = [Demand(str(n), *want) for n, want in enumerate(problem.wants)]
    options = [Option(str(n), *place) for n, place in enumerate(problem.places)]
    return solve(demands, options, Limits(problem.split_milli, problem.most_packages, problem.weight_limits_grams))


def units_of(problem: Problem, plan: Plan) -> list[list[int]]:
    units = [[0] * len(problem.places) for _ in problem.wants]
    for package in plan.packages:
        for want, count in package.units:
            units[want][package.option] += count
    return units


@pytest.mark.parametrize("block", range(10))
def test_the_plan_costs_what_trying_every_way_finds_cheapest(block: int) -> None:
    for seed in range(block * 300, block * 300 + 300):
        problem = random_problem(Random(seed))
        plan = solved(problem)
        if plan.method != "exact":
            continue
        units = units_of(problem, plan)

        assert plan.cost_milli == least_cost(problem), seed
        assert plan.cost_milli == cost_of(problem, units), seed
        for row, want in zip(units, problem.wants, strict=True):
            assert sum(row) <= want.quantity
        for index, place in enumerate(problem.places):
            assert all(row[index] <= free for row, free in zip(units, place.free, strict=True))
        assert len({package.option for package in plan.packages}) == len(plan.packages)


def test_most_of_the_tried_problems_are_solved_exactly() -> None:
    methods = [solved(random_problem(Random(seed))).method for seed in range(3000)]

    assert methods.count("exact") >= 2_900


def test_one_package_beats_two_when_splitting_costs_more_than_it_saves() -> None:
    options = [option("near", (1, 0), 500), option("far", (1, 1), 900)]

    plan = solve([demand("A"), demand("B")], options, FREE)

    assert [(p.option, p.units) for p in plan.packages] == [(1, ((0, 1), (1, 1)))]
    assert plan.cost_milli == 900


def test_an_order_is_split_where_no_location_has_all_of_it() -> None:
    options = [option("one", (1, 0), 500), option("two", (0, 1), 900)]

    plan = solve([demand("A"), demand("B")], options, FREE)

    assert sorted((p.option, p.units) for p in plan.packages) == [(0, ((0, 1),)), (1, ((1, 1),))]
    assert plan.cost_milli == 500 + 900 + 100


def test_units_of_one_sku_are_split_over_locations() -> None:
    plan = solve([demand("A", 4)], [option("one", (1,)), option("two", (3,))], FREE)

    assert sorted((p.option, p.units) for p in plan.packages) == [(0, ((0, 1),)), (1, ((0, 3),))]


def test_ties_go_to_the_location_that_comes_first() -> None:
    plan = solve([demand("A")], [option("one", (5,)), option("two", (5,))], FREE)

    assert [p.option for p in plan.packages] == [0]


def test_a_unit_that_costs_more_to_send_than_to_leave_out_is_left_out() -> None:
    plan = solve([demand("A")], [option("dear", (1,), UNFILLED + 1)], FREE)

    assert plan.packages == ()
    assert plan.cost_milli == UNFILLED


def test_the_limit_on_packages_holds() -> None:
    options = [option(str(n), tuple(int(n == m) for m in range(4)), n) for n in range(4)]
    demands = [demand(sku) for sku in "ABCD"]

    plan = solve(demands, options, FREE._replace(most_packages=2))

    assert sorted(p.option for p in plan.packages) == [0, 1]
    assert plan.cost_milli == 0 + 1 + 100 + 2 * UNFILLED


def test_a_location_never_ships_two_packages_even_where_prices_jump() -> None:
    jumping = Option("one", (2,), (100, 9_000), 0)

    plan = solve([Demand("A", 2, 500, 5_000)], [jumping], Limits(0, 4, (600,)))

    assert [p.units for p in plan.packages] == [((0, 1),)]
    assert plan.cost_milli == 100 + 5_000


def test_no_stock_leaves_everything_out() -> None:
    plan = solve([demand("A", 2)], [], FREE)

    assert plan == Plan((), 2 * UNFILLED, "exact")


def test_an_order_too_large_for_units_apart_keeps_skus_together() -> None:
    demands = [demand("A", 6), demand("B", 6)]

    plan = solve(demands, [option("one", (6, 0)), option("two", (0, 6))], FREE)

    assert plan.method == "whole"
    assert sorted((p.option, p.units) for p in plan.packages) == [(0, ((0, 6),)), (1, ((1, 6),))]


def test_an_order_beyond_the_programme_is_covered_greedily_within_stock() -> None:
    demands = [demand(str(n), 30) for n in range(12)]
    options = [option(str(n), tuple(7 + (n + m) % 3 for m in range(12))) for n in range(6)]

    plan = solve(demands, options, FREE)

    assert plan.method == "greedy"
    assert len(plan.packages) == 4
    for package in plan.packages:
        assert all(count <= options[package.option].available[want] for want, count in package.units)


def test_the_largest_order_keeps_its_costs_inside_64_bits() -> None:
    demands = [Demand(str(n), 1_000_000, 500, 10_000_000_000) for n in range(200)]

    plan = solve(demands, [option("one", (1,) * 200)], FREE)

    assert plan.cost_milli < 2**63
    assert sum(count for package in plan.packages for _, count in package.units) == 200


@pytest.mark.parametrize("quantity", [1, 2, 1_000_000])
def test_stock_that_is_not_there_is_never_given(quantity: int) -> None:
    demands = [Demand(str(n), quantity, 500, 10_000_000_000) for n in range(6)]

    plan = solve(demands, [option("one", (0, 0, 0, 0, 0, 1))], FREE)

    assert [(p.option, p.units) for p in plan.packages] == [(0, ((5, 1),))]
