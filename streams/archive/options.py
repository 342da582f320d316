"""What the archiver is told at its entry point."""

from msgspec import Struct

DEFAULT_FLUSH_SECONDS = 60.0
DEFAULT_FLUSH_BYTES = 64 * 1024 * 1024


class ArchiveOptions(Struct, frozen=True, kw_only=True):
    """Where to read, where to write, and how much to gather for one commit of a table.

    `storage_options` are those of the object store when `lake` is an address of one.
    """

    bootstrap: str
    lake: str
    prefix: str = ""
    flush_seconds: float = DEFAULT_FLUSH_SECONDS
    flush_bytes: int = DEFAULT_FLUSH_BYTES
    poll_seconds: float = 0.25
    storage_options: dict[str, str] = {}
    accept_loss: bool = False
    """True goes on where the log begins when records were deleted before they were archived."""

    def table_uri(self, table: str) -> str:
        return f"{self.lake.rstrip('/')}/{table}"
