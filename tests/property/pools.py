"""The ground of the state machine: two pools of one partition, how commands are sent, and what must hold after each."""

import json
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from models import commands as c
from models.partition import partition_of
from models.records.pool import Authority, CatalogueItem, Channel, Location, Policy, RoutingModel
from tests.support.builders import HOUR_MS, NEAR_BERLIN, POSITIONS, START_MS
from tests.support.invariants import rows_of, violations, waiting_beside_stock
from tests.support.twins import Twins

POOLS = ("pool-4", next(f"pool-{n}" for n in range(5, 999) if partition_of(f"pool-{n}") == partition_of("pool-4")))
SKUS = ("A", "B", "C")
UNMAPPED = "LATE"
PLACES = (*POSITIONS, "attic")
FINAL = {"delivered", "cancelled"}

a_pool = st.sampled_from((POOLS[0], POOLS[0], POOLS[0], POOLS[1]))
a_sku = st.sampled_from(SKUS)
a_place = st.sampled_from(PLACES)
a_number = st.integers(0, 60)
a_few = st.integers(1, 4)
ago_ms = st.sampled_from((0, 0, 0, 1, 30_000, 3_600_000))
some_lines = st.lists(st.tuples(st.sampled_from((*SKUS, UNMAPPED)), a_few), min_size=1, max_size=3)


