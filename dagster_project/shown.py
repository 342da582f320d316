"""What a step came to, as Dagster shows it: figures, tables that people would rather look at, and checks."""

from collections.abc import Sequence

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, MaterializeResult, MetadataValue

from pipelines.night.steps.night import Done


def checks(asset: str, names: Sequence[str], *, blocking: bool) -> list[AssetCheckSpec]:
    """Declared beside the asset, so that they stand on its page before the first night."""
    return [AssetCheckSpec(name, asset=asset, blocking=blocking) for name in names]


def result(done: Done) -> MaterializeResult:  # type: ignore[type-arg] # Dagster takes the bare class only.
    """One materialisation with all that the step has to say."""
    tables = {name: MetadataValue.md(text) for name, text in done.tables.items()}
    return MaterializeResult(
        metadata={**done.counts, **tables},
        check_results=[
            AssetCheckResult(
                check_name=verdict.name,
                passed=verdict.passed,
                severity=AssetCheckSeverity.ERROR if verdict.blocking else AssetCheckSeverity.WARN,
                metadata={"why": verdict.text},
            )
            for verdict in done.verdicts
        ],
    )
