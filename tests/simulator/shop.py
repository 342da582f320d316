"""Seeded commands of every type on a tiny shop, so that a few hundred of them meet most of what can happen."""

from collections.abc import Callable
from random import Random
from typing import Any

from models import commands as c
from models.engine import Engine
from models.records.line import Component
from models.records.place import Position
from models.records.pool import CatalogueItem, Channel, Location, Policy, RoutingModel, StockBasis
from tests.simulator.orders import DAY_MS, HOUR_MS, SKUS, STUB_MS, UNKNOWN_SKU
from tests.simulator.wide_shop import WIDE_WEIGHTS, WideDesk

_PLACES = ("north", "south", "west")

_WEIGHTS = {
    "place_order": 22,
    "reserve_order": 5,
    "cancel_units": 5,
    "hold_order": 4,
    "release_hold": 4,
    "reroute_order": 3,
    "move_units": 3,
    "accept_fulfillment": 6,
    "reject_fulfillment": 5,
    "pick_fulfillment": 6,
    "pack_fulfillment": 5,
    "ship_parcel": 7,
    "record_tracking": 3,
    "deliver_parcel": 5,
    "lose_parcel": 3,
    "return_parcel_to_sender": 3,
    "receive_stock": 6,
    "sell_at_till": 5,
    "dispatch_transfer": 3,
    "receive_transfer": 3,
    "adjust_stock": 4,
    "count_stock": 7,
    "set_safety_stock": 2,
    "put_pool": 1,
    "put_locations": 1,
    "put_channels": 1,
    "put_policy": 1,
    "put_routing_model": 1,
    "put_catalogue": 1,
    "tick": 6,
    **WIDE_WEIGHTS,
}


