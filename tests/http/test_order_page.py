from tests.support.system import System, place


async def test_the_page_tells_where_an_order_stands(stocked: System) -> None:
    order = await place(stocked)
    page = await stocked.client.get(f"/p/{stocked.pool}/orders/{order['order_id']}", headers={"Accept": "text/html"})

    assert page.status_code == 200, page.text
    assert "has not answered since" in page.text
