"""Who orders what when: four channels with the rhythm of their day, shoppers all over the country."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pipelines.demo.asks import Ask
from pipelines.demo.clock import DAY_MS, HOUR_MS, MINUTE_MS
from pipelines.demo.draws import Draws
from pipelines.demo.people import FIRMS, PEOPLE, firm_of, person_of

CURRENCY = "USD"
RESERVED_MS = 30 * MINUTE_MS
_REFERENCE_ZONE = ZoneInfo("America/Chicago")
_FREE_SHIPPING_MINOR = 7_500
_SHIPPING_MINOR = 599


class Article(NamedTuple):
    """What is for sale: a SKU and its price."""

    sku: str
    price_minor: int


class Channel(NamedTuple):
    """A channel: how busy it is in each hour of the shopper's day, how its numbers look, and how its orders are."""

    channel_id: str
    prefix: str
    hours: tuple[int, ...]
    lines: tuple[int, ...]
    """Drawn from evenly."""
    units: tuple[int, ...]
    promise_days: int
    is_business: bool = False
    is_sold: bool = False
    """Sold when we hear of it, so that it cannot be refused."""
    reserved_share: float = 0.0
    """Of its orders, how many are reserved first."""


def _hours(night: int, morning: int, midday: int, evening: int) -> tuple[int, ...]:
    return (*[night] * 6, *[morning] * 5, *[midday] * 7, *[evening] * 5, night)


CHANNELS = (
    Channel(
        channel_id="website",
        prefix="W",
        hours=_hours(8, 40, 60, 90),
        lines=(1, 1, 1, 1, 2, 2, 3, 4),
        units=(1, 1, 1, 1, 1, 1, 2),
        promise_days=4,
        reserved_share=0.12,
    ),
    Channel(
        channel_id="marketplace",
        prefix="MP",
        hours=_hours(10, 30, 40, 50),
        lines=(1, 1, 1, 1, 1, 1, 2),
        units=(1, 1, 1, 1, 2),
        promise_days=2,
        is_sold=True,
    ),
    Channel(
        channel_id="tills",
        prefix="T",
        hours=_hours(0, 6, 26, 16),
        lines=(1, 1, 2),
        units=(1, 1, 1, 2),
        promise_days=4,
    ),
    Channel(
        channel_id="b2b",
        prefix="PO",
        hours=_hours(0, 14, 12, 1),
        lines=(2, 3, 4, 5, 6),
        units=(4, 6, 6, 8, 10, 12, 20),
        promise_days=6,
        is_business=True,
    ),
)
_BUSIEST = max(sum(hours) for hours in zip(*(channel.hours for channel in CHANNELS), strict=True))
UNKNOWN_SKU_SHARE = 0.004
"""Of the marketplace's orders, those that name a SKU which the catalogue does not have."""
NOT_PLACED_SHARE = 0.15
"""Of what was reserved, how much is left to expire."""


