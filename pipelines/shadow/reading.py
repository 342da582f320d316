"""From facts to a history: the newest word of each order, its parcels found by whatever number they are named by."""

from collections.abc import Iterable, Iterator
from operator import attrgetter

from connectors.frame import facts as f
from connectors.frame.asked import location_of, ours_of
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models.ids import order_id, order_of_fulfillment
from models.records.fulfillment import CarrierStatus
from pipelines.shadow.goods import GoodsBook
from pipelines.shadow.history import Bought, History, Line, Problem, Sent, StockKind, StockSaid, Told


def read_history(told: Iterable[Told], goods: GoodsBook, pool: str) -> History:
    """Put facts together, in whatever order they come."""
    reading = _Reading(goods, pool)
    everything = list(told)
    for account, fact in everything:
        reading.take_order(account, fact)
    reading.close_orders()
    for account, fact in everything:
        reading.take_parcel(account, fact)
    reading.close_parcels()
    for account, fact in everything:
        reading.take_rest(account, fact)
    history = reading.history
    history.orders.sort(key=lambda order: (order.stated.placed_at_ms, order.key))
    history.stock.sort(key=attrgetter("at_ms", "location", "document"))
    return history


class _Reading:
    """What has been read so far."""

    def __init__(self, goods: GoodsBook, pool: str) -> None:
        self._goods = goods
        self._pool = pool
        self._stated: dict[str, tuple[Account, f.OrderStated]] = {}
        self._cancelled: dict[str, int] = {}
        self._by_name: dict[str, Bought | None] = {}
        self._parcels: dict[tuple[str, str, str], Sent] = {}
        self._by_key: dict[str, Bought] = {}
        self._by_tracking: dict[str, list[Sent]] = {}
        self._seen: set[tuple[object, ...]] = set()
        self.history = History()

    def take_order(self, account: Account, fact: f.AnyFact) -> None:
        """Note what channels say of orders."""
        if isinstance(fact, f.OrderStated):
            if fact.test and account.settings.get("test_orders") != "take":
                self._leave("test orders")
                return
            key = self._key(account, fact.external_id)
            known = self._stated.get(key)
            if known is None or fact.source_version >= known[1].source_version:
                self._stated[key] = (account, fact)
            if fact.cancelled_at_ms is not None:
                self._cancel(key, fact.cancelled_at_ms)
        elif isinstance(fact, f.OrderCancelled):
            self._cancel(self._key(account, fact.external_id), fact.at_ms)

    def close_orders(self) -> None:
        """Make orders of what was stated."""
        for key, (account, fact) in self._stated.items():
            cancelled_at_ms = self._cancelled.get(key)
            lines = tuple(self._lines(account, fact, is_cancelled=cancelled_at_ms is not None))
            if not lines:
                self._leave("orders of which nothing is sent")
                continue
            order = Bought(key, account, fact, lines, cancelled_at_ms)
            self.history.orders.append(order)
            self._by_key[key] = order
            for name in {fact.external_id, fact.number, fact.number.lstrip("#")} - {""}:
                # A number that two channels use names neither order.
                self._by_name[name] = order if name not in self._by_name else None

    def take_parcel(self, account: Account, fact: f.AnyFact) -> None:
        """Note what has left."""
        if not isinstance(fact, f.ParcelStated):
            return
        order = self._order_of(account, fact)
        named = fact.fulfillment_id or fact.external_id
        if order is None:
            text = f"parcel {fact.parcel_id} is of {named}, which is no order that was read"
            self._problem("parcel_of_no_order", account, named, text, fact.at_ms)
            return
        place = (order.key, account.name, fact.parcel_id)
        if fact.cancelled:
            self._parcels.pop(place, None)
            return
        self._parcels[place] = Sent(
            fact.parcel_id,
            fact.at_ms,
            _location(account, fact.location),
            dict(self._units(account, order, fact)),
            account.name,
            fact.tracking_number,
            theirs=fact.location,
        )

    def close_parcels(self) -> None:
        """Give parcels to their orders: those that a partner told, or else those that the channel told."""
        by_order: dict[str, list[Sent]] = {}
        for (key, _, _), parcel in self._parcels.items():
            by_order.setdefault(key, []).append(parcel)
        for key, parcels in by_order.items():
            order = self._by_key[key]
            of_partners = [parcel for parcel in parcels if parcel.account != order.account.name]
            order.sent = sorted(of_partners or parcels, key=lambda parcel: (parcel.at_ms, parcel.parcel_id))
            left = order.quantities
            for parcel in order.sent:
                if not parcel.units:
                    # What names no units is all that is left.
                    parcel.units = {line_id: units for line_id, units in left.items() if units > 0}
                for line_id, units in parcel.units.items():
                    left[line_id] -= units
                if not parcel.location:
                    self._strange_place(parcel.account, parcel.theirs, parcel.at_ms)
                if parcel.tracking_number:
                    self._by_tracking.setdefault(parcel.tracking_number, []).append(parcel)

    def take_rest(self, account: Account, fact: f.AnyFact) -> None:
        """Note deliveries and stock; everything else is of no use here."""
        match fact:
            case f.ParcelScanned(status=CarrierStatus.DELIVERED):
                for parcel in self._by_tracking.get(fact.tracking_number, ()):
                    parcel.delivered_at_ms = min(fact.at_ms, parcel.delivered_at_ms or fact.at_ms)
            case f.StockCounted():
                if fact.available:
                    self._leave("counts of what may be sold, not of what is there")
                else:
                    self._say(account, fact, StockKind.COUNTED, fact.as_of_ms, complete=fact.complete)
            case f.StockReceived():
                self._say(account, fact, StockKind.RECEIVED, fact.at_ms)
            case f.StockAdjusted():
                self._say(account, fact, StockKind.ADJUSTED, fact.at_ms)
            case f.TillSold():
                self._say(account, fact, StockKind.SOLD_AT_TILL, fact.at_ms, sign=-1)
            case f.StockExpected():
                self._leave("receipts that were only expected")
            case f.OrderStated() | f.OrderCancelled() | f.ParcelStated():
                pass
            case _:
                self._leave("refunds, holds, steps and answers")

    def _say(
        self,
        account: Account,
        fact: f.StockCounted | f.StockReceived | f.StockAdjusted | f.TillSold,
        kind: StockKind,
        at_ms: int,
        *,
        sign: int = 1,
        complete: bool = False,
    ) -> None:
        location = _location(account, fact.location)
        if not location:
            self._strange_place(account.name, fact.location, at_ms)
            return
        units: dict[str, int] = {}
        for line in fact.lines:
            sku, quantity = ours_of(account, line.sku, line.quantity, line.unit)
            if not self._goods.knows(sku):
                text = f"{account.name} calls something {line.sku}, which is no SKU of ours"
                self._problem("unmapped_sku", account, line.sku, text, at_ms)
                continue
            units[sku] = units.get(sku, 0) + sign * quantity
        # A long document is told in parts, which have other units.
        said = (account.name, kind.value, fact.document, location, at_ms, tuple(sorted(units.items())))
        if said in self._seen:
            self._leave("stock messages that were told before")
            return
        self._seen.add(said)
        self.history.stock.append(StockSaid(at_ms, kind, account.name, location, fact.document, units, complete))

    def _lines(self, account: Account, fact: f.OrderStated, *, is_cancelled: bool) -> Iterator[Line]:
        for line in fact.lines:
            # Of an order that was called off channels state what is left of it, which is nothing.
            units = max(line.quantity, line.ordered) if is_cancelled else line.quantity
            if not (line.ships and units):
                continue
            goods = self._goods.of(account.channel, line.sku.strip())
            if goods is None:
                text = f"order {fact.number or fact.external_id} sells {line.sku!r}, which is no SKU or listing of ours"
                self._problem("unmapped_sku", account, line.sku, text, fact.placed_at_ms)
            yield Line(line.line_id, line.sku.strip(), units, goods)

    def _units(self, account: Account, order: Bought, fact: f.ParcelStated) -> Iterator[tuple[str, int]]:
        """Give units by line: by the line's id, or by the first line that is of the SKU."""
        found: dict[str, int] = {}
        for stated in fact.units:
            line_id, units = stated.line_id, stated.quantity
            if line_id not in order.quantities:
                ours, units = ours_of(account, stated.sku, stated.quantity, stated.unit)
                line = next((one for one in order.lines if ours in _names(one)), None)
                if line is None:
                    text = f"parcel {fact.parcel_id} has {stated.sku or stated.line_id}, which the order has not"
                    self._problem("unmapped_sku", account, stated.sku or stated.line_id, text, fact.at_ms)
                    continue
                line_id = line.line_id
                units = max(1, units // _per_line(line, ours))
            found[line_id] = found.get(line_id, 0) + units
        yield from found.items()

    def _order_of(self, account: Account, fact: f.ParcelStated) -> Bought | None:
        own = self._by_key.get(self._key(account, fact.external_id)) if fact.external_id else None
        if own is not None:
            return own
        ours = self._by_key.get(order_of_fulfillment(fact.fulfillment_id))
        return ours or self._by_name.get((fact.fulfillment_id or fact.external_id).lstrip("#"))

    def _strange_place(self, account: str, theirs: str, at_ms: int) -> None:
        text = f"{account} names the location {theirs!r}, which its account in connectors.yaml does not map"
        self.history.problems.append(Problem("unmapped_location", account, theirs, text, at_ms))

    def _cancel(self, key: str, at_ms: int) -> None:
        self._cancelled[key] = min(at_ms, self._cancelled.get(key, at_ms))

    def _key(self, account: Account, external_id: str) -> str:
        return order_id(self._pool, account.channel, external_id)

    def _leave(self, why: str) -> None:
        self.history.unused[why] = self.history.unused.get(why, 0) + 1

    def _problem(self, kind: str, account: Account, about: str, text: str, at_ms: int) -> None:
        self.history.problems.append(Problem(kind, account.name, about, text, at_ms))


def _location(account: Account, theirs: str) -> str:
    try:
        return location_of(account, theirs)
    except UnreadableError:
        return ""


def _names(line: Line) -> set[str]:
    goods = line.goods
    return {line.sku} if goods is None else {line.sku, goods.sku, *(sku for sku, _ in goods.parts[:1])}


def _per_line(line: Line, sku: str) -> int:
    """Give how many of a SKU one of the line is: a partner counts the six of a six-pack."""
    if line.goods is None or sku == line.sku:
        return 1
    return dict(line.goods.parts).get(sku, 1)
