"""What a rule may read: the pool as it stands before the command."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from models.records.order import Order
from models.records.place import Position
from models.records.pool import CatalogueItem, Channel, Location, Pool, RoutingModel, Work
from models.records.stock import Answered, Document, ExpectedReceipt, StockHistory, StockLevel, Stub, Transfer
from models.rules.turns import Turn


class View(Protocol):
    """One pool's rows and indexes. Every sequence comes in an order made of values in rows."""

    @property
    def pool(self) -> Pool:
        """Give the pool's set-up."""

    @property
    def known(self) -> bool:
        """Tell whether the pool was ever put; without that it has an empty set-up."""

    @property
    def time_ms(self) -> int:
        """Give the pool's time before this command, in whole seconds."""

    @property
    def locations(self) -> Mapping[str, Location]:
        """Give all locations."""

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Give the channels that were put; an order may name another."""

    @property
    def routing_model(self) -> RoutingModel | None:
        """Give what routing has learned, if anything."""

    @property
    def turns(self) -> Mapping[str, int]:
        """Give each location's turn among equals: its place in the order of (priority, id)."""

    @property
    def work(self) -> Work | None:
        """Give what a bounded command left over."""

    def order(self, order_id: str) -> Order | None:
        """Give an order."""

    def item(self, sku: str) -> CatalogueItem | None:
        """Give a catalogue item."""

    def listing(self, channel: str, sku: str) -> tuple[str, int] | None:
        """Give our SKU, and how many units of it, for what a channel sells under a SKU of its own."""

    def kits_with(self, sku: str) -> Collection[str]:
        """Give the kits of the catalogue that a SKU is a component of."""

    def levels(self, sku: str) -> Mapping[str, StockLevel]:
        """Give the levels of a SKU by location, where it ever had any."""

    def free(self, sku: str) -> Mapping[str, int]:
        """Give the units of a SKU that may be promised, by location in its turn, where there are any."""

    def promisable(self, level: StockLevel) -> int:
        """Give the units of a level that may be promised to all; of what is untracked there are always enough."""

    def is_untracked(self, sku: str, location_id: str) -> bool:
        """Tell whether a SKU is not counted at a location."""

    def expected(self, sku: str) -> Mapping[str, ExpectedReceipt]:
        """Give what is expected of a SKU, by receipt id."""

    def expected_by(self, document: str) -> Collection[tuple[str, str]]:
        """Give (SKU, receipt id) of what a document (`source/document`) let expect."""

    def waiting_units(self, sku: str) -> int:
        """Give the units of a SKU that orders wait for."""

    def stub(self, order_id: str) -> Stub | None:
        """Give what was kept of a closed order."""

    def history(self, sku: str, location_id: str) -> StockHistory:
        """Give what is remembered of recent movements."""

    def document(self, source: str, document: str) -> Document | None:
        """Give what was booked of a document."""

    def answered(self, command_id: str) -> Answered | None:
        """Give the answer to a command that has no other row."""

    def transfer(self, transfer_id: str) -> Transfer | None:
        """Give a transfer that is on its way."""

    def capacity_taken(self, location_id: str, day: int) -> int:
        """Give how many fulfillments a location has taken for a day."""

    @property
    def restricted(self) -> Collection[str]:
        """Give the locations that may not always ship: those disabled, and those with a capacity."""

    @property
    def supplied(self) -> Collection[str]:
        """Give the locations whose stock is what a supplier declares."""

    def packages(self, destination: Position | None) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """Give `costs.package_milli` and `costs.unit_milli` by location id (kept, since places repeat)."""

    def waiting_turns(self, sku: str) -> Sequence[Turn]:
        """Give the turns of the orders with waiting units of a SKU, first to be served first."""

    def waiting_skus(self) -> Iterable[str]:
        """Give the SKUs that orders wait for, sorted."""

    def allocated_orders(self, sku: str, location_id: str) -> Iterable[str]:
        """Give the orders with units of a SKU allocated at a location, by id."""

    def allocated_at(self, location_id: str) -> Sequence[str]:
        """Give the SKUs of which orders have claimed units at a location, sorted."""

    def unmapped_orders(self, sku: str) -> Sequence[str]:
        """Give the orders held for a SKU that the catalogue does not know, first to be served first."""

    def due_orders(self, until_ms: int, most: int) -> Sequence[str]:
        """Give orders with something due until then, earliest first."""

    def old_stubs(self, before_ms: int, most: int) -> Sequence[bytes]:
        """Give keys of stubs that were to be kept until before then, oldest first."""

    def old_memories(self, before_ms: int, most: int) -> Sequence[bytes]:
        """Give keys of documents and answers from before then, oldest first."""
