"""The documents that a partner may put into the folder, each told by its header.

The tables are the format: docs/partner-csv.md is written from them. Rows of one document, or of one fulfillment, stand
together.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from connectors.frame.facts import AnyFact
from connectors.frame.message import Account, Message
from connectors.frame.reading import UnreadableError
from connectors.systems.partner_csv.rows import (
    ANSWERS,
    Key,
    adjustment_facts,
    answer_facts,
    answer_key,
    answer_part,
    count_facts,
    count_key,
    count_part,
    document_key,
    receipt_facts,
    shipment_facts,
    shipment_key,
    shipment_part,
    stock_part,
)
from connectors.systems.partner_csv.sheet import Row
from connectors.systems.partner_csv.told import Told
from models.records.stock import Unsellable
from models.types import MAX_QUANTITY

LINES_MAX = 500
"""Rows of one fact: a longer document is told in several, a longer parcel is refused."""
UNSPLIT_ROWS_MAX = 5_000


class Column(NamedTuple):
    """A column: what it holds, and whether the header has to have it."""

    name: str
    what: str
    required: bool = False


class Kind(NamedTuple):
    """A sort of document: its columns, what rows have in common that are told together, and the fact of such rows."""

    name: str
    what: str
    tells: tuple[str, ...]
    """Columns one of which only this sort has."""
    columns: tuple[Column, ...]
    key: Callable[[Row, Message, Account], Key]
    part: Callable[[Row, Message, Account], Any]
    facts: Callable[[Key, list[Any]], Iterable[AnyFact]]
    splits: bool = True
    """Whether a long document may be told in several facts."""
    once: Callable[[Key, Any], Hashable] | None = None
    """What one fact tells alone: another that told of it too would be taken for a repeat, or for what is true now."""


_UNIT = Column("unit", "your unit of measure, where it is not the piece")
_LOT = Column("lot", "the lot or batch")
_STATE = Column("state", f"empty for units that can be sold, else {', '.join(Unsellable)}")
_LOCATION = Column("location", "your name of the warehouse; without it the account's location")
_LINE = Column("line_id", "the line as the order had it; without it the SKU tells")
_FULFILLMENT = Column("fulfillment_id", "as the order had it", required=True)
_DOCUMENT = Column("document", "your number of the document, the same if you send it again", required=True)

KINDS = (
    Kind(
        "shipments",
        "what has left, by parcel",
        ("shipped",),
        (
            _FULFILLMENT,
            Column("shipped", "units in this parcel", required=True),
            _LINE,
            Column("sku", "the SKU; this or line_id"),
            Column("short", "units of the line that will not be sent"),
            Column("shipped_at", "when it left: 2026-09-04T10:15:00-04:00, or a date"),
            Column("carrier", "the carrier's name or code"),
            Column("service", "its service"),
            Column("tracking_number", "its number of the parcel"),
            Column("parcel_id", "your number of the parcel; without it the tracking number"),
            _UNIT,
            _LOT,
            _LOCATION,
        ),
        shipment_key,
        shipment_part,
        shipment_facts,
        splits=False,
        once=lambda key, _: key,
    ),
    Kind(
        "receipts",
        "what came in",
        ("received",),
        (
            _DOCUMENT,
            Column("sku", "the SKU", required=True),
            Column("received", "units that came in", required=True),
            Column("received_at", "when"),
            Column("expected", "the number by which we announced it; without it the document's"),
            _STATE,
            _UNIT,
            _LOT,
            _LOCATION,
        ),
        document_key("received_at"),
        stock_part("received"),
        receipt_facts,
    ),
    Kind(
        "adjustments",
        "what became more or fewer for a reason of yours",
        ("change",),
        (
            _DOCUMENT,
            Column("sku", "the SKU", required=True),
            Column("change", "units more, or with a minus sign fewer", required=True),
            Column("reason", "why, in your words"),
            Column("adjusted_at", "when"),
            _STATE,
            _UNIT,
            _LOT,
            _LOCATION,
        ),
        document_key("adjusted_at"),
        stock_part("change", least=-MAX_QUANTITY),
        adjustment_facts,
    ),
    Kind(
        "stock",
        "how much there is as of a time",
        ("on_hand", "available"),
        (
            Column("sku", "the SKU", required=True),
            Column("on_hand", "units in the building, by state"),
            Column("available", "units that may be sold, where on_hand is not told"),
            Column("as_of", "for which time it is true; without it when the file came"),
            Column("document", "your number of the count; without it the file's name"),
            _STATE,
            _UNIT,
            _LOT,
            _LOCATION,
        ),
        count_key,
        count_part,
        count_facts,
        once=lambda key, line: (key, line.sku),
    ),
    Kind(
        "answers",
        "whether you will do it, or give back what was asked back",
        ("answer",),
        (
            _FULFILLMENT,
            Column("answer", ", ".join(ANSWERS), required=True),
            Column("cause", "of a rejection: one of the reject causes in docs/states.md"),
            Column("note", "in your words"),
            Column("reference", "your number of the order"),
            Column("answered_at", "when"),
            _LINE,
            Column("sku", "of a rejection of some units"),
            Column("quantity", "of a rejection of some units"),
            _UNIT,
        ),
        answer_key,
        answer_part,
        answer_facts,
        splits=False,
    ),
)
"""What may come, told apart by the header."""


def grouped(kind: Kind, rows: Iterable[tuple[Key, Any, str]], refuse: Callable[[str, str], bool]) -> Iterator[AnyFact]:
    """Give the facts of each run of rows that have the same in common, long documents in parts.

    A row that tells more of what a fact before it told alone is refused; where `refuse` says so, that is the end.

    Raises:
        UnreadableError: what cannot be told in parts has too many rows; it is given with the place of one.
    """
    current: Key = ()
    parts: list[Any] = []
    told, telling = Told(), set[Hashable]()
    for key, part, place in rows:
        name = None if kind.once is None else kind.once(key, part)
        is_full = kind.splits and len(parts) >= LINES_MAX and name not in telling
        if parts and (key != current or is_full):
            yield from kind.facts(current, parts)
            for one in telling:
                told.add(one)
            parts, telling = [], set()
        if name is not None and name in told:
            if refuse(place, "rows about this stand further up, and were told apart: put them together"):
                continue
            break
        if len(parts) == UNSPLIT_ROWS_MAX:
            reason = f"more than {UNSPLIT_ROWS_MAX} rows are about the same: nothing of it is taken"
            raise UnreadableError(place, reason)
        current = key
        parts.append(part)
        if name is not None:
            telling.add(name)
    if parts:
        yield from kind.facts(current, parts)
