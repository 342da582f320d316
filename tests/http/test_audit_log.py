import sqlite3

import msgspec
import pytest

from api.control.audit import AuditLine, AuditLog, StoredLine, Wanted, write_line
from api.control.database import ControlDatabase
from api.roles import Role
from tests.support.people import add_user, signed_in
from tests.support.system import SKU, System, place


def lines_of(system: System) -> list[AuditLine]:
    """The lines of this test's pool, oldest first."""
    stored = system.services.audit.lines(Wanted(), limit=500)
    return [found.line for found in reversed(stored) if found.line.pool == system.pool]


def told(line: AuditLine) -> tuple[str, str, str, str]:
    return line.actor, line.action, line.target, line.reason


async def test_what_a_person_does_to_an_order_has_a_line_with_before_and_after(stocked: System) -> None:
    order = await place(stocked)
    order_id = order["order_id"]
    before = len(lines_of(stocked))
    ops = add_user(stocked, f"ops-{stocked.pool}", Role.OPS)
    async with signed_in(stocked, ops) as client:
        url = f"{stocked.path}/orders/{order_id}"
        held = await client.post(
            f"{url}/hold", json={"hold": "payment", "reason": "card declined"}, headers={"X-Correlation-ID": "case-7"}
        )
        refused = await client.post(f"{url}/release", json={"hold": "address", "reason": "sure"})
    hold, release = lines_of(stocked)[before:]

    assert held.status_code == 200, held.text
    assert told(hold) == (f"user:{ops.name}", "hold_order", f"order:{order_id}", "card declined")
    assert msgspec.json.decode(hold.before) == {"status": "routed", "version": 1, "holds": []}
    after = msgspec.json.decode(hold.after)
    assert (after["status"], after["version"], after["holds"]) == ("held", 2, ["payment"])
    assert (hold.refusal, hold.correlation_id, hold.command_id[:1]) == ("", "case-7", "c")
    assert refused.status_code == 409
    assert told(release) == (f"user:{ops.name}", "release_hold", f"order:{order_id}", "sure")
    assert release.refusal.startswith("hold_absent: ")


async def test_a_stock_fact_by_a_person_tells_the_levels(stocked: System) -> None:
    ops = add_user(stocked, f"ops-{stocked.pool}", Role.OPS)
    before = len(lines_of(stocked))
    async with signed_in(stocked, ops) as client:
        answer = await client.post(
            f"{stocked.path}/stock/adjust",
            json={
                "source": "wms-berlin",
                "document": "adj-1",
                "location_id": "berlin",
                "sku": SKU,
                "delta": -3,
                "reason": "broken",
            },
        )
    [line] = lines_of(stocked)[before:]

    assert answer.status_code == 200, answer.text
    assert told(line) == (f"user:{ops.name}", "adjust_stock", f"sku:{SKU}", "broken")
    assert msgspec.json.decode(line.before)["levels"][SKU]["on_hand"] == 40
    assert msgspec.json.decode(line.after)["levels"][SKU]["on_hand"] == 37


async def test_machines_orders_stand_in_their_history_and_set_up_always_in_the_log(stocked: System) -> None:
    await place(stocked)
    lines = lines_of(stocked)

    assert [line.action for line in lines] == ["put_pool", "put_locations", "put_catalogue"]
    assert {line.actor for line in lines} == {"key:tester"}


async def test_a_line_names_no_customer(stocked: System) -> None:
    service = add_user(stocked, f"service-{stocked.pool}", Role.SERVICE)
    async with signed_in(stocked, service) as client:
        body = {
            "channel": "phone",
            "external_id": "p-1",
            "currency": "EUR",
            "lines": [{"sku": SKU, "quantity": 1, "unit_price_minor": 100}],
            "destination": {"country": "DE", "postcode": "10115", "latitude": 52.53, "longitude": 13.38},
            "customer": {"name": "Erika Mustermann", "email": "erika@example.com"},
        }
        answer = await client.post(f"{stocked.path}/orders", json=body)
    line = lines_of(stocked)[-1]

    assert answer.status_code == 201, answer.text
    assert (line.action, line.before) == ("place_order", "{}")
    assert msgspec.json.decode(line.after) == {
        "channel": "phone",
        "external_id": "p-1",
        "lines": 1,
        "status": "routed",
        "version": 1,
        "holds": [],
    }
    text = msgspec.json.encode(line).decode()
    assert "Erika" not in text
    assert "10115" not in text


