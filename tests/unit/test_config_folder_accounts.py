"""Accounts of connectors in the configuration folder: read with every mistake, compared, written and read back."""

from typing import Any

import pytest

from connectors.folder.difference import FieldChange, differences
from connectors.folder.reading import Folder, read_folder
from connectors.folder.requests import requests_of
from connectors.folder.setup import Running, Setup
from connectors.folder.writing import files_of
from connectors.frame.declaration import Connector, Setting
from connectors.frame.message import Alias
from tests.support.folders import HEAD
from tests.support.toy import toy

CHANNELS = "- id: web\n  name: Web\n"
LOCATIONS = "- id: leeds\n  name: Leeds\n  time_zone: Europe/London\n"
ACCOUNTS = """
- id: shop-us
  connector: toy
  channel: web
  currency: USD
  time_zone: America/New_York
  locations:
    "gid://shop/Location/1": leeds
    7: leeds
  settings:
    address: https://shop.example
  live: yes
- id: wms
  connector: toy
  location: leeds
"""
ALIASES = "account,their_sku,unit,sku,quantity\nwms,A-1,,MUG,1\nwms,A-1,CS,MUG,12\nshop-us,SIX,,MUG,6\n"


def systems() -> dict[str, Connector]:
    return {"toy": toy(), "needy": toy("needy", settings=(Setting(name="shop", what="its name"),))}


def read(accounts: str = ACCOUNTS, **more: str) -> Folder:
    named: dict[str, Any] = {"pool": HEAD, "channels": CHANNELS, "locations": LOCATIONS, "connectors": accounts}
    files = {f"{name}.yaml": text.encode() for name, text in named.items()}
    return read_folder(files | {f"{name}.csv": text.encode() for name, text in more.items()}, systems)


def setup(accounts: str = ACCOUNTS, **more: str) -> Setup:
    found = read(accounts, **more)
    assert found.faults == ()
    return found.pools[0]


def faults(accounts: str = ACCOUNTS, **more: str) -> list[str]:
    return [str(fault) for fault in read(accounts, **more).faults]


def test_an_account_is_read_with_its_locations_settings_and_aliases() -> None:
    read_setup = setup(aliases=ALIASES)
    assert read_setup.accounts is not None
    shop, wms = read_setup.accounts

    assert (shop.name, shop.pool, shop.connector, shop.channel) == ("shop-us", "shop", "toy", "web")
    assert (shop.currency, shop.time_zone, shop.live) == ("USD", "America/New_York", True)
    assert shop.locations == {"gid://shop/Location/1": "leeds", "7": "leeds"}
    assert shop.settings == {"address": "https://shop.example"}
    assert (wms.location, wms.live) == ("leeds", False)
    assert wms.aliases == {"A-1": Alias(sku="MUG"), "A-1 CS": Alias(sku="MUG", quantity=12)}


def test_what_is_written_is_read_back_the_same() -> None:
    wanted = setup(aliases=ALIASES)
    files = {name: text.encode() for name, text in files_of(wanted).items()}
    again = read_folder(files, systems)

    assert again.faults == ()
    assert again.pools == (wanted,)


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ("- id: a\n  connector: toi\n", "connectors.yaml:1:3: there is no connector 'toi': did you mean toy?"),
        (
            "- id: a\n  connector: toy\n  channel: wep\n",
            "connectors.yaml:1:3: there is no channel 'wep' in channels.yaml: add it there",
        ),
        (
            "- id: a\n  connector: toy\n  locations: {1: york}\n",
            "connectors.yaml:1:3: there is no location 'york' in locations.yaml: add it there",
        ),
        (
            "- id: a\n  connector: toy\n  settings: {colour: red}\n",
            "connectors.yaml:1:3: toy has no setting 'colour': known are address, endpoint, host_key, inbox, outbox",
        ),
        (
            "- id: a\n  connector: toy\n  settings: {api_token: t}\n",
            "connectors.yaml:1:3: 'api_token' is a secret: keep it out of files and run `headrace connectors secret`",
        ),
        (
            "- id: a\n  connector: needy\n",
            "connectors.yaml:1:3: needy needs the setting 'shop': its name",
        ),
        ("- id: a\n", "connectors.yaml:1:3: this account has no 'connector': add it"),
        ("- id: a\n  connector: toy\n  settings: [x]\n", "connectors.yaml:3:13: settings: write names here, each on a"),
    ],
)
def test_a_mistake_is_told_at_its_account(accounts: str, told: str) -> None:
    found = faults(accounts)

    assert len(found) == 1
    assert found[0].startswith(told)


def test_mistakes_of_aliases_are_told_at_their_rows() -> None:
    rows = "account,their_sku,sku,quantity\nwms,A,MUG,0\nnobody,A,MUG,1\nwms,B,MUG,2\nwms,B,CUP,2\nwms,,MUG,1\n"

    assert faults(aliases=rows) == [
        "aliases.csv:2:4: '0' is no whole number of units from 1 on",
        "aliases.csv:3:1: there is no account 'nobody' in connectors.yaml: add it there",
        "aliases.csv:5:2: B stands in line 4 already: keep one",
        "aliases.csv:6:2: give the SKU of the other side, up to 200 characters with its unit",
    ]


def test_aliases_without_accounts_are_a_mistake() -> None:
    found = read_folder({"pool.yaml": HEAD.encode(), "aliases.csv": ALIASES.encode()}, systems)

    assert [fault.reason for fault in found.faults] == ["aliases are of accounts: put connectors.yaml beside this file"]


def test_only_what_differs_is_sent_and_without_a_file_aliases_stay() -> None:
    runs = setup(aliases=ALIASES)
    running = Running(setup=runs, applied={})
    wanted = setup(ACCOUNTS.replace("live: yes", "live: no"))
    changes = [change for change in differences(wanted, running) if change.part == "accounts"]

    assert [(change.what, change.name, change.fields) for change in changes] == [
        ("changed", "shop-us", (FieldChange(key="live", old="yes", new="no"),))
    ]
    [request] = requests_of(wanted, running, changes, "test")
    assert (request.method, request.path) == ("PUT", "/accounts/shop-us")
    assert request.body["aliases"] == [{"their_sku": "SIX", "sku": "MUG", "quantity": 6}]
    assert [change for change in differences(runs, running) if change.part == "accounts"] == []


def test_an_alias_that_differs_is_told_by_name() -> None:
    running = Running(setup=setup(aliases=ALIASES), applied={})
    wanted = setup(aliases=ALIASES.replace("CS,MUG,12", "CS,MUG,10"))
    [change] = [change for change in differences(wanted, running) if change.part == "accounts"]

    assert change.fields == (FieldChange(key="alias A-1 CS", old="12 MUG", new="10 MUG"),)
