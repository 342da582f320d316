"""People close breaks: from the next night on, until one changes, with a line in the audit log."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from api.control.audit import AuditLine, AuditLog, Wanted
from api.control.database import ControlDatabase
from api.settings import ApiSettings
from cli.breaks import app
from cli.console import Failure
from tests.pipelines.night_shop import POOL, NightShop, day_number, opened

WHY = "on their invoice once"


def told_twice(folder: Path) -> NightShop:
    """A day on which the partner tells of one parcel twice, and of another with a wrong quantity."""
    shop = opened(folder)
    shop.day(0)
    shop.shipped("a0")
    shop.shipped("a1")
    twice = shop.row("a0") + "1Z"
    shop.feed(0, "berlin-3pl", twice, twice, shop.row("a1", quantity=1))
    shop.run(0)
    return shop


def breaks(shop: NightShop, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--data", str(shop.folder)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def listed(shop: NightShop, *arguments: str) -> list[dict[str, Any]]:
    return list(json.loads(breaks(shop, "list", "--json", *arguments)))


def the_one(shop: NightShop, kind: str) -> str:
    [found] = listed(shop, "--class", kind)
    return str(found["break_id"])


def ledger(shop: NightShop, number: int) -> list[tuple[Any, ...]]:
    """Class, state, since when, closed when, by whom and why, of one night."""
    facts = ("class", "state", "first_seen", "closed_on", "closed_by", "reason")
    found = shop.store.read("breaks", pl.col("day") == day_number(number))
    return sorted(found.select(facts).rows())


def lines(shop: NightShop) -> list[AuditLine]:
    database = ControlDatabase(ApiSettings(data_dir=shop.folder).control_path)
    try:
        log = AuditLog(database)
        assert log.damage() is None
        return [stored.line for stored in reversed(log.lines(Wanted()))]
    finally:
        database.close()


def test_a_duplicate_that_a_person_closed_stays_closed_in_the_nights_to_come(tmp_path: Path) -> None:
    shop = told_twice(tmp_path)
    name = the_one(shop, "duplicate")
    before = shop.kept()["breaks"]
    breaks(shop, "close", name, "--reason", WHY)

    assert shop.kept()["breaks"] == before
    assert [row["class"] for row in listed(shop)] == ["quantity"]
    [line] = lines(shop)
    assert (line.action, line.pool, line.target, line.reason) == ("close_break", POOL, f"break:{name}", WHY)
    assert (json.loads(line.before)["state"], json.loads(line.after)) == ("open", {"state": "closed"})

    first, second = shop.run(1)["shipments"].counts, shop.run(2)["shipments"].counts
    who = line.actor
    for number, counts in ((1, first), (2, second)):
        assert ledger(shop, number) == [
            ("duplicate", "closed", day_number(0), day_number(1), who, WHY),
            ("quantity", "open", day_number(0), None, None, None),
        ]
        assert (counts["breaks_open"], counts["breaks_closed"], counts["breaks_closed_by_people"]) == (1, 0, 1)
    page = (tmp_path / "reports" / POOL / day_number(2).isoformat() / "shipments.html").read_text()
    assert WHY in page


def test_a_night_that_is_repeated_after_a_break_was_closed_is_as_it_was(tmp_path: Path) -> None:
    shop = told_twice(tmp_path)
    kept = shop.kept()
    breaks(shop, "close", the_one(shop, "duplicate"), "--reason", WHY)
    shop.run(0)

    assert shop.kept() == kept | {"rulings": shop.kept()["rulings"]}


def test_a_break_that_changes_is_open_again_with_its_old_age(tmp_path: Path) -> None:
    shop = told_twice(tmp_path)
    breaks(shop, "close", the_one(shop, "quantity"), "--reason", "a unit was missing in the parcel")
    shop.feed(1, "berlin-3pl", shop.row("a1", quantity=7))
    shop.run(1)

    quantity = [row for row in ledger(shop, 1) if row[0] == "quantity"]
    assert quantity == [("quantity", "open", day_number(0), None, None, None)]


def test_a_break_that_a_person_closed_is_gone_when_it_matches(tmp_path: Path) -> None:
    shop = told_twice(tmp_path)
    rest = shop.row("a1", quantity=1).replace(":00Z", ":30Z")
    breaks(shop, "close", the_one(shop, "quantity"), "--reason", "settled")
    shop.run(1)
    shop.feed(2, "berlin-3pl", rest)
    shop.run(2)

    assert [row[:2] for row in ledger(shop, 1)] == [("duplicate", "open"), ("quantity", "closed")]
    assert [row[:2] for row in ledger(shop, 2)] == [("duplicate", "open")]


def test_a_break_that_was_closed_by_mistake_is_opened_again(tmp_path: Path) -> None:
    shop = told_twice(tmp_path)
    name = the_one(shop, "duplicate")
    breaks(shop, "close", name, "--reason", WHY)
    shop.run(1)
    breaks(shop, "reopen", name, "--reason", "it is on both invoices")

    assert the_one(shop, "duplicate") == name
    shop.run(2)
    assert [row for row in ledger(shop, 2) if row[0] == "duplicate"] == [
        ("duplicate", "open", day_number(0), None, None, None)
    ]
    assert [line.action for line in lines(shop)] == ["close_break", "reopen_break"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["close", "{name}", "none-such", "--reason", WHY], "there is no break none-such .* nothing was changed"),
        (["close", "{name}", "--reason", "  "], "--reason is empty"),
        (["reopen", "{name}", "--reason", WHY], "is open already"),
    ],
)
def test_what_cannot_be_closed_is_refused_and_changes_nothing(tmp_path: Path, arguments: list[str], says: str) -> None:
    shop = told_twice(tmp_path)
    name, kept, shown = the_one(shop, "duplicate"), shop.kept(), listed(shop, "--all")

    with pytest.raises(Failure, match=says):
        breaks(shop, *(word.format(name=name) for word in arguments))

    assert shop.kept() == kept
    assert listed(shop, "--all") == shown
    assert lines(shop) == []


def test_what_is_closed_already_is_said_to_be(tmp_path: Path) -> None:
    shop = told_twice(tmp_path)
    name = the_one(shop, "duplicate")
    breaks(shop, "close", name, "--reason", WHY)

    with pytest.raises(Failure, match=f"closed already by cli:.*: {WHY}"):
        breaks(shop, "close", name, "--reason", "again")
    assert len(lines(shop)) == 1


def test_without_a_night_there_are_no_breaks(tmp_path: Path) -> None:
    assert breaks(NightShop(tmp_path), "list") == "There are none.\n"
