"""Customers of a running system: what they are written, once, in their language, and when not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from connectors.frame.accounts import SetUpAccount
from tests.support.mail_server import MailBoxes, mail_server, words_of
from tests.support.outbox import sending
from tests.support.partner import until
from tests.support.system import SKU, System, new_pool, open_pool, place, running_system

ADA = {"customer_id": "c-ada", "name": "Ada Muster", "email": "ada@example.org", "locale": "de-DE"}
BOB = {"customer_id": "c-bob", "name": "Bob", "email": "bob@example.org", "locale": "en-US"}
PUBLIC = "https://orders.example"


@dataclass
class Post:
    """A system whose customers are written to, and what they got."""

    system: System
    boxes: MailBoxes

    def rows(self) -> list[Any]:
        return self.system.services.outbox.deliveries(f"mail/{self.system.pool}", limit=500)[::-1]

    def notes(self) -> list[tuple[str, str]]:
        return [(row.state, row.note) for row in self.rows()]

    async def ended(self, count: int) -> None:
        await until(
            lambda: len(self.rows()) >= count and all(row.state != "pending" for row in self.rows()), "all are sent"
        )

    def subjects(self) -> list[str]:
        return [str(one["Subject"]) for one in self.boxes.got]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def posting(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with mail_server() as (boxes, port):
        folder = tmp_path_factory.mktemp("mails")
        mails = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_timeout_seconds": 2.0}
        async with running_system(
            bootstrap, folder, smtp_from="orders@shop.example", public_url=PUBLIC, **mails
        ) as system:
            yield Post(system, boxes)


@pytest_asyncio.fixture(loop_scope="session")
async def post(posting: Post) -> AsyncIterator[Post]:
    """The system with a stocked pool, whose channel shop-de is a website; what is left unsent is forgotten."""
    posting.boxes.__init__()  # type: ignore[misc]
    made = Post(replace(posting.system, pool=new_pool()), posting.boxes)
    await open_pool(made.system)
    await channels(made, kind="website")
    async with sending(made.system) as outbox:
        now_ms = made.system.services.now_ms
        await until(
            lambda: any(one.name == f"mail/{made.system.pool}" for one in outbox.targets.current(now_ms())), "it begins"
        )
        yield made
    forget, target = "DELETE FROM deliveries WHERE target = ?", f"mail/{made.system.pool}"
    made.system.services.control.write(lambda connection: connection.execute(forget, (target,)))


async def channels(post: Post, **more: Any) -> None:
    body = {"channels": [{"channel_id": "shop-de", "name": "Web shop"} | more]}
    answer = await post.system.client.put(f"{post.system.path}/channels", json=body)
    assert answer.status_code == 200, answer.text


async def ask(post: Post, order: Any, path: str, body: Any) -> Any:
    answer = await post.system.client.post(f"{post.system.path}/orders/{order['order_id']}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ship(post: Post, order: Any, part: int = 0, **more: Any) -> Any:
    fulfillment_id = order["fulfillments"][part]["fulfillment_id"]
    body = {"parcel_id": f"P-{fulfillment_id}", "carrier": "dhl", "tracking_number": "00340"} | more
    return await ask(post, order, f"fulfillments/{fulfillment_id}/ship", body)


async def test_a_customer_is_written_to_when_the_order_is_taken_shipped_and_delivered_in_their_language(
    post: Post,
) -> None:
    order = await place(post.system, "M-1", 2, customer=ADA)
    await post.ended(1)
    shipped = await ship(post, order)
    await post.ended(2)
    parcel = shipped["parcels"][0]
    await ask(post, order, f"fulfillments/{parcel['fulfillment_id']}/parcels/{parcel['parcel_id']}/deliver", {})
    await post.ended(3)

    assert post.subjects() == [
        "Ihre Bestellung M-1 bei Web shop",
        "Ihre Bestellung M-1 ist unterwegs",
        "Ihre Bestellung M-1 wurde zugestellt",
    ]
    first, second, _ = post.boxes.got
    assert (first["From"], first["To"]) == ("Web shop <orders@shop.example>", "ada@example.org")
    assert (first["Content-Language"], first["Auto-Submitted"]) == ("de-DE", "auto-generated")
    assert first["Message-ID"] == f"<{post.rows()[0].delivery_id}@shop.example>"
    text = words_of(second)
    assert text.startswith(
        "Guten Tag Ada Muster,\n\nDiese Artikel Ihrer Bestellung M-1 sind auf dem Weg zu Ihnen.\n\n- 2"
    )
    assert "Paket: dhl 00340" in text
    assert "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340" in text
    assert f"Bestellung verfolgen: {PUBLIC}/t/" in text
    assert [(row.state, row.reference) for row in post.rows()] == [
        ("done", str(one["Message-ID"])) for one in post.boxes.got
    ]


async def test_personal_data_is_neither_in_rows_nor_in_the_log(post: Post) -> None:
    post.boxes.for_recipient = lambda address: f"550 5.1.1 no such person: {address}"
    await place(post.system, "M-2", 1, customer=BOB)
    await post.ended(1)

    [row] = post.rows()
    assert (row.state, row.note) == ("refused", "the mail server refuses the address (550 5.1.1)")
    [logged] = post.system.services.outbox.attempts(row.delivery_id)
    assert (logged.outcome, logged.answer) == ("refused", "")
    connection = post.system.services.control.connection()
    for table in ("deliveries", "delivery_attempts", "outbox_targets"):
        everything = repr(connection.execute(f"SELECT * FROM {table}").fetchall())
        assert "bob@" not in everything
        assert "Bob" not in everything


async def test_a_server_that_takes_a_mail_and_falls_silent_is_sent_the_same_mail_which_mail_boxes_know(
    post: Post,
) -> None:
    post.boxes.for_mail = lambda count: "lost" if count == 0 else "250 OK"
    await place(post.system, "M-3", 1, customer=BOB)

    def hurried() -> bool:
        [shown] = post.system.services.outbox.connections(post.system.pool, 0)
        post.system.services.outbox.reset(shown, actor="test", now_ms=post.system.services.now_ms())
        return bool(post.rows()) and post.rows()[0].state == "done"

    await until(hurried, "it is sent", 30)
    assert len(post.boxes.raw) == 2
    assert post.boxes.raw[0] == post.boxes.raw[1]
    assert len(post.boxes.box()) == 1


async def test_a_server_that_asks_for_patience_is_asked_again(post: Post) -> None:
    answers = ["451 4.7.1 greylisted", "250 OK"]
    post.boxes.for_recipient = lambda _: answers.pop(0) if answers else "250 OK"
    await place(post.system, "M-4", 1, customer=BOB)
    await until(lambda: bool(post.rows()) and post.rows()[0].note != "", "it is tried")
    [shown] = post.system.services.outbox.connections(post.system.pool, 0)
    assert shown.last_error == "the mail server refuses the address (451 4.7.1)"
    post.system.services.outbox.reset(shown, actor="test", now_ms=post.system.services.now_ms())
    await post.ended(1)
    assert post.subjects() == ["Your order M-4 at Web shop"]


async def test_only_what_the_channel_wants_is_sent(post: Post) -> None:
    await channels(post, kind="website", mails=["shipped"])
    order = await place(post.system, "M-5", 1, customer=BOB)
    await ship(post, order)
    await post.ended(1)
    assert post.subjects() == ["Your order M-5 is on its way"]


@pytest.mark.parametrize("more", [{"kind": "marketplace"}, {"kind": "till"}, {"kind": "website", "mails": []}], ids=str)
async def test_marketplaces_tills_and_channels_that_are_off_send_nothing(post: Post, more: Any) -> None:
    await channels(post, **more)
    await place(post.system, "M-6", 1, customer=BOB)
    await asyncio.sleep(0.8)
    assert (post.rows(), post.boxes.got) == ([], [])


async def test_imports_and_orders_of_long_ago_are_not_confirmed_and_what_is_shipped_of_them_is(post: Post) -> None:
    imported = await place(post.system, "M-7", 1, customer=BOB, reason="headrace import-orders")
    await place(post.system, "M-8", 1, customer=BOB, placed_at="2026-01-01T00:00:00Z")
    historic = {"shipped_at": "2025-01-01T00:00:00Z", "placed_at": "2025-01-01T00:00:00Z"}
    body = {
        "channel": "shop-de", "external_id": "M-9", "currency": "EUR", "customer": BOB,
        "lines": [{"sku": SKU, "quantity": 1}], "destination": {"country": "DE"}, **historic,
    }  # fmt: skip
    answer = await post.system.client.post(f"{post.system.path}/orders/import", json=body)
    assert answer.status_code == 201, answer.text
    await ship(post, imported)
    await post.ended(2)
    assert post.subjects() == ["Your order M-7 is on its way"]
    assert post.notes()[0] == ("skipped", "it was placed long before it came here")


async def test_nothing_is_replayed_to_customers(post: Post) -> None:
    await place(post.system, "M-10", 1, customer=BOB)
    await post.ended(1)
    url = f"{post.system.path}/connections/mail/{post.system.pool}"
    body = {"from": "2026-01-01T00:00:00Z"}
    answer = await post.system.client.post(f"{url}/replay", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_replayed")
    again = await post.system.client.post(f"{url}/deliveries/{post.rows()[0].delivery_id}/redeliver")
    assert again.status_code == 200
    await until(lambda: len(post.boxes.got) == 2, "it is sent again")
    assert len(post.boxes.box()) == 1


async def test_who_was_erased_or_has_no_address_is_not_written_to(post: Post) -> None:
    await place(post.system, "M-11", 1)
    await place(post.system, "M-12", 1, customer={"customer_id": "c-1", "name": "No Mail"})
    await place(post.system, "M-13", 1, customer={"customer_id": "c-2", "email": "x@marketplace.amazon.de"})
    await place(post.system, "M-14", 1, customer={"customer_id": "c-3", "email": "a@b.example\r\nBcc: c@d.example"})
    await post.ended(4)
    assert post.boxes.got == []
    nowhere = "the customer has no e-mail address that can be written to"
    notes = ["no address of the customer is known", nowhere, nowhere, "the marketplace forbids it"]
    assert sorted(post.notes()) == [("skipped", note) for note in notes]


async def test_hostile_names_neither_make_headers_nor_html_nor_links(post: Post) -> None:
    eve = {"customer_id": "c-eve", "name": "<b>Eve</b>\r\nBcc: x@y.example", "email": "eve@example.org"}
    await channels(post, kind="website", name='Shop "A" <x@evil.example>, B')
    await place(post.system, "X\r\nBcc: z@y.example <script>", 1, customer=eve)
    await post.ended(1)

    [mail] = post.boxes.got
    assert mail["Bcc"] is None
    # Folded before its first word, it is read with the fold's blank.
    assert str(mail["Subject"]).strip() == 'Your order X Bcc: z@y.example <script> at Shop "A" <x@evil.example>, B'
    assert [one.addr_spec for one in mail["From"].addresses] == ["orders@shop.example"]
    assert post.boxes.envelopes == [("orders@shop.example", ["eve@example.org"])]
    html = words_of(mail, "html")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Eve" not in html
    assert words_of(mail).startswith("Hello,\n")


async def test_units_cancelled_and_refunds_are_told(post: Post) -> None:
    order = await place(post.system, "M-15", 3, customer=BOB)
    await post.ended(1)
    await ask(post, order, "cancel", {"units": [{"line_id": "1", "quantity": 1}]})
    await post.ended(2)
    await ask(post, order, "cancel", {})
    await post.ended(3)
    assert post.subjects() == [
        "Your order M-15 at Web shop",
        "Part of your order M-15 has been cancelled",
        "Your order M-15 has been cancelled",
    ]
    assert "- 1 × " in words_of(post.boxes.got[1])
    assert "- 2 × " in words_of(post.boxes.got[2])


async def test_mails_are_paused_and_resumed_like_any_connection(post: Post) -> None:
    url = f"{post.system.path}/connections/mail/{post.system.pool}"
    assert (await post.system.client.post(f"{url}/pause")).json()["done"] is True
    await asyncio.sleep(0.8)
    await place(post.system, "M-16", 1, customer=BOB)
    await until(lambda: len(post.rows()) == 1, "its row is there")
    await asyncio.sleep(0.5)
    assert post.boxes.got == []
    await post.system.client.post(f"{url}/resume")
    await post.ended(1)
    assert post.subjects() == ["Your order M-16 at Web shop"]


async def test_amazons_customers_are_never_written_to_whatever_is_set(post: Post) -> None:
    now_ms, stores = post.system.services.now_ms(), post.system.services.exchange
    account = SetUpAccount(
        name=f"amazon-{post.system.pool}",
        connector="amazon-toy",
        pool=post.system.pool,
        channel="shop-de",
        location="berlin",
    )
    stores.accounts.put(account, actor="test", reason="", now_ms=now_ms)
    await channels(post, kind="website", mails=["taken"])
    await asyncio.sleep(0.8)
    await place(post.system, "M-17", 1, customer=BOB)
    await asyncio.sleep(0.8)
    assert (post.rows(), post.boxes.got) == ([], [])


async def test_customers_of_a_simulated_pool_are_not_written_to(posting: Post) -> None:
    made = Post(replace(posting.system, pool=new_pool()), posting.boxes)
    await open_pool(made.system)
    body = {"currency": "EUR", "name": "Past", "simulated": True}
    answer = await made.system.client.put(made.system.path, json=body)
    assert answer.status_code == 200, answer.text
    await channels(made, kind="website")
    async with sending(made.system) as outbox:
        await asyncio.sleep(0.8)
        names = {one.name for one in outbox.targets.current(made.system.services.now_ms())}
    assert f"mail/{made.system.pool}" not in names
