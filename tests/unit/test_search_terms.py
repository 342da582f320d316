import base64

import pytest

from api.views.search import facet_of
from api.views.terms import Kind, key_of, meanings, order_prefix, phone_forms, term, terms_of, words


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        pytest.param(Kind.EXTERNAL, "#W-1001", "w-1001", id="a shop's number sign"),
        pytest.param(Kind.SKU, "TShirt  Blue", "tshirt blue", id="case and spaces"),
        pytest.param(Kind.SKU, "\uff21\uff22\uff23-1", "abc-1", id="wide letters"),
        pytest.param(Kind.TRACKING, "1Z 999 AA1-01", "1z999aa101", id="groups of a tracking number"),
        pytest.param(Kind.POSTCODE, "SW1A 1AA", "sw1a1aa", id="groups of a postcode"),
    ],
)
def test_what_people_write_differently_is_one_term(kind: Kind, one: str, other: str) -> None:
    assert term("europe", kind, one) == term("europe", kind, other)


def test_terms_are_words_of_the_index_and_differ_by_kind_and_pool() -> None:
    odd = 'A" OR *:b_{}^'
    terms = {term(pool, kind, odd) for pool in ("a", "a-b") for kind in (Kind.SKU, Kind.EXTERNAL)}

    assert len(terms) == 4
    assert all(one.replace("_", "").isalnum() and one.isascii() for one in terms)


def test_what_begins_alike_has_terms_that_begin_alike() -> None:
    assert term("p", Kind.SKU, "Größe-42").startswith(term("p", Kind.SKU, "GRÖ"))
    assert not term("p", Kind.SKU, "Größe-42").startswith(term("p", Kind.SKU, "Gro"))


def test_an_order_is_found_by_all_it_has_and_by_no_personal_data() -> None:
    key = bytes.fromhex("00ff10ab00ff10ab")
    sealed = base64.b64encode(b"\x01" + key + b"nonce and ciphertext").decode()
    found = terms_of("p", "W-1", ("A", "B", "A"), ("T1", ""), "10115", key_of(sealed)).split()

    assert found == ["c_p__00ff10ab00ff10ab", "k_p__a", "k_p__b", "p_p__10115", "t_p__t1", "x_p__w_2d1"]
    assert key_of("no base64!") == ""


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Ada Muster", ["external", "sku", "name"]),
        ("ada@example.org", ["external", "sku", "email"]),
        ("+49 (30) 123456", ["external", "sku", "tracking", "postcode", "phone"]),
        ("10115", ["external", "sku", "tracking", "postcode"]),
        ("o0123456789ab", ["order", "external", "sku", "tracking"]),
        ("sku: A:B", ["sku"]),
        ("Name:ada", ["name"]),
        ("name:", ["external", "sku", "name"]),
        ("   ", []),
    ],
)
def test_a_text_is_meant_as_what_it_looks_like(text: str, kinds: list[str]) -> None:
    assert [meaning.kind.value for meaning in meanings(text)] == kinds


def test_a_kind_before_a_colon_keeps_the_rest_as_it_is() -> None:
    assert [meaning.text for meaning in meanings("sku: A:B ")] == ["A:B"]


def test_the_id_of_a_fulfillment_leads_to_its_order() -> None:
    assert order_prefix("o0123456789abcdef01234567-2") == "o0123456789abcdef01234567"
    assert order_prefix("O01") == "o01"
    assert order_prefix("other") == ""


def test_a_phone_number_is_the_same_with_any_prefix() -> None:
    assert phone_forms("+49 30 1234567")[-1] == phone_forms("030/1234567")[-1] == "1234567"
    assert phone_forms("12345") == []


def test_words_of_a_name_are_taken_apart_and_keep_their_accents() -> None:
    assert words("O'Brien-Müller, ADA") == ["obrien", "müller", "ada"]


def test_a_facet_is_the_same_whatever_the_order_of_its_locations() -> None:
    one = facet_of("p", "held", "shop", frozenset(("a", "b")), held=True, at_risk=False, waiting=False)
    other = facet_of("p", "held", "shop", frozenset(("b", "a")), held=True, at_risk=False, waiting=False)

    assert (one, one.locations) == (other, "|a|b|")
