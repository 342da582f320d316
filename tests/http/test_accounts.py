"""Accounts of connectors as the API keeps them, and a folder with accounts applied once."""

from cli.applying import Applying
from cli.export import exported
from cli.remote import Remote
from connectors.folder.reading import read_folder
from connectors.folder.setup import Setup
from tests.support.system import System
from tests.support.toy import TOYS

HEAD = "pool: {pool}\ncurrency: EUR\n"
ACCOUNTS = """
- id: shop-{pool}
  connector: toy
  channel: web
  settings:
    address: https://shop.example
  live: yes
"""
ALIASES = "account,their_sku,unit,sku,quantity\nshop-{pool},SIX,,MUG,6\n"


def wanted(system: System, accounts: str = ACCOUNTS, aliases: str = ALIASES) -> Setup:
    texts = {"pool.yaml": HEAD, "connectors.yaml": accounts, "aliases.csv": aliases}
    files = {name: text.replace("{pool}", system.pool).encode() for name, text in texts.items()}
    found = read_folder(files, lambda: TOYS)
    assert found.faults == ()
    return found.pools[0]


async def apply(system: System, setup: Setup) -> int:
    applying = Applying(Remote(system.client), setup, prune=False, reason="spring")
    await applying.compare()
    if applying.requests:
        await applying.apply(lambda _: None)
    return len(applying.requests)


async def test_a_folder_with_accounts_is_applied_once_and_exported_again(system: System) -> None:
    setup = wanted(system)
    assert (await apply(system, setup), await apply(system, setup)) == (2, 0)
    [shown] = (await system.client.get(f"{system.path}/accounts")).json()["accounts"]

    assert (shown["name"], shown["live"], shown["aliases"]) == (f"shop-{system.pool}", True, {"SIX": ["MUG", 6]})
    files = await exported(Remote(system.client), [system.pool], stock=False)
    again = read_folder({name: text.encode() for name, text in files.items()}, lambda: TOYS)
    assert again.pools[0].accounts == setup.accounts


async def test_every_change_of_an_account_is_in_the_audit_log_and_no_secret_is_in_it(system: System) -> None:
    await apply(system, wanted(system))
    stores, name = system.services.exchange, f"shop-{system.pool}"
    stores.secrets.put(name, "webhook_secret", "very-secret", "current", actor="test", now_ms=1)
    stores.accounts.pause(name, paused=True, actor="test", reason="stock-take", now_ms=1)
    stores.accounts.pause(name, paused=False, actor="test", reason="", now_ms=1)
    await apply(system, wanted(system, ACCOUNTS.replace("live: yes", "live: no")))
    rows = system.services.control.connection().execute(
        "SELECT action, reason, before, after FROM audit_lines WHERE target = ? ORDER BY line", (f"account:{name}",)
    )
    lines = rows.fetchall()

    assert [line[:2] for line in lines] == [
        ("put_account", "spring"),
        ("put_secret", ""),
        ("pause_account", "stock-take"),
        ("resume_account", ""),
        ("put_account", "spring"),
    ]
    assert ('"live": true' in lines[-1][2], '"live"' in lines[-1][3]) == (True, False)
    assert "very-secret" not in str(lines)
    sealed = system.services.control.connection().execute("SELECT sealed FROM connector_secrets").fetchall()
    assert not any(b"very-secret" in row[0] for row in sealed)
    shown = (await system.client.get(f"{system.path}/accounts")).json()
    assert "very-secret" not in str(shown)
    assert shown["accounts"][0]["secrets"] == {"webhook_secret": ["current"]}


async def test_what_could_not_work_is_refused_and_nothing_is_kept(system: System) -> None:
    url = f"{system.path}/accounts/shop-{system.pool}"
    answers = [
        await system.client.put(url, json=body)
        for body in (
            {"connector": "toi"},
            {"connector": "toy", "settings": {"colour": "red"}},
            {"connector": "toy", "settings": {"api_token": "t"}},
            {"connector": "toy", "settings": {"inbox": ""}},
            {"connector": "toy", "settings": {"outbox": "orders"}},
            {"connector": "toy", "settings": {"inbox": "sftp://shop@10.0.0.7/in"}},
            {"connector": "toy", "settings": {"outbox": "sftp://shop@nas.local/out"}},
            {"connector": "toy", "settings": {"inbox": "s3://b/in", "endpoint": "http://169.254.169.254"}},
            {"connector": "folder-toy", "settings": {"inbox": "/var/partner/in"}, "live": True},
        )
    ]

    assert [(answer.status_code, answer.json()["code"], answer.json()["field"]) for answer in answers] == [
        (422, "connector_unknown", "connector"),
        (422, "setting_invalid", "settings.colour"),
        (422, "setting_invalid", "settings.api_token"),
        (422, "setting_invalid", "settings.inbox"),
        (422, "setting_invalid", "settings.outbox"),
        (422, "setting_private", "settings.inbox"),
        (422, "setting_private", "settings.outbox"),
        (422, "setting_private", "settings.endpoint"),
        (422, "setting_invalid", "settings.outbox"),
    ]
    assert (await system.client.get(f"{system.path}/accounts")).json() == {"accounts": []}


async def test_the_name_of_an_account_is_taken_once_for_all_pools(system: System) -> None:
    await apply(system, wanted(system))
    answer = await system.client.put(
        f"/v1/pools/{system.pool}-2/accounts/shop-{system.pool}", json={"connector": "toy", "channel": "web"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "account_taken")
