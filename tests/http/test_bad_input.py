"""Each way to be wrong has its own code and text, and changes nothing."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.system import SKU, System, order_body, place, shows, shows_levels

Change = Callable[[dict[str, Any]], object]
HEAD = {"source": "wms-1", "location_id": "berlin", "document": "D-9"}


async def state(system: System) -> Any:
    """Everything that a wrong request could have changed."""
    orders = (await system.client.get(f"{system.path}/orders")).json()
    stock = (await system.client.get(f"{system.path}/stock/{SKU}")).json()
    stock.pop("offset")
    stock.pop("index")
    movements = (await system.client.get(f"{system.path}/stock/{SKU}/movements")).json()
    return orders, stock, movements


async def shows_movements(system: System, count: int) -> None:
    await shows(system, f"{system.path}/stock/{SKU}/movements", lambda view: len(view["movements"]), count)


def quantity_of(value: Any) -> Change:
    return lambda body: body["lines"][0].update(quantity=value)


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        pytest.param(quantity_of(0), 422, "quantity_zero", "lines[0].quantity", id="zero"),
        pytest.param(quantity_of(-1), 422, "quantity_negative", "lines[0].quantity", id="negative"),
        pytest.param(quantity_of(1.5), 422, "quantity_fractional", "lines[0].quantity", id="fractional"),
        pytest.param(quantity_of(1_000_001), 422, "quantity_too_large", "lines[0].quantity", id="huge"),
        pytest.param(quantity_of(10**30), 422, "quantity_too_large", "lines[0].quantity", id="beyond 64 bits"),
        pytest.param(quantity_of("2"), 422, "quantity_invalid", "lines[0].quantity", id="text"),
        pytest.param(quantity_of(True), 422, "quantity_invalid", "lines[0].quantity", id="boolean"),
        pytest.param(lambda body: body["lines"][0].update(sku="NONE"), 422, "sku_unknown", "sku", id="unknown SKU"),
        pytest.param(
            lambda body: body["lines"][0].update(sku="A\u200bB"), 422, "sku_invalid", "lines[0].sku", id="invisible"
        ),
        pytest.param(lambda body: body.update(currency="USD"), 422, "currency_mismatch", "currency", id="currency"),
        pytest.param(lambda body: body.update(currency="euro"), 422, "field_invalid", "currency", id="no currency"),
        pytest.param(lambda body: body.pop("channel"), 422, "field_missing", "channel", id="missing"),
        pytest.param(lambda body: body.update(chanel="x"), 422, "field_unknown", "chanel", id="misspelt"),
        pytest.param(lambda body: body.update(lines=[]), 422, "field_invalid", "lines", id="no lines"),
        pytest.param(lambda body: body.update(placed_at="2026-11-01"), 422, "field_invalid", "placed_at", id="date"),
        pytest.param(
            lambda body: body.update(placed_at="2026-11-01T10:00:00"), 422, "field_invalid", "placed_at", id="no zone"
        ),
        pytest.param(
            lambda body: body["destination"].pop("latitude"), 422, "position_incomplete", "destination", id="half"
        ),
        pytest.param(
            lambda body: body["lines"].append(body["lines"][0] | {"line_id": "1"}),
            422,
            "line_repeated",
            "line_id",
            id="line twice",
        ),
    ],
)
async def test_a_wrong_order_is_refused_by_name(
    stocked: System, change: Change, status: int, code: str, field: str
) -> None:
    before = await state(stocked)
    body = copy.deepcopy(order_body())
    change(body)
    answer = await stocked.client.post(f"{stocked.path}/orders", json=body)

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("field")) == (status, code, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert len(problem["detail"]) > 20
    assert await state(stocked) == before


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param(
            "receive",
            {"location_id": "atlantis", "lines": [{"line": "1", "sku": SKU, "quantity": 1}]},
            422,
            "location_unknown",
            id="unknown location",
        ),
        pytest.param(
            "receive", {"lines": [{"line": "1", "sku": "NONE", "quantity": 1}]}, 422, "sku_unknown", id="unknown SKU"
        ),
        pytest.param(
            "receive", {"lines": [{"line": "1", "sku": SKU, "quantity": 0}]}, 422, "quantity_zero", id="nothing"
        ),
        pytest.param("count", {"sku": SKU, "counted": -1}, 422, "counted_negative", id="negative count"),
        pytest.param(
            "count", {"sku": SKU, "counted": 5, "expected_on_hand": 7}, 409, "count_conflict", id="not what was seen"
        ),
        pytest.param(
            "count",
            {"sku": SKU, "counted": 5, "occurred_at": "2020-01-01T00:00:00Z"},
            409,
            "count_stale",
            id="stale count",
        ),
        pytest.param("adjust", {"sku": SKU, "delta": 0, "unsellable_delta": -1}, 409, "stock_too_low", id="below zero"),
        pytest.param("adjust", {"sku": SKU, "delta": 0.5}, 422, "delta_fractional", id="half a unit"),
        pytest.param(
            "transfers/receive",
            {"transfer": "TR-0", "dispatched_by": "wms-1", "lines": [{"line": "1", "sku": SKU, "quantity": 1}]},
            404,
            "transfer_unknown",
            id="unknown transfer",
        ),
    ],
)
async def test_a_wrong_stock_fact_is_refused_by_name(
    stocked: System, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    if code == "count_stale":
        await stocked.client.post(
            f"{stocked.path}/stock/count", json=HEAD | {"document": "D-8", "sku": SKU, "counted": 40}
        )
        await shows_movements(stocked, 2)
    before = await state(stocked)
    answer = await stocked.client.post(f"{stocked.path}/stock/{path}", json=HEAD | body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert len(answer.json()["detail"]) > 20
    assert await state(stocked) == before


async def test_a_document_line_with_other_content_is_a_conflict(stocked: System) -> None:
    line = {"line": "1", "sku": SKU, "quantity": 3}
    await stocked.client.post(f"{stocked.path}/stock/receive", json=HEAD | {"lines": [line]})
    await shows_movements(stocked, 2)
    await shows_levels(stocked, (43, 0))
    before = await state(stocked)
    other = line | {"quantity": 4}
    answer = await stocked.client.post(f"{stocked.path}/stock/receive", json=HEAD | {"lines": [other]})
    more = [other, line | {"line": "2"}]
    overlapping = await stocked.client.post(f"{stocked.path}/stock/receive", json=HEAD | {"lines": more})

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert answer.json()["field"] == "lines[0].quantity"
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "document_conflict")
    assert await state(stocked) == before


async def test_a_command_past_the_point_is_refused(stocked: System) -> None:
    order = await place(stocked)
    url = f"{stocked.path}/orders/{order['order_id']}"
    await stocked.client.post(f"{url}/cancel", json={})
    before = await state(stocked)
    answer = await stocked.client.post(f"{url}/cancel", json={"units": [{"line_id": "1", "quantity": 1}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "status_forbids")
    assert await state(stocked) == before


async def test_a_cursor_of_somebody_else_is_refused(stocked: System) -> None:
    answers = [
        await stocked.client.get(f"{stocked.path}/orders", params={"cursor": cursor})
        for cursor in ("%%%", "e30", "AAAA", "WzFd")
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "cursor_invalid")}


@pytest.mark.parametrize("limit", ["0", "201", "x", "1.5"])
async def test_a_page_is_of_1_to_200(stocked: System, limit: str) -> None:
    answer = await stocked.client.get(f"{stocked.path}/orders", params={"limit": limit})

    assert (answer.status_code, answer.json()["field"]) == (422, "limit")
