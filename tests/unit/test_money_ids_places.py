import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import geo, ids
from models.money import amount_of_units, share
from models.records.place import Position
from tests.property.profiles import EXAMPLES


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        pytest.param(100, [1, 1, 1], [34, 33, 33], id="odd cents to the first of equals"),
        pytest.param(10, [1, 2, 4], [1, 3, 6], id="largest remainder first"),
        pytest.param(5, [0, 0], [3, 2], id="weightless parts share equally"),
        pytest.param(7, [0, 3], [0, 7], id="nothing for a weightless part beside others"),
        pytest.param(0, [3, 4], [0, 0], id="nothing to share"),
        pytest.param(9, [], [], id="nobody to share with"),
    ],
)
def test_a_total_is_shared_by_largest_remainder(total: int, weights: list[int], parts: list[int]) -> None:
    assert share(total, weights) == parts


@EXAMPLES
@given(total=st.integers(0, 10**12), weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_shares_sum_to_the_total_and_are_within_one_of_their_right(total: int, weights: list[int]) -> None:
    parts = share(total, weights)

    assert sum(parts) == total
    if sum(weights):
        assert all(
            part * sum(weights) - total * weight + sum(weights) >= 0
            for part, weight in zip(parts, weights, strict=True)
        )
        assert all(
            part * sum(weights) - total * weight < sum(weights) for part, weight in zip(parts, weights, strict=True)
        )


def test_the_first_units_of_a_line_carry_its_odd_cents() -> None:
    assert [amount_of_units(100, 3, unit, 1) for unit in range(3)] == [34, 33, 33]
    assert amount_of_units(100, 3, 1, 2) == 66


@EXAMPLES
@given(amount=st.integers(0, 10**9), cuts=st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_runs_of_units_sum_to_the_line_however_they_are_cut(amount: int, cuts: list[int]) -> None:
    quantity, first, total = sum(cuts), 0, 0
    for count in cuts:
        total += amount_of_units(amount, quantity, first, count)
        first += count

    assert total == amount


def test_an_order_has_the_same_id_on_every_machine() -> None:
    assert ids.order_id("shop", "web", "1001") == "obd93251f4d88dc5e7333706e"
    assert ids.fulfillment_id("oe2e8", 2) == "oe2e8-2"


@pytest.mark.parametrize(
    "other", [("shop2", "web", "1"), ("shop", "app", "1"), ("shop", "web", "2"), ("shop", "we", "b1")]
)
def test_another_pool_channel_or_number_is_another_order(other: tuple[str, str, str]) -> None:
    assert ids.order_id("shop", "web", "1") != ids.order_id(*other)


@pytest.mark.parametrize(
    "sku",
    [
        pytest.param("A-100", id="plain"),
        pytest.param("00042", id="leading zeros stay"),
        pytest.param("a-100", id="case stays"),
        pytest.param("red shoe/42", id="space and slash inside"),
        pytest.param("Stra\u00dfe-\u00e9", id="composed letters"),
        pytest.param("\u978b-\U0001f45f", id="ideograph and emoji"),
        pytest.param("x" * 1_000, id="long"),
    ],
)
def test_a_sku_in_its_normal_form_is_taken_as_it_is(sku: str) -> None:
    assert ids.is_sku(sku)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" A", id="space before"),
        pytest.param("A ", id="space after"),
        pytest.param("A\u00a0", id="no-break space after"),
        pytest.param("A\tB", id="tab"),
        pytest.param("A\nB", id="line end"),
        pytest.param("A\x00", id="zero byte"),
        pytest.param("A\x7f", id="delete"),
        pytest.param("e\u0301", id="decomposed letter"),
        pytest.param("A\u200b", id="zero-width space"),
        pytest.param("A\u2060B", id="word joiner"),
        pytest.param("A\u00adB", id="soft hyphen"),
        pytest.param("\u202eA", id="right-to-left override"),
        pytest.param("A\u061c", id="Arabic letter mark"),
        pytest.param("\ufeffA", id="byte order mark"),
        pytest.param("A\u2028B", id="line separator"),
        pytest.param("\ue000", id="private use"),
        pytest.param("\ud800", id="half a pair"),
    ],
)
def test_text_that_could_be_mistaken_for_another_sku_is_none(text: str) -> None:
    assert not ids.is_sku(text)


def test_distances_are_integers_close_to_the_great_circle() -> None:
    berlin, hamburg = geo.position_of(52.52, 13.405), geo.position_of(53.55, 9.993)

    assert 254_000 < geo.distance_meters(berlin, hamburg) < 256_500
    assert geo.distance_meters(berlin, hamburg) == geo.distance_meters(hamburg, berlin)
    assert geo.distance_meters(berlin, berlin) == 0


def test_the_ends_of_the_earth_are_a_diameter_apart() -> None:
    north, south = geo.position_of(90, 0), geo.position_of(-90, 0)

    assert north == Position(x=0, y=0, z=geo.NANO)
    assert geo.distance_meters(north, south) == 2 * geo.EARTH_RADIUS_METERS
