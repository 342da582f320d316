"""What partners, stores and carriers tell beside picking and shipping."""

from typing import Any

from tests.support.system import SKU, System, order_body, place, shows, shows_levels

CUSTOMER = {"customer_id": "c-1"}


async def location_is(system: System, **more: Any) -> None:
    berlin = {"location_id": "berlin", "name": "Berlin", "latitude": 52.52, "longitude": 13.41} | more
    answer = await system.client.put(f"{system.path}/locations", json={"locations": [berlin]})
    assert answer.status_code == 200, answer.text


async def told(system: System, url: str, **body: Any) -> Any:
    answer = await system.client.post(url, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def urls(system: System, order: Any) -> tuple[str, str]:
    url = f"{system.path}/orders/{order['order_id']}"
    return url, f"{url}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"


async def test_some_units_are_rejected_and_the_rest_goes_on(stocked: System) -> None:
    _, at = urls(stocked, await place(stocked, quantity=3))
    order = await told(stocked, f"{at}/reject", cause="damaged", units=[{"line_id": "1", "quantity": 1}])

    assert [(part["status"], part["lines"][0]["allocated"]) for part in order["fulfillments"]] == [("allocated", 2)]
    assert (order["lines"][0]["waiting"], order["refused_by"]) == (1, ["berlin"])
    await shows(
        stocked,
        f"{stocked.path}/stock/{SKU}",
        lambda view: (view["levels"][0]["on_hand"], view["levels"][0]["states"]),
        (40, {"damaged": 1}),
    )


async def test_a_cause_that_is_none_is_refused_with_those_that_there_are(stocked: System) -> None:
    _, at = urls(stocked, await place(stocked))
    answer = await stocked.client.post(f"{at}/reject", json={"cause": "weather"})

    assert (answer.status_code, answer.json()["field"]) == (422, "cause")
    assert "out_of_stock" in answer.json()["detail"]


async def test_a_partner_is_asked_for_what_it_has_and_answers(stocked: System) -> None:
    await location_is(stocked, kind="third_party")
    for number, accepted in enumerate((True, False)):
        url, at = urls(stocked, await place(stocked, str(number)))
        early = await stocked.client.post(f"{at}/answer-cancellation", json={"accepted": accepted})
        await told(stocked, f"{at}/accept")
        asked = await told(stocked, f"{url}/cancel", cause="customer")
        answered = await told(stocked, f"{at}/answer-cancellation", accepted=accepted)

        assert (early.status_code, early.json()["code"]) == (409, "nothing_requested")
        request = asked["fulfillments"][0]["cancellation"]
        assert (request["status"], request["cause"]) == ("requested", "customer")
        assert request["units"] == [{"line_id": "1", "quantity": 2}]
        assert "answer-cancellation" in asked["fulfillments"][0]["actions"]
        cancellation = answered["fulfillments"][0]["cancellation"]
        assert cancellation["status"] == ("accepted" if accepted else "rejected")
        assert cancellation["answered_at"].endswith("Z")
        assert answered["lines"][0]["cancelled"] == (2 if accepted else 0)


async def test_a_customer_collects_what_lies_ready_at_the_store(stocked: System) -> None:
    await location_is(stocked, kind="store", collection=True)
    order = await place(stocked, terms={"collect_at": "berlin"})
    _, at = urls(stocked, order)
    await told(stocked, f"{at}/pick")
    await told(stocked, f"{at}/pack")
    ready = await told(stocked, f"{at}/ready", occurred_at="2026-11-01T09:30:00Z")
    one = await told(stocked, f"{at}/collect", parcel_id="C-1", units=[{"line_id": "1", "quantity": 1}])
    both = await told(stocked, f"{at}/collect", parcel_id="C-2")

    part = ready["fulfillments"][0]
    assert (order["terms"]["collect_at"], part["status"], part["ready_at"]) == (
        "berlin",
        "ready",
        "2026-11-01T09:30:00.000Z",
    )
    assert part["by"] == {"picked": "key:tester", "packed": "key:tester", "ready": "key:tester"}
    assert part["actions"] == ["reject", "merge", "ship", "collect"]
    assert one["lines"][0]["delivered"] == 1
    assert (both["status"], both["lines"][0]["delivered"]) == ("delivered", 2)
    await shows_levels(stocked, (38, 0))


async def test_two_orders_of_one_customer_leave_in_one_parcel(stocked: System) -> None:
    first, second = [await place(stocked, number, 1, customer=CUSTOMER) for number in ("1", "2")]
    stranger = await place(stocked, "3", 1, customer={"customer_id": "c-2"})
    _, at = urls(stocked, first)

    def other(order: Any) -> dict[str, str]:
        part = order["fulfillments"][0]["fulfillment_id"]
        return {"other_order_id": order["order_id"], "other_fulfillment_id": part}

    refused = await stocked.client.post(f"{at}/merge", json=other(stranger))
    merged = await told(stocked, f"{at}/merge", **other(second))
    await told(stocked, f"{at}/ship", parcel_id="P-1", carrier="DHL")
    shipped = (await stocked.client.get(urls(stocked, second)[0])).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "not_together")
    assert merged["fulfillments"][0]["parcel_with"] == [
        {"order_id": second["order_id"], "fulfillment_id": second["fulfillments"][0]["fulfillment_id"]}
    ]
    assert [(parcel["parcel_id"], parcel["carrier"]) for parcel in shipped["parcels"]] == [("P-1", "DHL")]


