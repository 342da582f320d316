"""Lists of work: who stands in which, since when, and that a page costs the same however long the list is."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.roles import Role
from api.views.queues import ALL_QUEUES, AT_RISK, OF_LOCATIONS, count_queues, read_queue
from api.views.rows import Record, readers
from api.views.store import ViewStore
from models.records.fulfillment import (
    Cancellation,
    CancellationStatus,
    CarrierStatus,
    Fulfillment,
    FulfillmentStatus,
    Parcel,
    ParcelStatus,
    Tracking,
)
from models.records.hold import Hold, HoldType
from models.records.line import Line
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from models.rules.holds import HOLD_RULES
from models.topics import catalogue
from tests.support.people import add_user, signed_in
from tests.support.system import System, place, shows

POOL = "europe"
TOPICS = catalogue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ViewStore]:
    made = ViewStore(tmp_path / "views.db", readers(TOPICS))
    yield made
    made.close()


def order(number: int, offset: int = 1, **more: Any) -> Order:
    fields: dict[str, Any] = {
        "order_id": f"o{number}",
        "pool": POOL,
        "channel": "shop",
        "external_id": str(number),
        "currency": "EUR",
        "status": OrderStatus.ROUTED,
        "lines": (),
        "destination": Destination(country="DE"),
        "placed_at_ms": 1_000 + number,
        "version": 1,
        "offset": offset,
        "index": 0,
        "updated_at_ms": 2_000,
    }
    return Order(**fields | more)


def put(store: ViewStore, *orders: Order) -> None:
    name = TOPICS.order_views.name
    store.apply([Record(name, 0, 1, msgspec.json.encode(one)) for one in orders], {(name, 0): 1})


def held(kind: HoldType, at_ms: int, **more: Any) -> Hold:
    return Hold(type=kind, applied_at_ms=at_ms, actor="x", **more)


def standing(store: ViewStore, *locations: str) -> dict[str, list[tuple[str, int]]]:
    """Order ids with since when, by queue, for the queues that hold any; the counters agree."""
    connection, bound = store.connection(), frozenset(locations) or None
    found = {}
    for name, count in count_queues(connection, POOL, bound).items():
        entries = read_queue(connection, POOL, name, after="", limit=1_000, locations=bound)
        assert count.orders == len(entries)
        assert count.oldest_ms == (entries[0].since_ms if entries else None)
        if entries:
            found[name] = [(msgspec.json.decode(one.body)["order_id"], one.since_ms) for one in entries]
    return found


def test_every_queue_of_a_hold_is_there_and_each_says_what_to_do() -> None:
    assert {rule.queue for rule in HOLD_RULES.values()} <= set(ALL_QUEUES)
    assert all(ALL_QUEUES.values())


@pytest.mark.parametrize("kind", HoldType)
def test_a_held_order_stands_in_the_queue_of_its_hold_since_it_was_put_on(store: ViewStore, kind: HoldType) -> None:
    put(store, order(1, holds=(held(kind, 50),)), order(2, holds=(held(kind, 40), held(kind, 30, line_id="1"))))

    assert standing(store) == {HOLD_RULES[kind].queue: [("o2", 30), ("o1", 50)]}
    put(store, order(1, offset=2), order(2, offset=2))
    assert standing(store) == {}


def test_units_that_wait_make_their_order_wait_but_not_a_cart_nor_what_has_ended(store: ViewStore) -> None:
    lines = (Line(line_id="1", sku="A", quantity=2, waiting=1),)
    statuses = (OrderStatus.BACKORDERED, OrderStatus.PARTIALLY_ROUTED, OrderStatus.RESERVED, OrderStatus.EXPIRED)
    put(store, *(order(number, lines=lines, status=status) for number, status in enumerate(statuses)))

    assert standing(store) == {"waiting": [("o0", 1_000), ("o1", 1_001)]}


def test_partners_that_do_not_answer_parcels_that_are_silent_and_what_lies_ready(store: ViewStore) -> None:
    def part(number: int, status: FulfillmentStatus, **more: Any) -> Fulfillment:
        name = f"o1-{number}"
        place = "berlin" if number == 1 else "hamburg"
        return Fulfillment(fulfillment_id=name, location_id=place, status=status, lines=(), routed_at_ms=1, **more)

    def parcel(name: str, status: ParcelStatus, *, silent: bool, heard_ms: int | None = None) -> Parcel:
        heard = None if heard_ms is None else Tracking(status=CarrierStatus.IN_TRANSIT, scanned_at_ms=heard_ms)
        return Parcel(
            parcel_id=name,
            fulfillment_id="o1-1",
            units=(),
            status=status,
            shipped_at_ms=90,
            silent=silent,
            tracking=heard,
        )

    def asked(status: CancellationStatus) -> Cancellation:
        return Cancellation(status=status, units=(), requested_at_ms=70, cause="customer")

    put(
        store,
        order(
            1,
            fulfillments=(
                part(1, FulfillmentStatus.ACCEPTED, cancellation=asked(CancellationStatus.REQUESTED)),
                part(2, FulfillmentStatus.READY, ready_at_ms=80),
            ),
            parcels=(
                parcel("a", ParcelStatus.IN_TRANSIT, silent=True),
                parcel("b", ParcelStatus.IN_TRANSIT, silent=True, heard_ms=95),
            ),
        ),
        order(
            2,
            fulfillments=(part(1, FulfillmentStatus.ACCEPTED, cancellation=asked(CancellationStatus.REJECTED)),),
            parcels=(
                parcel("c", ParcelStatus.DELIVERED, silent=True),
                parcel("d", ParcelStatus.IN_TRANSIT, silent=False),
            ),
        ),
    )

    assert standing(store) == {
        "cancellation-requested": [("o1", 70)],
        "ready-to-collect": [("o1", 80)],
        "silent-parcels": [("o1", 90)],
    }
    assert standing(store, "berlin") == {"cancellation-requested": [("o1", 70)], "silent-parcels": [("o1", 90)]}
    assert standing(store, "hamburg") == {"ready-to-collect": [("o1", 80)]}
    assert standing(store, "berlin", "hamburg") == standing(store)
    assert standing(store, "munich") == {}


@pytest.mark.parametrize("said", CarrierStatus)
def test_a_parcel_that_its_carrier_cannot_deliver_is_somebodys_work_until_it_has_ended(
    store: ViewStore, said: CarrierStatus
) -> None:
    def parcel(status: ParcelStatus) -> Parcel:
        heard = Tracking(status=said, scanned_at_ms=60)
        return Parcel(parcel_id="p", fulfillment_id="f", units=(), status=status, shipped_at_ms=50, tracking=heard)

    put(store, order(1, parcels=(parcel(ParcelStatus.IN_TRANSIT),)), order(2, parcels=(parcel(ParcelStatus.LOST),)))

    in_trouble = said in ("exception", "attempt_failed", "return_to_sender")
    assert standing(store) == ({"carrier-exceptions": [("o1", 60)]} if in_trouble else {})


def test_orders_at_risk_stand_by_their_promise(store: ViewStore) -> None:
    put(store, order(1, at_risk=True, promise_by_ms=900), order(2, at_risk=True, promise_by_ms=800), order(3))

    assert standing(store) == {AT_RISK: [("o2", 800), ("o1", 900)]}


def test_a_location_has_the_orders_at_risk_of_which_it_has_something_to_do_page_by_page(store: ViewStore) -> None:
    def part(location_id: str, status: FulfillmentStatus = FulfillmentStatus.ACCEPTED) -> Fulfillment:
        return Fulfillment(fulfillment_id=location_id, location_id=location_id, status=status, lines=(), routed_at_ms=1)

    def risky(number: int, *parts: Fulfillment) -> Order:
        other = held(HoldType.OTHER, 1)
        return order(number, at_risk=True, promise_by_ms=900 - number, fulfillments=parts, holds=(other,))

    both = (part("berlin"), part("hamburg"))
    put(store, risky(1, *both), risky(2, part("berlin")), risky(3, part("berlin", FulfillmentStatus.SHIPPED)), risky(4))
    bound = frozenset({"berlin", "hamburg"})
    pages, after = [], ""
    while entries := read_queue(store.connection(), POOL, AT_RISK, after=after, limit=1, locations=bound):
        pages += [(one.since_ms, one.location_id) for one in entries]
        after = entries[-1].place

    assert standing(store, "berlin") == {AT_RISK: [("o2", 898), ("o1", 899)]}
    assert standing(store, "hamburg") == {AT_RISK: [("o1", 899)]}
    assert pages == [(898, "berlin"), (899, "berlin"), (899, "hamburg")]
    put(store, order(1, offset=2, fulfillments=both), order(2, offset=2))
    assert standing(store, "berlin", "hamburg") == {}


def steps_of(connection: sqlite3.Connection, name: str) -> int:
    """How much work the database does for the counts and a page in the middle of a queue, in hundreds of its steps."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(step, 100)
    count_queues(connection, POOL)
    read_queue(connection, POOL, name, after=f"{500:015d}/o500/", limit=50)
    connection.set_progress_handler(None, 0)
    return steps


