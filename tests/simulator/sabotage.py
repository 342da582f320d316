"""Planted bugs: each breaks one rule of the protocol, and must be caught by what comes of it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from tests.simulator import bugs_reading, bugs_writing
from tests.simulator.bugs_reading import Bug

SABOTAGES: dict[str, Callable[[], Iterable[Bug]]] = {
    "gap-accepted": bugs_reading.gap_accepted,
    "skip-off": bugs_reading.skip_off,
    "acknowledged-early": bugs_reading.acknowledged_early,
    "index-left-out": bugs_reading.index_left_out,
    "leftovers-last": bugs_reading.leftovers_last,
    "poison-never-skipped": bugs_reading.poison_never_skipped,
    "index-by-insertion": bugs_reading.index_by_insertion,
    "claim-left-out": bugs_writing.claim_left_out,
    "overtaken-ignored": bugs_writing.overtaken_ignored,
    "batch-split": bugs_writing.batch_split,
    "stored-before-acknowledged": bugs_writing.stored_before_acknowledged,
    "void-keys-left": bugs_writing.void_keys_left,
    "told-before-append": bugs_writing.told_before_append,
    "rendered-late": bugs_writing.rendered_late,
    "outbox-not-republished": bugs_writing.outbox_not_republished,
    "digest-ignored": bugs_reading.digest_ignored,
    "void-batches-kept": bugs_reading.void_batches_kept,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Run with a bug; without one if the name is empty."""
    bugs = SABOTAGES[name]() if name else ()
    with ExitStack() as stack:
        for bug in bugs:
            stack.enter_context(patch.object(*bug))
        yield
