"""What each type of hold means, as data: what it blocks, what becomes of stock, whose clock it is, who ends it."""

from typing import NamedTuple

from models.records.fulfillment import Fulfillment
from models.records.hold import Hold, HoldType
from models.records.order import Order
from models.types import Word


class Step(Word):
    """What a hold can keep from happening. What a partner tells as a fact (shipped, delivered) is never kept out."""

    ROUTE = "route", "waiting units are given stock"
    ACCEPT = "accept", "a location is to begin"
    PICK = "pick", "units are taken off the shelf"
    PACK = "pack", "units are put into parcels, or made ready"
    SHIP = "ship", "a label may be bought; that a parcel has left is a fact"


class Stock(Word):
    """What becomes of the units that are allocated when a hold is put on."""

    KEPT = "kept", "nobody else may buy them"
    FREED = "freed", "those that are not picked go back for others to buy"


class Clock(Word):
    """Whether the promise's clock runs on under a hold."""

    RUNS = "runs", "the delay is ours"
    STOPS = "stops", "the delay is the customer's or the bank's"


class HoldRule(NamedTuple):
    """What a type of hold does while it stands."""

    meaning: str
    blocks: frozenset[Step]
    stock: Stock
    clock: Clock
    resolvers: tuple[str, ...]
    """The roles that may take it off."""
    queue: str
    """The list of work in which its orders stand: one of `QUEUES`."""
    ends_when: str = ""
    """What ends it by itself, beside a date: it is looked at again whenever that may have come."""


_WORK = frozenset({Step.ACCEPT, Step.PICK, Step.PACK, Step.SHIP})
_ALL = frozenset(Step)
_NOTHING = frozenset[Step]()

HOLD_RULES: dict[HoldType, HoldRule] = {
    HoldType.FRAUD_REVIEW: HoldRule(
        "a person decides whether the buyer is genuine",
        _WORK,
        Stock.KEPT,
        Clock.STOPS,
        ("admin", "service", "finance"),
        "fraud",
    ),
    HoldType.PAYMENT: HoldRule(
        "the money is not there yet",
        _WORK,
        Stock.KEPT,
        Clock.STOPS,
        ("admin", "service", "finance"),
        "payment",
        "the channel says that it is paid",
    ),
    HoldType.ADDRESS: HoldRule(
        "the address cannot be delivered to", _WORK, Stock.KEPT, Clock.STOPS, ("admin", "service", "ops"), "address"
    ),
    HoldType.CUSTOMER_REQUEST: HoldRule(
        "the customer asked to wait", _WORK, Stock.KEPT, Clock.STOPS, ("admin", "service", "ops"), "customer"
    ),
    HoldType.UNMAPPED_SKU: HoldRule(
        "the catalogue lacks a SKU of it",
        _ALL,
        Stock.FREED,
        Clock.RUNS,
        ("admin", "ops"),
        "unmapped",
        "the catalogue or a listing names all of its SKUs",
    ),
    HoldType.UNEXPECTED_CURRENCY: HoldRule(
        "not in the pool's currency", _ALL, Stock.FREED, Clock.RUNS, ("admin", "ops", "finance"), "content"
    ),
    HoldType.UNROUTABLE: HoldRule(
        "too many locations have refused it", _ALL, Stock.KEPT, Clock.RUNS, ("admin", "ops", "service"), "unroutable"
    ),
    HoldType.APPROVAL: HoldRule(
        "its amount needs somebody's approval", _WORK, Stock.KEPT, Clock.STOPS, ("admin", "finance"), "approval"
    ),
    HoldType.SCHEDULED: HoldRule(
        "it is not wanted before its date",
        _WORK,
        Stock.KEPT,
        Clock.STOPS,
        ("admin", "service", "ops"),
        "scheduled",
        "another date is stated, or none",
    ),
    HoldType.PARKED: HoldRule(
        "set aside, and its stock given back", _ALL, Stock.FREED, Clock.STOPS, ("admin", "service", "ops"), "customer"
    ),
    HoldType.IMPORTED: HoldRule(
        "taken in without touching stock", _ALL, Stock.FREED, Clock.STOPS, ("admin", "ops"), "imported"
    ),
    HoldType.CLASH: HoldRule(
        "the channel and we changed the same thing: look which one counts",
        _NOTHING,
        Stock.KEPT,
        Clock.RUNS,
        ("admin", "service", "ops"),
        "content",
    ),
    HoldType.OTHER: HoldRule("see the note", _WORK, Stock.KEPT, Clock.RUNS, ("admin", "service", "ops"), "other"),
}


QUEUES: dict[str, str] = {
    "fraud": "decide whether the buyer is genuine, oldest first",
    "payment": "see where the money stays",
    "address": "ask the customer where to send it",
    "customer": "wait for the customer",
    "unmapped": "map the name to one of our SKUs, or add it to the catalogue: that frees all that wait for it",
    "content": "look at what the channel stated, and mend it here or there",
    "unroutable": "find a location, or cancel",
    "approval": "approve the amount, or cancel",
    "scheduled": "nothing: it goes on by itself at its date",
    "imported": "release what is to be sent, cancel the rest",
    "other": "read the note",
}
"""The lists of work in which held orders stand, and what is to be done there."""


def blocks(hold: Hold, step: Step) -> bool:
    """Tell whether a hold keeps a step from happening."""
    return step in HOLD_RULES[hold.type].blocks


def is_held(order: Order) -> bool:
    """Tell whether the order as a whole is kept from moving."""
    return any(HOLD_RULES[hold.type].blocks and _is_whole(hold) for hold in order.holds)


def may_claim_stock(order: Order) -> bool:
    """Tell whether waiting units of an order may be given stock, but for those of a line that is held itself."""
    if not order.holds:
        return not order.expired
    return not order.expired and not any(blocks(hold, Step.ROUTE) and _is_whole(hold) for hold in order.holds)


def held_lines(order: Order) -> frozenset[str]:
    """Give the lines whose waiting units may not be given stock, though the order may."""
    return frozenset(hold.line_id for hold in order.holds if hold.line_id and blocks(hold, Step.ROUTE))


def in_the_way(order: Order, fulfillment: Fulfillment, step: Step) -> tuple[Hold, ...]:
    """Give the holds that keep a step of a fulfillment from happening: the order's, its own, and of lines in it."""
    lines = {line.line_id for line in fulfillment.lines if line.allocated}
    return tuple(
        hold
        for hold in order.holds
        if blocks(hold, step)
        and (_is_whole(hold) or hold.fulfillment_id == fulfillment.fulfillment_id or hold.line_id in lines)
    )


def stops_clock(order: Order) -> bool:
    """Tell whether a hold of the whole order keeps the promise's clock from running."""
    return any(HOLD_RULES[hold.type].clock is Clock.STOPS and _is_whole(hold) for hold in order.holds)


def _is_whole(hold: Hold) -> bool:
    return not hold.line_id and not hold.fulfillment_id
