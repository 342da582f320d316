"""What runs at night: today the audit of the archive.

Each asset reads, calls `pipelines`, writes and counts; nothing else is decided here.
"""

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    ConfigurableResource,
    Definitions,
    EnvVar,
    MaterializeResult,
    MetadataValue,
    ScheduleDefinition,
    asset,
    define_asset_job,
)

from pipelines.audit import audit_lake

CHECK = "every_invariant_holds"
# Past the first compaction after midnight UTC, and well before anybody comes to work.
_AT_NIGHT = "30 1 * * *"


class Lake(ConfigurableResource[None]):
    """Where the archive is."""

    uri: str


@asset(check_specs=[AssetCheckSpec(CHECK, asset="audit")])
def audit(lake: Lake) -> MaterializeResult:  # type: ignore[type-arg] # Dagster takes the bare class only.
    """Check the invariants over the archive by SQL, with a replay of all commands."""
    report = audit_lake(lake.uri, replay=True)
    broken = [finding for finding in report.findings if finding.violations]
    rows = ["| invariant | statement | checked | broken |", "|---|---|---|---|"]
    rows += [f"| {f.invariant} | {f.statement} | {f.checked} | {f.violations} |" for f in report.findings]
    return MaterializeResult(
        metadata={
            "commands": report.commands,
            "orders": report.orders,
            "movements": report.movements,
            "dead_letters": report.dead_letters,
            "pending": report.pending,
            "seconds": report.seconds,
            "findings": MetadataValue.md("\n".join(rows)),
        },
        check_results=[
            AssetCheckResult(
                check_name=CHECK,
                passed=report.ok,
                severity=AssetCheckSeverity.ERROR,
                metadata={finding.statement: MetadataValue.json(list(finding.examples)) for finding in broken},
            )
        ],
    )


nightly = define_asset_job("nightly", selection=[audit])

defs = Definitions(
    assets=[audit],
    jobs=[nightly],
    schedules=[ScheduleDefinition(job=nightly, cron_schedule=_AT_NIGHT)],
    resources={"lake": Lake(uri=EnvVar("HEADRACE_LAKE"))},
)
