import asyncio
import base64
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from api.exchange.secrets import Place
from connectors.frame.accounts import SetUpAccount
from connectors.frame.declaration import Connector
from connectors.frame.message import Account, Message
from models.ids import order_id
from tests.support.system import SKU, System, answered, client_of, shows
from tests.support.toy import TOYS, order_said, signed, toy

SECRET, NEXT = "shop-secret", "next-secret"


def set_up(system: System, *, connector: str = "toy", live: bool = True, **more: Any) -> str:
    """Set an account of the test's pool up, and give its name."""
    account = SetUpAccount(
        name=f"a-{system.pool}-{connector}",
        connector=connector,
        pool=system.pool,
        channel="shop-de",
        location="berlin",
        live=live,
        **more,
    )
    system.services.exchange.accounts.put(account, actor="test", reason="", now_ms=1)
    keep(system, account.name, SECRET)
    return account.name


def keep(system: System, account: str, value: str, place: Place = "current") -> None:
    system.services.exchange.secrets.put(account, "webhook_secret", value, place, actor="test", now_ms=1)


async def send(system: System, account: str, body: bytes, secret: str = SECRET, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client_of(system.app, "") as client:
        return await client.post(f"/v1/hooks/{account}", content=body, headers=signed(body, secret) | named)


def counts(system: System, account: str) -> dict[str, int]:
    return system.services.exchange.counts.all().get(account, {})


def key_of(system: System, external_id: str) -> str:
    return order_id(system.pool, "shop-de", external_id)


async def order(system: System, external_id: str) -> Any:
    url = f"{system.path}/orders/{key_of(system, external_id)}"
    return (await answered(system.client, url, lambda answer: answer.status_code == 200)).json()


async def test_a_signed_order_is_on_record_when_it_is_answered_and_its_buyer_is_sealed(stocked: System) -> None:
    account = set_up(stocked)
    sent = stocked.sent
    answer = await send(stocked, account, order_said("1", SKU, 2, email="ada@example.org"))

    assert (answer.status_code, answer.json()) == (200, {"status": "taken", "commands": 1, "refused": 0})
    assert stocked.sent == sent + 1
    shown = await order(stocked, "1")
    assert [(line["sku"], line["quantity"]) for line in shown["lines"]] == [(SKU, 2)]
    assert (shown["customer"]["email"], shown["customer"]["locale"]) == ("ada@example.org", "de-AT")
    row = stocked.services.views.order(stocked.pool, key_of(stocked, "1"))
    assert row is not None
    assert b"ada@example.org" not in row[1]
    assert counts(stocked, account) == {"commands": 1, "translated": 1}


@pytest.mark.parametrize("named", [True, False])
async def test_the_same_webhook_fifty_times_at_once_and_reordered_has_one_effect(stocked: System, named: bool) -> None:
    account = set_up(stocked)
    bodies = [order_said(str(number), SKU, number) for number in (1, 2, 3)]
    tries = [(number, body) for number, body in enumerate(bodies) for _ in range(50)]
    random.Random(7).shuffle(tries)
    answers = await asyncio.gather(
        *(send(stocked, account, body, **({"x_toy_id": f"id-{number}"} if named else {})) for number, body in tries)
    )

    assert {answer.status_code for answer in answers} == {200}
    for number in (1, 2, 3):
        await order(stocked, str(number))
    listed = (await stocked.client.get(f"{stocked.path}/orders")).json()["orders"]
    assert sorted(one["external_id"] for one in listed) == ["1", "2", "3"]
    await shows(
        stocked,
        f"{stocked.path}/stock/{SKU}",
        lambda view: sum(level["allocated"] for level in view["levels"]),
        6,
    )


async def test_who_does_not_sign_learns_nothing_not_even_whether_there_is_an_account(stocked: System) -> None:
    account = set_up(stocked)
    body, sent = order_said("1", SKU), stocked.sent
    answers = [
        await send(stocked, account, body, "wrong"),
        await send(stocked, "nobody", body),
        await send(stocked, account, body, x_toy_signature=""),
    ]
    async with client_of(stocked.app, "") as client:
        answers.append(await client.post(f"/v1/hooks/{account}/{SECRET}", content=body))

    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {
        (404, "There is no such account, or this is not signed by it.")
    }
    assert stocked.sent == sent
    assert counts(stocked, account) == {}


async def test_both_secrets_hold_while_one_is_replaced_and_the_former_ends(stocked: System) -> None:
    account = set_up(stocked)
    keep(stocked, account, NEXT, "next")
    both = [await send(stocked, account, order_said("1", SKU), secret) for secret in (SECRET, NEXT)]
    assert stocked.services.exchange.secrets.retire(account, "webhook_secret", actor="test", now_ms=1)
    after = [await send(stocked, account, order_said("1", SKU), secret) for secret in (SECRET, NEXT)]

    assert [answer.status_code for answer in (*both, *after)] == [200, 200, 404, 200]


async def test_a_system_that_signs_nothing_comes_by_the_secret_of_its_address(stocked: System) -> None:
    account = set_up(stocked, connector="bare-toy")
    body = order_said("1", SKU)
    async with client_of(stocked.app, "") as client:
        codes = [
            (await client.post(f"/v1/hooks/{account}{end}", content=body)).status_code
            for end in ("", "/wrong", f"/{SECRET}")
        ]

    assert codes == [404, 404, 200]
    assert (await order(stocked, "1"))["external_id"] == "1"


async def test_a_body_is_refused_while_it_streams_once_it_is_too_long(stocked: System) -> None:
    account = set_up(stocked)
    read = 0

    async def endless() -> Any:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 10_000

    async with client_of(stocked.app, "") as client:
        answer = await client.post(f"/v1/hooks/{account}", content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert read <= 30


async def test_a_refused_entry_is_put_aside_once_with_field_and_reason_and_the_others_go_on(stocked: System) -> None:
    account = set_up(stocked)
    good = {"id": "1", "lines": [{"sku": SKU, "quantity": 1}]}
    bad = {"id": "2", "lines": [{"sku": SKU, "quantity": "many"}], "email": "ada@example.org"}
    body = json.dumps({"kind": "orders", "orders": [good, bad]}).encode()
    answers = [await send(stocked, account, body) for _ in range(3)]

    assert [answer.json() for answer in answers] == [{"status": "taken", "commands": 1, "refused": 1}] * 3
    assert (await order(stocked, "1"))["external_id"] == "1"
    letters = await letters_of(stocked, account)
    assert [(letter["code"], letter["text"].partition(": ")[0]) for letter in letters] == [("untranslatable", "2")]
    assert "lines[0].quantity" in letters[0]["text"]
    assert b"ada@example.org" not in json.dumps(letters).encode()


async def letters_of(system: System, account: str) -> Any:
    def found(answer: httpx2.Response) -> Any:
        return [one for one in answer.json()["dead_letters"] if one["source"] == f"connector:{account}"]

    return found(await answered(system.client, "/v1/dead-letters?limit=200", found))


async def test_a_translator_that_fails_keeps_the_message_and_answers_all_the_same(stocked: System) -> None:
    account = set_up(stocked)
    answer = await send(stocked, account, b'{"kind": "crash"}')

    assert (answer.status_code, answer.json()["refused"]) == (200, 1)
    assert [letter["text"] for letter in await letters_of(stocked, account)] == [
        "the translator failed (ZeroDivisionError)"
    ]


async def test_what_says_nothing_to_us_is_counted_and_nothing_is_sent(stocked: System) -> None:
    account, sent = set_up(stocked), stocked.sent
    answer = await send(stocked, account, b'{"kind": "product"}')

    assert (answer.status_code, answer.json()["commands"]) == (200, 0)
    assert stocked.sent == sent
    assert counts(stocked, account) == {"ignored": 1}


async def test_an_account_in_shadow_is_translated_and_counted_and_sends_nothing(stocked: System) -> None:
    account, sent = set_up(stocked, live=False), stocked.sent
    answer = await send(stocked, account, order_said("1", SKU))

    assert (answer.status_code, answer.json()["commands"]) == (200, 0)
    assert stocked.sent == sent
    assert counts(stocked, account) == {"commands_withheld": 1, "withheld": 1}


async def test_what_an_account_in_shadow_is_told_is_kept_once_sealed_and_waits_for_nothing(stocked: System) -> None:
    account, stores = set_up(stocked, live=False), stocked.services.exchange
    for _ in range(2):
        await send(stocked, account, order_said("1", SKU))
        await send(stocked, account, b'{"kind": "parcel", "id": "9"}')

    assert [fact.__struct_config__.tag for fact in stores.shadow.of(account)] == ["order", "parcel"]
    assert stores.parking.counts().get(account, 0) == 0
    rows = stocked.services.control.connection().execute("SELECT sealed FROM shadow_facts").fetchall()
    assert not any(SKU.encode() in row[0] for row in rows)


async def test_a_fact_about_an_order_that_is_not_known_waits_sealed_and_once(stocked: System) -> None:
    account, sent = set_up(stocked), stocked.sent
    for _ in range(3):
        assert (await send(stocked, account, b'{"kind": "parcel", "id": "9"}')).status_code == 200

    assert stocked.sent == sent
    assert stocked.services.exchange.parking.counts()[account] == 1
    rows = stocked.services.control.connection().execute("SELECT sealed FROM parked_messages").fetchall()
    assert not any(b"parcel" in row[0] for row in rows)


async def test_messages_of_a_paused_account_wait(stocked: System) -> None:
    account, sent = set_up(stocked), stocked.sent
    stocked.services.exchange.accounts.pause(account, paused=True, actor="test", reason="", now_ms=2)
    answer = await send(stocked, account, order_said("1", SKU))

    assert answer.status_code == 200
    assert stocked.sent == sent
    assert stocked.services.exchange.parking.counts()[account] == 1


async def test_a_refused_message_is_taken_again_by_hand_and_what_it_said_before_is_not_done_twice(
    stocked: System,
) -> None:
    account = set_up(stocked)
    good = {"id": "1", "lines": [{"sku": SKU, "quantity": 1}]}
    body = json.dumps({"kind": "orders", "orders": [good, {"id": "2", "lines": [{"sku": SKU}]}]}).encode()
    await send(stocked, account, body)
    [letter] = await letters_of(stocked, account)
    assert base64.b64decode(letter["payload_base64"]) == body
    url = f"/v1/dead-letters/{letter['dead_letter_id']}/replay"
    still = await stocked.client.post(url)
    mended = TOYS["toy"].translate(
        Message(body=body.replace(b'{"sku": "%s"}' % SKU.encode(), b'{"sku": "%s", "quantity": 2}' % SKU.encode())),
        Account(name="", connector="", pool=""),
    )
    translator = toy(translate=lambda _message, _account: mended)
    with translating(stocked, translator):
        answers = [await stocked.client.post(url) for _ in range(2)]

    assert (still.status_code, still.json()["code"]) == (422, "untranslatable")
    assert [answer.status_code for answer in answers] == [202, 409]
    assert answers[0].json() == {"status": "taken", "account": account, "commands": 2}
    assert (await order(stocked, "2"))["lines"][0]["quantity"] == 2
    assert (await order(stocked, "1"))["version"] == 1


@contextmanager
def translating(system: System, connector: Connector) -> Iterator[None]:
    """Let another translator read the toy's messages: a mended one."""
    stores = system.services.exchange
    before, stores.connectors = stores.connectors, dict(stores.connectors) | {"toy": connector}
    try:
        yield
    finally:
        stores.connectors = before
