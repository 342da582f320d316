"""A short, consistent story as the topics would hold it, for planting faults in."""

import copy
from typing import Any

import msgspec

from models.topics import catalogue
from models.updates import STEPS
from pipelines.audit.ledger import Ledger
from pipelines.audit.load_json import Loader, TopicRecord

PARTITION = 7
NAMES = catalogue()
Facts = dict[str, list[Any]]


def update(offset: int, item: int, command: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "pool": "eu",
        "offset": offset,
        "index": item * STEPS,
        "command_id": f"c{offset}-{item}",
        "command": command,
        "at_ms": 1,
        "actor": "test",
        "events": list(events),
        **more,
    }


def movement(offset: int, sequence: int, kind: str, on_hand: int, allocated: int, order: str = "") -> dict[str, Any]:
    return {
        "pool": "eu",
        "sku": "A",
        "location_id": "L1",
        "kind": kind,
        "offset": offset,
        "index": 0,
        "sequence": sequence,
        "on_hand_delta": on_hand,
        "allocated_delta": allocated,
        "order_id": order,
    }


def taken(order: str, *lines: list[Any]) -> dict[str, Any]:
    return {
        "type": "order_placed",
        "order_id": order,
        "total_minor": sum(line[3] for line in lines),
        "units": sum(line[2] for line in lines),
        "lines": list(lines),
    }


def units(line: str, quantity: int) -> list[dict[str, Any]]:
    return [{"line_id": line, "quantity": quantity}]


def routed(order: str, line: str, quantity: int, waiting: int = 0) -> dict[str, Any]:
    return {
        "type": "units_routed",
        "order_id": order,
        "assignments": [{"location_id": "L1", "fulfillment_id": f"{order}-1", "units": units(line, quantity)}],
        "waiting": units(line, waiting) if waiting else [],
        "trace": {"candidates": [["L1", 1, 100, ""], ["L2", 1, 200, "cost"]]},
    }


def shipped(order: str, line: str, quantity: int, parcel: str) -> dict[str, Any]:
    return {
        "type": "parcel_shipped",
        "order_id": order,
        "parcel_id": parcel,
        "location_id": "L1",
        "units": units(line, quantity),
    }


def order_view(order: str, offset: int, version: int, line: dict[str, Any], allocated: int) -> dict[str, Any]:
    return {
        "order_id": order,
        "offset": offset,
        "index": 0,
        "version": version,
        "total_minor": line["amount_minor"],
        "lines": [line],
        "fulfillments": [{"location_id": "L1", "lines": [{"sku": "A", "allocated": allocated}]}],
        "parcels": [],
    }


KINDS = ("receive_stock", "place_order", "ship_parcel", "cancel_units", "deliver_parcel", "place_order", "sell_at_till")


def story() -> Facts:
    """Ten units come in. Order o1 takes three, ships two, which arrive, and cancels one. Order o2 takes six, and a till
    sale of three leaves it one short of what is picked, which is declared. The last record has a tick and no command.
    """
    commands: list[list[Any]] = [
        [{"type": kind, "pool": "eu", "command_id": f"c{offset}-0"}] for offset, kind in enumerate(KINDS)
    ]
    return {
        "commands": [*commands, [{"type": "tick", "pool": "eu", "command_id": "c7-0"}, 17]],
        "updates": _updates(),
        "movements": [
            movement(0, 0, "received", 10, 0),
            movement(1, 0, "allocated", 0, 3, "o1"),
            movement(2, 0, "shipped", -2, -2, "o1"),
            movement(3, 0, "released", 0, -1, "o1"),
            movement(5, 0, "allocated", 0, 6, "o2"),
            movement(6, 0, "sold_at_till", -3, 0),
        ],
        "dead_letters": [{"source": "commands", "offset": 7, "index": STEPS, "code": "command_invalid"}],
        "order_views": _order_views(),
        "stock_views": [_stock_view()],
    }


def _updates() -> list[dict[str, Any]]:
    delivered = {"type": "parcel_delivered", "order_id": "o1", "parcel_id": "p1"}
    cancelled = {"type": "units_cancelled", "order_id": "o1", "units": units("1", 1), "amount_minor": 100}
    short = {"type": "stock_short", "sku": "A", "location_id": "L1", "on_hand": 5, "allocated": 6}
    o1, o2 = {"order_id": "o1", "movements": 1}, {"order_id": "o2", "movements": 1}
    return [
        update(0, 0, KINDS[0], movements=1),
        update(1, 0, KINDS[1], taken("o1", ["1", "A", 3, 300]), routed("o1", "1", 3), order_version=1, **o1),
        update(2, 0, KINDS[2], shipped("o1", "1", 2, "p1"), order_version=2, **o1),
        update(3, 0, KINDS[3], cancelled, order_version=3, **o1),
        update(4, 0, KINDS[4], delivered, order_version=4, order_id="o1"),
        update(5, 0, KINDS[5], taken("o2", ["1", "A", 7, 900]), routed("o2", "1", 6, 1), order_version=1, **o2),
        update(6, 0, KINDS[6], short, movements=1),
        update(7, 0, "tick"),
    ]


def _order_views() -> list[dict[str, Any]]:
    one = {"line_id": "1", "sku": "A", "quantity": 3, "amount_minor": 300, "cancelled": 1, "cancelled_minor": 100}
    two = {"line_id": "1", "sku": "A", "quantity": 7, "amount_minor": 900, "waiting": 1, "allocated": 6}
    return [
        order_view("o1", 4, 4, one | {"shipped": 2, "delivered": 2}, allocated=0),
        order_view("o2", 5, 1, two, allocated=6),
    ]


def _stock_view() -> dict[str, Any]:
    level = ["L1", 5, 6, 0, 0, 0]
    return {"pool": "eu", "sku": "A", "offset": 6, "index": 0, "levels": [level]}


def again(fact: Any, **changes: Any) -> Any:
    """A copy with some fields changed."""
    return {**copy.deepcopy(fact), **changes}


def ledger_of(facts: Facts) -> Ledger:
    """Load the facts as the audit loads topics."""
    ledger = Ledger()
    ledger.has_views = True
    loader = Loader(ledger, NAMES)
    topics = {
        "commands": NAMES.commands.name,
        "updates": NAMES.order_updates.name,
        "movements": NAMES.stock_movements.name,
        "dead_letters": NAMES.dead_letters.name,
        "order_views": NAMES.order_views.name,
        "stock_views": NAMES.stock_updates.name,
    }
    for kind, topic in topics.items():
        loader.load(topic, [_record(offset, fact) for offset, fact in enumerate(facts[kind]) if fact is not None])
    return ledger


def _record(offset: int, fact: Any) -> TopicRecord:
    value = fact.encode() if isinstance(fact, str) else msgspec.json.encode(fact)
    known = fact if isinstance(fact, dict) else {}
    key = f"{known.get('order_id', '')}{known.get('sku', '')}".encode()
    return TopicRecord(known.get("partition", PARTITION), offset, offset * 1000, key, value)
