"""A local store with damaged files is wiped, and what it held comes back from the log."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streams.commit.restoring import restore
from streams.store import StoreError, StoreKind, Stores
from tests.agents.bench_ports import Log
from tests.agents.test_commit_restore import Writer
from tests.agents.toy import ToyEngine

_PARTITION = 7


def _stores(folder: Path) -> Stores:
    return Stores(StoreKind.ROCKSDB, folder, cluster_id="c", topic_id="t")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _overwrite(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


def _damage(folder: Path, pattern: str, damage: Callable[[Path], object]) -> None:
    paths = list(folder.glob(f"c/t/*/{pattern}"))
    assert paths
    for path in paths:
        damage(path)


async def _filled(folder: Path) -> Log:
    """A log of many rows, and a store that has read all of it."""
    log = Log()
    writer = Writer(log)
    for number in range(30):
        await writer.write({b"key-%d-%d" % (number, n): b"value" * 50 for n in range(40)})
    store = _stores(folder).open(_PARTITION)
    await restore(log, store, ToyEngine(0))
    store.close()
    return log


@pytest.mark.parametrize(
    ("pattern", "damage"),
    [
        pytest.param("MANIFEST-*", _cut, id="manifest cut"),
        pytest.param("CURRENT", Path.unlink, id="current gone"),
        pytest.param("CURRENT", _overwrite, id="current overwritten"),
        pytest.param("*.sst", _overwrite, id="tables overwritten"),
        pytest.param("*.sst", _cut, id="tables cut"),
        pytest.param("*.log", _cut, id="log cut"),
        pytest.param("*.log", _overwrite, id="log overwritten"),
    ],
)
async def test_damaged_files_are_restored_from_the_log(
    tmp_path: Path, pattern: str, damage: Callable[[Path], object]
) -> None:
    log = await _filled(tmp_path)
    undamaged = ToyEngine(0)
    await restore(log, _stores(tmp_path / "other").open(_PARTITION), undamaged)
    _damage(tmp_path, pattern, damage)

    core, store = ToyEngine(0), _stores(tmp_path).open(_PARTITION)
    restored = await restore(log, store, core)
    store.close()

    assert core.rows == undamaged.rows
    assert restored.end == log.next_offset
    assert len(core.rows) == 30 * 40


async def test_a_store_in_use_by_another_worker_is_left_alone(tmp_path: Path) -> None:
    store = _stores(tmp_path).open(_PARTITION)
    store.write([(b"a", b"1")], 1, current=True)

    with pytest.raises(StoreError, match="HEADRACE_STATE_DIR"):
        _stores(tmp_path).open(_PARTITION)

    assert store.get(b"a") == b"1"
    store.close()
