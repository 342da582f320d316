"""Shared by all tests: marks by folder, when real Kafka is tried, and that CI skips no promise."""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROMISES_OF_CI = ("kafka", "chaos", "browser", "docs")

# Test machines are shared, so time says nothing about a rule; a failing example repeats by itself.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("default")


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


def kafka_is_wanted() -> bool:
    """HEADRACE_TEST_KAFKA=1 or 0 decides; unset, real Kafka is tried where Java and Maven are."""
    asked = os.environ.get("HEADRACE_TEST_KAFKA", "")
    if asked:
        return asked == "1"
    return shutil.which("java") is not None and shutil.which("mvn") is not None


@pytest.fixture(scope="session")
def chaos_is_full() -> bool:
    """Full chaos is asked for by HEADRACE_TEST_CHAOS=full, as CI does; else a short round."""
    return os.environ.get("HEADRACE_TEST_CHAOS", "") == "full"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    without_kafka = pytest.mark.skip(reason="real Kafka takes Java and Maven on PATH")
    for item in items:
        folder = item.path.relative_to(here).parts[0] if item.path.is_relative_to(here) else ""
        if folder in PROMISES_OF_CI:
            item.add_marker(folder)
        if item.get_closest_marker("kafka") and not kafka_is_wanted():
            item.add_marker(without_kafka)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    promised = any(item.get_closest_marker(name) for name in PROMISES_OF_CI)
    if promised and in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI skips no such test: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole file skipped while it is imported has no tests left that could be marked."""
    report = yield
    promised = any(name in collector.path.parts for name in PROMISES_OF_CI)
    if promised and in_ci() and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and CI skips no such file"
    return report
