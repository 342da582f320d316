from typing import Any

from tests.support.system import System, place, shows_levels

AT = "2026-11-01T09:30:00Z"


async def fulfillment_url(stocked: System, quantity: int = 2) -> tuple[str, str]:
    order = await place(stocked, quantity=quantity)
    url = f"{stocked.path}/orders/{order['order_id']}"
    return url, f"{url}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"


async def told(stocked: System, url: str, **body: Any) -> Any:
    answer = await stocked.client.post(url, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_fulfillment_goes_from_accepted_to_delivered(stocked: System) -> None:
    _, url = await fulfillment_url(stocked)
    accepted = await told(stocked, f"{url}/accept", partner_reference="WMS-1")
    picked = await told(stocked, f"{url}/pick", occurred_at=AT)
    packed = await told(stocked, f"{url}/pack")
    shipped = await told(stocked, f"{url}/ship", parcel_id="P-1", carrier="DHL", tracking_number="1")
    tracked = await told(stocked, f"{url}/parcels/P-1/tracking", carrier="DHL", tracking_number="2")
    delivered = await told(stocked, f"{url}/parcels/P-1/deliver")

    statuses = [order["fulfillments"][0]["status"] for order in (accepted, picked, packed, shipped, delivered)]
    assert statuses == ["accepted", "picked", "packed", "shipped", "delivered"]
    assert accepted["fulfillments"][0]["partner_reference"] == "WMS-1"
    assert picked["fulfillments"][0]["picked_at"] == "2026-11-01T09:30:00.000Z"
    assert tracked["parcels"][0]["tracking_number"] == "2"
    assert (delivered["status"], delivered["lines"][0]["delivered"]) == ("delivered", 2)
    await shows_levels(stocked, (38, 0))


async def test_a_rejected_fulfillment_is_routed_again_never_to_the_same_location(stocked: System) -> None:
    _, url = await fulfillment_url(stocked)
    order = await told(stocked, f"{url}/reject", cause="damaged")

    assert (order["fulfillments"][0]["status"], order["refused_by"]) == ("rejected", ["berlin"])
    assert (order["status"], order["lines"][0]["waiting"]) == ("backordered", 2)


async def test_what_is_not_found_at_the_shelf_is_a_short_pick(stocked: System) -> None:
    _, url = await fulfillment_url(stocked)
    order = await told(stocked, f"{url}/pick", units=[{"line_id": "1", "quantity": 1}])

    assert [line["picked"] for line in order["fulfillments"][0]["lines"]] == [1]
    assert order["lines"][0]["waiting"] == 1


async def test_a_parcel_is_lost_or_comes_back_by_the_carrier_s_word(stocked: System) -> None:
    _, url = await fulfillment_url(stocked)
    await told(stocked, f"{url}/ship", parcel_id="P-1", units=[{"line_id": "1", "quantity": 1}])
    await told(stocked, f"{url}/ship", parcel_id="P-2")
    lost = await told(stocked, f"{url}/parcels/P-1/lose")
    back = await told(stocked, f"{url}/parcels/P-2/return", restock=True)

    assert [parcel["status"] for parcel in lost["parcels"]] == ["lost", "in_transit"]
    assert [parcel["status"] for parcel in back["parcels"]] == ["lost", "returned_to_sender"]
    assert (back["lines"][0]["lost"], back["lines"][0]["returned_to_sender"]) == (1, 1)
    await shows_levels(stocked, (39, 0))


async def test_what_is_not_there_is_404_with_its_own_code(stocked: System) -> None:
    order, url = await fulfillment_url(stocked)
    unknown = await stocked.client.post(f"{order}/fulfillments/none/accept", json={})
    parcel = await stocked.client.post(f"{url}/parcels/none/tracking", json={"carrier": "x", "tracking_number": "y"})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "fulfillment_unknown")
    assert (parcel.status_code, parcel.json()["code"]) == (404, "parcel_unknown")
