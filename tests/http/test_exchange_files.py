import base64
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.exchange.calling import Caller
from api.exchange.files import Watch, look, look_and_note
from api.exchange.folders import Folder, FolderError, Place, TooLongError, is_name
from api.exchange.parked import take_up
from api.exchange.process import Exchange
from connectors.frame.facts import DocumentAcknowledged
from connectors.frame.message import Account, Message, Refusal, Translation
from tests.http.test_exchange import all_parked
from tests.http.test_hooks import counts, letters_of, send, set_up, translating
from tests.support.system import SKU, System, answered, open_pool, shows, shows_levels
from tests.support.toy import TOYS, order_said, toy


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(stocked: System) -> Any:
    caller = Caller()
    yield Exchange.of(stocked.services, caller)
    await caller.close()


async def test_a_complete_count_sends_only_what_differs_and_counts_what_it_leaves_out_as_none(
    system: System,
) -> None:
    await open_pool(system, 40)
    exchange = Exchange.of(system.services, Caller())
    account = set_up(system)
    await shows_levels(system, (40, 0))
    lines = [{"sku": f"NEW-{number}", "quantity": 0} for number in range(300)]
    same = json.dumps({"kind": "stock", "id": "S-1", "complete": True, "lines": [{"sku": SKU, "quantity": 40}, *lines]})
    without = json.dumps({"kind": "stock", "id": "S-2", "complete": True, "lines": lines})
    sent = system.sent
    for body in (same, without):
        assert (await send(system, account, body.encode())).json()["commands"] == 0
        for parked in await all_parked(system, account):
            await take_up(exchange, parked)
    await exchange.caller.close()

    assert system.sent == sent + 1
    await shows_levels(system, (0, 0))
    assert counts(system, account) == {"commands": 1, "ignored": 1, "parked": 2, "translated": 1}


async def test_files_are_taken_in_order_once_they_stand_still_and_moved_with_a_report(
    stocked: System, exchange: Exchange, tmp_path: Path
) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    stored = stocked.services.exchange.accounts.find(set_up(stocked, settings={"inbox": str(inbox)}))
    assert stored is not None
    (inbox / "b.json").write_bytes(order_said("1", SKU, 1, version=2))
    (inbox / "a.json").write_bytes(order_said("1", SKU, 3, version=1))
    (inbox / "c.json").write_text("{")
    (inbox / ".d.part").write_text("half")
    (inbox / "link.json").symlink_to("/etc/hostname")
    (inbox / "tab\t.json").write_text("{}")
    watch = Watch()
    await look(exchange, stored, watch)
    left = ["link.json", "tab\t.json"]
    assert sorted(path.name for path in inbox.iterdir()) == [".d.part", "a.json", "b.json", "c.json", *left]
    (inbox / "c.json").write_text("{ ")
    await look(exchange, stored, watch)
    assert watch.names == ["a.json", "b.json"]
    await look(exchange, stored, watch)

    assert sorted(path.name for path in inbox.iterdir()) == [".d.part", "done", "failed", *left]
    assert watch.left == [
        "'link.json' is a link, or something else than a file",
        "'tab\\t.json' is no name that a file may have",
    ]
    assert sorted(path.name for path in (inbox / "done").iterdir()) == [
        "a.json", "a.json.report.txt", "b.json", "b.json.report.txt",
    ]  # fmt: skip
    assert "this is no JSON" in (inbox / "failed" / "c.json.report.txt").read_text()
    await shows_levels(stocked, (40, 1))


