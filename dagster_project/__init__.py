"""Schedule and wiring of the pipelines; each asset reads, calls, writes and counts."""
