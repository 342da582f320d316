"""Suggestions for a name of a channel: by SKU and by name, whatever separates, precedes or follows."""

import pytest

from api.suggestions import MOST_SUGGESTED, Goods, Suggestion, goods_of, suggest

CATALOGUE = [
    ("TEE-BLUE-M", "T-shirt, blue, M"),
    ("TEE-BLUE-L", "T-shirt, blue, L"),
    ("MUG-LOGO", "Mug with logo, 330 ml"),
    ("POSTER-A2", "Poster, A2, in a tube"),
    ("4006381333931", "Highlighter, yellow"),
]


@pytest.fixture
def goods() -> Goods:
    return goods_of(CATALOGUE)


@pytest.mark.parametrize(
    ("wanted", "sku"),
    [
        ("tee_blue_m", "TEE-BLUE-M"),
        ("TEEBLUEM", "TEE-BLUE-M"),
        ("MUG-LOGO-6PACK", "MUG-LOGO"),
        ("US1-MUG-LOGO", "MUG-LOGO"),
        ("POSTR-A2", "POSTER-A2"),
        ("highlighter yellow", "4006381333931"),
        ("Yellow highlighter", "4006381333931"),
        ("4006381333913", "4006381333931"),
    ],
)
def test_the_likeliest_comes_first(goods: Goods, wanted: str, sku: str) -> None:
    assert suggest(goods, wanted)[0].sku == sku


def test_the_same_letters_are_wholly_alike(goods: Goods) -> None:
    assert suggest(goods, "tee blue m")[:2] == (
        Suggestion("TEE-BLUE-M", "T-shirt, blue, M", 100),
        Suggestion("TEE-BLUE-L", "T-shirt, blue, L", 89),
    )


@pytest.mark.parametrize("wanted", ["XQ-77719", "-", "", "   "])
def test_what_is_like_nothing_has_no_suggestion(goods: Goods, wanted: str) -> None:
    assert suggest(goods, wanted) == ()


def test_there_are_at_most_five_in_the_order_of_skus_where_they_are_equal() -> None:
    goods = goods_of((f"LAMP-{letter}", "") for letter in "ZYXWVUT")

    found = suggest(goods, "LAMP-0")

    assert [one.sku for one in found] == ["LAMP-T", "LAMP-U", "LAMP-V", "LAMP-W", "LAMP-X"]
    assert len(found) == MOST_SUGGESTED


def test_without_a_catalogue_nothing_is_suggested() -> None:
    assert suggest(goods_of([]), "TEE") == ()
