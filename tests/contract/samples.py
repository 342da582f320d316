"""One sample of everything that is stored or sent, made by playing the story in which everything happens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec

from models import commands, events, rows
from models.records.order import Order
from models.records.pool import CatalogueView, PoolView, Work, WorkItem
from models.records.stock import SkuView, StockMovement
from models.updates import CommandUpdate, DeadLetter
from tests.contract.richer import KINDS, richer
from tests.support.everything import everything_happens

GOLDEN = Path(__file__).parent / "golden"

UPDATES: dict[str, type[Any]] = {
    "order-updates": CommandUpdate,
    "order-views": Order,
    "stock-updates": SkuView,
    "stock-movements": StockMovement,
    "pool-updates": PoolView,
    "catalogue-updates": CatalogueView,
    "dead-letters": DeadLetter,
}
ROWS: dict[str, tuple[bytes, Callable[[bytes], msgspec.Struct]]] = {
    "order": (rows.ORDER, rows.decode_order),
    "pool": (rows.POOL, rows.decode_pool),
    "location": (rows.LOCATION, rows.decode_location),
    "channel": (rows.CHANNEL, rows.decode_channel),
    "routing_model": (rows.MODEL, rows.decode_model),
    "item": (rows.ITEM, rows.decode_item),
    "level": (rows.LEVEL, rows.decode_level),
    "history": (rows.HISTORY, rows.decode_history),
    "document": (rows.DOCUMENT, rows.decode_document),
    "answered": (rows.ANSWERED, rows.decode_answered),
    "transfer": (rows.TRANSFER, rows.decode_transfer),
    "capacity": (rows.CAPACITY, rows.decode_capacity),
    "clock": (rows.CLOCK, rows.decode_clock),
    "expected": (rows.EXPECTED, rows.decode_expected),
    "stub": (rows.STUB, rows.decode_stub),
    "work": (rows.WORK, rows.decode_work),
}


class Golden(NamedTuple):
    """A kind of thing: where its golden file is, and how it is read."""

    name: str
    decode: Callable[[bytes], Any]

    @property
    def path(self) -> Path:
        return GOLDEN / f"{self.name}.json"


def goldens() -> Iterator[Golden]:
    """Every kind of command, event, row and update there is."""
    for union, folder in ((commands.AnyCommand, "commands"), (events.AnyEvent, "events")):
        decode = msgspec.json.Decoder(union).decode
        for kind in get_args(union):
            yield Golden(f"{folder}/{kind.__struct_config__.tag}", decode)
    for name, (_, decode_row) in ROWS.items():
        yield Golden(f"rows/{name}", decode_row)
    for topic, kind in UPDATES.items():
        yield Golden(f"updates/{topic}", msgspec.json.Decoder(kind).decode)
    for name, kind in KINDS.items():
        yield Golden(name, msgspec.json.Decoder(kind).decode)


def samples() -> dict[str, bytes]:
    """The longest of each kind that the story gives: it states most fields. Beside them the fuller ones."""
    shop = everything_happens()
    found: dict[str, bytes] = {}

    def offer(name: str, value: bytes) -> None:
        if len(value) > len(found.get(name, b"")):
            found[name] = value

    for command in shop.sent:
        offer(f"commands/{command.__struct_config__.tag}", commands.encode(command))
    for told in shop.told:
        for event in told.events:
            offer(f"events/{event.__struct_config__.tag}", rows.encode(event))
    for topic, value in shop.published:
        offer(f"updates/{topic}", value)
    kinds = {kind: name for name, (kind, _) in ROWS.items()}
    for key, value in shop.engine.rows.items():
        if key[:1] in kinds:
            offer(f"rows/{kinds[key[:1]]}", value)
    offer("rows/work", rows.encode(_work()))
    return {**found, **richer()}


def _work() -> Work:
    """What a bounded command leaves over, which is gone again by the end of the story."""
    return Work(
        offset=7,
        index=3001,
        command_id="c7",
        command="count_stock",
        actor="tester",
        at_ms=1_700_000_000_000,
        items=(WorkItem(kind="short", sku="A", location_id="berlin"), WorkItem(kind="serve", sku="A")),
    )