async def test_a_long_file_is_taken_in_parts_and_taken_again_it_has_no_second_effect(
    stocked: System, exchange: Exchange, tmp_path: Path
) -> None:
    def stream(_: Message, chunks: Iterable[bytes], account: Account) -> Iterator[Translation]:
        lines = b"".join(chunks).splitlines()
        for start in range(0, len(lines), 20):
            yield Translation(
                facts=tuple(
                    fact
                    for line in lines[start : start + 20]
                    for fact in TOYS["toy"].translate(Message(body=line), account).facts
                ),
                refused=(Refusal(field="row", reason="bad", entry="7"),) if start == 20 else (),
            )

    inbox = tmp_path / "in"
    inbox.mkdir()
    stored = stocked.services.exchange.accounts.find(set_up(stocked, settings={"inbox": str(inbox)}))
    assert stored is not None
    rows = b"\n".join(order_said(str(number), SKU) for number in range(150))
    sent = stocked.sent
    with translating(stocked, toy(stream=stream)):
        for name in ("first.csv", "again.csv"):
            (inbox / name).write_bytes(rows)
            watch = Watch()
            await look(exchange, stored, watch)
            await look(exchange, stored, watch)

    assert stocked.sent == sent + 300
    await shows(
        stocked,
        f"{stocked.path}/orders?limit=200",
        lambda listed: sorted(one["external_id"] for one in listed["orders"]),
        sorted(map(str, range(150))),
    )
    report = (inbox / "failed" / "first.csv.report.txt").read_text().splitlines()
    assert report == ["commands 150", "withheld 0", "waiting 0", "refused 1", "7\trow\tbad"]
    [letter] = await letters_of(stocked, stored.name)
    replayed = await stocked.client.post(f"/v1/dead-letters/{letter['dead_letter_id']}/replay")
    assert (replayed.status_code, replayed.json()["code"]) == (409, "kept_as_file")
    assert "move the file from `failed` back" in replayed.json()["detail"]


async def test_a_long_message_is_kept_whole_as_long_as_a_record_can_hold_it(
    stocked: System, exchange: Exchange
) -> None:
    stored = stocked.services.exchange.accounts.find(set_up(stocked))
    assert stored is not None
    long = json.dumps({"kind": "unheard of", "rows": ["a line of many alike"] * 400_000}).encode()
    beyond = b'{"kind": "unheard of", "noise": "%s"}' % random.Random(7).randbytes(6 << 20).hex().encode()
    for body in (long, beyond):
        await exchange.intake.take(stored, Message(body=body, name="long.json", received_at_ms=1))
    source = f"connector:{stored.name}"

    def both(answer: Any) -> list[Any]:
        found = [one for one in answer.json()["dead_letters"] if one["source"] == source]
        return found if len(found) == 2 else []

    letters = both(await answered(stocked.client, "/v1/dead-letters?limit=200", both))
    kept = [base64.b64decode(one["payload_base64"]) for one in letters]

    assert len(long) > 8 << 20
    assert all("at most 200000 are read" in one["text"] for one in letters)
    assert sorted(map(len, kept)) == [0, len(long)]
    assert long in kept


async def test_an_answer_that_the_format_wants_is_written_once_and_none_in_shadow(
    stocked: System, exchange: Exchange, tmp_path: Path
) -> None:
    folders = {live: {name: tmp_path / f"{name}-{live}" for name in ("inbox", "outbox")} for live in (True, False)}
    for path in (*folders[True].values(), *folders[False].values()):
        path.mkdir()
    with translating(stocked, toy(translate=lambda *_: Translation(ignored="only acknowledged", replies=(b"997",)))):
        for live, paths in folders.items():
            settings = {name: str(path) for name, path in paths.items()}
            stored = stocked.services.exchange.accounts.find(set_up(stocked, live=live, settings=settings))
            assert stored is not None
            for name in ("a.edi", "b.edi"):
                (paths["inbox"] / name).write_bytes(b"945")
            watch = Watch()
            await look(exchange, stored, watch)
            await look(exchange, stored, watch)

    assert [path.read_bytes() for path in (tmp_path / "outbox-True").iterdir()] == [b"997"]
    assert list((tmp_path / "outbox-False").iterdir()) == []


