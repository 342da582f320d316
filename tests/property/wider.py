"""More rules of the state machine: edits, newer content, kits, supply, segments, partners, collection, closing."""

from json import dumps
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.json import decode

from models import commands as c
from models.records import changes as ch
from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from models.records.line import Component, UnitsOfLine
from models.records.order import NewLine, Order, Terms
from models.records.place import Destination
from models.records.pool import CatalogueItem, Channel, Location, LocationKind, RoutingModel, StockBasis
from models.records.stock import Unsellable
from tests.property.pools import PLACES, POOLS, SKUS, UNMAPPED, Pools, stock_lines
from tests.support.builders import HOUR_MS, NEAR_BERLIN, POSITIONS

KIT = "KIT"
GIFT = "GIFT"
SEGMENT = "trade"
WIDER = {"store": LocationKind.STORE, "partner": LocationKind.THIRD_PARTY, "supplier": LocationKind.DROP_SHIPPER}
EVERYWHERE = (*PLACES, *WIDER)
PARTS = (
    c.AnswerCancellation,
    c.MakeReady,
    c.CollectFulfillment,
    c.RecordScan,
    c.RejectFulfillment,
    c.MergeFulfillments,
)
seeds = st.integers(0, 10_000)


class WiderPools(Pools):
    """What a shop does beyond taking, shipping and counting; each rule draws its details from a seed."""

    @rule(seed=seeds)
    def widen(self, *, seed: int, pool: str = "") -> None:
        random = Random(seed)
        pool = pool or self.any_pool(random)
        kit = (Component(sku="A", quantity=2), Component(sku="B", quantity=1))
        parts = kit if random.random() < 0.8 else (Component(sku="C", quantity=1),)
        items = (
            CatalogueItem(sku=KIT, components=parts),
            CatalogueItem(sku=GIFT, untracked=random.random() < 0.9),
            CatalogueItem(sku="C", backorder_limit=random.choice((None, 0, 5))),
        )
        self.send(c.PutCatalogue, pool, items=items)
        basis = random.choice((StockBasis.OWNED, StockBasis.UNTRACKED))
        places = [
            Location(location_id=name, name=name, kind=kind, position=POSITIONS["hamburg"], collection=name == "store")
            for name, kind in WIDER.items()
        ]
        places[2] = Location(location_id="supplier", name="s", kind=WIDER["supplier"], stock=StockBasis.DECLARED)
        attic = Location(location_id="attic", name="attic", stock=basis)
        self.send(c.PutLocations, pool, locations=(*places, attic))
        limit = random.choice((None, 2_000))
        trade = Channel(channel_id="trade", name="Trade", segment=SEGMENT, approval_above_minor=limit)
        self.send(c.PutChannels, pool, channels=(trade,))
        if random.random() < 0.3:
            success = {random.choice(EVERYWHERE): random.randint(0, 1000)}
            self.send(c.PutRoutingModel, pool, model=RoutingModel(version=1, lanes={"*": (900,)}, pick_success=success))

    @rule(seed=seeds)
    def take_wide_order(self, *, seed: int, pool: str = "") -> None:
        """Orders with kits, gifts, terms, several addresses, other channels, in newer and older versions."""
        random = Random(seed)
        pool = pool or self.any_pool(random)
        skus = (*SKUS, KIT, KIT, GIFT, UNMAPPED)
        count = random.randint(1, 4)
        office = random.random() < 0.2
        lines = tuple(
            NewLine(
                line_id=str(number),
                sku=random.choice(skus),
                quantity=random.randint(1, 3),
                unit_price_minor=random.randint(0, 999),
                ship_to="office" if office and random.random() < 0.5 else "",
            )
            for number in range(count)
        )
        content = self.content(str(random.randint(0, 12)), [("A", 1)], random.randint(0, 2) * 100)
        content |= {
            "lines": lines,
            "channel": random.choice(("web", "web", "trade")),
            "source_version": random.randint(0, 6),
            "terms": self.terms(random, office=office),
            "sold": random.random() < 0.3,
            "ship_complete": random.random() < 0.1,
        }
        if random.random() < 0.1:
            shipped = {"shipped_at_ms": self.now_ms - HOUR_MS, "location_id": random.choice((None, *PLACES))}
            self.send(c.ImportOrder, pool, **content, **shipped)
        else:
            self.send(c.PlaceOrder, pool, stock=random.choice((*c.StockPolicy, c.StockPolicy.WAIT)), **content)

    @rule(seed=seeds)
    def edit(self, *, seed: int, pool: str = "") -> None:
        random = Random(seed)
        order = self.some_order(random, pool)
        if order is None:
            return
        changes = tuple(self.change(random, order) for _ in range(random.randint(1, 3)))
        edition = random.choice((None, None, order.get("edits", {}).get("edition", 0), 7))
        asked = {"order_id": order["order_id"], "changes": changes, "edition": edition}
        self.send(c.Tick, order["pool"])
        before = self.business()
        looked_at = self.send(c.EditOrder, order["pool"], **asked, preview=True)
        assert self.business() == before
        done = self.send(c.EditOrder, order["pool"], **asked)
        assert ("refusal" in looked_at[0]) == ("refusal" in done[0])
        if "refusal" not in done[0]:
            seen, [made] = looked_at[0]["events"][0], [e for e in done[0]["events"] if e["type"] == "order_edited"]
            assert (seen["total_minor"], seen["lines"]) == (made["total_minor"], made["lines"])

    @rule(seed=seeds)
    def hold_a_part(self, *, seed: int, pool: str = "") -> None:
        random = Random(seed)
        order = self.some_order(random, pool)
        if order is None:
            return
        held = order.get("holds", [])
        if held and random.random() < 0.5:
            off = random.choice(held)
            part = {name: off[name] for name in ("line_id", "fulfillment_id") if name in off}
            self.send(c.ReleaseHold, order["pool"], order_id=order["order_id"], hold=HoldType(off["type"]), **part)
            return
        parts: list[dict[str, str]] = [{}, {"line_id": random.choice(order["lines"])["line_id"]}]
        if order.get("fulfillments"):
            parts.append({"fulfillment_id": random.choice(order["fulfillments"])["fulfillment_id"]})
        dates = {name: self.now_ms + HOUR_MS for name in ("release_at_ms", "cancel_at_ms") if random.random() < 0.2}
        on = {
            "order_id": order["order_id"],
            "hold": random.choice(list(HoldType)),
            "handle": random.choice(("", "app")),
        }
        self.send(c.HoldOrder, order["pool"], **on, **random.choice(parts), **dates)

    @rule(seed=seeds)
    def tell_of_a_part(self, *, seed: int, pool: str = "") -> None:
        random = Random(seed)
        order = self.some_order(random, pool)
        if order is None or not order.get("fulfillments"):
            return
        told = random.choice(order["fulfillments"])
        kind = random.choice(PARTS)
        left = [(line["line_id"], line.get("allocated", 0)) for line in told["lines"] if line.get("allocated", 0)]
        some = tuple(UnitsOfLine(line_id=line, quantity=random.randint(1, count)) for line, count in left)
        other = self.some_order(random, order["pool"]) or order
        others = other.get("fulfillments") or [told]
        stated_by: dict[type[c.Command], dict[str, Any]] = {
            c.AnswerCancellation: {"accepted": random.random() < 0.6},
            c.CollectFulfillment: {"parcel_id": f"d{random.randint(0, 3)}", "units": random.choice((some, ()))},
            c.RecordScan: {
                "parcel_id": f"p{random.randint(0, 3)}",
                "status": random.choice(list(CarrierStatus)),
                "raw": str(seed % 3),
            },
            c.RejectFulfillment: {"cause": random.choice(("mismatch", "damaged", "not_collected")), "units": some},
            c.MergeFulfillments: {
                "other_order_id": other["order_id"],
                "other_fulfillment_id": random.choice(others)["fulfillment_id"],
            },
        }
        if random.random() < 0.15:
            to = {"fulfillment_id": told["fulfillment_id"], "location_id": random.choice(EVERYWHERE)}
            self.send(c.MoveUnits, order["pool"], order_id=order["order_id"], **to, units=random.choice((some, ())))
            return
        at = {"fulfillment_id": told["fulfillment_id"], "occurred_at_ms": self.now_ms - random.choice((0, HOUR_MS))}
        self.send(kind, order["pool"], order_id=order["order_id"], **at, **stated_by.get(kind, {}))

    @rule(seed=seeds)
    def supply(self, *, seed: int, pool: str = "") -> None:
        random = Random(seed)
        pool = pool or self.any_pool(random)
        sku, place = random.choice(SKUS), random.choice(EVERYWHERE)
        fact = self.fact(place, random.randint(0, 999), random.choice((0, 0, 60_000)))
        document = {"document": f"po-{random.randint(0, 3)}"}
        lines = stock_lines([(random.choice(SKUS), random.randint(1, 6)) for _ in range(random.randint(1, 2))])
        match random.choice(("expect", "expect", "arrive", "declare", "restate", "fence")):
            case "expect":
                when = {"expected_at_ms": self.now_ms + random.randint(1, 9) * HOUR_MS, "version": random.randint(0, 4)}
                sure = random.choice((1000, 1000, 700))
                self.send(c.ExpectStock, pool, **{**fact, **document}, lines=lines, **when, confidence_per_mille=sure)
            case "arrive":
                self.send(c.ReceiveStock, pool, **fact, lines=lines, expected=document["document"])
            case "declare":
                declared = (c.DeclaredLine(line="1", sku=sku, quantity=random.randint(0, 5)),)
                self.send(c.DeclareStock, pool, **{**fact, "location_id": "supplier"}, lines=declared)
            case "restate":
                states = random.sample((None, *Unsellable), 2)
                moved = {"quantity": random.randint(1, 3), "before": states[0], "after": states[1]}
                self.send(c.RestateStock, pool, **fact, sku=sku, **moved)
            case _:
                self.send(c.FenceStock, pool, **fact, sku=sku, segment=SEGMENT, quantity=random.randint(0, 4))

    @rule(seed=seeds)
    def pass_a_month(self, *, seed: int, pool: str = "") -> None:
        """Orders that have ended close; now and then one is brought back."""
        random = Random(seed)
        pool = pool or self.any_pool(random)
        self.now_ms += random.choice((HOUR_MS, 31 * 24 * HOUR_MS))
        told = self.send(c.Tick, pool)
        pictures = [event["order"] for update in told for event in update.get("events", []) if "digest" in event]
        for picture in pictures:
            if "lines" in (picture or {}) and random.random() < 0.7:
                order = decode(self.encoded(picture), type=Order)
                self.send(c.ReopenOrder, pool, order_id=order.order_id, order=order)
                self.ended.discard(order.order_id)

    # ------------------------------------------------------------ drawing

    def any_pool(self, random: Random) -> str:
        return POOLS[random.random() < 0.3]

    def some_order(self, random: Random, pool: str) -> dict[str, Any] | None:
        orders = self.orders(pool or self.any_pool(random))
        return random.choice(orders) if orders else None

    def encoded(self, picture: dict[str, Any]) -> bytes:
        return dumps(picture).encode()

    def terms(self, random: Random, *, office: bool) -> Terms | None:
        if not office and random.random() < 0.6:
            return None
        later_ms = self.now_ms + random.randint(1, 50) * HOUR_MS
        return Terms(
            destinations={"office": Destination(country="FR")} if office else {},
            collect_at=None if office else random.choice((None, "store", "store", "berlin")),
            requested_at_ms=random.choice((None, later_ms)),
            cancel_at_ms=random.choice((None, later_ms)),
            pay_by_ms=random.choice((None, None, later_ms)),
        )

    def change(self, random: Random, order: dict[str, Any]) -> ch.Change:
        line = random.choice(order["lines"])
        some = random.randint(1, 3)
        fresh = NewLine(line_id=f"x{random.randint(0, 2)}", sku=random.choice((*SKUS, KIT)), quantity=some)
        drawn: list[ch.Change] = [
            ch.AddLine(line=fresh),
            ch.AddUnits(line_id=line["line_id"], quantity=some),
            ch.RemoveUnits(line_id=line["line_id"], quantity=some),
            ch.SetPrice(line_id=line["line_id"], unit_price_minor=some * 100, tax_minor=some),
            ch.SetShipping(shipping_minor=some * 99),
            ch.SetDiscount(discount_minor=some * 7),
            ch.SetDestination(destination=random.choice((NEAR_BERLIN, Destination(country="FR")))),
            ch.SetPriority(priority=some),
            ch.SetPromise(promise_by_ms=self.now_ms + some * HOUR_MS),
            ch.SetTerms(requested_at_ms=self.now_ms + some * HOUR_MS, purchase_order="PO"),
        ]
        return random.choice(drawn)
