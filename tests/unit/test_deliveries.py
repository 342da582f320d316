"""Rows of deliveries: made once however often an event is read, and sent in the order of their lane."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from api.control.database import ControlDatabase
from api.exchange.calling import Peer
from api.exchange.outbox import rows
from api.exchange.outbox.names import is_known_pattern, matches, name_of
from api.exchange.outbox.rows import Delivery, State
from api.exchange.outbox.target import Target
from api.exchange.outbox.telling import NewDelivery, deliveries_of
from connectors.frame.declaration import Limits
from connectors.frame.documents import OccasionKind
from models import events
from models.events import AnyEvent, Event
from models.records.line import UnitsOfLine
from models.updates import CommandUpdate

TARGET = "account/wms"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[ControlDatabase]:
    made = ControlDatabase(tmp_path / "control.db")
    made.connection().execute("INSERT INTO outbox_targets (target, pool) VALUES (?, 'p')", (TARGET,))
    yield made
    made.close()


def new(identity: str, lane: str, target: str = TARGET) -> NewDelivery:
    return NewDelivery(
        delivery_id=identity,
        target=target,
        pool="p",
        lane=lane,
        kind="event",
        event_id=identity,
        about="{}",
        occurred_at_ms=1,
    )


def due(database: ControlDatabase, now_ms: int = 10) -> list[str]:
    return [row.delivery_id for row in rows.due(database.connection(), TARGET, now_ms, 100)]


def row_of(database: ControlDatabase, identity: str) -> Delivery:
    found = rows.find(database.connection(), identity)
    assert found is not None
    return found


def add(database: ControlDatabase, *given: NewDelivery) -> int:
    return database.write(lambda connection: rows.add(connection, given, 5))


def end(database: ControlDatabase, identity: str, state: State = State.DONE) -> None:
    row = row_of(database, identity)
    database.write(lambda connection: rows.end(connection, row, state, 7, note="", reference=""))


def test_a_row_is_added_once(database: ControlDatabase) -> None:
    assert add(database, new("a1", "a"), new("a1", "a")) == 1
    assert add(database, new("a1", "a")) == 0
    end(database, "a1")
    assert add(database, new("a1", "a")) == 0
    assert due(database) == []


def test_of_a_lane_only_the_first_is_due_and_lanes_do_not_wait_for_each_other(database: ControlDatabase) -> None:
    add(database, new("a1", "a"), new("a2", "a"), new("b1", "b"), new("a3", "a"))
    assert due(database) == ["a1", "b1"]
    first = row_of(database, "a1")
    database.write(lambda connection: rows.put_off(connection, first, 100, "down"))
    assert due(database) == ["b1"]
    assert due(database, 100) == ["b1", "a1"]
    end(database, "a1")
    assert due(database) == ["a2", "b1"]
    end(database, "a2", State.REFUSED)
    assert due(database) == ["b1", "a3"]


def test_what_is_sent_again_goes_before_what_waits_in_its_lane(database: ControlDatabase) -> None:
    add(database, new("a1", "a"), new("a2", "a"))
    end(database, "a1")
    again = row_of(database, "a1")
    assert database.write(lambda connection: rows.reopen(connection, again, 8))
    assert not database.write(lambda connection: rows.reopen(connection, again, 8))
    assert due(database) == ["a1"]
    end(database, "a1")
    assert due(database) == ["a2"]


def test_numbers_have_no_gap_and_stay_at_each_attempt(database: ControlDatabase) -> None:
    add(database, *(new(f"a{number}", f"lane-{number}") for number in range(3)))

    def begin(identity: str) -> int | None:
        row = row_of(database, identity)
        return database.write(lambda connection: rows.begin(connection, row))

    assert [begin("a0"), begin("a0"), begin("a1")] == [1, 1, 2]
    unused = row_of(database, "a1")
    database.write(lambda connection: rows.give_back_number(connection, unused))
    assert row_of(database, "a1").number is None
    assert begin("a2") == 2


def target(**more: object) -> Target:
    values: dict[str, object] = {
        "name": TARGET,
        "pool": "p",
        "title": "",
        "since_ms": 100,
        "kinds": frozenset(OccasionKind),
        "peer": Peer(name="x", hosts=(), limits=Limits()),
        "channel": "shop",
        "location": "berlin",
        "actor": "connector:wms",
    }
    return Target(**(values | more))  # type: ignore[arg-type]


SHIPPED = events.ParcelShipped(
    order_id="o1",
    fulfillment_id="o1-1",
    parcel_id="P",
    location_id="berlin",
    units=(UnitsOfLine(line_id="1", quantity=1),),
    occurred_at_ms=7,
)


def update(*told: AnyEvent, **more: object) -> CommandUpdate:
    values: dict[str, object] = {
        "pool": "p",
        "offset": 9,
        "index": 0,
        "command_id": "c",
        "command": "ship",
        "at_ms": 5,
        "actor": "user:ann",
        "order_id": "o1",
        "order_version": 3,
        "events": told,
    }
    return CommandUpdate(**(values | more))  # type: ignore[arg-type]


def made_of(given: CommandUpdate, to: Target, *, at_ms: int = 100, channel: str | None = "shop") -> list[NewDelivery]:
    return list(deliveries_of(given, at_ms, (to,), lambda _: channel))


def test_a_record_that_is_read_again_makes_the_same_rows() -> None:
    given = update(SHIPPED, SHIPPED)
    first = made_of(given, target())

    assert first == made_of(given, target())
    assert len({row.delivery_id for row in first}) == 2
    assert {row.delivery_id for row in made_of(given, target(name="account/other"))}.isdisjoint(
        row.delivery_id for row in first
    )
    assert {row.delivery_id for row in made_of(update(SHIPPED, command_id="d"), target())}.isdisjoint(
        row.delivery_id for row in first
    )


@pytest.mark.parametrize(
    ("to", "given", "at_ms", "channel"),
    [
        (target(), update(SHIPPED), 99, "shop"),
        (target(pool="q"), update(SHIPPED), 100, "shop"),
        (target(), update(SHIPPED, actor="connector:wms"), 100, "shop"),
        (target(), update(SHIPPED), 100, "elsewhere"),
        (target(kinds=frozenset({OccasionKind.AVAILABILITY})), update(SHIPPED), 100, "shop"),
    ],
    ids=["before it was live", "another pool", "its own doing", "another channel", "not wanted"],
)
def test_what_an_account_is_not_told(to: Target, given: CommandUpdate, at_ms: int, channel: str) -> None:
    assert made_of(given, to, at_ms=at_ms, channel=channel) == []


def test_where_the_channel_is_not_known_yet_a_row_is_made_and_looked_at_when_it_is_sent() -> None:
    [row] = made_of(update(SHIPPED), target(), channel=None)

    assert (row.kind, row.order_id, row.order_version, row.lane) == ("parcel_shipped", "o1", 3, "o1")


def test_every_event_has_a_name_of_a_known_group_and_patterns_mean_it() -> None:
    class Named:
        def __init__(self, kind: type[Event]) -> None:
            self.__struct_config__ = kind.__struct_config__

    names = {name_of(Named(kind)) for kind in get_args(AnyEvent)}  # type: ignore[arg-type]

    assert len(names) == len(get_args(AnyEvent))
    assert {name for name in names if not is_known_pattern(name)} == set()
    for name in names:
        group = name.partition(".")[0]
        assert matches((f"{group}.*",), name)
        assert matches(("*",), name)
        assert not matches(("other.*", "order.nothing"), name)
    assert {"order.placed", "fulfillment.shipped", "parcel.delivered", "order.units_cancelled"} <= names
