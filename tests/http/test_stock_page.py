from typing import Any

from tests.support.system import SKU, System, answered, place, shows_levels

HTML = {"Accept": "text/html"}


async def text_of(system: System, path: str, status: int = 200) -> str:
    answer = await system.client.get(f"/p/{system.pool}{path}", headers=HTML)
    assert answer.status_code == status, answer.text
    return str(answer.text)


async def shelf_is_there(system: System, location: str = "berlin") -> None:
    await answered(system.client, f"/p/{system.pool}/locations/{location}/stock.csv", lambda one: SKU in one.text)


async def post(system: System, action: str, location: str = "berlin", **form: Any) -> Any:
    return await system.client.post(
        f"/p/{system.pool}/locations/{location}/{action}", data={"sku": SKU, "on": "sku", **form}, headers=HTML
    )


async def test_a_sku_is_shown_by_location_with_its_movements(stocked: System) -> None:
    order = await place(stocked, quantity=3)
    await shows_levels(stocked, (40, 3))
    text = await text_of(stocked, f"/stock/{SKU}")

    assert "Berlin warehouse" in text
    assert "3 promised, 37 to promise of 40 on hand" in text
    assert f'href="/p/{stocked.pool}/orders/{order["order_id"]}"' in text
    assert 'document <span class="code">ASN-20031</span> of wms-1' in text
