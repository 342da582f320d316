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

from connectors.frame.message import Message
from connectors.frame.registry import connectors
from connectors.frame.trying import TRIED_AT_MS, Outcome, TriedFile, try_message

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


def test_no_message_of_others_breaks_a_connector() -> None:
    for path in sorted(FIXTURES.rglob("*")):
        if path.is_file():
            tried(path)
