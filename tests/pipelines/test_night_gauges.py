"""What monitoring is told of the nights: from the notes that real nights leave, by the API on the same data folder."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from api.services import Services
from api.settings import ApiSettings
from pipelines.night.steps.night import NightError
from pipelines.night.steps.publish import publish_step
from tests.pipelines.night_shop import POOL, NightShop, day_number, opened, starts_ms
from tests.pipelines.test_night_run import two_days
from tests.support.builders import DAY_MS, HOUR_MS

GREEN_AGE = "headrace_night_green_age_hours"
GATE = "headrace_night_gate_passed"


@contextmanager
def api_beside(shop: NightShop, number: int, hours: int) -> Iterator[Services]:
    """An API on the shop's data folder, made and not started, so many hours after the end of a day."""
    now_ms = starts_ms(day_number(number)) + DAY_MS + hours * HOUR_MS
    services = Services(ApiSettings(data_dir=shop.folder, broker="127.0.0.1:1"), now_ms=lambda: now_ms)
    try:
        yield services
    finally:
        asyncio.run(services.stop())


def figures(shop: NightShop, number: int, hours: int = 5) -> dict[str, float]:
    """The gauges of the nights by name, or by class for breaks that are there."""
    with api_beside(shop, number, hours) as services:
        lines = services.metrics.text().decode().splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("headrace_night_"))
    return {name: float(value) for name, value in found.items() if "{" not in name or float(value)}


def breaks_of(kind: str) -> str:
    return f'headrace_night_breaks_open{{class="{kind}"}}'


def test_before_the_first_night_nothing_is_told(tmp_path: Path) -> None:
    assert figures(two_days(tmp_path), 0) == {}


def test_after_a_night_its_breaks_its_gate_and_its_age_are_told(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    first = figures(shop, 0)
    shop.run(1)

    assert first == {breaks_of("timing"): 1, GATE: 0, GREEN_AGE: 5}
    # The row that was missing is old by now, and another has come with a wrong quantity.
    assert figures(shop, 1) == {breaks_of("timing"): 1, breaks_of("quantity"): 1, GATE: 0, GREEN_AGE: 5}
    assert figures(shop, 1, hours=40)[GREEN_AGE] == 40


def test_a_gate_that_let_a_model_pass_is_1(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    judged = shop.store.read("routing_models").with_columns(pl.lit(True).alias("passed"))
    shop.store.replace("routing_models", judged, day_number(0), pool=POOL)
    publish_step(shop.night(0), POOL)

    assert figures(shop, 0)[GATE] == 1


def test_a_day_that_is_not_over_counts_as_far_as_it_has_come(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    noon_ms = starts_ms(day_number(1)) + DAY_MS // 2
    shop.run(1, so_far=True, now_ms=noon_ms)

    assert figures(shop, 1)[GREEN_AGE] == 12 + 5


def test_a_night_that_does_not_go_through_leaves_the_last_green_one(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    shop.note_checkpoint(1, digest="00" * 16)
    with pytest.raises(NightError):
        shop.run(1)

    assert figures(shop, 1) == {breaks_of("timing"): 1, GATE: 0, GREEN_AGE: 24 + 5}


def test_a_green_day_that_is_found_wrong_when_it_is_repeated_is_green_no_more(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    shop.run(1)
    shop.note_checkpoint(1, digest="00" * 16)
    with pytest.raises(NightError):
        shop.run(1)

    assert figures(shop, 1)[GREEN_AGE] == 24 + 5


def test_a_night_is_green_when_every_pool_has_come_through(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.day(0)
    shop.shipped("a0")
    shop.run(0)
    note = tmp_path / "nights" / day_number(0).isoformat() / f"{POOL}.json"
    other = note.read_bytes().replace(b'"pools":["shop"]', b'"pools":["other","shop"]')
    note.write_bytes(other)

    assert GREEN_AGE not in figures(shop, 0)
    note.with_name("other.json").write_bytes(other.replace(b'"pool":"shop"', b'"pool":"other"'))
    assert figures(shop, 0)[GREEN_AGE] == 5


def test_no_pool_is_named(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.run(0)
    with api_beside(shop, 0, 1) as services:
        assert f'"{POOL}"' not in services.metrics.text().decode()
