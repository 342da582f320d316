"""The shop in which everything happens passes the audit, decided again too; and faults in what is rare are found."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from models import commands as c
from models.engine import Engine
from models.partition import partition_of
from models.records.line import Component
from models.records.pool import CatalogueItem
from models.topics import catalogue
from pipelines.audit.audit import audit_ledger
from pipelines.audit.load_json import TopicRecord
from pipelines.audit.replay import Replay
from pipelines.audit.report import AuditReport
from tests.pipelines.played import Log, ledger_of_log, play
from tests.support.builders import Line, Shop, location
from tests.support.everything import everything_happens

Found = dict[str, tuple[str, ...]]
_EDIT = "an edit goes on from the total before it, and from what was cancelled by then"
_OVERSOLD = "every allocation that an outside fact broke stands in the ledger of oversells"
_APART = "what is set aside in a state, or apart for a segment, is the sum of its movements"
_REPAIR = "a repair puts a level to what its movements come to"
ELSEWHERE = (("I5", _EDIT), ("I1", _OVERSOLD), ("I2", _APART), ("I2", _REPAIR))
"""Statements whose faults are planted here, with their invariants."""

RARE = {statement for _, statement in ELSEWHERE}
"""Statements about what most stories do not have."""


def log_of(shop: Shop) -> Log:
    """What the topics would hold of the shop's commands."""
    engine = Engine(partition_of(shop.pool), strict=True)
    return play(engine, shop.pool, [[c.encode(command)] for command in shop.sent])


@cache
def everything() -> tuple[str, Log]:
    shop = everything_happens()
    return shop.pool, log_of(shop)


def copied() -> Log:
    return {topic: list(records) for topic, records in everything()[1].items()}


def audit(pool: str, log: Log, *, replay: bool = False) -> AuditReport:
    with ledger_of_log(pool, log) as ledger:
        if replay:
            again = Replay(ledger, catalogue())
            again.decide_records(
                TopicRecord(partition_of(pool), offset, offset, *record)
                for offset, record in enumerate(log["commands"])
            )
            again.finish()
        return audit_ledger(ledger)


def broken(report: AuditReport) -> Found:
    return {finding.statement: finding.examples for finding in report.findings if finding.violations}


def test_everything_that_happens_is_clean_and_every_statement_was_checked() -> None:
    pool, log = everything()

    report = audit(pool, log)

    assert broken(report) == {}
    assert [f.statement for f in report.findings if f.checked == 0] == []


def test_everything_that_happens_decided_again_is_the_same() -> None:
    pool, log = everything()

    assert broken(audit(pool, log, replay=True)) == {}


def test_an_order_that_was_sold_before_its_kit_was_in_the_catalogue_is_clean() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 4)
    shop.stock("B", "berlin", 9)
    shop.place("early", Line("A"), Line("BOX", 2), sold=True)
    made_of = (Component(sku="A", quantity=1), Component(sku="B", quantity=3))
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="BOX", components=made_of),))
    shop.do(c.ShipParcel, **shop.on("early", 1, parcel_id="p"))

    assert shop.level("B", "berlin").on_hand == 3
    assert broken(audit(shop.pool, log_of(shop))) == {}


def test_kits_of_lines_with_any_name_are_read() -> None:
    shop = Shop().open()
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="BOX", components=(Component(sku="A", quantity=2),)),))
    shop.stock("A", "berlin", 4)
    for name in ("a/b", "~1", '"$.x"', "$", "0"):
        line = c.NewLine(line_id=name, sku="BOX", quantity=1)
        shop.do(c.PlaceOrder, **shop.content(name) | {"lines": (line,)})

    assert broken(audit(shop.pool, log_of(shop))) == {}


def test_a_place_that_is_not_counted_may_have_more_promised_than_is_there() -> None:
    shop = Shop().open()
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="CARD", untracked=True),))
    shop.locate(location("printer", stock="untracked"))
    shop.place("cards", Line("CARD", 500))
    shop.do(c.ShipParcel, **shop.on("cards", 1, parcel_id="p"))

    assert broken(audit(shop.pool, log_of(shop))) == {}


