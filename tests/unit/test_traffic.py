import time
from collections import Counter
from functools import cache

import msgspec

from models.commands import (
    AnyCommand,
    CancelUnits,
    PickFulfillment,
    PlaceOrder,
    PutPolicy,
    PutPool,
    ReceiveStock,
    ShipParcel,
    decode,
)
from models.commands import encode as encode_command
from models.ids import fulfillment_id, order_id
from pipelines.traffic.set_up import set_up
from pipelines.traffic.stream import CHANNEL, Traffic
from pipelines.traffic.workload import Shelf, Workload, shelf_of

NOW_MS = 1_700_000_000_000
WORKLOAD = Workload(follow_up_after=100)


@cache
def shelf() -> Shelf:
    return shelf_of(WORKLOAD)


def commands(count: int, *, run: str = "r") -> list[AnyCommand]:
    traffic = Traffic(WORKLOAD, shelf(), "p1", run)
    return [decode(raw) for raw in traffic.take(count, NOW_MS).commands]


def test_every_command_is_what_the_core_reads() -> None:
    traffic = Traffic(WORKLOAD, shelf(), "p1", "r")

    for raw in traffic.take(5_000, NOW_MS).commands:
        assert msgspec.json.decode(encode_command(decode(raw))) == msgspec.json.decode(raw)


def test_the_same_seed_gives_the_same_commands() -> None:
    first, again = (Traffic(WORKLOAD, shelf_of(WORKLOAD), "p1", "r").take(3_000, NOW_MS) for _ in range(2))

    assert first == again


def test_seven_orders_to_three_others_of_five_kinds() -> None:
    kinds = Counter(type(command).__name__ for command in commands(50_000))

    assert kinds["PlaceOrder"] == 35_000
    others = {name: count for name, count in kinds.items() if name != "PlaceOrder"}
    assert sum(others.values()) == 15_000
    assert set(others) == {"SellAtTill", "CountStock", "CancelUnits", "PickFulfillment", "ShipParcel"}
    assert min(others.values()) > 2_900


def test_orders_have_the_lines_of_the_workload() -> None:
    orders = [command for command in commands(50_000) if isinstance(command, PlaceOrder)]
    short = {shelf().skus[rank] for rank in shelf().short}
    lines = [line for order in orders for line in order.lines]

    assert abs(len(lines) / len(orders) - 1.8) < 0.02
    assert abs(sum(line.sku in short for line in lines) / len(lines) - 0.05) < 0.007


def test_follow_ups_name_orders_that_were_placed_long_enough_ago() -> None:
    placed: dict[str, int] = {}
    followed = 0
    for command in commands(20_000):
        if isinstance(command, PlaceOrder):
            placed[order_id("p1", CHANNEL, command.external_id)] = len(placed)
        if isinstance(command, CancelUnits | PickFulfillment | ShipParcel):
            followed += 1
            assert placed[command.order_id] <= len(placed) - WORKLOAD.follow_up_after
        if isinstance(command, PickFulfillment | ShipParcel):
            assert command.fulfillment_id == fulfillment_id(command.order_id, 1)
    assert followed > 3_000


def test_what_is_shipped_was_picked_and_not_cancelled() -> None:
    everything = commands(20_000)
    picked = {command.order_id for command in everything if isinstance(command, PickFulfillment)}
    cancelled = {command.order_id for command in everything if isinstance(command, CancelUnits)}
    shipped = [command.order_id for command in everything if isinstance(command, ShipParcel)]

    assert set(shipped) <= picked
    assert not picked & cancelled
    assert len(shipped) == len(set(shipped))


def test_ids_of_two_runs_differ() -> None:
    first = {command.command_id for command in commands(1_000, run="a")}

    assert first.isdisjoint(command.command_id for command in commands(1_000, run="b"))
    assert len(first) == 1_000


def test_order_numbers_of_a_batch_give_the_ids() -> None:
    traffic = Traffic(WORKLOAD, shelf(), "p1", "r")
    traffic.take(10, NOW_MS)
    batch = traffic.take(20, NOW_MS)
    orders = [c for c in map(decode, batch.commands) if isinstance(c, PlaceOrder)]

    assert (batch.first_order, batch.end_order) == (7, 21)
    assert [order_id("p1", CHANNEL, order.external_id) for order in orders] == [
        traffic.order_id(number) for number in range(7, 21)
    ]


def test_set_up_opens_the_pool_and_stocks_every_sku_once() -> None:
    everything = list(set_up(WORKLOAD, shelf(), "p1", "r", NOW_MS))
    lines = [line for command in everything if isinstance(command, ReceiveStock) for line in command.lines]

    assert isinstance(everything[0], PutPool)
    assert [c.policy.version for c in everything if isinstance(c, PutPolicy)] == [2]
    assert len({line.sku for line in lines}) == 5_000
    assert len(lines) == sum(len(cells) for cells in shelf().opening)
    for command in everything:
        assert decode(encode_command(command)) == command


def test_generating_takes_little_of_a_processor() -> None:
    traffic = Traffic(WORKLOAD, shelf(), "p1", "r")
    started = time.process_time()
    traffic.take(20_000, NOW_MS)
    each_seconds = (time.process_time() - started) / 20_000

    # 2,900 commands a second would be 15 % of a core at 52 microseconds each; a busy machine gets some room.
    assert each_seconds < 100e-6
