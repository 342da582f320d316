"""How nights are told apart: by day of the log, and within the day by pool."""

from dagster import DailyPartitionsDefinition, DynamicPartitionsDefinition, MultiPartitionsDefinition

# Before any lake of ours; nights of days without records are cheap and green.
_FIRST_DAY = "2026-01-01"

DAYS = DailyPartitionsDefinition(start_date=_FIRST_DAY, timezone="UTC")
# A pool comes in with the first night that finds it in the log.
POOLS = DynamicPartitionsDefinition(name="pools")
DAYS_AND_POOLS = MultiPartitionsDefinition({"day": DAYS, "pool": POOLS})
