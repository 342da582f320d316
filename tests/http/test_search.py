"""Orders are found by all that people have in their hands, and only by those who may."""

import csv
import io
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from api.control.blind import PersonalData
from api.security import Scope
from tests.support.system import SKU, System, new_pool, open_pool, order_body, place, shows

ADA = {
    "customer_id": "c-ada",
    "name": "Ada Muster-Öztürk",
    "email": "Ada.Muster@example.org",
    "phone": "+49 30 555 0100",
}
HOSTILE = ['"', "*", "NOT", "a OR b", "') --", "\\", "x" * 200, "k_p__a", "NEAR(a b)", "^a", "%", "_", "{terms}: a"]


async def found(system: System, query: str, client: Any = None) -> list[str]:
    """External ids of the orders that a search gives."""
    answer = await (client or system.client).get(f"{system.path}/orders?{query}")
    assert answer.status_code == 200, answer.text
    return [order["external_id"] for order in answer.json()["orders"]]


async def sees(system: System, query: str, *wanted: str) -> None:
    """Assert what a search gives once the views have caught up."""
    await shows(
        system,
        f"{system.path}/orders?{query}",
        lambda answer: [order["external_id"] for order in answer["orders"]],
        list(wanted),
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("W-1001", "external"),
        ("%23w-1001", "external"),
        ("tshirt-blue-m", "sku"),
        ("00340 4345 1234", "tracking"),
        ("10 115", "postcode"),
        ("W-10", "external"),
        ("TSHIRT", "sku"),
        ("ada muster", "name"),
        ("must", "name"),
        ("öztür", "name"),
        ("ADA.MUSTER@EXAMPLE.ORG", "email"),
        ("030/5550100", "phone"),
        ("sku:tshirt-blue-m", "sku"),
    ],
)
async def test_an_order_is_found_by(stocked: System, text: str, kind: str) -> None:
    order = await place(stocked, "W-1001", 1, customer=ADA)
    part = order["fulfillments"][0]["fulfillment_id"]
    await stocked.client.post(
        f"{stocked.path}/orders/{order['order_id']}/fulfillments/{part}/ship",
        json={"parcel_id": "P-1", "tracking_number": "003404345 1234"},
    )
    await sees(stocked, "q=003404345-1234", "W-1001")
    answer = (await stocked.client.get(f"{stocked.path}/orders?q={text}")).json()

    assert [one["external_id"] for one in answer["orders"]] == ["W-1001"]
    assert kind in [hit["kind"] for hit in answer["found_as"]]


async def test_an_order_is_found_by_its_own_number_and_by_that_of_a_part(stocked: System) -> None:
    order = await place(stocked, "1", 1)
    await place(stocked, "2", 1)

    for text in (order["order_id"], order["order_id"][:12], f"{order['order_id']}-1"):
        assert await found(stocked, f"q={text}") == ["1"]


async def test_a_whole_match_hides_what_only_begins_so(stocked: System) -> None:
    await place(stocked, "100", 1)
    await place(stocked, "1001", 1)

    assert await found(stocked, "q=100") == ["100"]
    assert await found(stocked, "q=1001") == ["1001"]


async def test_what_fits_nothing_finds_nothing(stocked: System) -> None:
    await place(stocked, "1", 1)

    assert await found(stocked, "q=nobody+has+this") == []


@pytest.mark.parametrize("text", HOSTILE)
async def test_whatever_is_typed_is_a_text_and_no_query(stocked: System, text: str) -> None:
    await place(stocked, "1", 1)
    answer = await stocked.client.get(f"{stocked.path}/orders", params={"q": text})

    assert (answer.status_code, answer.json()["orders"]) == (200, [])