async def test_scans_come_late_and_twice_and_the_newest_by_the_carrier_s_clock_counts(stocked: System) -> None:
    _, at = urls(stocked, await place(stocked))
    await told(stocked, f"{at}/ship", parcel_id="P-1", occurred_at="2026-11-01T09:00:00Z")
    newest = {"status": "out_for_delivery", "occurred_at": "2026-11-03T07:00:00Z", "detail": "Berlin", "raw": "OFD"}
    late = {"status": "in_transit", "occurred_at": "2026-11-02T07:00:00Z"}
    [_, _, order] = [await told(stocked, f"{at}/parcels/P-1/scan", **scan) for scan in (newest, late, newest)]
    wrong = await stocked.client.post(f"{at}/parcels/P-1/scan", json={"status": "eaten_by_dog"})
    done = await told(stocked, f"{at}/parcels/P-1/scan", status="delivered", occurred_at="2026-11-03T12:00:00Z")

    tracking = order["parcels"][0]["tracking"]
    assert (tracking["status"], tracking["scanned_at"], tracking["detail"]) == (
        "out_for_delivery",
        "2026-11-03T07:00:00.000Z",
        "Berlin",
    )
    assert [(scan["status"], scan["raw"]) for scan in tracking["scans"]] == [
        ("in_transit", ""),
        ("out_for_delivery", "OFD"),
    ]
    assert (wrong.status_code, wrong.json()["field"]) == (422, "status")
    assert (done["status"], done["parcels"][0]["status"]) == ("delivered", "delivered")


async def test_lines_go_to_addresses_of_their_own(stocked: System) -> None:
    body = order_body(
        terms={"purchase_order": "PO-7", "destinations": {"gift": {"country": "FR", "postcode": "75001"}}}
    )
    body["lines"].append(body["lines"][0] | {"ship_to": "gift"})
    order = (await stocked.client.post(f"{stocked.path}/orders", json=body)).json()
    body = order_body("2")
    body["lines"][0]["ship_to"] = "nowhere"
    refused = await stocked.client.post(f"{stocked.path}/orders", json=body)

    assert sorted(part["ship_to"] for part in order["fulfillments"]) == ["", "gift"]
    assert order["terms"]["purchase_order"] == "PO-7"
    assert order["terms"]["destinations"]["gift"]["country"] == "FR"
    assert (refused.status_code, refused.json()["code"]) == (422, "command_invalid")


async def test_terms_hold_an_order_until_it_is_wanted_or_paid(stocked: System) -> None:
    terms = {"requested_at": "2099-01-01T00:00:00Z", "pay_by": "2098-01-01T00:00:00Z"}
    order = await place(stocked, terms=terms)

    assert {hold["type"] for hold in order["holds"]} == {"scheduled", "payment"}
    assert (order["terms"]["requested_at"], order["terms"]["pay_by"]) == (
        "2099-01-01T00:00:00.000Z",
        "2098-01-01T00:00:00.000Z",
    )
    assert order["clock_stopped_at"] is not None


async def test_what_is_short_waits_or_is_refused_or_claims_nothing(stocked: System) -> None:
    refused = await stocked.client.post(f"{stocked.path}/orders", json=order_body("1", 41, stock="refuse"))
    waits = await place(stocked, "2", 41)
    skipped = await place(stocked, "3", 1, stock="skip")

    assert (refused.status_code, refused.json()["code"]) == (409, "stock_too_low")
    assert (waits["lines"][0]["allocated"], waits["lines"][0]["waiting"]) == (40, 1)
    assert ([hold["type"] for hold in skipped["holds"]], skipped["fulfillments"]) == (["imported"], [])
    await shows_levels(stocked, (40, 40))


async def test_an_order_of_the_past_is_on_record_and_no_stock_moves(stocked: System) -> None:
    past: dict[str, Any] = {
        "placed_at": "2025-03-01T10:00:00Z",
        "shipped_at": "2025-03-02T16:00:00Z",
        "location_id": "berlin",
    }
    body = order_body("old", carrier="DHL", tracking_number="0034", **past)
    answer = await stocked.client.post(f"{stocked.path}/orders/import", json=body)
    again = await stocked.client.post(f"{stocked.path}/orders/import", json=body)
    future = body | {"external_id": "new", "shipped_at": "2099-01-01T00:00:00Z"}
    refused = await stocked.client.post(f"{stocked.path}/orders/import", json=future)

    order = answer.json()
    assert (answer.status_code, order["status"], order["historic"]) == (201, "delivered", True)
    assert (order["parcels"][0]["shipped_at"], order["parcels"][0]["carrier"]) == ("2025-03-02T16:00:00.000Z", "DHL")
    assert again.json() == order
    assert (refused.status_code, refused.json()["field"]) == (422, "shipped_at")
    await shows_levels(stocked, (40, 0))
