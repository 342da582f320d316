"""The audit is clean on what is right: repeats of a crash, odd records, a clock that ticks on, a running system."""

from pipelines.audit.audit import CHECKS, audit_ledger
from tests.pipelines.audited import audit, broken
from tests.pipelines.story import PARTITION, ledger_of, story, update
from tests.pipelines.test_audit_everything import RARE


def test_a_consistent_story_is_clean_and_every_statement_was_checked() -> None:
    report = audit(story())

    assert broken(report) == {}
    assert report.ok
    counts = (report.commands, report.updates, report.movements, report.orders, report.dead_letters, report.pending)
    assert counts == (9, 8, 6, 2, 1, 0)
    assert {f.statement for f in report.findings if f.checked == 0} == RARE
    assert [f.statement for f in report.findings] == [check.statement for check in CHECKS if not check.needs_replay]


def test_what_a_crash_published_again_is_no_fault() -> None:
    facts = story()
    facts["updates"] += facts["updates"][-3:]
    facts["movements"] += facts["movements"][-2:]
    facts["dead_letters"] *= 2

    assert broken(audit(facts)) == {}


def test_an_empty_list_of_commands_is_no_gap_and_one_that_is_no_list_is_one_command() -> None:
    facts = story()
    facts["commands"] += [[], "not json", []]
    facts["dead_letters"].append({"source": "commands", "offset": 9, "index": 0, "code": "undecodable"})

    report = audit(facts)

    assert broken(report) == {}
    assert report.commands == 10


def test_the_clock_may_tick_on_while_topics_are_read() -> None:
    facts = story()
    facts["commands"].append([{"type": "tick", "pool": "eu", "command_id": "c8-0"}])
    undecided = audit(facts)
    facts["updates"] += [update(8, 0, "tick"), update(9, 0, "tick")]
    facts["order_views"][1] |= {"offset": 9, "version": 2}
    facts["stock_views"][0] |= {"offset": 9, "levels": []}
    with ledger_of(facts) as ledger:
        ledger.db.execute("INSERT INTO commands_ends VALUES (?, 9)", [PARTITION])
        decided_later = audit_ledger(ledger)

    assert broken(undecided) == broken(decided_later) == {}
    assert (undecided.commands, undecided.pending) == (9, 1)
    assert (decided_later.commands, decided_later.updates, decided_later.pending) == (10, 9, 0)


def test_of_a_running_system_the_undecided_end_is_left_out() -> None:
    facts = story()
    facts["updates"] = facts["updates"][:6]
    facts["movements"] = facts["movements"][:4]
    facts["dead_letters"].clear()

    report = audit(facts, grace_seconds=1.5)

    assert broken(report) == {}
    assert (report.commands, report.updates, report.pending) == (5, 5, 4)
    assert audit(facts).lost == 4
