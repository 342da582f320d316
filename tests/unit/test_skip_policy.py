"""In CI a skipped Kafka or chaos test is a failure; elsewhere it is a skip."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"
MARKS = "[pytest]\nmarkers =\n    kafka: real Kafka\n    chaos: real processes\n"
SKIPPED_INSIDE = "import pytest\ndef test_one(): pytest.skip('not here')\n"
SKIPPED_WHOLE = "import pytest\npytest.skip('not here', allow_module_level=True)\n"
PASSING = "def test_one(): pass\n"


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Each folder with one test that skips itself, one file that skips itself, one that passes."""
    pytester.makeini(MARKS)
    pytester.makeconftest(CONFTEST.read_text())
    for folder in ("kafka", "chaos", "unit"):
        path = pytester.mkdir(folder)
        (path / f"test_{folder}_inside.py").write_text(SKIPPED_INSIDE)
        (path / f"test_{folder}_whole.py").write_text(SKIPPED_WHOLE)
        (path / f"test_{folder}_passing.py").write_text(PASSING)
    monkeypatch.setenv("HEADRACE_TEST_KAFKA", "1")
    monkeypatch.delenv("CI", raising=False)
    return pytester


def run(suite: pytest.Pytester) -> dict[str, int]:
    # A file that fails to load would otherwise end the run before the first test.
    options = ("--continue-on-collection-errors", "-p", "no:asyncio", "-p", "no:xdist")
    return suite.runpytest_subprocess(*options).parseoutcomes()


def test_a_skip_is_a_skip_on_other_machines(suite: pytest.Pytester) -> None:
    assert run(suite) == {"skipped": 6, "passed": 3}


def test_in_ci_only_other_tests_may_skip(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    assert run(suite) == {"failed": 2, "errors": 2, "skipped": 2, "passed": 3}


def test_kafka_tests_are_skipped_when_switched_off(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_TEST_KAFKA", "0")

    assert run(suite) == {"skipped": 7, "passed": 2}


def test_kafka_switched_off_fails_in_ci(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("HEADRACE_TEST_KAFKA", "0")

    # Both Kafka tests fail before they begin, beside the two files; chaos fails as ever.
    assert run(suite) == {"failed": 1, "errors": 4, "skipped": 2, "passed": 2}
