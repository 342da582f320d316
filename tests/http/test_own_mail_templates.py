"""A merchant's own mail templates in a running system: checked, put into force, versioned and sent."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from api.roles import Role
from tests.http.test_mails import ADA, BOB, Post, channels, ship
from tests.support.mail_server import mail_server, words_of
from tests.support.outbox import sending
from tests.support.partner import until
from tests.support.people import HTML, add_user, signed_in
from tests.support.system import new_pool, open_pool, place, running_system

OURS = {"de/taken.txt": "Danke für {{ number }}\n\nWir packen Ihre Bestellung bei {{ shop }}.\n"}


@pytest_asyncio.fixture(loop_scope="session")
async def post(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with mail_server() as (boxes, port):
        mails = {
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "smtp_from": "orders@shop.example",
        }
        async with running_system(bootstrap, tmp_path_factory.mktemp("own-mails"), **mails) as system:
            made = Post(replace(system, pool=new_pool()), boxes)
            await open_pool(made.system)
            await channels(made, kind="website")
            yield made


async def put(post: Post, files: dict[str, str], reason: str = "ours") -> Any:
    return await post.system.client.put(f"{post.system.path}/mails/templates", json={"files": files, "reason": reason})


async def in_force(post: Post) -> Any:
    return (await post.system.client.get(f"{post.system.path}/mails/templates")).json()


async def test_own_words_are_sent_under_their_version_and_those_before_stay_as_they_were(post: Post) -> None:
    services = post.system.services
    async with sending(post.system) as outbox:
        await until(lambda: any(one.mails for one in outbox.targets.current(services.now_ms())), "mails begin")
        await place(post.system, "O-1", 1, customer=ADA)
        await post.ended(1)
        assert (await put(post, OURS)).json() == {"version": 1, "changed": True}
        assert (await put(post, OURS)).json() == {"version": 1, "changed": False}
        order = await place(post.system, "O-2", 1, customer=ADA)
        await place(post.system, "O-3", 1, customer=BOB)
        await post.ended(3)
        await ship(post, order)
        await post.ended(4)
        assert (await put(post, {}, "as before")).json() == {"version": 2, "changed": True}
        first = post.rows()[1].delivery_id
        url = f"{post.system.path}/connections/mail/{post.system.pool}/deliveries/{first}"
        await post.system.client.post(f"{url}/redeliver")
        await until(lambda: len(post.boxes.got) == 5, "it is sent again")
        await post.ended(4)
        log = (await post.system.client.get(url)).json()["log"]

    assert sorted(post.subjects()) == sorted([
        "Ihre Bestellung O-1 bei Web shop", "Danke für O-2", "Danke für O-2", "Your order O-3 at Web shop",
        "Ihre Bestellung O-2 ist unterwegs",
    ])  # fmt: skip
    assert [one["note"] for one in log] == ["written by de/taken.txt, version 1"] * 2
    assert "Wir packen Ihre Bestellung bei Web shop." in words_of(post.boxes.got[-1])
    assert [(one.state, one.note.removeprefix("written by ")) for one in post.rows()] == [
        ("done", "de/taken.txt, built in"),
        ("done", "de/taken.txt, version 1"),
        ("done", "en/taken.txt, built in"),
        ("done", "de/shipped.txt, built in"),
    ]
    assert [(one["version"], one["reason"], one["files"]) for one in (await in_force(post))["versions"]] == [
        (2, "as before", 0),
        (1, "ours", 1),
    ]


async def test_wrong_templates_are_refused_and_those_in_force_stay(post: Post) -> None:
    await put(post, OURS)
    wrong = {"de/taken.txt": "Danke\n\n{{ numer }}", "en/taken.txt": "{{ ''.__class__ }}\n\nx"}
    answer = await put(post, wrong)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "templates_invalid", "files")
    assert answer.json()["detail"].startswith(
        "de/taken.txt:3:1: there is no value 'numer' here: did you mean number?; en/taken.txt:1:1: "
    )
    assert (await put(post, {"en/taken.txt": "x" * 16_001})).status_code == 422
    for body in (
        b'{"files": {"\\ud800/x.txt": "x"}}',
        b'{"files": {"de/taken.txt": "\\ud800"}}',
        b'{"files": {"\\u0000": "x"}}',
    ):
        url, kind = f"{post.system.path}/mails/templates", {"content-type": "application/json"}
        odd = await post.system.client.put(url, content=body, headers=kind)
        assert odd.status_code in (400, 422), odd.text
    shown = await in_force(post)
    assert (shown["version"], shown["files"]) == (1, OURS)
    other = post.system.path.replace(post.system.pool, "nowhere")
    assert (await post.system.client.put(f"{other}/mails/templates", json={"files": OURS})).status_code == 404


async def test_a_preview_sends_nothing_and_puts_nothing_into_force(post: Post) -> None:
    async def preview(**body: Any) -> Any:
        return await post.system.client.post(f"{post.system.path}/mails/preview", json=body)

    shown = (await preview(mail="taken", language="de-AT", files=OURS)).json()
    assert (shown["subject"], shown["language"]) == ("Danke für 100234", "de-AT")
    assert "Wir packen Ihre Bestellung bei Web shop." in shown["html"]
    assert (await preview(mail="taken", language="de-AT")).json()["written_by"] == "de/taken.txt, built in"
    assert (await preview(mail="nothing")).json()["code"] == "mail_unknown"
    assert (await preview(mail="taken", files={"de/taken.txt": "{{ x }}"})).json()["code"] == "templates_invalid"
    assert await in_force(post) == {"version": 0, "files": {}, "versions": []}
    assert post.boxes.got == []


async def test_templates_that_fail_all_the_same_keep_nobody_from_being_written_to(post: Post) -> None:
    services = post.system.services
    await put(post, OURS)
    # As if an older release had let it through.
    broken = json.dumps({"de/taken.txt": "Danke\n\n{{ gone }}"})
    services.control.write(lambda connection: connection.execute("UPDATE mail_templates SET files = ?", (broken,)))
    async with sending(post.system) as outbox:
        await until(lambda: any(one.mails for one in outbox.targets.current(services.now_ms())), "mails begin")
        await place(post.system, "O-9", 1, customer=ADA)
        await post.ended(1)

    assert post.subjects() == ["Ihre Bestellung O-9 bei Web shop"]
    [row] = post.rows()
    assert row.note == "written by de/taken.txt, built in, since version 1 failed: UndefinedError"


async def test_each_change_of_templates_stands_in_the_audit_log(post: Post) -> None:
    await put(post, OURS, "Christmas")
    rows = post.system.services.control.connection().execute(
        "SELECT reason, before, after FROM audit_lines WHERE action = 'put_mail_templates'"
    )
    assert rows.fetchall() == [("Christmas", "version 0", "version 1: de/taken.txt")]


async def test_the_page_shows_what_is_in_force_and_a_mail_by_it(post: Post) -> None:
    integrator = add_user(post.system, f"ivy-{post.system.pool}", Role.INTEGRATOR)
    url = f"/p/{post.system.pool}/mails"
    async with signed_in(post.system, integrator) as client:
        before = (await client.get(url, headers=HTML)).text
        await put(post, OURS | {"de/ready.txt": "Bereit\n\n<b>{{ store }}</b>\n"}, "<i>Christmas</i>")
        taken = (await client.get(f"{url}?mail=taken&language=de", headers=HTML)).text
        ready = (await client.get(f"{url}?mail=ready&language=de", headers=HTML)).text
        unknown = await client.get(f"{url}?mail=none&language=../../x", headers=HTML)

    assert "The templates that come with Headrace." in before
    assert "Version 1, with these files" in taken
    assert "Danke für 100234" in taken
    assert "by de/taken.txt, version 1. Nothing is sent." in taken
    assert "&lt;i&gt;Christmas&lt;/i&gt;" in taken
    assert "&lt;b&gt;Berlin Mitte&lt;/b&gt;" in ready
    assert (unknown.status_code, "Your order 100234 at Web shop" in unknown.text) == (200, True)
