"""What is wanted of a pool, or what runs: the same record, so that the two can be compared."""

from connectors.frame.accounts import SetUpAccount
from models.records.pool import AppliedPart, CatalogueItem, Channel, Location, Policy
from models.types import Record


class Head(Record, kw_only=True):
    """What stands in pool.yaml."""

    pool: str
    currency: str
    name: str = ""
    simulated: bool = False


class OpeningLine(Record, kw_only=True):
    """Units of a SKU that were at a location before Headrace kept its book."""

    sku: str
    location_id: str
    quantity: int


class Setup(Record, kw_only=True):
    """A pool by its parts. None: the folder says nothing of that part, so it stays as it runs."""

    head: Head
    policy: Policy | None = None
    locations: tuple[Location, ...] | None = None
    channels: tuple[Channel, ...] | None = None
    catalogue: tuple[CatalogueItem, ...] | None = None
    kits: bool = False
    """True where the items say what kits are made of; else kits stay as they run."""
    listings: bool = False
    """True where the items say what channels call them; else listings stay as they run."""
    opening: tuple[OpeningLine, ...] | None = None
    accounts: tuple[SetUpAccount, ...] | None = None
    aliases: bool = False
    """True where the accounts say what SKUs of the other side are; else aliases stay as they run."""


class Running(Record, kw_only=True):
    """A pool as it runs: its set-up, since when each part stands, and where stock has ever been booked."""

    setup: Setup
    applied: dict[str, AppliedPart]
    booked: frozenset[tuple[str, str]] = frozenset()
    """(SKU, location) of every level there is."""
