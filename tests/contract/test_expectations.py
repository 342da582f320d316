"""Messages written by others, by the hash of their bytes: each says what was read out of it by eye, before its
translator was written. They are no part of the project: where they are not there, these tests are skipped.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.frame.facts import OrderStated
from connectors.frame.message import Message
from connectors.frame.registry import connectors
from connectors.frame.trying import NOBODY, TRIED_AT_MS, Outcome, TriedFile, try_message

HERE = Path(__file__).parent
EXPECTED = HERE.parent / "expectations"
FIXTURES = Path(os.environ.get("HEADRACE_FIXTURES", HERE.parents[2] / "shared" / "fixtures"))

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason=f"no messages of others at {FIXTURES}: name their folder in HEADRACE_FIXTURES"
)


def expectations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in sorted(EXPECTED.glob("*.json")):
        for digest, expected in json.loads(path.read_text()).items():
            yield path.stem, digest, expected


def tried(path: Path) -> TriedFile:
    message = Message(body=path.read_bytes(), name=str(path.relative_to(FIXTURES)), received_at_ms=TRIED_AT_MS)
    return try_message(message, connectors().values())


@pytest.fixture(scope="module")
def by_digest() -> dict[str, Path]:
    files = (path for path in sorted(FIXTURES.rglob("*")) if path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files}


@pytest.mark.parametrize(
    ("connector", "digest", "expected"),
    [pytest.param(*case, id=f"{case[0]}-{case[1][:12]}") for case in expectations()],
)
def test_a_message_says_what_was_read_out_of_it_by_eye(
    connector: str, digest: str, expected: dict[str, Any], by_digest: dict[str, Path]
) -> None:
    if digest not in by_digest:
        pytest.skip("this message is not among those that are there")
    one = tried(by_digest[digest])

    assert one.connector == connector
    assert one.outcome == expected["outcome"], one.translation
    if one.outcome is Outcome.IGNORED:
        assert expected["why"] in one.translation.ignored
    assert [refusal.field for refusal in one.translation.refused] == expected.get("fields", [])
    facts = msgspec.to_builtins(one.translation.facts)
    assert len(facts) == len(expected.get("facts", []))
    for fact, wanted in zip(facts, expected.get("facts", []), strict=True):
        assert_says(fact, wanted, fact["fact"])


def assert_says(fact: Any, wanted: Any, path: str) -> None:
    """Whatever is expected is there; what is not expected is not looked at. Lists have all of their entries."""
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            # What is left out of a record has its default: nothing.
            assert_says(
                fact.get(name, type(value)() if not isinstance(value, bool) else False), value, f"{path}.{name}"
            )
    elif isinstance(wanted, list):
        assert len(fact) == len(wanted), path
        for number, (one, other) in enumerate(zip(fact, wanted, strict=True)):
            assert_says(one, other, f"{path}[{number}]")
    else:
        assert fact == wanted, path


@pytest.fixture(scope="module")
def all_tried() -> dict[Path, TriedFile]:
    return {path: tried(path) for path in sorted(FIXTURES.rglob("*")) if path.is_file()}


def test_no_message_of_others_is_read_by_the_connector_of_another_system(all_tried: dict[Path, TriedFile]) -> None:
    for path, one in all_tried.items():
        names = {part.lower() for part in path.relative_to(FIXTURES).parts[:-1]}
        of_folder = {known.name for known in connectors().values() if names & {known.name, *known.folders}}
        assert one.connector in {NOBODY, *of_folder}, path


DOES_NOT_TIE_OUT = {
    "2221e18e0a0f": "made up: 9.50 is left of an order of nothing and a discounted line, with 10.00 of shipping",
    "0d7c65aff49e": "the same order in a list",
    "b19f2400a5ae": "made up: the current total leaves 10.00 of shipping out",
    "23525aa94f51": "made up: the current total leaves 10.00 of shipping out",
    "bd82fb01dfca": "made up: the current total leaves 10.00 of shipping out",
    "e6c9f74b682a": "made up: the current total leaves 10.00 of shipping out",
    "868a62a51f64": "made up: the current total leaves 10.00 of shipping out",
    "0b94edbfefb2": "made up: the current total leaves 10.00 of shipping out",
    "3f93db4f32ac": "taxes are rounded by line, and once more in all: a cent",
    "cae254474299": "made up: the total is that of no sum of the charges",
    "310aa9238e28": "made up: the total is that of no sum of the charges",
    "c2f173787b9f": "made up: the total is that of no sum of the charges",
    "ba4e0939ace7": "made up: the total is that of no sum of the charges",
}
"""Why the money of a message is not what it says it is in all, by the first letters of its hash."""


def comes_to_minor(order: OrderStated) -> int:
    taxes = 0 if order.tax_included else order.tax_minor + sum(line.tax_minor for line in order.lines)
    goods = sum(line.quantity * line.unit_price_minor - line.discount_minor for line in order.lines)
    return goods - order.discount_minor + order.shipping_minor + taxes


def test_the_money_of_an_order_comes_to_what_it_says_it_is_in_all(all_tried: dict[Path, TriedFile]) -> None:
    seen = set()
    for path, one in all_tried.items():
        orders = [fact for fact in one.translation.facts if isinstance(fact, OrderStated)]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        if any(order.total_minor not in {None, comes_to_minor(order)} for order in orders):
            seen.add(digest)
            assert digest in DOES_NOT_TIE_OUT, path
    there = {hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in all_tried}
    assert seen == DOES_NOT_TIE_OUT.keys() & there
