"""The demo against the real engine, without network or clock: what is asked goes through the API's own bodies."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from api.present import present_order
from api.schemas import content, fulfillments, orders, stock
from api.schemas.base import Envelope
from cli.demo_api import body_of
from connectors.folder.reading import read_folder
from connectors.folder.setup import Setup
from connectors.positions import degrees_of
from models import commands as c
from models.events import OrderClosed
from models.records.order import Customer, Order
from models.records.place import Position
from models.records.pool import Location
from models.rows import decode_order, order_key
from pipelines.demo.asks import Ask, SeenLevel, SeenLocation, SeenOrder, SeenPosition, SeenSku
from pipelines.demo.clock import DAY_MS, MINUTE_MS, Clock
from pipelines.demo.draws import Draws
from pipelines.demo.partners import Partners
from pipelines.demo.prices import price_minor
from pipelines.demo.shelves import Shelves
from pipelines.demo.shoppers import Article, Shoppers
from tests.support.builders import Shop

FOLDER = Path(__file__).parents[2] / "demo"
START_MS = 1_790_000_000_000
"""2026-09-21T14:13:20Z, a Monday."""
_STEP_MS = 5 * MINUTE_MS

_ON_ORDER: dict[str, Any] = {"cancel": orders.CancelIn, "hold": orders.HoldIn, "release": orders.ReleaseIn}
_ON_FULFILLMENT: dict[str, Any] = {
    "accept": fulfillments.AcceptIn,
    "reject": fulfillments.RejectIn,
    "pick": fulfillments.PickIn,
    "pack": fulfillments.PackIn,
    "ship": fulfillments.ShipIn,
}
_ON_PARCEL: dict[str, Any] = {
    "tracking": fulfillments.TrackingIn,
    "deliver": fulfillments.DeliverIn,
    "lose": fulfillments.LoseIn,
    "return": fulfillments.ReturnIn,
}
_ON_STOCK: dict[str, Any] = {
    "receive": stock.ReceiveIn,
    "count": stock.CountIn,
    "adjust": stock.AdjustIn,
    "sell": stock.SellIn,
}
_PATH = re.compile(r"/orders/([^/]+)(?:/fulfillments/([^/]+))?(?:/parcels/([^/]+))?/(\w+)")


def demo_setup() -> Setup:
    """The demo's folder, which has no mistakes."""
    found = read_folder({path.name: path.read_bytes() for path in FOLDER.iterdir()})
    assert found.faults == ()
    return found.pools[0]