class Shoppers:
    """Orders by number. `base` makes their external ids new in each run of the demo."""

    def __init__(self, draws: Draws, articles: Sequence[Article], base: int) -> None:
        self._draws = draws
        self._articles = articles
        self._base = base
        # Zipf's law with a bent head: the best seller is wanted often, and still by a few in a hundred only.
        self._wanted = tuple(accumulate(1.0 / (rank + 8) for rank in range(len(articles))))

    def gap_seconds(self, number: int, orders_per_second: float, at_ms: int) -> float:
        """Give how long after order `number` the next one comes; the night is quieter, but never silent."""
        busy = sum(channel.hours[_hour(at_ms, _REFERENCE_ZONE)] for channel in CHANNELS) / _BUSIEST
        return self._draws.waiting(1.0 / (orders_per_second * (0.6 + 0.7 * busy)), number, "gap")

    def order(self, number: int, at_ms: int) -> list[Ask]:
        """Give what a shopper asks: an order, or a reservation that most follow with the order."""
        draws = self._draws
        channel = self._channel(number, at_ms)
        body = self._body(channel, number)
        external_id = body["external_id"]
        promised = {"placed_at": at_ms, "promise_by": at_ms + channel.promise_days * DAY_MS}
        if not draws.happens(channel.reserved_share, number, "reserved"):
            return [self._place(channel, body, at_ms, promised)]
        reserve = Ask(
            who=channel.channel_id,
            path="/reservations",
            key=f"{external_id}/reserve",
            at_ms=at_ms,
            body=body,
            instants=promised,
            seconds={"time_to_live_seconds": RESERVED_MS},
        )
        if draws.happens(NOT_PLACED_SHARE, number, "left"):
            return [reserve]
        later_ms = at_ms + int(draws.between(0.1, 0.6, number, "checkout") * RESERVED_MS)
        return [reserve, self._place(channel, body, later_ms, promised)]

    def _place(self, channel: Channel, body: dict[str, Any], at_ms: int, instants: dict[str, int]) -> Ask:
        return Ask(
            who=channel.channel_id,
            path="/orders",
            key=f"{body['external_id']}/place",
            at_ms=at_ms,
            body=body,
            instants=instants,
        )

    def _channel(self, number: int, at_ms: int) -> Channel:
        """By the hour where the shopper most likely is: the reference zone moved by up to two hours."""
        hour = _hour(at_ms + self._draws.below(4, number, "zone") * HOUR_MS - 2 * HOUR_MS, _REFERENCE_ZONE)
        weights = tuple(accumulate(channel.hours[hour] for channel in CHANNELS))
        return CHANNELS[bisect_left(weights, self._draws.share(number, "channel") * weights[-1])]

    def _body(self, channel: Channel, number: int) -> dict[str, Any]:
        draws = self._draws
        if channel.is_business:
            city, customer, destination = firm_of(draws, draws.below(FIRMS, number, "firm"))
        else:
            city, customer, destination = person_of(draws, draws.below(PEOPLE, number, "person"))
        lines = self._lines(channel, number, 0 if channel.is_business else city.tax_permille)
        goods_minor = sum(line["unit_price_minor"] * line["quantity"] for line in lines)
        return {
            "channel": channel.channel_id,
            "external_id": f"{channel.prefix}-{self._base + number}",
            "currency": CURRENCY,
            "lines": lines,
            "destination": destination,
            "customer": customer,
            "shipping_minor": 0 if goods_minor >= _FREE_SHIPPING_MINOR else _SHIPPING_MINOR,
            "priority": 1 if draws.happens(0.03, number, "priority") else 0,
            "sold": channel.is_sold,
        }

    def _lines(self, channel: Channel, number: int, tax_permille: int) -> list[dict[str, Any]]:
        draws = self._draws
        chosen: dict[str, Article] = {}
        for place in range(draws.one_of(channel.lines, number, "lines")):
            share = draws.share(number, "article", place) * self._wanted[-1]
            article = self._articles[bisect_left(self._wanted, share)]
            chosen[article.sku] = article
        lines = []
        for place, article in enumerate(chosen.values(), start=1):
            quantity = draws.one_of(channel.units, number, "units", place)
            goods_minor = article.price_minor * quantity
            discount_minor = goods_minor // 10 if draws.happens(0.12, number, "discount", place) else 0
            lines.append(
                {
                    "line_id": str(place),
                    "sku": article.sku,
                    "quantity": quantity,
                    "unit_price_minor": article.price_minor,
                    "discount_minor": discount_minor,
                    "tax_minor": (goods_minor - discount_minor) * tax_permille // 1_000,
                }
            )
        if channel.is_sold and draws.happens(UNKNOWN_SKU_SHARE, number, "unknown"):
            lines[0]["sku"] = f"{lines[0]['sku']}-OLD"
        return lines


def _hour(at_ms: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone).hour