class Pools(RuleBasedStateMachine):
    """Two pools of one partition, with stock and the first orders in one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins(partition_of(POOLS[0]))
        self.now_ms = START_MS
        self.sent: list[tuple[bytes, list[dict[str, Any]]]] = []
        self.ended: set[str] = set()

    # ------------------------------------------------------------ sending

    def send(self, kind: type[c.Command], pool: str, **fields: Any) -> list[dict[str, Any]]:
        number = len(self.sent)
        known = {"command_id": f"c{number}", "pool": pool, "issued_at_ms": self.now_ms, "actor": "machine"}
        item = c.encode(kind(**{**known, **fields}))
        before = self.business()
        told = self.twins.apply(item)
        if "refusal" in told[0]:
            assert self.business() == before
            assert "events" not in told[0]
        if kind is not c.Tick:
            self.sent.append((item, told))
        return told

    def business(self) -> dict[bytes, bytes]:
        return {key: value for key, value in self.twins.rows.items() if key[:1] not in (b"r", b"k", b"y")}

    def orders(self, pool: str) -> list[dict[str, Any]]:
        found = [order for order in rows_of(self.twins.rows, b"o") if order["pool"] == pool]
        return sorted(found, key=lambda order: str(order["order_id"]))

    def order(self, pool: str, number: int) -> dict[str, Any] | None:
        orders = self.orders(pool)
        return orders[number % len(orders)] if orders else None

    # ------------------------------------------------------------ set-up

    @initialize(
        preset=st.sampled_from(("closest", "cheapest")), budget=st.integers(0, 2), most=st.sampled_from((1, 4, 4))
    )
    def open(self, *, preset: Any, budget: int, most: int) -> None:
        for pool in POOLS:
            self.send(c.PutPool, pool, currency="EUR")
            policy = Policy(version=2, preset=preset, reroute_budget=budget, max_fulfillments=most)
            self.send(c.PutPolicy, pool, policy=policy)
            self.send(c.PutCatalogue, pool, items=tuple(CatalogueItem(sku=sku) for sku in SKUS))
            self.send(c.PutLocations, pool, locations=tuple(self.place(name) for name in PLACES))
        for number, name in enumerate(PLACES):
            lines = stock_lines([(SKUS[number % 3], 3), (SKUS[(number + 1) % 3], 1)])
            self.send(c.ReceiveStock, POOLS[0], lines=lines, **self.fact(name, 100 + number, 0))
        for number in range(3):
            order = self.content(str(number), [(SKUS[number], 1 + number), (SKUS[number - 1], 1)])
            self.send(c.PlaceOrder, POOLS[0], **order)

    @rule(
        pool=a_pool,
        what=st.sampled_from(("locations", "locations", "policy", "catalogue", "pool", "channels", "model")),
        name=a_place,
        sku=st.sampled_from((*SKUS, UNMAPPED, UNMAPPED)),
        number=st.integers(0, 11),
    )
    def change_setup(self, *, pool: str, what: str, name: str, sku: str, number: int) -> None:
        match what:
            case "locations":
                authority = Authority(
                    counter="wms" if number % 2 else None, movers={"sell": "till"} if number == 3 else {}
                )
                capacity = number if number < 4 else None
                changed = self.place(name, enabled=number != 11, capacity_per_day=capacity, authority=authority)
                self.send(c.PutLocations, pool, locations=(changed,))
            case "policy":
                policy = Policy(
                    version=2 + number % 3,
                    unfilled_penalty_minor=number * 100,
                    late_minor=number * 200,
                    reroute_budget=1,
                    reserve_before_ms=None if number % 2 else number * HOUR_MS,
                )
                self.send(c.PutPolicy, pool, policy=policy)
            case "catalogue":
                self.send(c.PutCatalogue, pool, items=(CatalogueItem(sku=sku, weight_grams=700),))
            case "channels":
                self.send(c.PutChannels, pool, channels=(Channel(channel_id="web", name=name),))
            case "model":
                lanes: dict[str, tuple[int, ...]] = {name: (number * 10, 900), "*": (500, 400 + number * 50)}
                self.send(c.PutRoutingModel, pool, model=RoutingModel(version=1 + number % 3, lanes=lanes))
            case _:
                self.send(c.PutPool, pool, currency="USD" if number == 0 else "EUR", name="anew")

    @rule(pool=a_pool, after_ms=st.sampled_from((0, 60_000, HOUR_MS, HOUR_MS, 24 * HOUR_MS, 15 * 24 * HOUR_MS)))
    def tick(self, *, pool: str, after_ms: int) -> None:
        self.now_ms += after_ms
        self.send(c.Tick, pool)

    def place(self, name: str, **fields: Any) -> Location:
        return Location(location_id=name, name=name, position=POSITIONS.get(name), **fields)

    def fact(self, place: str, document: int, ago: int) -> dict[str, Any]:
        return {"source": "wms", "document": f"d{document}", "location_id": place, "occurred_at_ms": self.now_ms - ago}

    def content(self, external_id: str, lines: list[tuple[str, int]], cents: int = 500) -> dict[str, Any]:
        return {
            "channel": "web",
            "external_id": external_id,
            "currency": "EUR",
            "lines": tuple(
                c.NewLine(line_id=str(n), sku=sku, quantity=q, unit_price_minor=cents, tax_minor=cents % 7)
                for n, (sku, q) in enumerate(lines)
            ),
            "destination": NEAR_BERLIN,
            "placed_at_ms": self.now_ms - cents,
            "shipping_minor": cents % 499,
            "discount_minor": cents % 50,
        }

    # ------------------------------------------------------------ what must hold

    @precondition(lambda self: len(self.sent) > 0)
    @rule(number=st.integers(0, 500))
    def repeat(self, *, number: int) -> None:
        """I7: a command that comes again changes nothing, and a refused one is refused alike, while it is known."""
        item, before = self.sent[-1 - number % len(self.sent)]
        if json.loads(item)["issued_at_ms"] < self.now_ms - Policy().document_window_ms:
            return
        rows = self.business()
        told = self.twins.apply(item)
        assert self.business() == rows
        assert "movements" not in told[0]
        again = told[0].get("refusal", {}).get("code")
        # What an order has answered is not remembered beyond its ring, nor once it has closed.
        if again not in ("command_too_old", "order_closed"):
            assert again == before[0].get("refusal", {}).get("code")

    @rule(seed=st.integers(0, 999), rubbish=st.binary(max_size=40))
    def rebuild(self, *, seed: int, rubbish: bytes) -> None:
        """Build one engine anew; bytes that are no command change nothing in either."""
        self.twins.rebuild(Random(seed).shuffle)
        for item in (rubbish, b'{"type":"tick","pool":"\xff"}'):
            rows = dict(self.twins.rows)
            assert self.twins.apply(item) == []
            assert self.twins.rows == rows

    @invariant()
    def invariants_hold(self) -> None:
        assert violations(self.twins.rows, self.twins.movements) == []

    @invariant()
    def nobody_waits_beside_stock(self) -> None:
        """Where a policy fills every unit it can: by distance, and with a package for every place."""
        policies = [json.loads(value)["policy"] for key, value in self.twins.rows.items() if key[:1] == b"p"]
        if all("preset" not in policy and policy.get("max_fulfillments", 4) >= len(PLACES) for policy in policies):
            assert waiting_beside_stock(self.twins.rows) == []

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        orders = {order["order_id"]: order for pool in POOLS for order in self.orders(pool)}
        # What has closed meanwhile is no longer in the table.
        here = self.ended & orders.keys()
        assert {order_id for order_id in here if orders[order_id]["status"] not in FINAL} == set()
        # A reservation that was cancelled may still be placed.
        self.ended = {
            order_id for order_id, order in orders.items() if order["status"] in FINAL and not order.get("reserved")
        }


def stock_lines(lines: list[tuple[str, int]]) -> tuple[c.StockLine, ...]:
    return tuple(c.StockLine(line=str(n), sku=sku, quantity=quantity) for n, (sku, quantity) in enumerate(lines))
