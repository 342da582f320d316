"""Bodies that two readers could read differently, or that are no JSON at all."""

import gzip
from collections.abc import AsyncIterator

import pytest

from tests.support.system import System

JSON = {"Content-Type": "application/json"}
BODY = b'{"channel":"shop-de","external_id":"1","currency":"EUR","lines":[%s],"destination":{"country":"DE"}}'
LINE = b'{"sku":"TSHIRT-BLUE-M","quantity":%s}'


def with_quantity(text: bytes) -> bytes:
    return BODY % (LINE % text)


def with_external_id(text: bytes) -> bytes:
    return with_quantity(b"1").replace(b'"external_id":"1"', b'"external_id":' + text)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"", 400, "json_malformed", id="empty"),
        pytest.param(b"{", 400, "json_malformed", id="cut off"),
        pytest.param(b"{'a': 1}", 400, "json_malformed", id="single quotes"),
        pytest.param(with_quantity(b"1") + b"{}", 400, "json_malformed", id="two texts"),
        pytest.param(with_quantity(b"1,"), 400, "json_malformed", id="trailing comma"),
        pytest.param(with_quantity(b"NaN"), 400, "json_not_a_number", id="NaN"),
        pytest.param(with_quantity(b"-Infinity"), 400, "json_not_a_number", id="infinity"),
        pytest.param(with_quantity(b"1e999"), 422, "quantity_fractional", id="beyond a float"),
        pytest.param(with_quantity(b"9" * 5_000), 400, "number_too_long", id="thousands of digits"),
        pytest.param(with_quantity(b'1,"quantity":2'), 400, "json_duplicate_key", id="name twice"),
        pytest.param(b"[" * 100_000, 400, "json_too_deep", id="very deep"),
        pytest.param(b"[" * 40 + b"]" * 40, 400, "json_too_deep", id="deep"),
        pytest.param(b"\xef\xbb\xbf" + with_quantity(b"1"), 400, "json_byte_order_mark", id="byte order mark"),
        pytest.param(with_quantity(b"1").decode().encode("utf-16-le"), 400, "json_malformed", id="UTF-16"),
        pytest.param(with_quantity(b"1").decode().encode("utf-16"), 400, "json_not_utf8", id="UTF-16 with mark"),
        pytest.param(with_external_id(b'"\xff"'), 400, "json_not_utf8", id="not UTF-8"),
        pytest.param(with_external_id(b'"\\ud800"'), 400, "text_invalid", id="half a surrogate pair"),
        pytest.param(with_external_id(b'"a\\u0000b"'), 400, "text_invalid", id="NUL"),
        pytest.param(with_quantity(b"1").replace(b"channel", b"\\ud800"), 400, "text_invalid", id="surrogate name"),
        pytest.param(with_external_id(b'"a\x01b"'), 400, "json_malformed", id="control character"),
        pytest.param(gzip.compress(with_quantity(b"1")), 400, "json_not_utf8", id="compressed"),
        pytest.param(b"[]", 422, "field_invalid", id="a list"),
        pytest.param(b"null", 422, "field_invalid", id="null"),
        pytest.param(b'"text"', 422, "field_invalid", id="a text"),
    ],
)
async def test_it_is_refused_with_its_own_code_and_sent_nowhere(
    stocked: System, body: bytes, status: int, code: str
) -> None:
    sent = stocked.sent
    answer = await stocked.client.post(f"{stocked.path}/orders", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert stocked.sent == sent


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_only_json_is_taken(stocked: System, kind: str) -> None:
    sent = stocked.sent
    answer = await stocked.client.post(
        f"{stocked.path}/orders", content=with_quantity(b"1"), headers={"Content-Type": kind}
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")
    assert stocked.sent == sent


async def test_a_content_type_may_name_its_character_set(stocked: System) -> None:
    answer = await stocked.client.post(
        f"{stocked.path}/orders",
        content=with_quantity(b"1"),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )

    assert answer.status_code == 201


async def test_a_body_over_the_limit_is_refused_by_its_declared_length(stocked: System) -> None:
    sent = stocked.sent
    body = b" " * (stocked.settings.body_bytes_max + 1)
    answer = await stocked.client.post(f"{stocked.path}/orders", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert stocked.sent == sent


async def test_a_body_that_declares_no_length_is_cut_off_at_the_limit(stocked: System) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65_536
            yield b" " * 65_536

    answer = await stocked.client.post(f"{stocked.path}/orders", content=endless(), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert taken <= stocked.settings.body_bytes_max + 2 * 65_536


async def test_a_stranger_s_body_is_not_read(stocked: System) -> None:
    answer = await stocked.client.post(
        f"{stocked.path}/orders", content=b"{", headers=JSON | {"Authorization": "Bearer nobody"}
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")
