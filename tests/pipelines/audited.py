"""Auditing facts that are in memory."""

from pipelines.audit.audit import audit_ledger
from pipelines.audit.report import AuditReport
from tests.pipelines.story import Facts, ledger_of


def audit(facts: Facts, grace_seconds: float | None = None) -> AuditReport:
    with ledger_of(facts) as ledger:
        return audit_ledger(ledger, grace_seconds=grace_seconds)


def broken(report: AuditReport) -> dict[str, tuple[str, ...]]:
    return {f"{f.invariant} {f.statement}": f.examples for f in report.findings if f.violations}