async def test_what_a_partner_says_of_a_document_stands_at_its_delivery(stocked: System, exchange: Exchange) -> None:
    stored = stocked.services.exchange.accounts.find(set_up(stocked))
    assert stored is not None
    columns = "delivery_id, target, pool, lane, kind, event_id, event_type, order_id, order_version, about"
    connection = stocked.services.control.connection()
    for number in (1, 2):
        connection.execute(
            f"INSERT INTO deliveries ({columns}, occurred_at_ms, created_at_ms, state, head, due_at_ms, number)"
            " VALUES (?, ?, 'p', 'l', 'k', 'e', 't', 'o', 1, '{}', 1, 1, 'done', 0, 1, ?)",
            (f"{stored.name}-{number}", f"account/{stored.name}", number),
        )
    facts = (
        DocumentAcknowledged(reference="1", accepted=True, at_ms=1),
        DocumentAcknowledged(reference="2", accepted=False, at_ms=1, note="ST 0002: element W0502 is missing"),
        DocumentAcknowledged(reference="3", accepted=False, at_ms=1),
    )
    await exchange.intake.say(stored, Message(body=b"997"), Translation(facts=facts))
    rows = connection.execute(
        "SELECT state, note FROM deliveries WHERE target = ? ORDER BY number", (f"account/{stored.name}",)
    )

    assert rows.fetchall() == [
        ("done", "its receiver has read it"),
        ("refused", "ST 0002: element W0502 is missing"),
    ]


async def test_a_folder_that_cannot_be_reached_keeps_its_files_and_is_told_of(
    stocked: System, exchange: Exchange, tmp_path: Path
) -> None:
    stored = stocked.services.exchange.accounts.find(set_up(stocked, settings={"inbox": str(tmp_path / "gone")}))
    assert stored is not None
    with pytest.raises(FolderError, match="FileNotFoundError"):
        await look(exchange, stored, Watch())
    for address in ("ftp://host/in", "sftp://user:pass@host/in"):
        with pytest.raises(FolderError):
            Folder(Place(address))


@pytest.mark.parametrize("name", ["../up.json", "a/b", "..", ".hidden", "a\x00b", "", " a", "C:\\x", "x\ny"])
def test_a_name_that_is_no_name_is_never_made_into_a_path(name: str, tmp_path: Path) -> None:
    assert not is_name(name)
    with pytest.raises(FolderError):
        Folder(Place(str(tmp_path))).write(name, b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_object_storage_or_memory_works_alike() -> None:
    folder = Folder(Place("memory://partner/in"))
    folder.write("b.csv", b"2")
    folder.write("a.csv", b"1")
    folder.move("b.csv", "done")
    folder.write("b.csv", b"3")
    folder.move("b.csv", "done")

    assert [(one.name, one.size) for one in folder.files()] == [("a.csv", 1)]
    assert folder.read("a.csv", 10) == b"1"
    with pytest.raises(TooLongError):
        folder.read("a.csv", 0)
    done = Folder(Place("memory://partner/in/done"))
    assert sorted(one.name for one in done.files()) == ["2-b.csv", "b.csv"]


async def test_what_is_left_in_a_folder_stands_on_the_page_of_its_account(
    stocked: System, exchange: Exchange, tmp_path: Path
) -> None:
    odd = [tmp_path / f"{number} .json " for number in range(4)]
    for path in odd:
        path.write_text("{}")
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    stored = stocked.services.exchange.accounts.find(set_up(stocked, live=True, settings={"inbox": str(tmp_path)}))
    assert stored is not None
    await look_and_note(exchange, stored, Watch())

    [read] = [one for one in stocked.services.exchange.cursors.all() if one.account == stored.name]
    assert read.trouble == (
        "'0 .json ' is no name that a file may have; '1 .json ' is no name that a file may have; '2 .json ' is no name"
        " that a file may have and 2 more: not taken, put a file of another name there instead"
    )
    page = await stocked.client.get(f"/p/{stocked.pool}/connections/account/{stored.name}")
    assert "&#39;0 .json &#39; is no name that a file may have" in page.text
    for path in (*odd, tmp_path / "link.json"):
        path.unlink()
    await look_and_note(exchange, stored, Watch())
    assert [one.trouble for one in stocked.services.exchange.cursors.all() if one.account == stored.name] == [""]
