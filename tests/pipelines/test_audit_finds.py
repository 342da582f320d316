"""The audit finds each fault that is planted."""

from collections.abc import Callable

import pytest

from pipelines.audit.audit import CHECKS
from tests.pipelines.audited import audit, broken
from tests.pipelines.story import Facts, again, movement, story, units, update
from tests.pipelines.test_audit_everything import ELSEWHERE

Plant = Callable[[Facts], object]


def claim_beyond(facts: Facts) -> None:
    """Two units of o2 more than there are, consistently told everywhere."""
    facts["updates"][5]["events"][0] = again(facts["updates"][5]["events"][0], units=9, lines=[["1", "A", 9, 900]])
    facts["updates"][5]["events"][1]["assignments"][0]["units"] = units("1", 9)
    facts["movements"][4]["allocated_delta"] = 9
    facts["order_views"][1]["lines"][0] |= {"quantity": 9, "waiting": 0, "allocated": 9}
    facts["order_views"][1]["fulfillments"][0]["lines"][0]["allocated"] = 9
    facts["stock_views"][0]["levels"][0][2] = 9


def cancel_without_release(facts: Facts) -> None:
    del facts["movements"][3]
    facts["updates"][3]["movements"] = 0


def lose_amount(facts: Facts) -> None:
    facts["updates"][1]["events"][0]["lines"][0][3] = 299
    facts["order_views"][0]["lines"][0]["amount_minor"] = 299


def deliver_twice(facts: Facts) -> None:
    facts["updates"][7]["events"] = facts["updates"][4]["events"]


