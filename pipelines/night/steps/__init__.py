"""The steps of a night: each reads, calls, writes and counts. Dagster's assets and `headrace nightly` run these."""
