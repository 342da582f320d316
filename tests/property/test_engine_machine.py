"""Any commands in any order on two pools of one partition: I1 to I7 after every step, and rebuilt engines agree."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from models import commands as c
from models.records.hold import HoldType
from models.records.line import UnitsOfLine
from models.records.order import Customer
from models.rules.orders.reject import REJECT_CAUSES
from tests.property.pools import POOLS, a_few, a_number, a_place, a_pool, a_sku, ago_ms, some_lines, stock_lines
from tests.property.profiles import STEPS
from tests.property.wider import WiderPools
from tests.support.builders import HOUR_MS

FACTS: tuple[type[c.FulfillmentCommand], ...] = (
    c.AcceptFulfillment,
    c.RejectFulfillment,
    c.PickFulfillment,
    c.PackFulfillment,
    c.ShipParcel,
    c.RecordTracking,
    c.DeliverParcel,
    c.LoseParcel,
    c.ReturnParcelToSender,
)

NEXT: dict[str, type[c.FulfillmentCommand]] = {
    "allocated": c.AcceptFulfillment,
    "accepted": c.PickFulfillment,
    "picked": c.PackFulfillment,
    "packed": c.ShipParcel,
    "shipped": c.DeliverParcel,
}


class Shops(WiderPools):
    """Stock moves, orders come and change, locations and carriers tell what they did."""

    # ------------------------------------------------------------ stock

    @rule(
        pool=a_pool,
        kind=st.sampled_from((c.ReceiveStock, c.ReceiveStock, c.SellAtTill)),
        place=a_place,
        lines=st.lists(st.tuples(a_sku, a_few), min_size=1, max_size=3),
        document=a_number,
        ago=ago_ms,
    )
    def move_stock(
        self, *, pool: str, kind: type[c.Command], place: str, lines: list[tuple[str, int]], document: int, ago: int
    ) -> None:
        self.send(kind, pool, lines=stock_lines(lines), **self.fact(place, document, ago))

    @rule(
        pool=a_pool,
        kind=st.sampled_from((c.AdjustStock, c.CountStock, c.SetSafetyStock)),
        place=a_place,
        sku=a_sku,
        number=st.integers(-3, 5),
        other=st.integers(-2, 2),
        document=a_number,
        ago=ago_ms,
    )
    def correct_stock(
        self,
        *,
        pool: str,
        kind: type[c.Command],
        place: str,
        sku: str,
        number: int,
        other: int,
        document: int,
        ago: int,
    ) -> None:
        stated_by: dict[type[c.Command], dict[str, Any]] = {
            c.AdjustStock: {"delta": number, "unsellable_delta": other},
            c.CountStock: {"counted": abs(number), "expected_on_hand": other if other > 0 else None},
            c.SetSafetyStock: {"quantity": abs(other)},
        }
        self.send(kind, pool, sku=sku, **stated_by[kind], **self.fact(place, document, ago))

    @rule(
        pool=a_pool,
        place=a_place,
        to=a_place,
        lines=st.lists(st.tuples(a_sku, a_few), min_size=1, max_size=2),
        document=st.integers(0, 5),
        arrival=a_number,
        receive=st.booleans(),
        final=st.booleans(),
        ago=ago_ms,
    )
    def transfer(
        self,
        *,
        pool: str,
        place: str,
        to: str,
        lines: list[tuple[str, int]],
        document: int,
        arrival: int,
        receive: bool,
        final: bool,
        ago: int,
    ) -> None:
        moved = stock_lines(lines)
        name = f"transfer-{document}"
        if receive:
            fact = self.fact(to, 100 + arrival, ago)
            self.send(c.ReceiveTransfer, pool, lines=moved, transfer=name, dispatched_by="wms", final=final, **fact)
        else:
            fact = {**self.fact(place, 0, ago), "document": name}
            self.send(c.DispatchTransfer, pool, lines=moved, to_location_id=to, **fact)

    # ------------------------------------------------------------ orders

    @rule(
        pool=a_pool,
        external=st.integers(0, 7),
        lines=some_lines,
        cents=st.integers(0, 999),
        kind=st.sampled_from(("place", "place", "reserve", "sold", "complete")),
        later=st.sampled_from((None, HOUR_MS, 48 * HOUR_MS)),
        rank=st.integers(0, 2),
    )
    def take_order(
        self,
        *,
        pool: str,
        external: int,
        lines: list[tuple[str, int]],
        cents: int,
        kind: str,
        later: int | None,
        rank: int,
    ) -> None:
        content = {
            **self.content(str(external), lines, cents),
            "source_version": rank,
            "customer": Customer(customer_id="someone", sealed="c2VhbGVk"),
            "priority": rank,
            "promise_by_ms": None if later is None else self.now_ms + later,
            "ship_complete": kind == "complete",
            "sold": kind == "sold",
        }
        if kind == "sold" and rank == 2:
            content |= {"currency": "USD", "discount_minor": 10_000}
        if kind == "reserve":
            self.send(c.ReserveOrder, pool, time_to_live_ms=HOUR_MS, **content)
        else:
            self.send(c.PlaceOrder, pool, **content)

    @rule(pool=a_pool, number=a_number, lines=some_lines)
    def place_what_is_reserved(self, *, pool: str, number: int, lines: list[tuple[str, int]]) -> None:
        """A reservation becomes its order, with the lines it had or with others."""
        reserved = [order for order in self.orders(pool) if order.get("reserved")]
        if not reserved:
            return
        order = reserved[number % len(reserved)]
        same = [(line["sku"], line["quantity"]) for line in order["lines"]]
        cents = order["lines"][0].get("unit_price_minor", 0)
        content = self.content(order["external_id"], lines if number % 3 == 0 else same, cents)
        self.send(c.PlaceOrder, pool, **content)

    @rule(
        pool=a_pool,
        number=a_number,
        hold=st.sampled_from(HoldType),
        what=st.sampled_from(("cancel", "cancel all", "hold", "hold until", "release", "release", "reroute")),
    )
    def change_order(self, *, pool: str, number: int, hold: HoldType, what: str) -> None:
        order = self.order(pool, number)
        if order is None:
            return
        if number == 59:
            pool = next(other for other in POOLS if other != pool)
        on: dict[str, Any] = {"order_id": order["order_id"]}
        held = [
            {"hold": HoldType(one["type"]), "handle": one.get("handle", "")}
            for one in order.get("holds", [])
            if not one.get("line_id") and not one.get("fulfillment_id")
        ]
        line = order["lines"][number % len(order["lines"])]
        some = (UnitsOfLine(line_id=line["line_id"], quantity=1 + number % line["quantity"]),)
        match what:
            case "cancel" | "cancel all":
                self.send(c.CancelUnits, pool, units=some if what == "cancel" else (), **on)
            case "hold" | "hold until":
                until = self.now_ms + HOUR_MS if what == "hold until" else None
                self.send(c.HoldOrder, pool, hold=hold, release_at_ms=until, **on)
            case "release":
                self.send(c.ReleaseHold, pool, **(held[0] if held else {"hold": hold}), **on)
            case _:
                self.send(c.RerouteOrder, pool, **on)

    @rule(pool=a_pool, number=a_number, less=st.sampled_from((0, 0, 1)), ago=ago_ms)
    def go_on(self, *, pool: str, number: int, less: int, ago: int) -> None:
        """The next step of a fulfillment that is open, or of a parcel on its way."""
        order = self.order(pool, number)
        going = [f for f in order.get("fulfillments", []) if f["status"] in NEXT] if order else []
        if order is None or not going:
            return
        told = going[number % len(going)]
        self.tell(order, told, NEXT[told["status"]], less, ago, number % 4)

    @rule(pool=a_pool, number=a_number, kind=st.sampled_from(FACTS), less=st.integers(0, 2), ago=ago_ms)
    def tell_fact(self, *, pool: str, number: int, kind: type[c.FulfillmentCommand], less: int, ago: int) -> None:
        """Anything said of any fulfillment, fitting or not."""
        order = self.order(pool, number)
        fulfillments = order.get("fulfillments", []) if order else []
        if order is None or not fulfillments:
            return
        self.tell(order, fulfillments[-1 - number % len(fulfillments)], kind, less, ago, number % 4)

    def tell(
        self,
        order: dict[str, Any],
        told: dict[str, Any],
        kind: type[c.FulfillmentCommand],
        less: int,
        ago: int,
        number: int,
    ) -> None:
        left = [(line["line_id"], line.get("allocated", 0)) for line in told["lines"]]
        some = tuple(UnitsOfLine(line_id=line, quantity=q - less) for line, q in left if q > less)
        parcel = {"parcel_id": f"p{number}"}
        stated_by: dict[type[c.FulfillmentCommand], dict[str, Any]] = {
            c.RejectFulfillment: {"cause": (*REJECT_CAUSES, "nonsense")[number]},
            c.PickFulfillment: {"units": some if less else None},
            c.ShipParcel: {**parcel, "units": some if less else ()},
            c.RecordTracking: {**parcel, "carrier": "dhl", "tracking_number": f"t{less}"},
            c.ReturnParcelToSender: {**parcel, "restock": number > 1},
            c.DeliverParcel: parcel,
            c.LoseParcel: parcel,
        }
        at = {"fulfillment_id": told["fulfillment_id"], "occurred_at_ms": self.now_ms - ago}
        self.send(kind, order["pool"], order_id=order["order_id"], **at, **stated_by.get(kind, {}))


TestShops = Shops.TestCase
TestShops.settings = settings(STEPS)
