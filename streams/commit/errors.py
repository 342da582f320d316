"""Why a partition, or the whole worker, must stop; each text says what to do next."""


class StoreDamagedError(Exception):
    """The local store cannot be read; it is only a copy, so it is wiped and restored from the log."""


class PartitionStoppedError(Exception):
    """This partition cannot go on without a person; the others of the worker can."""


class CommandsLostError(PartitionStoppedError):
    """Commands that were never decided are no longer in the log."""

    def __init__(self, wanted: int, begins: int) -> None:
        super().__init__(
            f"commands lost: the next one to decide has offset {wanted}, but the log begins at {begins}. "
            "Restore the topic from a backup, at the same offsets, and raise its retention. Going on without them "
            "would lose orders unseen, so the partition stays stopped."
        )


class CommandsReplacedError(PartitionStoppedError):
    """The commands topic ends before what was already decided from it: it is not the same topic any more."""

    def __init__(self, wanted: int, ends: int) -> None:
        super().__init__(
            f"the next command to decide has offset {wanted}, but the log ends at {ends}: the commands topic was "
            "emptied or made anew. Restore it, or delete the changelog as well to begin from nothing."
        )


class ChangelogReplacedError(PartitionStoppedError):
    """The changelog ends before what this worker has read from it."""

    def __init__(self, had: int, ends: int) -> None:
        super().__init__(
            f"the local store holds the changelog up to offset {had}, but the changelog ends at {ends}: the broker "
            "lost data. Restore the broker's data, or, to go on with what it still has, delete the worker's state "
            "directory."
        )


class ChangelogTornError(PartitionStoppedError):
    """The changelog does not end with a whole batch."""

    def __init__(self, end: int) -> None:
        super().__init__(
            f"the changelog's last batch before offset {end} is not whole, which no broker may do. Keep the topic as "
            "it is, check the broker's log, and rebuild the changelog with `headrace replay`."
        )


class DigestMismatchError(PartitionStoppedError):
    """Rows restored from the changelog are not those that were written to it."""

    def __init__(self, offset: int) -> None:
        super().__init__(
            f"the rows restored up to changelog offset {offset} do not have the digest recorded there, even from an "
            "empty local store. Keep the changelog as it is, and rebuild it with `headrace replay`."
        )


class OvertakenError(Exception):
    """Another owner has written to the partition's changelog: what is in memory here is of the past."""

    def __init__(self, writer: str, epoch: int, base: int) -> None:
        super().__init__(
            f"{writer} (generation {epoch}) wrote at changelog offset {base} before us: it owns the partition now"
        )


class BatchTooLargeError(Exception):
    """One batch would be larger than the broker takes; the core broke its promise of bounded commands."""
