"""The second check of the invariants: SQL over what was archived or published, sharing nothing with the rules.

`audit_topics` reads a broker, `audit_lake` the archive's Delta tables; both give an `AuditReport`.
"""

from pipelines.audit.audit import LAKE_GRACE_SECONDS, Told, audit_lake, audit_topics
from pipelines.audit.report import AuditReport, Finding

__all__ = ["LAKE_GRACE_SECONDS", "AuditReport", "Finding", "Told", "audit_lake", "audit_topics"]
