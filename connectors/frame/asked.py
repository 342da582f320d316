"""What facts are asked with, and what comes of it."""

from hashlib import blake2b
from typing import Any, Protocol

from connectors.frame.facts import Address, Buyer
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models.commands import Command
from models.records.order import Order
from models.records.stock import StockLevel
from models.types import Record

_LOCALE_MAX = 20


class UnknownYet(Exception):  # noqa: N818 - nothing is wrong: what it is about has not come yet.
    """A fact is about something that is not known; it may be a moment later."""


class Person(Record, kw_only=True):
    """Personal data that goes with a command: the shell seals it, and names the customer in it."""

    customer_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    address_lines: tuple[str, ...] = ()
    locale: str = ""


class Asked(Record, kw_only=True):
    """A command, and the personal data whose sealed form is to stand in its `customer`."""

    command: Command
    person: Person | None = None


class ParcelRef(Record, kw_only=True):
    """A parcel of an order."""

    order_id: str
    fulfillment_id: str
    parcel_id: str


class Known(Protocol):
    """What is known already, by the views."""

    def order(self, order_id: str) -> Order | None:
        """Give an order, closed ones included."""

    def orders_named(self, pool: str, name: str) -> tuple[Order, ...]:
        """Give the orders that a shop calls so, in the form of `connectors.frame.naming.plain_name`."""

    def parcels(self, pool: str, tracking_number: str) -> tuple[ParcelRef, ...]:
        """Give the parcels with a tracking number."""

    def level(self, pool: str, sku: str, location_id: str) -> StockLevel | None:
        """Give a level."""

    def moved_since(self, pool: str, sku: str, at_ms: int) -> bool:
        """Tell whether anything of a SKU was booked after a time."""

    def is_supplied(self, pool: str, location_id: str) -> bool:
        """Tell whether the stock of a location is a supplier's, who declares it."""


class NothingKnown:
    """Knows nothing: for trying messages without a pool."""

    def order(self, order_id: str) -> Order | None:
        del order_id
        return None

    def orders_named(self, pool: str, name: str) -> tuple[Order, ...]:
        del pool, name
        return ()

    def parcels(self, pool: str, tracking_number: str) -> tuple[ParcelRef, ...]:
        del pool, tracking_number
        return ()

    def level(self, pool: str, sku: str, location_id: str) -> StockLevel | None:
        del pool, sku, location_id
        return None

    def moved_since(self, pool: str, sku: str, at_ms: int) -> bool:
        del pool, sku, at_ms
        return False

    def is_supplied(self, pool: str, location_id: str) -> bool:
        del pool, location_id
        return False


class Envelope(Record, kw_only=True):
    """What every command of a message carries; `seed` tells the message, and the fact in it, from all others."""

    pool: str
    actor: str
    at_ms: int
    seed: str
    correlation_id: str = ""

    def fields(self, *what: object) -> dict[str, Any]:
        """Give the envelope of a command; `what` tells it from the others of the same fact."""
        return self._fields(self.seed, *what)

    def lasting(self, *what: object) -> dict[str, Any]:
        """Give the envelope of a command that counts once, whichever message says it again."""
        return self._fields(self.actor, *what)

    def _fields(self, *parts: object) -> dict[str, Any]:
        told = "\x00".join(map(str, (self.pool, *parts))).encode()
        return {
            "command_id": "x" + blake2b(told, digest_size=16).hexdigest(),
            "pool": self.pool,
            "issued_at_ms": self.at_ms,
            "actor": self.actor,
            "correlation_id": self.correlation_id,
        }


def location_of(account: Account, theirs: str) -> str:
    """Give our location for the other side's id of it; without one it is the account's own.

    Raises:
        UnreadableError: the account does not say which location it is.
    """
    ours = account.locations.get(theirs) if theirs else None
    if ours is None and (not theirs or not account.locations):
        ours = account.location
    if not ours:
        raise UnreadableError("location", f"account {account.name} maps no location to {theirs or 'none'!r}")
    return ours


def ours_of(account: Account, sku: str, quantity: int, unit: str) -> tuple[str, int]:
    """Give our SKU and units for the other side's."""
    alias = account.aliases.get(f"{sku} {unit}") if unit else None
    alias = alias or account.aliases.get(sku)
    return (sku, quantity) if alias is None else (alias.sku, alias.quantity * quantity)


def personal(address: Address | None, buyer: Buyer | None, customer_id: str) -> Person | None:
    """Give the personal data of an order; nobody where nothing is stated."""
    if address is None and buyer is None:
        return None
    buyer = buyer or Buyer()
    lines: tuple[str, ...] = ()
    if address is not None:
        town = " ".join(part for part in (address.postcode, address.city, address.region) if part)
        lines = tuple(line for line in (address.company, *address.lines, town, address.country) if line)[:8]
    name = (address.name if address is not None else "") or buyer.name
    return Person(
        customer_id=buyer.customer_ref or customer_id,
        name=name,
        email=buyer.email,
        phone=buyer.phone,
        address_lines=lines,
        locale=buyer.locale[:_LOCALE_MAX],
    )
