"""What the topics would hold after commands were decided: the real core, in this process, without a broker."""

from collections.abc import Iterable, Iterator

from models.commands import encode_list
from models.engine import Engine
from models.partition import partition_of
from models.topics import Catalogue, catalogue
from models.updates import Applied, Update
from pipelines.audit.ledger import Ledger
from pipelines.audit.load_json import Loader, TopicRecord

Log = dict[str, list[tuple[bytes, bytes]]]


def play(engine: Engine, pool: str, records: Iterable[list[bytes]], *, batch_items: int = 100) -> Log:
    """Decide the records of a pool in batches, as the agent does, and give each topic's keys and values in order.

    A record is asked for when all before it are decided, so whoever gives them may look at the rows.
    """
    log: Log = {}
    batch: list[Applied] = []
    for offset, items in enumerate(records):
        log.setdefault("commands", []).append((pool.encode(), encode_list(items)))
        for index, item in enumerate(Engine.split(encode_list(items))):
            batch.append(engine.apply(item, offset, index))
            batch.extend(iter(engine.drain, None))
            if len(batch) >= batch_items:
                _publish(engine, batch, log)
                batch = []
    _publish(engine, batch, log)
    return log


def _publish(engine: Engine, batch: list[Applied], log: Log) -> None:
    for update in _outbox(batch):
        value = engine.render(update.topic, update.key) if update.value is None else update.value
        log.setdefault(update.topic, []).append((update.key, value))


def _outbox(batch: list[Applied]) -> Iterator[Update]:
    """All that is told, and of each view the newest."""
    views: dict[tuple[str, bytes], Update] = {}
    for applied in batch:
        for update in applied.updates:
            if update.value is None:
                views[update.topic, update.key] = update
            else:
                views.pop((update.topic, update.key), None)
                yield update
    yield from views.values()


def ledger_of_log(pool: str, log: Log) -> Ledger:
    """Load all of it as the audit loads topics."""
    names: Catalogue = catalogue()
    ledger = Ledger()
    ledger.has_views = True
    loader = Loader(ledger, names)
    for topic in loader.topics:
        records = [
            TopicRecord(partition_of(pool), offset, offset, key, value)
            for offset, (key, value) in enumerate(log.get(topic, []))
        ]
        loader.load(topic, records)
    return ledger