async def test_an_erased_customer_is_no_longer_found_nor_is_what_they_bought_before(stocked: System) -> None:
    await place(stocked, "1", 1, customer=ADA)
    assert await found(stocked, "q=muster") == ["1"]
    await stocked.client.post(f"{stocked.path}/customers/c-ada/erase", json={"reason": "asked"})
    gone = await found(stocked, "q=muster")
    tokens = stocked.services.control.connection().execute(
        "SELECT count(*) FROM customer_tokens AS t JOIN customer_keys AS k ON k.pool = ?"
        " AND printf('%016x', t.key_number) = k.key_id",
        (stocked.pool,),
    )
    left = tokens.fetchone()
    await place(stocked, "2", 1, customer=ADA)

    assert (gone, left) == ([], (0,))
    assert await found(stocked, "q=muster") == ["2"]


async def test_a_customer_who_changes_their_name_is_found_by_both(stocked: System) -> None:
    await place(stocked, "1", 1, customer=ADA)
    await place(stocked, "2", 1, customer=ADA | {"name": "Ada Neumann"})

    assert await found(stocked, "q=neumann") == await found(stocked, "q=muster") == ["2", "1"]


async def test_without_the_scope_people_are_not_found_and_everything_else_is(stocked: System) -> None:
    await place(stocked, "1", 1, customer=ADA)
    async with stocked.client_of(Scope.ORDERS_READ) as warehouse:
        for text in ("muster", "name:muster", "ada.muster@example.org", "030/5550100"):
            assert await found(stocked, f"q={text}", warehouse) == []
        assert await found(stocked, "q=10115", warehouse) == ["1"]


async def test_nothing_of_another_pool_is_found(stocked: System) -> None:
    order = await place(stocked, "W-9", 1, customer=ADA)
    other = System(**{**vars(stocked), "pool": new_pool()})
    await open_pool(other)

    for text in ("W-9", SKU, "10115", "muster", order["order_id"], "ada.muster@example.org"):
        assert await found(other, f"q={text}") == []
    async with stocked.client_of(Scope.ORDERS_READ, pools=(other.pool,)) as stranger:
        assert (await stranger.get(f"{stocked.path}/orders?q=W-9")).status_code == 404


async def test_no_token_tells_a_word(stocked: System) -> None:
    """The same name in another pool has other tokens, so what one pool's people know is no key to another's."""
    index, data = stocked.services.vault.index, PersonalData(name="Ada")
    key_ids = ["00" * 8, "11" * 8]

    def add(connection: Any) -> None:
        for pool, key_id in zip(("pool-a", "pool-b"), key_ids, strict=True):
            index.add(connection, pool, key_id, data)

    stocked.services.control.write(add)
    rows = stocked.services.control.connection().execute(
        "SELECT count(DISTINCT token) FROM customer_tokens WHERE key_number IN (0, ?)", (int("11" * 8, 16),)
    )
    assert rows.fetchone() == (6,)


async def test_filters_narrow_a_list_and_a_search(stocked: System) -> None:
    await place(stocked, "here", 1)
    held = await place(stocked, "held", 1, channel="till-1")
    await place(stocked, "too-many", 100)
    await stocked.client.post(f"{stocked.path}/orders/{held['order_id']}/hold", json={"hold": "fraud_review"})

    await sees(stocked, "held=true", "held")
    await sees(stocked, "status=held", "held")
    await sees(stocked, "waiting=true", "too-many")
    await sees(stocked, "channel=till-1", "held")
    assert await found(stocked, "location=hamburg") == []
    assert await found(stocked, "location=berlin&channel=shop-de&status=routed") == ["here"]
    assert await found(stocked, f"q={SKU}&held=true") == ["held"]
    assert await found(stocked, f"q={SKU}&status=&channel=&held=") == ["too-many", "held", "here"]


