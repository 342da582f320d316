"""Synthetic orders as a retailer's first million would be: 40 locations, six channels, SKUs of which few sell most."""

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from models.ids import fulfillment_id, order_id
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Parcel, ParcelStatus
from models.records.hold import Hold, HoldType
from models.records.line import Line, UnitsOfLine
from models.records.order import Customer, Order, OrderStatus, StoryEntry
from models.records.place import Destination

POOL = "europe"
CHANNELS = {"shop-de": 40, "shop-fr": 20, "marketplace": 25, "till": 10, "b2b": 4, "old-shop": 1}
LOCATIONS = (*(f"store-{number:02d}" for number in range(36)), "berlin", "lyon", "third-party", "drop-ship")
SKUS = tuple(f"SKU-{number:05d}" for number in range(5_000))
FIRST_MS = 1_700_000_000_000
STEP_MS = 60_000
OPEN_SHARE = 0.03
_SHIPPED = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})
_NOWHERE = frozenset({OrderStatus.HELD, OrderStatus.BACKORDERED, OrderStatus.CANCELLED})
_FIRST_NAMES = ("Ada", "Bruno", "Chiara", "Dmitri", "Élodie", "Farid", "Greta", "Hugo", "Ines", "Jonas")
_SYLLABLES = ("mar", "ten", "lu", "sch", "ber", "ko", "vi", "dal", "ren", "os", "hau", "fin", "gra", "tz", "el")


class Person(NamedTuple):
    """Who buys."""

    name: str
    email: str
    phone: str


class New(NamedTuple):
    """What is drawn of an order before it is made."""

    number: int
    channel: str
    skus: tuple[str, ...]
    location_ids: tuple[str, ...]
    customer: Customer | None
    status: OrderStatus


def person(number: int) -> Person:
    """Give a customer by number: names repeat as names do, addresses and phones do not."""
    draw = random.Random(number)
    family = "".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4))).capitalize()
    first = draw.choice(_FIRST_NAMES)
    return Person(
        f"{first} {family}", f"{first}.{family}.{number}@example.org".lower(), f"+49 30 {10_000_000 + number}"
    )


def orders(count: int, *, seed: int, customers: list[Customer]) -> Iterator[Order]:
    """Give orders in order of time; the newest are open, the others closed."""
    draw = random.Random(seed)
    skus = list(accumulate(1 / (rank + 20) for rank in range(len(SKUS))))
    places = list(accumulate([2] * 36 + [60, 40, 20, 8]))
    channels = list(accumulate(CHANNELS.values()))
    for number in range(count):
        channel = draw.choices(list(CHANNELS), cum_weights=channels)[0]
        if channel == "old-shop" and number > count // 2:
            channel = "shop-de"
        chosen = draw.choices(SKUS, cum_weights=skus, k=draw.choice((1, 1, 1, 2, 2, 3)))
        location_ids = draw.choices(LOCATIONS, cum_weights=places, k=2 if draw.random() < 1 / 12 else 1)
        new = New(
            number,
            channel,
            tuple(dict.fromkeys(chosen)),
            tuple(sorted(set(location_ids))),
            customers[draw.randrange(len(customers))] if customers and channel != "till" else None,
            _status(draw, is_open=number >= count * (1 - OPEN_SHARE)),
        )
        yield _order(draw, new)


def external_id_of(channel: str, number: int) -> str:
    """Give what a channel calls its order."""
    return f"{channel[:2].upper()}-{1_000_000 + number}"


def tracking_number_of(number: int) -> str:
    """Give the tracking number of an order's first parcel."""
    return f"JJD1{number:012d}"


def _order(draw: random.Random, new: New) -> Order:
    placed_at_ms = FIRST_MS + new.number * STEP_MS + draw.randrange(STEP_MS)
    external_id = external_id_of(new.channel, new.number)
    identity = order_id(POOL, new.channel, external_id)
    lines = tuple(_line(place, sku, new.status) for place, sku in enumerate(new.skus, start=1))
    parts = () if new.status in _NOWHERE else new.location_ids
    shipped = new.status in _SHIPPED
    return Order(
        order_id=identity,
        pool=POOL,
        channel=new.channel,
        external_id=external_id,
        currency="EUR",
        status=new.status,
        lines=lines,
        destination=Destination(country="DE", postcode=f"{10_000 + draw.randrange(9_000)}", region="BE"),
        placed_at_ms=placed_at_ms,
        version=6,
        offset=new.number,
        index=0,
        updated_at_ms=placed_at_ms + 86_400_000,
        customer=new.customer,
        promise_by_ms=placed_at_ms + 3 * 86_400_000,
        total_minor=1_999 * len(lines),
        holds=_holds(new.status, placed_at_ms),
        fulfillments=tuple(_fulfillment(identity, place, name, new) for place, name in enumerate(parts, 1)),
        parcels=tuple(_parcel(identity, place, new) for place in range(1, len(parts) + 1)) if shipped else (),
        at_risk=new.status is OrderStatus.ROUTED and draw.random() < 1 / 20,
        story=tuple(StoryEntry(at_ms=placed_at_ms, event=event, actor="key:shop") for event in ("placed", "routed")),
    )


def _line(place: int, sku: str, status: OrderStatus) -> Line:
    return Line(
        line_id=str(place),
        sku=sku,
        quantity=1,
        unit_price_minor=1_999,
        amount_minor=1_999,
        tax_minor=319,
        cancelled=int(status is OrderStatus.CANCELLED),
        waiting=int(status in _NOWHERE and status is not OrderStatus.CANCELLED),
        allocated=int(status is OrderStatus.ROUTED),
        shipped=int(status in _SHIPPED),
        delivered=int(status is OrderStatus.DELIVERED),
    )


def _status(draw: random.Random, *, is_open: bool) -> OrderStatus:
    if not is_open:
        ended = (OrderStatus.DELIVERED, OrderStatus.SHIPPED, OrderStatus.CANCELLED)
        return draw.choices(ended, weights=(92, 2, 6))[0]
    going = (OrderStatus.ROUTED, OrderStatus.HELD, OrderStatus.BACKORDERED, OrderStatus.SHIPPED)
    return draw.choices(going, weights=(60, 3, 7, 30))[0]


def _holds(status: OrderStatus, at_ms: int) -> tuple[Hold, ...]:
    held = status is OrderStatus.HELD
    return (Hold(type=HoldType.FRAUD_REVIEW, applied_at_ms=at_ms, actor="key:shop"),) if held else ()


def _fulfillment(order: str, sequence: int, location_id: str, new: New) -> Fulfillment:
    shipped = new.status in _SHIPPED
    return Fulfillment(
        fulfillment_id=fulfillment_id(order, sequence),
        location_id=location_id,
        status=FulfillmentStatus.DELIVERED if shipped else FulfillmentStatus.ACCEPTED,
        lines=tuple(
            FulfillmentLine(line_id=str(place), sku=sku, shipped=int(shipped)) for place, sku in enumerate(new.skus, 1)
        ),
        routed_at_ms=FIRST_MS,
    )


def _parcel(order: str, sequence: int, new: New) -> Parcel:
    return Parcel(
        parcel_id=f"{order}-p{sequence}",
        fulfillment_id=fulfillment_id(order, sequence),
        units=tuple(UnitsOfLine(line_id=str(place), quantity=1) for place in range(1, len(new.skus) + 1)),
        status=ParcelStatus.DELIVERED,
        shipped_at_ms=FIRST_MS,
        carrier="DHL",
        tracking_number=tracking_number_of(new.number) if sequence == 1 else "",
    )