class Shop(WideDesk):
    """One pool: its orders, its stock and its set-up."""

    def __init__(self, pool: str, random: Random, engine: Engine) -> None:
        super().__init__(pool, random, engine)
        self._transfers: list[str] = []
        self._policy_version = 1
        self._model_version = 0
        self._kinds = list(_WEIGHTS)
        self._weights = list(_WEIGHTS.values())
        self._sent: list[c.Command] = []

    def opening(self) -> list[c.Command]:
        """Give what sets the pool up."""
        policy = Policy(
            version=2,
            document_window_ms=2 * DAY_MS,
            stock_horizon_ms=DAY_MS,
            reroute_budget=2,
            close_after_ms=2 * HOUR_MS,
            stub_ms=STUB_MS,
        )
        self._policy_version = 2
        receipts = [self._receive_stock(location) for location in _PLACES]
        return [
            c.PutPool(**self._envelope(), currency="EUR", name="shop"),
            c.PutPolicy(**self._envelope(), policy=policy),
            self._put_locations(),
            self._put_catalogue(),
            *receipts,
        ]

    def next(self) -> c.Command:
        """Give the next command: now and then an old one again, or an old id with other content."""
        random = self._random
        self._now_ms += random.choice((0, 200, 1_000, 20_000, 300_000))
        if random.random() < 0.01:
            self._now_ms += random.choice((HOUR_MS, 8 * HOUR_MS, 2 * DAY_MS))
        if self._sent and random.random() < 0.04:
            return random.choice(self._sent[-40:])
        (kind,) = random.choices(self._kinds, self._weights)
        make: Callable[[], c.Command] = getattr(self, "_" + kind)
        command = make()
        self._sent.append(command)
        return command

    # What is told of stock.

    def _stock(self, document: str = "") -> dict[str, Any]:
        random = self._random
        envelope = self._envelope()
        return envelope | {
            "source": "wms",
            "document": document or envelope["command_id"],
            "location_id": random.choice(_PLACES),
            "occurred_at_ms": max(0, self._now_ms - random.choice((0, 0, 60_000, 3 * HOUR_MS, 2 * DAY_MS))),
        }

    def _stock_lines(self, most: int) -> tuple[c.StockLine, ...]:
        random = self._random
        skus = random.sample(SKUS, random.choice((1, 1, 2)))
        return tuple(c.StockLine(line=sku, sku=sku, quantity=random.randint(1, most)) for sku in skus)

    def _receive_stock(self, location_id: str = "") -> c.Command:
        stock = self._stock() | ({"location_id": location_id} if location_id else {})
        return c.ReceiveStock(**stock, lines=self._stock_lines(8))

    def _sell_at_till(self) -> c.Command:
        return c.SellAtTill(**self._stock(), lines=self._stock_lines(2))

    def _dispatch_transfer(self) -> c.Command:
        stock = self._stock()
        self._transfers.append(stock["document"])
        return c.DispatchTransfer(**stock, to_location_id=self._random.choice(_PLACES), lines=self._stock_lines(2))

    def _receive_transfer(self) -> c.Command:
        transfer = self._random.choice(self._transfers) if self._transfers else "none"
        final = self._random.random() < 0.7
        lines = self._stock_lines(2)
        return c.ReceiveTransfer(**self._stock(), transfer=transfer, dispatched_by="wms", final=final, lines=lines)

    def _adjust_stock(self) -> c.Command:
        delta, unsellable = self._random.choice(((-1, 0), (1, 0), (-2, 0), (0, 1), (0, -1)))
        sku = self._random.choice(SKUS)
        return c.AdjustStock(**self._stock(), sku=sku, delta=delta, unsellable_delta=unsellable)

    def _count_stock(self) -> c.Command:
        counted = self._random.choice((0, 0, 1, 3, 9, 14))
        return c.CountStock(**self._stock(), sku=self._random.choice(SKUS), counted=counted)

    def _set_safety_stock(self) -> c.Command:
        quantity = self._random.choice((0, 0, 1))
        return c.SetSafetyStock(**self._stock(), sku=self._random.choice(SKUS), quantity=quantity)

    # What sets the pool up, and time.

    def _put_pool(self) -> c.Command:
        return c.PutPool(**self._envelope(), currency=self._random.choice(("EUR", "EUR", "USD")), name="shop again")

    def _put_locations(self) -> c.Command:
        taken = self._random.choice((None, None, 3))
        places = tuple(
            Location(
                location_id=place,
                name=place,
                position=Position(x=10**9 if at == 0 else 0, y=10**9 if at == 1 else 0, z=10**9 if at > 1 else 0),
                capacity_per_day=taken if at == 1 else None,
                enabled=at == 0 or self._random.random() < 0.9,
            )
            for at, place in enumerate(_PLACES)
        )
        supplier = Location(location_id="supplier", name="supplier", stock=StockBasis.DECLARED)
        return c.PutLocations(**self._envelope(), locations=(*places, supplier))

    def _put_policy(self) -> c.Command:
        if self._random.random() < 0.7:
            self._policy_version += 1
        preset = self._random.choice(("closest", "cheapest"))
        policy = Policy(
            version=self._policy_version,
            preset="closest" if preset == "closest" else "cheapest",
            document_window_ms=2 * DAY_MS,
            stock_horizon_ms=DAY_MS,
            reroute_budget=2,
            close_after_ms=self._random.choice((HOUR_MS, DAY_MS)),
            stub_ms=STUB_MS,
            silence_ms=2 * HOUR_MS,
            late_minor=self._random.choice((0, 1_500)),
        )
        return c.PutPolicy(**self._envelope(), policy=policy)

    def _put_channels(self) -> c.Command:
        minutes = self._random.choice((None, 1, 600))
        channel = Channel(channel_id=self._random.choice(("web", "till")), name="sells", reservation_minutes=minutes)
        return c.PutChannels(**self._envelope(), channels=(channel,))

    def _put_routing_model(self) -> c.Command:
        if self._random.random() < 0.7:
            self._model_version += 1
        lanes = {place: tuple(sorted(self._random.choices(range(1001), k=3))) for place in _PLACES}
        return c.PutRoutingModel(**self._envelope(), model=RoutingModel(version=self._model_version, lanes=lanes))

    def _put_catalogue(self) -> c.Command:
        skus = SKUS if self._made < len(_WEIGHTS) else (UNKNOWN_SKU,)
        items = [CatalogueItem(sku=sku, weight_grams=400 + 100 * at) for at, sku in enumerate(skus)]
        if skus is SKUS:
            # The last one is a kit of the first two.
            parts = tuple(Component(sku=sku, quantity=at) for at, sku in enumerate(SKUS[:2], 1))
            items[-1] = CatalogueItem(sku=SKUS[-1], components=parts)
        return c.PutCatalogue(**self._envelope(), items=tuple(items))

    def _tick(self) -> c.Command:
        return c.Tick(**self._envelope())