def test_a_closed_order_ties_out_and_so_it_does_when_it_is_back() -> None:
    shop = everything_happens()
    closed = [event for told in shop.told for event in told.events if type(event).__name__ == "OrderClosed"]

    assert len(closed) > 1
    assert broken(audit(shop.pool, log_of(shop))) == {}


Change = Callable[[dict[str, Any]], object]


def in_event(log: Log, kind: str, change: Change) -> None:
    """Change the first event of a kind."""
    for place, (key, value) in enumerate(log["order-updates"]):
        update = json.loads(value)
        for event in update.get("events", []):
            if event["type"] == kind:
                change(event)
                log["order-updates"][place] = (key, json.dumps(update).encode())
                return
    raise AssertionError(f"there is no {kind}")


def in_movement(log: Log, change: Change, **fields: Any) -> None:
    """Change the first movement with these fields."""
    for place, (key, value) in enumerate(log["stock-movements"]):
        movement = json.loads(value)
        if fields.items() <= movement.items():
            change(movement)
            log["stock-movements"][place] = (key, json.dumps(movement).encode())
            return
    raise AssertionError(f"there is no movement with {fields}")


def without_event(log: Log, kind: str) -> None:
    for place, (key, value) in enumerate(log["order-updates"]):
        update = json.loads(value)
        update["events"] = [event for event in update.get("events", []) if event["type"] != kind]
        log["order-updates"][place] = (key, json.dumps(update).encode())


def fence_more(log: Log) -> None:
    """Publish another number of units that are set apart."""
    for place, (key, value) in enumerate(log["stock-updates"]):
        view = json.loads(value)
        for level in view.get("apart", []):
            level["fenced"] = {"trade": 1 + level.get("fenced", {}).get("trade", 0)}
        log["stock-updates"][place] = (key, json.dumps(view).encode())


PLANTED: dict[str, tuple[Callable[[Log], None], str]] = {
    "the total of an edit is off": (
        lambda log: in_event(log, "order_edited", lambda event: event.update(total_minor=event["total_minor"] + 1)),
        "the amounts and units of the lines sum to the order's",
    ),
    "an edit starts from another total": (
        lambda log: in_event(log, "order_edited", lambda event: event.update(total_before_minor=1)),
        _EDIT,
    ),
    "an edit forgets what was cancelled": (
        lambda log: in_event(log, "order_edited", lambda event: event.update(cancelled_minor=7)),
        _EDIT,
    ),
    "units come back from nowhere": (
        lambda log: without_event(log, "units_reinstated"),
        "the published lines count what the events tell",
    ),
    "a kit took one component too few": (
        lambda log: in_movement(
            log,
            lambda row: row.update(allocated_delta=row["allocated_delta"] - 1),
            kind="allocated",
            sku="K2",
            allocated_delta=4,
        ),
        "what a command assigned to a location is what it claimed there",
    ),
    "a kit was stated with one component too few": (
        lambda log: in_event(log, "order_edited", lambda event: event["kits"]["3"].pop()),
        "what a command assigned to a location is what it claimed there",
    ),
    "an oversell is not in its ledger": (lambda log: without_event(log, "oversold"), _OVERSOLD),
    "an oversell is told smaller": (
        lambda log: in_event(log, "oversold", lambda event: event.update(quantity=event["quantity"] - 1)),
        _OVERSOLD,
    ),
    "a repair that nothing stands for": (
        lambda log: in_event(log, "level_repaired", lambda event: event["after"].__setitem__(0, event["after"][0] + 1)),
        _REPAIR,
    ),
    "units are set apart unseen": (fence_more, _APART),
    "an order of the past moves stock": (
        lambda log: in_movement(log, lambda row: row.update(order_id="o-past"), kind="shipped"),
        "what parcels took along is what left on hand",
    ),
    "a place becomes uncounted without a command": (
        lambda log: in_movement(log, lambda row: row.update(on_hand_delta=0), kind="shipped"),
        "what parcels took along is what left on hand",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_in_what_is_rare_is_found(fault: str) -> None:
    plant, statement = PLANTED[fault]
    log = copied()
    plant(log)

    assert statement in broken(audit(everything()[0], log))


def test_each_statement_that_is_left_to_this_story_has_a_planted_fault() -> None:
    assert {statement for _, statement in PLANTED.values()} >= RARE
