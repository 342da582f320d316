"""Personal data is sealed before it leaves the process, opened for those who may, and erased by destroying a key."""

import base64
import stat
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.control.audit import Wanted
from api.control.blind import PersonalData
from api.control.personal import MasterKeyError, Vault, load_master_key
from api.security import Scope
from models.partition import partition_of
from models.topics import catalogue
from tests.support.at_rest import bytes_at_rest
from tests.support.system import System, order_body, place

CUSTOMER = {
    "customer_id": "c-1",
    "name": "Canary Nameson",
    "email": "canary@example.org",
    "phone": "+49 30 555 0100 200",
    "address_lines": ["Canary Street 1"],
}
CANARIES = [b"Canary", b"canary@", b"555 0100 200"]


async def topic_bytes(system: System) -> bytes:
    """Every record of every topic of the pool's partition."""
    topics = catalogue(system.settings.topic_prefix)
    consumer = AIOKafkaConsumer(bootstrap_servers=system.settings.broker, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic.name, partition_of(system.pool)) for topic in topics.topics()])
        found = b""
        while batch := await consumer.getmany(timeout_ms=1_000):
            found += b"".join(record.value or b"" for records in batch.values() for record in records)
        return found
    finally:
        await consumer.stop()


async def test_it_stands_nowhere_in_clear(stocked: System) -> None:
    order = await place(stocked, customer=CUSTOMER)
    files = bytes_at_rest(path for path in stocked.settings.data_dir.iterdir() if path.is_file())
    topics = await topic_bytes(stocked)

    assert order["order_id"].encode() in topics
    assert [canary for canary in CANARIES if canary in topics or canary in files] == []


async def test_it_is_opened_for_keys_that_may_read_customers(stocked: System) -> None:
    order = await place(stocked, customer=CUSTOMER)
    url = f"{stocked.path}/orders/{order['order_id']}"
    async with stocked.client_of(Scope.ORDERS_READ) as warehouse:
        sealed = (await warehouse.get(url)).json()["customer"]
        listed = (await warehouse.get(f"{stocked.path}/orders")).json()["orders"][0]["customer"]
    async with stocked.client_of(Scope.ORDERS_READ, Scope.CUSTOMERS_READ) as service:
        opened = (await service.get(url)).json()["customer"]

    assert sealed == listed == {"customer_id": "c-1", "personal": "sealed"}
    assert opened == CUSTOMER | {"personal": "open"}


async def test_erasing_a_customer_erases_every_order_and_leaves_the_orders(stocked: System) -> None:
    first = await place(stocked, "1", customer=CUSTOMER)
    await place(stocked, "2", customer=CUSTOMER)
    erased = await stocked.client.post(f"{stocked.path}/customers/c-1/erase", json={"reason": "asked on 2 November"})
    again = await stocked.client.post(f"{stocked.path}/customers/c-1/erase", json={})
    orders = (await stocked.client.get(f"{stocked.path}/orders")).json()["orders"]

    assert (erased.status_code, erased.json()) == (200, {"customer_id": "c-1", "personal": "erased"})
    assert (again.status_code, again.json()["code"]) == (404, "customer_unknown")
    assert [order["customer"] for order in orders] == [{"customer_id": "c-1", "personal": "erased"}] * 2
    shown = (await stocked.client.get(f"{stocked.path}/orders/{first['order_id']}")).json()
    assert {**shown, "customer": None} == {**first, "customer": None}


async def test_who_buys_again_after_that_is_known_again_and_the_past_stays_erased(stocked: System) -> None:
    old = await place(stocked, "1", customer=CUSTOMER)
    await stocked.client.post(f"{stocked.path}/customers/c-1/erase", json={})
    new = await place(stocked, "2", customer=CUSTOMER)

    past = (await stocked.client.get(f"{stocked.path}/orders/{old['order_id']}")).json()
    assert (past["customer"]["personal"], new["customer"]["personal"]) == ("erased", "open")


async def test_another_pool_s_customer_of_the_same_id_stays(stocked: System) -> None:
    vault, data = stocked.services.vault, PersonalData(name="A")
    one = vault.seal("pool-a", "c", data, now_ms=1)
    other = vault.seal("pool-b", "c", data, now_ms=1)
    vault.erase("pool-a", "c", actor="test", reason="", now_ms=2)

    assert vault.open("pool-a", "c", one) is None
    assert vault.open("pool-b", "c", other) == data


async def test_other_personal_data_under_the_same_key_is_a_conflict_named_customer(stocked: System) -> None:
    headers = {"Idempotency-Key": "k-1"}
    url = f"{stocked.path}/orders"
    await stocked.client.post(url, json=order_body(customer=CUSTOMER), headers=headers)
    same = await stocked.client.post(url, json=order_body(customer=CUSTOMER), headers=headers)
    other = await stocked.client.post(url, json=order_body(customer=CUSTOMER | {"phone": "1"}), headers=headers)

    assert same.status_code == 201
    assert (other.status_code, other.json()["field"]) == (409, "customer")


async def test_a_sealed_text_opens_for_its_own_customer_only(stocked: System) -> None:
    vault = stocked.services.vault
    sealed = vault.seal(stocked.pool, "c-1", PersonalData(name="A"), now_ms=1)

    with pytest.raises(MasterKeyError):
        vault.open(stocked.pool, "c-2", sealed)
    raw = bytearray(base64.b64decode(sealed))
    raw[-1] ^= 1
    with pytest.raises(MasterKeyError):
        vault.open(stocked.pool, "c-1", base64.b64encode(bytes(raw)).decode())


async def test_every_write_to_the_control_store_is_in_the_audit_which_cannot_be_changed(stocked: System) -> None:
    await place(stocked, customer=CUSTOMER)
    await stocked.client.post(f"{stocked.path}/customers/c-1/erase", json={"reason": "asked"})
    lines = [stored.line for stored in stocked.services.audit.lines(Wanted()) if stored.line.pool == stocked.pool]

    # Newest first; of an order by a key the order's own history tells, and the pool was set up in between.
    assert [(line.actor, line.action, line.reason) for line in lines[:1]] == [
        ("key:tester", "erase_customer", "asked"),
    ]
    assert "c-1" not in lines[0].target
    for statement in ("DELETE FROM audit_lines", "UPDATE audit_lines SET actor = ''"):
        with pytest.raises(Exception, match="append-only"):
            stocked.services.control.connection().execute(statement)


def test_the_master_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = load_master_key(path, None)

    assert load_master_key(path, None) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_master_key(path, base64.b64encode(b"k" * 32).decode()) == b"k" * 32


@pytest.mark.parametrize("text", ["", "short", "k" * 43 + "=="])
def test_a_wrong_master_key_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    with pytest.raises(MasterKeyError, match="32 bytes"):
        load_master_key(tmp_path / "master.key", text)


async def test_another_master_key_opens_nothing(stocked: System) -> None:
    sealed = stocked.services.vault.seal(stocked.pool, "c-1", PersonalData(name="A"), now_ms=1)
    other = Vault(stocked.services.control, b"k" * 32)

    with pytest.raises(MasterKeyError, match="master key"):
        other.open(stocked.pool, "c-1", sealed)
