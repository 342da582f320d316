"""How far the archive is, for whoever scrapes the process."""

from prometheus_client import Counter, Gauge

ROWS = Counter("headrace_archive_rows", "Rows committed to the lake.", ["table"])
REPEATED = Counter("headrace_archive_repeated_rows", "Rows dropped because they were there already.", ["table"])
COMMITS = Counter("headrace_archive_commits", "Commits to the lake.", ["table"])
COMMIT_SECONDS = Counter("headrace_archive_commit_seconds", "Time spent on commits to the lake.", ["table"])
BUFFERED_BYTES = Gauge("headrace_archive_buffered_bytes", "Bytes read and not yet committed.", ["table"])
LAG_RECORDS = Gauge("headrace_archive_lag_records", "Records of the broker that are not committed yet.", ["table"])
COMMITTED_AT = Gauge("headrace_archive_committed_at_seconds", "Time of the newest commit since 1970.", ["table"])
