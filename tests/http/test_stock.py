from typing import Any

from tests.support.system import SKU, System, place, shows, shows_levels

HEAD = {"source": "wms-1", "location_id": "berlin"}


def line(quantity: int, number: str = "1", sku: str = SKU) -> dict[str, Any]:
    return {"line": number, "sku": sku, "quantity": quantity}


async def shows_free(stocked: System, **wanted: tuple[int, int]) -> None:
    """Assert (on hand, available) by location, once the views have caught up."""
    await shows(
        stocked,
        f"{stocked.path}/stock/{SKU}",
        lambda view: {level["location_id"]: (level["on_hand"], level["available"]) for level in view["levels"]},
        wanted,
    )


async def booked(stocked: System, what: str, **body: Any) -> Any:
    answer = await stocked.client.post(f"{stocked.path}/stock/{what}", json=HEAD | body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_fact_changes_levels_as_it_says(stocked: System) -> None:
    await booked(stocked, "receive", document="A-2", lines=[line(10)])
    await shows_free(stocked, berlin=(50, 50))
    await booked(stocked, "sell", document="T-1", lines=[line(3)])
    await shows_free(stocked, berlin=(47, 47))
    await booked(stocked, "adjust", document="J-1", sku=SKU, delta=-2, unsellable_delta=1, reason="dropped")
    await shows_free(stocked, berlin=(45, 44))
    await booked(stocked, "safety-stock", document="S-1", sku=SKU, quantity=4)
    await shows_free(stocked, berlin=(45, 40))
    await booked(stocked, "count", document="C-1", sku=SKU, counted=41)
    await shows_free(stocked, berlin=(41, 36))


async def test_a_document_s_line_is_booked_once(stocked: System) -> None:
    await booked(stocked, "receive", document="A-2", lines=[line(10)])
    await booked(stocked, "receive", document="A-2", lines=[line(10)])
    await shows_free(stocked, berlin=(50, 50))


async def test_a_transfer_leaves_one_location_and_arrives_at_the_other(stocked: System) -> None:
    await booked(stocked, "transfers", document="TR-1", to_location_id="hamburg", lines=[line(5)])
    await shows_free(stocked, berlin=(35, 35))
    body = {"source": "wms-2", "location_id": "hamburg", "transfer": "TR-1", "dispatched_by": "wms-1"}
    await booked(stocked, "transfers/receive", document="TR-1-IN", **body, lines=[line(4)])

    await shows_free(stocked, berlin=(35, 35), hamburg=(4, 4))


async def test_availability_is_by_location_and_in_total(stocked: System) -> None:
    await booked(stocked, "receive", document="A-2", location_id="hamburg", lines=[line(10)])
    await place(stocked, quantity=3)
    await shows_levels(stocked, (40, 3), (10, 0))
    view = (await stocked.client.get(f"{stocked.path}/stock/{SKU}")).json()
    listed = (await stocked.client.get(f"{stocked.path}/stock")).json()

    assert (view["available"], view["waiting"]) == (47, 0)
    assert [level["location_id"] for level in view["levels"]] == ["berlin", "hamburg"]
    assert listed == {"skus": [view], "next_cursor": None}


async def test_movements_tell_the_ledger_newest_first_in_pages(stocked: System) -> None:
    await booked(stocked, "sell", document="T-1", lines=[line(3)], occurred_at="2026-11-01T09:30:00+01:00")
    await booked(stocked, "adjust", document="J-1", sku=SKU, delta=-2, reason="dropped")
    url = f"{stocked.path}/stock/{SKU}/movements"
    await shows(stocked, url, lambda ledger: len(ledger["movements"]), 3)
    first = (await stocked.client.get(url, params={"limit": 2})).json()
    rest = (await stocked.client.get(url, params={"cursor": first["next_cursor"]})).json()

    rows = [*first["movements"], *rest["movements"]]
    assert [(row["kind"], row["on_hand_delta"]) for row in rows] == [
        ("adjusted", -2),
        ("sold_at_till", -3),
        ("received", 40),
    ]
    assert (rows[0]["reason"], rows[0]["actor"]) == ("dropped", "key:tester")
    assert rows[1]["occurred_at"] == "2026-11-01T08:30:00.000Z"
    assert rest["next_cursor"] is None


async def test_a_sku_with_a_slash_is_read_by_its_path(stocked: System) -> None:
    await stocked.client.put(f"{stocked.path}/catalogue", json={"items": [{"sku": "A/B 1"}]})
    await booked(stocked, "receive", document="A-9", lines=[line(7, sku="A/B 1")])
    view = await stocked.client.get(f"{stocked.path}/stock/A%2FB%201")

    assert (view.status_code, view.json()["available"]) == (200, 7)
    url = f"{stocked.path}/stock/A%2FB%201/movements"
    await shows(stocked, url, lambda ledger: [row["kind"] for row in ledger["movements"]], ["received"])


async def test_a_sku_without_stock_is_404(stocked: System) -> None:
    answer = await stocked.client.get(f"{stocked.path}/stock/NONE")

    assert (answer.status_code, answer.json()["code"]) == (404, "sku_unknown")
