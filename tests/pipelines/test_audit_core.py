"""What the real core decides passes the audit, which shares nothing with it."""

import pytest

from models.engine import Engine
from models.partition import partition_of
from pipelines.audit.audit import audit_ledger
from tests.pipelines.played import ledger_of_log, play
from tests.pipelines.session import POOL, Session


@pytest.mark.parametrize("seed", range(3))
def test_a_session_of_everything_passes(seed: int) -> None:
    engine = Engine(partition_of(POOL), strict=True)
    log = play(engine, POOL, Session(engine, seed).records(300), batch_items=20)

    with ledger_of_log(POOL, log) as ledger:
        report = audit_ledger(ledger)

    assert {f.statement: f.examples for f in report.findings if f.violations} == {}
    assert [f.statement for f in report.findings if f.checked == 0] == []
    assert report.dead_letters > 0
    assert report.orders > 100
