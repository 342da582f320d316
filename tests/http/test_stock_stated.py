"""How stock stands, said over HTTP: states, ring-fenced, expected and declared."""

from typing import Any

from tests.support.system import SKU, System, place, shows


async def booked(system: System, fact: str, **body: Any) -> Any:
    head = {"source": "wms-1", "document": f"{fact}-1", "location_id": "berlin"}
    return await system.client.post(f"{system.path}/stock/{fact}", json=head | body)


async def shows_sku(system: System, **wanted: Any) -> None:
    def read(view: Any) -> dict[str, Any]:
        both = {**view["levels"][0], **{name: view[name] for name in ("incoming", "waiting")}}
        return {name: both[name] for name in wanted}

    await shows(system, f"{system.path}/stock/{SKU}", read, wanted)


async def test_units_move_between_states_and_a_repeat_moves_none(stocked: System) -> None:
    first = await booked(stocked, "restate", sku=SKU, quantity=3, after="quality_control")
    again = await booked(stocked, "restate", sku=SKU, quantity=3, after="quality_control")
    await booked(stocked, "restate", document="2", sku=SKU, quantity=1, before="quality_control", after="damaged")
    await booked(stocked, "restate", document="3", sku=SKU, quantity=1, before="quality_control")
    too_many = await booked(stocked, "restate", document="4", sku=SKU, quantity=9, before="reserved")

    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (200, 200, "true")
    assert (too_many.status_code, too_many.json()["code"]) == (409, "stock_too_low")
    await shows_sku(stocked, on_hand=40, unsellable=2, available=38, states={"quality_control": 1, "damaged": 1})


async def test_units_are_set_aside_in_a_state_by_an_adjustment(stocked: System) -> None:
    answer = await booked(stocked, "adjust", sku=SKU, delta=0, unsellable_delta=2, state="reserved")

    assert answer.status_code == 200, answer.text
    await shows_sku(stocked, unsellable=2, states={"reserved": 2})
    await shows(
        stocked,
        f"{stocked.path}/stock/{SKU}/movements",
        lambda view: (view["movements"][0]["unsellable_delta"], view["movements"][0]["state"]),
        (2, "reserved"),
    )


async def test_fences_are_set_anew_each_time(stocked: System) -> None:
    for quantity in (5, 8, 5):
        answer = await booked(stocked, "fence", sku=SKU, segment="vip", quantity=quantity)
        assert answer.status_code == 200, answer.text

    await shows_sku(stocked, fenced={"vip": 5}, available=35)
    assert (await booked(stocked, "fence", sku=SKU, segment="vip", quantity=0)).status_code == 200
    await shows_sku(stocked, fenced={}, available=40)


async def test_what_is_expected_is_said_anew_and_fulfilled_by_what_arrives(stocked: System) -> None:
    def expect(quantity: int, **more: Any) -> dict[str, Any]:
        lines = [{"line": "1", "sku": SKU, "quantity": quantity}]
        return {"document": "PO-1", "lines": lines, "expected_at": "2099-03-01T08:00:00Z"} | more

    waiting = await place(stocked, quantity=42)
    await booked(stocked, "expect", **expect(10))
    await booked(stocked, "expect", **expect(6, version=1, confidence_per_mille=500))
    await booked(stocked, "expect", **expect(99, version=0))
    expected = {
        "location_id": "berlin",
        "quantity": 6,
        "expected_at": "2099-03-01T08:00:00.000Z",
        "confidence_per_mille": 500,
    }
    await shows_sku(stocked, incoming=[expected], waiting=2)
    order = (await stocked.client.get(f"{stocked.path}/orders/{waiting['order_id']}")).json()
    arrived = {"lines": [{"line": "1", "sku": SKU, "quantity": 4}], "expected": "PO-1"}
    await booked(stocked, "receive", **arrived)

    assert [(peg["quantity"], peg["expected_at"]) for peg in order["lines"][0]["pegs"]] == [
        (2, "2099-03-01T08:00:00.000Z")
    ]
    assert order["revised_promise"] == "2099-03-03T08:00:00.000Z"
    await shows_sku(stocked, incoming=[expected | {"quantity": 2}], waiting=0)


async def test_a_supplier_declares_what_it_has(stocked: System) -> None:
    supplier = {"location_id": "supplier", "name": "S", "kind": "drop_shipper", "stock": "declared"}
    await stocked.client.put(f"{stocked.path}/locations", json={"locations": [supplier]})
    lines = [{"line": "1", "sku": SKU, "quantity": 12}]
    first = await booked(stocked, "declare", location_id="supplier", lines=lines, occurred_at="2026-11-01T08:00:00Z")
    ours = await booked(stocked, "declare", lines=lines)

    def read(view: Any) -> list[Any]:
        return [(one["location_id"], one["on_hand"], one["declared_at"]) for one in view["levels"]]

    assert first.status_code == 200, first.text
    assert (ours.status_code, ours.json()["field"]) == (422, "location_id")
    wanted = [("berlin", 40, None), ("supplier", 12, "2026-11-01T08:00:00.000Z")]
    await shows(stocked, f"{stocked.path}/stock/{SKU}", read, wanted)
