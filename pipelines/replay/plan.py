"""What a replay will do, before anything is sent: the pool's set-up, each order with its stamps, later receipts."""

from msgspec import Struct

from models.commands import Command, PlaceOrder, ReceiveStock

ACTOR = "replay"
SOURCE = "inferred"


class Stamps(Struct, frozen=True, kw_only=True):
    """When things really happened to an order, in milliseconds; None where the files do not say."""

    approved_ms: int | None = None
    handed_over_ms: int | None = None
    delivered_ms: int | None = None
    cancelled_ms: int | None = None


class ReplayOrder(Struct, frozen=True, kw_only=True):
    """An order to be placed, what then happened to it, and who really shipped each line."""

    place: PlaceOrder
    stamps: Stamps
    sellers: dict[str, str]
    """Line id to the location that sold it in reality."""


class Plan(Struct, frozen=True, kw_only=True):
    """A whole replay. Times are those of the data."""

    pool: str
    scenario: str
    set_up: tuple[Command, ...]
    orders: tuple[ReplayOrder, ...]
    receipts: tuple[ReceiveStock, ...] = ()
    locations: int
    skus: int
    opening_units: int
    short_lines: int = 0
    """Lines whose stock was taken away."""