async def test_a_list_goes_on_where_it_ended_in_any_order(stocked: System) -> None:
    times = [f"2026-03-0{day}T00:00:00Z" for day in (1, 1, 2, 2, 3)]
    for number, placed_at in enumerate(times):
        promise_by = f"2027-01-0{9 - number}T00:00:00Z"
        await place(stocked, str(number), 1, placed_at=placed_at, promise_by=promise_by)
    for sort, wanted in (("newest", "43210"), ("oldest", "01234"), ("promise", "43210")):
        for more in ("", f"&q={SKU}", "&status=routed"):
            seen, url = "", f"{stocked.path}/orders?sort={sort}&limit=2{more}"
            answer = (await stocked.client.get(url)).json()
            while True:
                seen += "".join(order["external_id"] for order in answer["orders"])
                if answer["next_cursor"] is None:
                    break
                answer = (await stocked.client.get(f"{url}&cursor={answer['next_cursor']}")).json()
            assert seen == wanted, (sort, more)
    assert await found(stocked, "placed_from=2026-03-02T00:00:00Z&placed_before=2026-03-03T00:00:00Z") == ["3", "2"]


async def test_an_export_holds_what_the_search_finds_and_no_formula(stocked: System) -> None:
    await place(stocked, "=HYPERLINK(1)", 1, customer=ADA)
    await place(stocked, "2", 1, channel="till-1")
    url = f"{stocked.path}/orders/export?channel=shop-de"
    answer = await stocked.client.get(f"{url}&format=csv&name=mine")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    lines = (await stocked.client.get(f"{url}&format=jsonl")).content.splitlines()
    book = ZipFile(io.BytesIO((await stocked.client.get(f"{url}&format=xlsx")).content))
    progress = await stocked.client.get(f"{stocked.path}/orders/export/mine")

    assert answer.headers["content-disposition"] == f'attachment; filename="{stocked.pool}-orders.csv"'
    assert [(row["external_id"], row["total"], row["skus"]) for row in rows] == [("'=HYPERLINK(1)", "19.99", SKU)]
    assert [msgspec.json.decode(line)["external_id"] for line in lines] == ["=HYPERLINK(1)"]
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert ("=HYPERLINK(1)" in sheet, "<f>" in sheet) == (True, False)
    assert progress.json() == {"written": 1, "total": 1, "is_done": True}
    assert "Muster" not in answer.text + sheet + b"".join(lines).decode()


async def test_how_far_an_export_is_is_told_to_whoever_began_it_alone(stocked: System) -> None:
    await stocked.client.get(f"{stocked.path}/orders/export?name=mine")
    async with stocked.client_of(Scope.ORDERS_READ) as other:
        answer = await other.get(f"{stocked.path}/orders/export/mine")

    assert (answer.status_code, answer.json()["code"]) == (404, "export_unknown")


@pytest.mark.parametrize("query", ["status=lost", "sort=price", "placed_from=yesterday", "held=perhaps", "cursor=x"])
async def test_a_filter_that_cannot_be_is_refused(stocked: System, query: str) -> None:
    assert (await stocked.client.get(f"{stocked.path}/orders?{query}")).status_code == 422


async def test_the_page_shows_what_the_address_asks(stocked: System) -> None:
    await place(stocked, "W-1", 1, customer=ADA)
    await place(stocked, "<b>W-2</b>", 1, channel="till-1")
    url = f"/p/{stocked.pool}/orders"
    whole = await stocked.client.get(f"{url}?q=muster&sort=newest&status=")
    part = await stocked.client.get(f"{url}?channel=till-1", headers={"HX-Request": "true"})
    order = order_body()["external_id"]

    assert (whole.status_code, whole.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert ("Ada Muster" in whole.text, 'value="muster"' in whole.text, "W-2" in whole.text) == (True, True, False)
    assert ("&lt;b&gt;W-2&lt;/b&gt;" in part.text, "<html" in part.text, order in part.text) == (True, False, False)


async def test_the_page_says_when_people_are_not_searched(stocked: System) -> None:
    await place(stocked, "W-1", 1, customer=ADA)
    async with stocked.client_of(Scope.ORDERS_READ) as warehouse:
        answer = await warehouse.get(f"/p/{stocked.pool}/orders?q=muster")

    assert "takes the scope customers:read" in answer.text
    assert ("Nothing fits" in answer.text, "W-1" in answer.text) == (True, False)
