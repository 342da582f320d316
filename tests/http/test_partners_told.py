"""Partners and channels of a running system: what they are told, once, in order, whatever they do."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

from tests.support.outbox import all_ended, connect, rows_of, sending
from tests.support.partner import Answer, Got, Partner, partner, until
from tests.support.system import SKU, System, place

_NOT_THERE = Answer(404)


class Warehouse:
    """A partner's books: what was put there, by its id, and how often it was done."""

    def __init__(self, receiver: Partner, seed: int | None = None) -> None:
        self.put: dict[str, Any] = {}
        self.effects: list[str] = []
        self._draw = random.Random(seed)
        self._is_wild = seed is not None
        self.working = True
        receiver.otherwise = self.answer

    def answer(self, got: Got) -> Answer:
        identity = got.path.rpartition("/")[2]
        if not self.working:
            return Answer(503)
        if got.method == "GET":
            return Answer(200) if identity in self.put else _NOT_THERE
        drawn = self._draw.random() if self._is_wild else 1.0
        if drawn < 0.2:
            return Answer(500)
        if identity not in self.put:
            self.put[identity] = json.loads(got.body)
            self.effects.append(identity)
        if drawn < 0.35:
            return Answer(lost=True)
        return Answer(201, after_seconds=1.5 if drawn < 0.4 else self._draw.random() / 20)

    def kinds(self, fulfillment_id: str) -> list[str]:
        return [self.put[one]["kind"] for one in self.effects if self.put[one]["fulfillment"] == fulfillment_id]


def states(system: System, target: str) -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in rows_of(system, target)]


async def post(system: System, order: Any, path: str, body: Any) -> Any:
    answer = await system.client.post(f"{system.path}/orders/{order['order_id']}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_partner_is_asked_for_its_part_with_the_address_from_the_vault_and_rows_hold_none_of_it(
    stocked: System,
) -> None:
    customer = {
        "customer_id": "c-ada", "name": "Ada Muster", "email": "ada@example.org",
        "address_lines": ["Musterweg 1", "10115 Berlin", "DE"],
    }  # fmt: skip
    async with partner() as receiver, sending(stocked):
        warehouse, target = Warehouse(receiver), connect(stocked, "warehouse-toy", to=receiver)
        order = await place(stocked, "P-1", 2, customer=customer)
        await until(lambda: all_ended(stocked, target, 1), "it is told")

    [told] = warehouse.put.values()
    assert (told["name"], told["street"], told["city"]) == ("Ada Muster", ["Musterweg 1"], "Berlin")
    assert (told["lines"], told["number"]) == ([[SKU, 2]], 1)
    assert told["fulfillment"] == order["fulfillments"][0]["fulfillment_id"]
    [row] = rows_of(stocked, target)
    assert (row.state, row.number, row.reference) == ("done", 1, row.delivery_id)
    everything = repr(stocked.services.control.connection().execute("SELECT * FROM deliveries").fetchall())
    assert "Muster" not in everything
    assert "ada@" not in everything


async def test_what_a_partner_repeats_of_a_person_does_not_get_into_the_log(stocked: System) -> None:
    customer = {"customer_id": "c-eve", "name": "Eve Echo", "email": "eve@example.org"}
    async with partner() as receiver, sending(stocked):
        receiver.otherwise = lambda _: Answer(422, b"no such person: Eve Echo <eve@example.org>")
        target = connect(stocked, "warehouse-toy", to=receiver)
        await place(stocked, "P-2", 1, customer=customer)
        await until(lambda: all_ended(stocked, target, 1), "it is refused")

    [row] = rows_of(stocked, target)
    # A busy machine may have had it asked before, in vain.
    logged, *_ = stocked.services.outbox.attempts(row.delivery_id)
    assert logged.answer == "no such person: [personal] <[personal]>"
    assert "Eve" not in row.note + logged.note
    assert stocked.services.outbox.connections(stocked.pool, 0)[0].last_error.count("Eve") == 0


async def test_a_wild_partner_has_every_document_once_and_in_order(stocked: System) -> None:
    async with partner() as receiver, sending(stocked, timeout_seconds=1.0):
        warehouse, target = Warehouse(receiver, seed=7), connect(stocked, "warehouse-toy", to=receiver)
        orders = [await place(stocked, f"W-{number}", 1) for number in range(6)]
        await until(lambda: len(rows_of(stocked, target)) == 6, "all rows are there")
        for order in orders[:3]:
            await post(stocked, order, "cancel", {})
        [shown] = stocked.services.outbox.connections(stocked.pool, 0)

        def hurried() -> bool:
            # Nobody waits for the breaker and the pauses between tries here.
            stocked.services.outbox.reset(shown, actor="test", now_ms=stocked.services.now_ms())
            return all_ended(stocked, target, 9)

        await until(hurried, "all are told", 60)

    assert len(warehouse.effects) == len(set(warehouse.effects))
    for order in orders:
        part = order["fulfillments"][0]["fulfillment_id"]
        assert warehouse.kinds(part) in (
            ["fulfillment_requested"],
            ["fulfillment_requested", "cancellation_requested"],
            # Of a request that failed each time nobody knows whether it arrived, so it is called off all the same.
            ["cancellation_requested"],
            [],
        )
    kept = [order["fulfillments"][0]["fulfillment_id"] for order in orders[3:]]
    assert [warehouse.kinds(part) for part in kept] == [["fulfillment_requested"]] * 3


