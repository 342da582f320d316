"""The set-up of one pool in memory: what the rules read of it, and what a decision changes in it."""

from collections.abc import Collection, Mapping

from models import rows
from models.records.place import Position
from models.records.pool import (
    CatalogueItem,
    CatalogueView,
    Channel,
    Location,
    Policy,
    Pool,
    PoolView,
    RoutingModel,
    StockBasis,
)
from models.rules.draft import Draft
from models.rules.routing import costs

MOST_KNOWN_PLACES = 4_096

_NO_CURRENCY = "X" * 3
"""ISO 4217's code for no currency: that of a pool before it is put."""

Row = tuple[bytes, bytes | None]


class _Packages(dict[str, tuple[tuple[int, ...], int]]):
    """Package costs to one destination, reckoned when a location is first weighed for it."""

    def __init__(self, policy: Policy, locations: Mapping[str, Location], destination: Position | None) -> None:
        super().__init__()
        self._policy, self._locations, self._destination = policy, locations, destination

    def __missing__(self, location_id: str) -> tuple[tuple[int, ...], int]:
        policy, location = self._policy, self._locations[location_id]
        cost = (costs.package_milli(policy, location, self._destination), costs.unit_milli(policy, location))
        self[location_id] = cost
        return cost


class SetUp:
    """Pool, locations, channels, routing model and catalogue; `models.rules.view.View` says what each query gives."""

    def __init__(self, pool: str) -> None:
        self.pool = Pool(pool=pool, currency=_NO_CURRENCY)
        self.known = False
        self.locations: dict[str, Location] = {}
        self.turns: dict[str, int] = {}
        self.restricted: frozenset[str] = frozenset()
        self.untracked_places: frozenset[str] = frozenset()
        self.supplied: frozenset[str] = frozenset()
        self.untracked_skus: set[str] = set()
        self.channels: dict[str, Channel] = {}
        self.routing_model: RoutingModel | None = None
        self._items: dict[str, CatalogueItem] = {}
        self._kits_with: dict[str, dict[str, None]] = {}
        self._listings: dict[tuple[str, str], tuple[str, int]] = {}
        self._packages: dict[Position | None, _Packages] = {}

    def item(self, sku: str) -> CatalogueItem | None:
        return self._items.get(sku)

    def listing(self, channel: str, sku: str) -> tuple[str, int] | None:
        return self._listings.get((channel, sku))

    def kits_with(self, sku: str) -> Collection[str]:
        return self._kits_with.get(sku, {}).keys()

    def packages(self, destination: Position | None) -> Mapping[str, tuple[tuple[int, ...], int]]:
        known = self._packages.get(destination)
        if known is None:
            if len(self._packages) >= MOST_KNOWN_PLACES:
                del self._packages[next(iter(self._packages))]
            known = self._packages[destination] = _Packages(self.pool.policy, self.locations, destination)
        return known

    def view(self, offset: int, index: int) -> PoolView:
        """Give what is published of the pool."""
        return PoolView(
            pool=self.pool,
            locations=tuple(self.locations.values()),
            channels=tuple(channel for _, channel in sorted(self.channels.items())),
            routing_model=self.routing_model,
            offset=offset,
            index=index,
        )

    def item_view(self, sku: str, offset: int, index: int) -> CatalogueView:
        """Give what is published of a catalogue item."""
        return CatalogueView(pool=self.pool.pool, item=self._items[sku], offset=offset, index=index)

    def take_set_up(self, draft: Draft) -> list[Row]:
        """Take the set-up's part of a decision in."""
        if draft.pool is None:
            return []
        pool = self.pool.pool
        self.put_pool(draft.pool)
        changed: list[Row] = [(rows.pool_key(rows.POOL, pool), rows.encode(draft.pool))]
        if draft.locations:
            self.put_locations(draft.locations)
        if draft.routing_model is not None:
            self.routing_model = draft.routing_model
            changed.append((rows.pool_key(rows.MODEL, pool), rows.encode(draft.routing_model)))
        self.channels.update(draft.channels)
        for item in draft.items.values():
            self.put_item(item)
        for kind, put in ((rows.LOCATION, draft.locations), (rows.CHANNEL, draft.channels), (rows.ITEM, draft.items)):
            changed.extend((rows.key(kind, pool, name), rows.encode(record)) for name, record in put.items())
        return changed

    def load_set_up(self, kind: bytes, value: bytes) -> None:
        """Take one stored row in; those of other kinds are not its own."""
        if kind == rows.ITEM:
            self.put_item(rows.decode_item(value))
        elif kind == rows.LOCATION:
            location = rows.decode_location(value)
            self.put_locations({location.location_id: location})
        elif kind == rows.CHANNEL:
            channel = rows.decode_channel(value)
            self.channels[channel.channel_id] = channel
        elif kind == rows.MODEL:
            self.routing_model = rows.decode_model(value)
        elif kind == rows.POOL:
            self.put_pool(rows.decode_pool(value))

    def put_pool(self, pool: Pool) -> None:
        """Replace the pool's head, and with it the policy."""
        self.pool, self.known = pool, True
        self._packages.clear()

    def put_item(self, item: CatalogueItem) -> None:
        """Add a catalogue item, or replace it by its SKU."""
        before = self._items.get(item.sku)
        for part in before.components if before is not None else ():
            self._kits_with.get(part.sku, {}).pop(item.sku, None)
        for listing in before.listings if before is not None else ():
            # Another item of the same command may have it by now.
            if self._listings.get((listing.channel, listing.sku), ("", 0))[0] == item.sku:
                del self._listings[listing.channel, listing.sku]
        for part in item.components:
            self._kits_with.setdefault(part.sku, {})[item.sku] = None
        for listing in item.listings:
            self._listings[listing.channel, listing.sku] = (item.sku, listing.quantity)
        self._items[item.sku] = item
        if item.untracked:
            self.untracked_skus.add(item.sku)
        else:
            self.untracked_skus.discard(item.sku)

    def is_untracked(self, sku: str, location_id: str) -> bool:
        return location_id in self.untracked_places or sku in self.untracked_skus

    def put_locations(self, locations: Mapping[str, Location]) -> None:
        """Add locations, or replace them by id."""
        every = {**self.locations, **locations}.values()
        in_turn = sorted(every, key=lambda location: (location.priority, location.location_id))
        self.locations = {location.location_id: location for location in in_turn}
        self.turns = {location.location_id: turn for turn, location in enumerate(in_turn)}
        self.restricted = frozenset(
            location.location_id
            for location in in_turn
            if not location.enabled or location.capacity_per_day is not None
        )
        self.supplied = frozenset(location.location_id for location in in_turn if location.stock is StockBasis.DECLARED)
        self.untracked_places = frozenset(
            location.location_id for location in in_turn if location.stock is StockBasis.UNTRACKED
        )
        self._packages.clear()