async def test_a_repeat_by_the_same_person_writes_no_second_line(stocked: System) -> None:
    ops = add_user(stocked, f"ops-{stocked.pool}", Role.OPS)
    order = await place(stocked)
    url = f"{stocked.path}/orders/{order['order_id']}/hold"
    async with signed_in(stocked, ops) as client:
        for _ in range(2):
            answer = await client.post(url, json={"hold": "payment"}, headers={"Idempotency-Key": "once"})
            assert answer.status_code == 200, answer.text

    assert [line.action for line in lines_of(stocked)].count("hold_order") == 1


async def test_users_and_keys_leave_lines_in_the_same_transaction(system: System) -> None:
    services, now_ms = system.services, system.services.now_ms()
    user = add_user(system, f"fin-{system.pool}", Role.FINANCE)
    services.identity.users.change(user.user_id, actor="user:boss", reason="moved", now_ms=now_ms, role=Role.OPS)
    services.identity.users.change(user.user_id, actor="user:boss", reason="left", now_ms=now_ms, disabled=True)
    lines = [found.line for found in services.audit.lines(Wanted(target=f"user:{user.name}"))]

    assert [(line.actor, line.action, line.reason) for line in reversed(lines)] == [
        ("test", "add_user", ""),
        ("user:boss", "change_user", "moved"),
        ("user:boss", "disable_user", "left"),
    ]
    assert msgspec.json.decode(lines[1].before)["role"] == "finance"
    assert msgspec.json.decode(lines[1].after)["role"] == "ops"


async def test_a_line_left_by_a_process_that_died_is_written_later(system: System) -> None:
    pending, log = system.services.audit_pending, system.services.audit
    line = AuditLine(at_ms=5, actor="user:ann", action="hold_order", target="order:o-left", command_id="c-left")
    pending.keep(line)
    early = pending.finish_left(5)
    late = pending.finish_left(6)

    assert (early, late) == (0, 1)
    [found] = log.lines(Wanted(target="order:o-left"))
    assert (found.line.actor, found.line.command_id) == ("user:ann", "c-left")
    assert "not known" in found.line.after


@pytest.fixture
def chain(tmp_path: object) -> ControlDatabase:
    database = ControlDatabase(tmp_path / "control.db")  # type: ignore[operator]
    for number in range(1, 6):
        line = AuditLine(at_ms=number, actor="user:ann", action="x", target=f"t{number}", reason="why")
        database.write(lambda connection, line=line: write_line(connection, line))  # type: ignore[misc]
    return database


def test_an_untouched_chain_is_whole(chain: ControlDatabase) -> None:
    assert AuditLog(chain).damage() is None
    assert AuditLog(chain).head()[0] == 5


def test_lines_can_be_neither_changed_nor_deleted(chain: ControlDatabase) -> None:
    for statement in ("DELETE FROM audit_lines", "UPDATE audit_lines SET actor = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            chain.connection().execute(statement)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit_lines SET actor = 'user:bob' WHERE line = 3", 3),
        ("UPDATE audit_lines SET at_ms = 9 WHERE line = 1", 1),
        ("DELETE FROM audit_lines WHERE line = 2", 2),
        ("UPDATE audit_lines SET hash = zeroblob(32) WHERE line = 4", 4),
    ],
)
def test_who_gets_around_that_is_found_out(chain: ControlDatabase, statement: str, number: int) -> None:
    chain.connection().executescript(
        f"DROP TRIGGER audit_lines_are_kept; DROP TRIGGER audit_lines_are_final; {statement}"
    )
    damage = AuditLog(chain).damage()

    assert damage is not None
    assert damage.number == number


def test_lines_are_found_by_actor_target_and_day(chain: ControlDatabase) -> None:
    log = AuditLog(chain)

    assert [found.number for found in log.lines(Wanted(target="t2"))] == [2]
    assert [found.number for found in log.lines(Wanted(actor="user:ann", from_ms=2, before_ms=4))] == [3, 2]
    assert log.lines(Wanted(actor="user:bob")) == []
    assert [found.number for found in log.lines(Wanted(), before_number=4, limit=2)] == [3, 2]
    assert isinstance(log.lines(Wanted(), limit=1)[0], StoredLine)