async def test_what_is_called_off_before_it_was_told_is_not_told_at_all(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        warehouse, target = Warehouse(receiver), connect(stocked, "warehouse-toy", to=receiver)
        order = await place(stocked, "P-3", 1)
        await until(lambda: all_ended(stocked, target, 1), "it is told")
        held = await place(stocked, "P-4", 1, terms={"requested_at": "2035-01-01T00:00:00Z"})
        await until(lambda: len(rows_of(stocked, target)) == 2, "the row is there")
        await asyncio.sleep(0.5)
        assert [row.state for row in rows_of(stocked, target)] == ["done", "pending"]
        await post(stocked, held, "cancel", {})
        await until(lambda: all_ended(stocked, target, 3), "both are settled")

    assert states(stocked, target) == [
        ("fulfillment_requested", "done"),
        ("fulfillment_requested", "skipped"),
        ("cancellation_requested", "skipped"),
    ]
    assert warehouse.kinds(held["fulfillments"][0]["fulfillment_id"]) == []
    assert warehouse.kinds(order["fulfillments"][0]["fulfillment_id"]) == ["fulfillment_requested"]


async def test_an_account_in_shadow_is_told_nothing_and_a_live_one_nothing_of_before(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        warehouse, target = Warehouse(receiver), connect(stocked, "warehouse-toy", live=False, to=receiver)
        await place(stocked, "P-5", 1)
        await asyncio.sleep(0.5)
        connect(stocked, "warehouse-toy", to=receiver)
        await asyncio.sleep(1.2)
        order = await place(stocked, "P-6", 1)
        await until(lambda: all_ended(stocked, target, 1), "it is told")

    assert [one["fulfillment"] for one in warehouse.put.values()] == [order["fulfillments"][0]["fulfillment_id"]]


async def test_documents_lie_in_the_folder_whole_numbered_without_a_gap_and_once(
    stocked: System, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    target = connect(stocked, "folder-toy", folder=str(folder))
    async with sending(stocked):
        for number in range(4):
            await place(stocked, f"F-{number}", 1)
        await until(lambda: all_ended(stocked, target, 4), "all are written")
        # The partner takes the first away, and its end was not noted, as after a crash.
        (folder / "fulfillment_requested-1.json").unlink()
        stocked.services.control.write(
            lambda c: c.execute(
                "UPDATE deliveries SET state = 'pending', head = 1, reference = 'staged'"
                " WHERE target = ? AND number = 1",
                (target,),
            )
        )
        await until(lambda: all_ended(stocked, target, 4), "it is noted")

    assert sorted(path.name for path in folder.iterdir()) == [f"fulfillment_requested-{n}.json" for n in (2, 3, 4)]
    assert {row.number for row in rows_of(stocked, target)} == {1, 2, 3, 4}


async def test_a_channel_is_told_of_parcels_but_not_of_what_it_did_itself(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        warehouse, target = Warehouse(receiver), connect(stocked, "shop-toy", to=receiver)
        order = await place(stocked, "C-1", 1)
        other = await place(stocked, "C-2", 1, channel="elsewhere")
        for one in (order, other):
            part = one["fulfillments"][0]["fulfillment_id"]
            body = {"parcel_id": "P", "carrier": "dhl", "tracking_number": f"T-{one['external_id']}"}
            await post(stocked, one, f"fulfillments/{part}/ship", body)
        await until(lambda: any(one["kind"] == "parcel_shipped" for one in warehouse.put.values()), "it is told")
        await asyncio.sleep(0.3)

    told = [one["parcel"] for one in warehouse.put.values() if one["kind"] == "parcel_shipped"]
    assert told == ["T-C-1"]
    assert [row.kind for row in rows_of(stocked, target) if row.kind == "parcel_shipped"] == ["parcel_shipped"]


async def test_a_row_that_cannot_be_made_waits_and_the_others_go_on(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        warehouse, target = Warehouse(receiver), connect(stocked, "warehouse-toy", to=receiver)
        order = await place(stocked, "X-1", 1)
        await until(lambda: all_ended(stocked, target, 1), "it is told")
        stocked.services.control.write(
            lambda c: c.execute(
                "UPDATE deliveries SET state = 'pending', head = 1, about = 'no JSON' WHERE target = ?", (target,)
            )
        )
        await place(stocked, "X-2", 1)
        await until(lambda: len(warehouse.effects) == 2, "the other is told")

    [first, _] = rows_of(stocked, target)
    assert (first.order_id, first.state, first.note) == (
        order["order_id"],
        "pending",
        "a fault on our side: DecodeError",
    )
