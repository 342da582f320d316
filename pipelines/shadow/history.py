"""What a merchant's systems say, put together: each order with its parcels, and what was said of stock, in time.

A shop and a 3PL tell of the same parcel. Where a partner tells of an order's parcels its word counts, and the shop's
is taken for an echo of it; else the shop's counts. The newest word of a parcel, by its id, is the one that counts.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from connectors.frame.facts import AnyFact, OrderStated
from connectors.frame.message import Account
from pipelines.shadow.goods import Goods


class Told(NamedTuple):
    """A fact, and the account by which it came."""

    account: Account
    fact: AnyFact


@dataclass(slots=True)
class Line:
    """A line as it was bought: units, and what one of it is with us (nothing: unmapped)."""

    line_id: str
    sku: str
    quantity: int
    goods: Goods | None


@dataclass(slots=True)
class Sent:
    """A parcel by the merchant's own word; the location is ours, empty where it is not known."""

    parcel_id: str
    at_ms: int
    location: str
    units: dict[str, int]
    """Units by line id."""
    account: str
    tracking_number: str = ""
    delivered_at_ms: int | None = None
    theirs: str = ""
    """The other side's name of the location."""


@dataclass(slots=True)
class Bought:
    """An order as the channel last stated it, and what the merchant did with it."""

    key: str
    account: Account
    stated: OrderStated
    lines: tuple[Line, ...]
    cancelled_at_ms: int | None = None
    sent: list[Sent] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Give what people call it."""
        return self.stated.number or self.stated.external_id

    @property
    def quantities(self) -> dict[str, int]:
        """Give the units bought, by line."""
        return {line.line_id: line.quantity for line in self.lines}

    def sent_units(self) -> dict[str, int]:
        """Give the units that have left, by line, however many there were to send."""
        gone: dict[str, int] = {}
        for parcel in self.sent:
            for line_id, units in parcel.units.items():
                gone[line_id] = gone.get(line_id, 0) + units
        return gone


class StockKind(StrEnum):
    """What was said of stock."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    SOLD_AT_TILL = "sold_at_till"
    COUNTED = "counted"


class StockSaid(NamedTuple):
    """Units by our SKU at our location: signed differences, or what was counted."""

    at_ms: int
    kind: StockKind
    account: str
    location: str
    document: str
    units: dict[str, int]
    complete: bool = False


class Problem(NamedTuple):
    """What could not be used, by a word for its sort, with the account and what it is about."""

    kind: str
    account: str
    about: str
    text: str
    at_ms: int = 0


@dataclass(slots=True)
class History:
    """Everything that was said, in the order of its own time."""

    orders: list[Bought] = field(default_factory=list)
    stock: list[StockSaid] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unused: dict[str, int] = field(default_factory=dict)
    """How many facts said nothing that is of use here, by why."""

    @property
    def begin_ms(self) -> int:
        """Give the time of the first thing that happened; 0 of nothing."""
        times = [order.stated.placed_at_ms for order in self.orders] + [said.at_ms for said in self.stock]
        return min(times, default=0)

    @property
    def end_ms(self) -> int:
        """Give the time of the last thing that happened."""
        times = [order.stated.placed_at_ms for order in self.orders] + [said.at_ms for said in self.stock]
        times += [parcel.delivered_at_ms or parcel.at_ms for order in self.orders for parcel in order.sent]
        return max(times, default=0)