class World:
    """The demo's pool in an engine, with its shoppers and partners; time moves in steps of five minutes."""

    def __init__(self, seed: int = 1) -> None:
        setup = demo_setup()
        draws = self._draws = Draws(seed)
        self.shop = Shop("demo")
        self.shop.now_ms = START_MS
        self.asked: list[Ask] = []
        self.refused: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self._open(setup)
        places = self._places = tuple(_seen_place(place) for place in setup.locations or ())
        par = {(line.sku, line.location_id): line.quantity for line in setup.opening or ()}
        articles = [Article(item.sku, price_minor(item.sku)) for item in setup.catalogue or ()]
        self.shoppers = Shoppers(draws, articles, base=1_000)
        self.partners = Partners(draws, places)
        self.shelves = Shelves(draws, places, par, 1_000, START_MS)
        self._later: list[Ask] = []
        self._skus = [article.sku for article in articles]

    def run(self, count: int, over_ms: int) -> None:
        """Let so many orders come, evenly over a time."""
        begin_ms = self.shop.now_ms
        placed = 0
        while placed < count:
            self.step()
            while placed < count and begin_ms + placed * over_ms // count <= self.shop.now_ms:
                self._later += self.shoppers.order(placed, self.shop.now_ms)
                placed += 1

    def run_out(self, most_ms: int = 60 * DAY_MS) -> None:
        """Let no more orders come, and go on until nothing is open."""
        end_ms = self.shop.now_ms + most_ms
        while (self._later or self.partners.open_orders) and self.shop.now_ms < end_ms:
            self.step()

    def step(self) -> None:
        self.shop.later(_STEP_MS)
        now_ms = self.shop.now_ms
        told = self.shop.do(c.Tick)
        for order_id in told.others:
            # Reservations that expired, holds that ended.
            self.partners.see(self.seen(order_id), now_ms)
        if now_ms // (12 * _STEP_MS) != (now_ms - _STEP_MS) // (12 * _STEP_MS):
            self.shelves.see([self._seen_sku(sku) for sku in self._skus], now_ms)
        due = [ask for ask in self._later if ask.at_ms <= now_ms]
        self._later = [ask for ask in self._later if ask.at_ms > now_ms]
        for ask in [*due, *self.partners.take(now_ms), *self.shelves.take(now_ms)]:
            self.ask(ask)

    def ask(self, ask: Ask) -> None:
        """Send what is asked, and show what came of it to whoever asked."""
        self.asked.append(ask)
        told = self.shop.send(self._command(ask))
        if told.refusal is not None:
            self.refused[f"{ask.path.rpartition('/')[2]}: {told.refusal.code}"] += 1
            self.partners.refused(ask)
        elif told.order_id:
            self.partners.see(self.seen(told.order_id), max(ask.at_ms, self.shop.now_ms - _STEP_MS))
        self.statuses.update({self.order(told.order_id).status.value} if told.order_id else ())
        for other in told.others:
            self.partners.see(self.seen(other), self.shop.now_ms)

    def fresh_partners(self) -> Partners:
        """Partners who have seen nothing yet, as after a restart."""
        return Partners(self._draws, self._places)

    def orders(self) -> list[Order]:
        """All there ever were: those in the table, and the last pictures of those that have closed."""
        here = [decode_order(row) for key, row in self.shop.engine.rows.items() if key[:1] == order_key("")[:1]]
        told = (event for update in self.shop.told for event in update.events)
        closed = {event.order_id: event.order for event in told if isinstance(event, OrderClosed)}
        return [*here, *closed.values()]

    def order(self, order_id: str) -> Order:
        """As the views have it: its row, or, once it has closed, its last picture."""
        row = self.shop.engine.rows.get(order_key(order_id))
        if row is not None:
            return decode_order(row)
        told = (event for update in reversed(self.shop.told) for event in update.events)
        return next(e.order for e in told if isinstance(e, OrderClosed) and e.order_id == order_id)

    def seen(self, order_id: str) -> SeenOrder:
        """An order as the API answers it."""
        return msgspec.convert(present_order(self.order(order_id)), SeenOrder)

    def _command(self, ask: Ask) -> Any:
        number = len(self.asked)
        envelope = Envelope(f"k{number}", self.shop.pool, self.shop.now_ms, f"key:{ask.who}", "")
        found = _PATH.fullmatch(ask.path)
        if found is not None:
            order, fulfillment, parcel, action = found.groups()
            on = [key for key in (order, fulfillment, parcel) if key]
            kind = (_ON_ORDER, _ON_FULFILLMENT, _ON_PARCEL)[len(on) - 1][action]
            return _body(kind, ask).command(envelope, *on)
        if ask.path.startswith("/stock/"):
            return _body(_ON_STOCK[ask.path.rpartition("/")[2]], ask).command(envelope)
        kind = content.ReservationIn if ask.path == "/reservations" else content.OrderIn
        customer = Customer(customer_id=ask.body["customer"]["customer_id"])
        return _body(kind, ask).command(envelope, customer)

    def _open(self, setup: Setup) -> None:
        shop = self.shop
        shop.do(c.PutPool, currency=setup.head.currency, name=setup.head.name)
        shop.do(c.PutChannels, channels=setup.channels)
        shop.do(c.PutLocations, locations=setup.locations)
        assert setup.policy is not None
        shop.do(c.PutPolicy, policy=msgspec.structs.replace(setup.policy, version=2, at_risk_before_ms=DAY_MS))
        shop.do(c.PutCatalogue, items=setup.catalogue)
        for line in setup.opening or ():
            shop.stock(line.sku, line.location_id, line.quantity)

    def _seen_sku(self, sku: str) -> SeenSku:
        view = self.shop.sku_view(sku)
        levels = tuple(
            SeenLevel(location_id=level.location_id, on_hand=level.on_hand, available=level.available)
            for level in view.levels
        )
        return SeenSku(sku=sku, waiting=view.waiting, levels=levels)


def _body(kind: Any, ask: Ask) -> Any:
    """The body as it is sent; every time is before the clock's start, and so stays as it is."""
    return kind.model_validate_json(json.dumps(body_of(ask, Clock(2 * START_MS, 1))))


def _seen_place(place: Location) -> SeenLocation:
    latitude, longitude = degrees_of(place.position or Position(x=0, y=0, z=0))
    return SeenLocation(
        location_id=place.location_id,
        kind=place.kind.value,
        time_zone=place.time_zone,
        position=SeenPosition(latitude=latitude, longitude=longitude),
    )