PLANTED: dict[str, tuple[Plant, str, str]] = {
    "claim beyond what is there": (
        claim_beyond,
        "I1 no command claims stock at a place where it leaves more allocated than on hand",
        "eu A at L1: 9 allocated of 8 on hand after position 50000000 claimed 9",
    ),
    "shortage not declared": (
        lambda facts: facts["updates"][6]["events"].clear(),
        "I1 more allocated than on hand comes from an outside fact that was declared short",
        "eu A at L1: 6 allocated of 5 on hand after position 60000000, not declared",
    ),
    "more released than allocated": (
        lambda facts: facts["movements"][3].update(allocated_delta=-2),
        "I1 allocated is never below zero",
        "eu A at L1: -1 allocated after position 30000000",
    ),
    "a till sale adds stock": (
        lambda facts: facts["movements"][5].update(on_hand_delta=3),
        "I2 each kind of movement changes only what it may, in the right direction",
        "sold_at_till of A at L1, position 60000000, sequence 0",
    ),
    "an unknown kind": (
        lambda facts: facts["movements"][5].update(kind="stolen"),
        "I2 each kind of movement changes only what it may, in the right direction",
        "stolen of A at L1, position 60000000, sequence 0",
    ),
    "a unit left that is in no parcel": (
        lambda facts: facts["movements"][2].update(on_hand_delta=-3),
        "I2 what parcels took along is what left on hand",
        "position 20000000, order o1, A at L1: 2 in parcels, 3 left",
    ),
    "a published level is off": (
        lambda facts: facts["stock_views"][0]["levels"][0].__setitem__(1, 4),
        "I2 the published levels are the sums of all movements",
        "eu A at L1: on hand 5, allocated 6 by movements; 4, 6 published",
    ),
    "availability is made up": (
        lambda facts: facts["stock_views"][0]["levels"][0].__setitem__(5, 1),
        "I2 what is published as available is what nobody holds, and not below zero",
        "eu A at L1: 1 available",
    ),
    "an allocation of nobody": (
        lambda facts: facts["movements"][4].update(order_id=""),
        "I3 every allocation belongs to an order",
        "eu A at L1: 6 by position 50000000",
    ),
    "assigned and not claimed": (
        lambda facts: facts["movements"][4].update(allocated_delta=5),
        "I3 what a command assigned to a location is what it claimed there",
        "position 50000000, order o2, A at L1: 6 assigned, 5 claimed",
    ),
    "a published allocation is off": (
        lambda facts: facts["order_views"][1]["fulfillments"][0]["lines"][0].update(allocated=5),
        "I3 the published allocations of each order are the sums of its movements",
        "order o2, A at L1: 6 by movements, 5 published",
    ),
    "cancelled units stay allocated": (
        cancel_without_release,
        "I4 an order never has more units cancelled, shipped and allocated than ordered",
        "order o1, A: 1 units too many after position 30000000",
    ),
    "a line nobody ordered": (
        lambda facts: facts["updates"][2]["events"][0].update(units=units("9", 2)),
        "I4 every event names a line of its order",
        "order o1, line 9, position 20000000",
    ),
    "a parcel arrives twice": (
        deliver_twice,
        "I4 a parcel leaves once, and after that ends once; only a lost one may still arrive or come back",
        "order o1, parcel p1: left 1 times, lost 0 times, arrived or came back 2 times",
    ),
    "a parcel arrives that never left": (
        lambda facts: facts["updates"][4]["events"][0].update(parcel_id="p2"),
        "I4 a parcel leaves once, and after that ends once; only a lost one may still arrive or come back",
        "order o1, parcel p2: left 0 times, lost 0 times, arrived or came back 1 times",
    ),
    "a published line lost a unit": (
        lambda facts: facts["order_views"][1]["lines"][0].update(waiting=0),
        "I4 in every published line: ordered = cancelled + waiting + allocated + shipped, no more ended or pegged",
        "order o2, line 1",
    ),
    "a published line counts otherwise": (
        lambda facts: facts["order_views"][0]["lines"][0].update(delivered=1),
        "I4 the published lines count what the events tell",
        "order o1, line 1: cancelled 1, shipped 2 by events; 1, 2 published",
    ),
    "a cent is missing in the lines": (
        lose_amount,
        "I5 the amounts and units of the lines sum to the order's",
        "order o1: 299 in lines, 300 in total",
    ),
    "more money cancelled than there was": (
        lambda facts: facts["updates"][3]["events"][0].update(amount_minor=301),
        "I5 no more is cancelled than the order's total, and all of it when every unit is",
        "order o1: 301 cancelled of 300",
    ),
    "published amounts are off": (
        lambda facts: facts["order_views"][0]["lines"][0].update(cancelled_minor=99),
        "I5 the published amounts are those of the events",
        "order o1: total 300 by events, 300 published, 300 in lines; cancelled 100 by events, 99 in lines",
    ),
    "a repeat says something else": (
        lambda facts: facts["updates"].append(again(facts["updates"][5], order_version=2)),
        "I7 what was published again says the same",
        "update 7/5/0",
    ),
    "a repeated movement says something else": (
        lambda facts: facts["movements"].append(again(facts["movements"][5], on_hand_delta=-2)),
        "I7 what was published again says the same",
        "movement 7/6/0/0",
    ),
    "a command was never decided": (
        lambda facts: facts["updates"].pop(7),
        "I8 every command has one update or is a dead letter",
        "command 7/7/0 (tick c7-0): 0 updates, 0 dead letters",
    ),
    "a dead letter is lost": (
        lambda facts: facts["dead_letters"].clear(),
        "I8 every command has one update or is a dead letter",
        "command 7/7/1 ( ): 0 updates, 0 dead letters",
    ),
    "an update nobody asked for": (
        lambda facts: facts["updates"].append(update(8, 0, "tick")),
        "I8 every update is of a command that was asked",
        "update 7/8/0 of c8-0",
    ),
    "a published level is missing": (
        lambda facts: facts["stock_views"].clear(),
        "I2 the published levels are the sums of all movements",
        "eu A at L1: on hand 5, allocated 6 by movements; 0, 0 published",
    ),
    "the first commands are gone": (
        lambda facts: facts.update(commands=[None, *facts["commands"][1:]]),
        "I8 the offsets of commands are without gaps from the first",
        "partition 7: 7 records from offset 1 to 7",
    ),
    "a movement is lost": (
        lambda facts: facts["movements"].pop(5),
        "I8 every update's movements are there, each once",
        "position 60000000 in partition 7: 0 movements of 1",
    ),
    "a movement of no update": (
        lambda facts: facts["movements"].append(movement(7, 0, "received", 1, 0)),
        "I8 every update's movements are there, each once",
        "position 70000000 in partition 7: 1 movements of 0",
    ),
    "a pool is decided on two partitions": (
        lambda facts: facts["updates"].append(update(8, 0, "tick", partition=8)),
        "I8 a pool is on one partition",
        "pool eu is on 2 partitions",
    ),
    "an update cannot be read": (
        lambda facts: facts["updates"].append("{"),
        "I8 what we published can be read",
        "order-updates 7/8",
    ),
    "a version goes back": (
        lambda facts: facts["updates"][4].update(order_version=2),
        "I9 an order's version never goes back",
        "order o1: version 2 after 3 at position 40000000",
    ),
    "a view is behind": (
        lambda facts: facts["order_views"][0].update(version=3),
        "I9 the view of every order is of the newest version that was told",
        "order o1: version 4 was told, the view has 3",
    ),
    "a view is missing": (
        lambda facts: facts["order_views"].pop(1),
        "I9 the view of every order is of the newest version that was told",
        "order o2: version 1 was told, the view has 0",
    ),
    "another order's new version is not in its view": (
        lambda facts: facts["updates"][6].update(others={"o2": 2}),
        "I9 the view of every order is of the newest version that was told",
        "order o2: version 2 was told, the view has 1",
    ),
    "a location was not weighed": (
        lambda facts: facts["updates"][1]["events"][1]["trace"]["candidates"].pop(0),
        "I10 every location that was chosen stands in the trace of its decision",
        "order o1, position 10000000: L1 is not in the trace",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str) -> None:
    plant, statement, example = PLANTED[fault]
    facts = story()
    plant(facts)

    report = audit(facts)

    assert not report.ok
    assert example in broken(report)[statement]


def test_every_statement_has_a_planted_fault() -> None:
    planted = {statement for _, statement, _ in PLANTED.values()} | {
        f"{sort} {statement}" for sort, statement in ELSEWHERE
    }

    assert {f"{check.invariant} {check.statement}" for check in CHECKS if not check.needs_replay} == planted
