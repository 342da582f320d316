"""`headrace shadow` over a folder of messages as they came: a shop's webhooks and a 3PL's files."""

import json
import socket
from pathlib import Path

import pytest

from api.control.database import ControlDatabase
from api.control.personal import load_master_key
from api.control.secret_box import SecretBox
from api.exchange.stores import ExchangeStores
from api.settings import ApiSettings
from cli.console import Failure
from cli.shadow import shadow
from connectors.frame.accounts import SetUpAccount
from connectors.frame.registry import connectors
from tests.pipelines.shadow_shop import HISTORY, PARTNER, SHOP

_FILES = {
    "pool.yaml": "pool: p\ncurrency: EUR\n",
    "locations.yaml": """
- {id: east, name: East, time_zone: Europe/Berlin, country: DE, latitude: 52.5, longitude: 13.4}
- {id: west, name: West, time_zone: Europe/Berlin, country: DE, latitude: 50.9, longitude: 7.0}
""",
    "channels.yaml": "- {id: web, name: Web}\n",
    "policy.yaml": """
preset: cheapest
rate_card:
  distance_limits_km: [100]
  prices: [[5.00], [9.00]]
""",
    "catalogue.csv": "sku,name\nMUG,Mug\nPLATE,Plate\n",
    "connectors.yaml": """
- {id: shop, connector: plain, channel: web}
- {id: threepl, connector: partner_csv, locations: {E1: east, W1: west}}
""",
    "aliases.csv": "account,their_sku,sku,quantity\nthreepl,M-1,MUG,1\n",
}
_ORDER = {
    "type": "order.stated",
    "external_id": "x1",
    "number": "=1+1",
    "placed_at": "2026-09-02T08:00:00Z",
    "currency": "EUR",
    "lines": [{"line_id": "1", "sku": "MUG", "quantity": 2}],
    "destination": {"country": "DE", "name": "Ada Example", "latitude": 50.94, "longitude": 6.96},
}
_STOCK = "sku,on_hand,as_of,document,location\nM-1,4,2026-09-01T08:00:00Z,C1,E1\nM-1,4,2026-09-01T08:00:00Z,C1,W1\n"
_SHIPPED = "fulfillment_id,sku,shipped,shipped_at,tracking_number,location\nx1,M-1,2,2026-09-03T08:00:00Z,T1,E1\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A configuration folder, and beside it what the shop and the 3PL sent."""
    messages = {
        "export/order.json": json.dumps(_ORDER),
        "export/again.json": json.dumps(_ORDER),
        "export/stock.csv": _STOCK,
        "export/shipped.csv": _SHIPPED,
        "export/notes.txt": "what nobody reads",
    }
    named = {f"folder/{name}": text for name, text in _FILES.items()} | messages
    for name, text in named.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_folder_of_messages_becomes_a_report(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shadow(shop / "folder", messages=[shop / "export"], out=shop / "out", json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == {"ignored": 1, "translated": 4}
    assert (told["summary"]["orders"], told["summary"]["compared"]) == (1, 1)
    assert (told["summary"]["cost_theirs_minor"], told["summary"]["cost_ours_minor"]) == (900, 500)
    assert told["summary"]["breaks"] == {}
    assert sorted(path.name for path in (shop / "out").iterdir()) == [
        "breaks.csv",
        "commands.jsonl",
        "days.csv",
        "orders.csv",
        "report.html",
        "report.json",
    ]
    written = (shop / "out" / "orders.csv").read_text().splitlines()
    assert written[1].startswith('\'=1+1,web,2026-09-02T08:00:00.000Z,"",east,west,false,900,500,400,')
    assert "Ada" not in "".join(path.read_text() for path in (shop / "out").iterdir())


def test_nothing_is_called_while_it_reads_plays_and_writes(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: called.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **_: called.append(asked))
    accounts = shop / "folder" / "connectors.yaml"
    live = "channel: web, live: yes, settings: {url: 'https://shop.example.com/hook'}}"
    accounts.write_text(accounts.read_text().replace("channel: web}", live))
    shadow(shop / "folder", messages=[shop / "export"], out=shop / "out", json=True)

    assert (shop / "out" / "report.html").exists()
    assert called == []


def test_people_are_told_in_sentences(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shadow(shop / "folder", messages=[shop / "export"], out=shop / "out")
    said = capsys.readouterr().out
    assert "- Shipping would have cost 5.00 EUR instead of 9.00 EUR: 4.00 EUR less (44.4 %).\n" in said
    assert "What this rests on:\n- Money is the price of the folder's rate card" in said


def test_two_accounts_of_a_connector_want_folders_of_their_names(shop: Path) -> None:
    accounts = shop / "folder" / "connectors.yaml"
    accounts.write_text(accounts.read_text() + "- {id: other, connector: plain, channel: web}\n")
    with pytest.raises(Failure, match="put the messages of each account into a folder of its name"):
        shadow(shop / "folder", messages=[shop / "export"], out=shop / "out", json=True)
    assert not (shop / "out").exists()
    (shop / "export" / "shop").mkdir()
    for name in ("order.json", "again.json"):
        (shop / "export" / name).rename(shop / "export" / "shop" / name)
    shadow(shop / "folder", messages=[shop / "export"], out=shop / "out", json=True)
    assert (shop / "out" / "report.html").exists()


def test_a_model_is_read_from_a_file_and_a_wrong_one_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = shop / "model.json"
    wrong.write_text('{"lanes": {"west": [900, 100]}}')
    with pytest.raises(Failure, match="lane west has to rise"):
        shadow(shop / "folder", messages=[shop / "export"], model=wrong, out=shop / "out", json=True)
    wrong.write_text('{"lanes": {"west": [100, 900]}}')
    shadow(shop / "folder", messages=[shop / "export"], model=wrong, out=shop / "out", json=True)
    assert "routing model that was given" in capsys.readouterr().out


def test_without_anything_to_read_it_says_what_to_name(shop: Path) -> None:
    with pytest.raises(Failure, match="name what to read: --messages FOLDER, or --account"):
        shadow(shop / "folder", out=shop / "out")
    with pytest.raises(Failure, match="there is no"):
        shadow(shop / "folder", messages=[shop / "nothing"], out=shop / "out", json=True)


def test_what_accounts_in_shadow_were_told_is_read_from_where_the_api_keeps_it(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ApiSettings(data_dir=shop / "var")
    database = ControlDatabase(settings.control_path)
    box = SecretBox(load_master_key(settings.master_key_path, None))
    stores = ExchangeStores(database, box, connectors())
    for setup in (SHOP, PARTNER):
        account = SetUpAccount(**{name: getattr(setup, name) for name in setup.__struct_fields__})
        stores.accounts.put(account, actor="test", reason="", now_ms=1)
    for number, told in enumerate(HISTORY):
        stores.shadow.keep(told.account.name, f"seed-{number}", [told.fact], 1_000)
    (shop / "folder" / "catalogue.csv").write_text("sku,name\nA,Mug\nB,Plate\n")
    (shop / "folder" / "connectors.yaml").unlink()
    (shop / "folder" / "aliases.csv").unlink()
    shadow(shop / "folder", account=["shop", "3pl"], data=shop / "var", out=shop / "out", json=True)

    told = json.loads(capsys.readouterr().out)["summary"]
    assert (told["orders"], told["saved_minor"], told["oversold_units"]) == (6, 1300, 2)
    with pytest.raises(Failure, match="there is no account nobody"):
        shadow(shop / "folder", account=["nobody"], data=shop / "var", out=shop / "out", json=True)