def test_a_page_costs_the_same_however_many_orders_there_are(store: ViewStore) -> None:
    connection = store.connection()
    lines = (Line(line_id="1", sku="A", quantity=1, waiting=1),)
    put(store, *(order(number, lines=lines, status=OrderStatus.BACKORDERED) for number in range(600)))
    few = steps_of(connection, "waiting")
    rows = ((POOL, f"in-queue/waiting/{10_000 + number:015d}/x{number}", 1) for number in range(200_000))
    connection.executemany("INSERT INTO counts VALUES (?, ?, ?)", rows)
    many = steps_of(connection, "waiting")

    assert few > 0
    assert many < 2 * few


# ------------------------------------------------------------ over HTTP


async def read(system: System, name: str, **params: str) -> Any:
    answer = await system.client.get(f"{system.path}/queues/{name}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_queues_are_listed_with_counts_and_read_in_pages_oldest_first(stocked: System) -> None:
    for number in range(3):
        made = await place(stocked, str(number), 1)
        url = f"{stocked.path}/orders/{made['order_id']}/hold"
        assert (await stocked.client.post(url, json={"hold": "fraud_review"})).status_code == 200
    await place(stocked, "waits", 90)
    url = f"{stocked.path}/queues"
    await shows(
        stocked,
        url,
        lambda read: {one["name"]: one["orders"] for one in read["queues"] if one["orders"]},
        {"fraud": 3, "waiting": 1},
    )
    first = await read(stocked, "fraud", limit="2")
    rest = await read(stocked, "fraud", cursor=first["next_cursor"])
    listed = (await stocked.client.get(url)).json()["queues"]

    assert [one["order"]["external_id"] for one in first["entries"]] == ["0", "1"]
    assert ([one["order"]["external_id"] for one in rest["entries"]], rest["next_cursor"]) == (["2"], None)
    assert first["entries"][0]["since"] == first["entries"][0]["order"]["holds"][0]["applied_at"]
    assert (first["name"], first["orders"], first["oldest_since"]) == ("fraud", 3, first["entries"][0]["since"])
    assert [one["name"] for one in listed] == list(ALL_QUEUES)
    assert (await read(stocked, "approval"))["entries"] == []


async def test_those_bound_to_a_location_have_the_queues_of_its_work_and_no_other(stocked: System) -> None:
    made = await place(stocked, "here", 1)
    part = made["fulfillments"][0]["fulfillment_id"]
    url = f"{stocked.path}/orders/{made['order_id']}/fulfillments/{part}"
    scan = {"status": "exception", "occurred_at": "2026-11-21T09:00:00Z"}
    for step, body in [("ship", {"parcel_id": "P-1"}), ("parcels/P-1/scan", scan)]:
        assert (await stocked.client.post(f"{url}/{step}", json=body)).status_code == 200
    await shows(stocked, f"{stocked.path}/queues/carrier-exceptions", lambda read: read["orders"], 1)
    found = []
    for location_id in ("berlin", "hamburg"):
        floor = add_user(stocked, f"{location_id}-{stocked.pool}", Role.FLOOR, locations=(location_id,))
        async with signed_in(stocked, floor) as client:
            listed = (await client.get(f"{stocked.path}/queues")).json()["queues"]
            read = (await client.get(f"{stocked.path}/queues/carrier-exceptions")).json()
            fraud = await client.get(f"{stocked.path}/queues/fraud")
        found.append(({one["name"]: one["orders"] for one in listed if one["orders"]}, read["entries"]))
        assert [one["name"] for one in listed] == list(OF_LOCATIONS)
        assert (fraud.status_code, fraud.json()["code"]) == (404, "queue_unknown")

    (here, [entry]), there = found
    assert (here, entry["order"]["order_id"]) == ({"carrier-exceptions": 1}, made["order_id"])
    assert there == ({}, [])


async def test_a_queue_that_there_is_not_is_named_and_so_are_those_that_there_are(stocked: System) -> None:
    answer = await stocked.client.get(f"{stocked.path}/queues/none")

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (404, "queue_unknown", "name")
    assert "ready-to-collect" in answer.json()["detail"]
