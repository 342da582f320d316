import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from api.views import pulse
from api.views.rows import Record, readers
from api.views.store import ViewStore
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from models.topics import catalogue

POOL = "europe"
TOPICS = catalogue()
MINUTE = 29_000_000
LOCATIONS = ("berlin", "hamburg")
OPEN = {"allocated", "accepted", "picked", "packed", "ready"}
SETTLED = {"reserved", "shipped", "delivered", "cancelled", "expired"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ViewStore]:
    made = ViewStore(tmp_path / "views.db", readers(TOPICS))
    yield made
    made.close()


def order(number: int, offset: int = 1, **more: object) -> Order:
    fields = {
        "order_id": f"o{number}",
        "pool": POOL,
        "channel": "shop",
        "external_id": str(number),
        "currency": "EUR",
        "status": OrderStatus.ROUTED,
        "lines": (),
        "destination": Destination(country="DE"),
        "placed_at_ms": MINUTE * pulse.MINUTE_MS,
        "version": offset,
        "offset": offset,
        "index": 0,
        "updated_at_ms": offset,
    }
    return Order(**(fields | more))  # type: ignore[arg-type] # Each has its field's type.


def fulfillment(location_id: str, status: FulfillmentStatus, capacity_day: int = 739_000) -> Fulfillment:
    return Fulfillment(
        fulfillment_id="f", location_id=location_id, status=status, lines=(), routed_at_ms=1, capacity_day=capacity_day
    )


def store_all(store: ViewStore, *orders: Order) -> None:
    rows = [Record(TOPICS.order_views.name, 0, one.offset, msgspec.json.encode(one)) for one in orders]
    store.apply(rows, {})


def test_orders_are_counted_in_the_minute_they_were_placed_in(store: ViewStore) -> None:
    last = MINUTE * pulse.MINUTE_MS
    store_all(store, order(1), order(2), order(3, placed_at_ms=last - 1), order(4, placed_at_ms=last - 3_600_000))

    assert pulse.orders_by_minute(store.connection(), POOL, MINUTE, 3) == [0, 1, 2]
    assert pulse.orders_by_minute(store.connection(), "other", MINUTE, 3) == [0, 0, 0]


def test_open_fulfillments_are_counted_by_location_and_status(store: ViewStore) -> None:
    accepted, shipped = FulfillmentStatus.ACCEPTED, FulfillmentStatus.SHIPPED
    store_all(
        store,
        order(1, fulfillments=(fulfillment("berlin", accepted), fulfillment("hamburg", shipped))),
        order(2, fulfillments=(fulfillment("berlin", accepted), fulfillment("berlin", accepted))),
        order(3, fulfillments=(fulfillment("berlin", FulfillmentStatus.REJECTED),)),
    )
    connection = store.connection()

    assert pulse.open_fulfillments(connection, POOL) == {("berlin", "accepted"): 3}
    assert pulse.taken_of_day(connection, POOL, "berlin", 739_000) == 3
    assert pulse.taken_of_day(connection, POOL, "hamburg", 739_000) == 1
    assert pulse.taken_of_day(connection, POOL, "hamburg", 739_001) == 0


def test_of_the_orders_at_risk_the_earliest_promises_are_given(store: ViewStore) -> None:
    promised = [order(number, promise_by_ms=1_000 - number, at_risk=True) for number in range(5)]
    left = order(5, promise_by_ms=1, at_risk=True, status=OrderStatus.SHIPPED)
    store_all(store, *promised, left, order(6, promise_by_ms=2))

    found = pulse.orders_at_risk(store.connection(), POOL, 2)

    assert found.total == 5
    assert [msgspec.json.decode(body)["order_id"] for body in found.bodies] == ["o4", "o3"]


def test_a_row_that_comes_again_or_late_is_not_counted_twice(store: ViewStore) -> None:
    newer = order(1, offset=9, status=OrderStatus.SHIPPED)
    store_all(store, order(1), newer, order(1), newer)

    assert pulse.orders_by_status(store.connection(), POOL) == {"shipped": 1}


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_to_orders_the_counts_are_those_of_their_rows(store: ViewStore, seed: int) -> None:
    draw = random.Random(seed)
    newest: dict[str, Order] = {}
    for offset in range(1, 400):
        parts = [
            fulfillment(
                draw.choice(LOCATIONS), draw.choice(list(FulfillmentStatus)), draw.choice([0, 739_000, 739_001])
            )
            for _ in range(draw.randrange(4))
        ]
        one = order(
            draw.randrange(30),
            offset,
            status=draw.choice(list(OrderStatus)),
            placed_at_ms=(MINUTE + draw.randrange(3)) * pulse.MINUTE_MS,
            promise_by_ms=draw.choice([None, draw.randrange(10**9)]),
            at_risk=draw.random() < 0.3,
            fulfillments=tuple(parts),
        )
        before = newest.get(one.order_id, one)
        store_all(store, one, before)
        newest[one.order_id] = one

    rows = store.connection().execute("SELECT key, n FROM counts").fetchall()

    assert dict(rows) == Counter(key for one in newest.values() for key in keys_of(one))


def keys_of(one: Order) -> Iterator[str]:
    """What an order counts towards, said once more."""
    yield f"minute/{one.placed_at_ms // 60_000:012d}"
    yield f"status/{one.status}"
    if one.at_risk and one.promise_by_ms is not None and one.status not in SETTLED:
        yield "at-risk"
        yield f"risk/{one.promise_by_ms:015d}/{one.order_id}"
        for place in {part.location_id for part in one.fulfillments if part.status in OPEN}:
            yield f"queue-at/{place}/at-risk"
            yield f"in-queue-at/{place}/at-risk/{one.promise_by_ms:015d}/{one.order_id}"
    for part in one.fulfillments:
        if part.status in OPEN:
            yield f"open/{part.location_id}/{part.status}"
        if part.capacity_day and part.status not in {"rejected", "cancelled"}:
            yield f"day/{part.location_id}/{part.capacity_day}"
