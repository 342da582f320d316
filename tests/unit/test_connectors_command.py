"""`headrace connectors`: systems listed, folders tried whatever is in them, secrets kept and never shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.control.database import ControlDatabase
from api.control.personal import load_master_key
from api.control.secret_box import SecretBox
from api.exchange.stores import ExchangeStores
from api.settings import ApiSettings
from cli import connectors as command
from cli.console import Failure
from connectors.frame.accounts import SetUpAccount
from connectors.frame.declaration import Connector
from connectors.frame.message import Message
from connectors.frame.translating import translate
from tests.support.toy import TOYS, order_said, toy


@pytest.fixture(autouse=True)
def only_toys(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, Connector] = {"toy": TOYS["toy"]}
    monkeypatch.setattr("connectors.frame.registry.connectors", lambda: found)


def run(*arguments: object, text: str | None = None) -> str:
    result = CliRunner().invoke(command.app, list(map(str, arguments)), input=text)
    if isinstance(result.exception, Failure):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def tried(folder: Path) -> tuple[dict[str, Any], Any]:
    *files, last = map(json.loads, run("check", folder, "--json").splitlines())
    return {one["file"]: one for one in files}, last


def test_the_list_says_how_each_system_is_talked_to() -> None:
    [shown] = json.loads(run("--json"))

    assert (shown["name"], shown["direction"], shown["tried"]) == ("toy", "in", "live")
    assert shown["transports"] == ["webhook", "poll", "file"]
    assert shown["secrets"] == {"api_token": False, "webhook_secret": False, "folder_secret": False}
    assert "Toy shop: channel, in, by webhook, poll, file" in run()


def test_each_file_is_told_and_the_last_line_counts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(order_said("1", "MUG", 2))
    (tmp_path / "b.json").write_text('{"kind": "product"}')
    (tmp_path / "c.json").write_text('{"kind": "scan", "tracking": "T1"}')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.json").write_text('{"kind": "what"}')
    (tmp_path / "e.bin").write_bytes(bytes(range(256)))
    files, last = tried(tmp_path)

    assert files["a.json"]["fact_counts"] == {"order": 1}
    assert files["a.json"]["commands"] == {"place_order": 1}
    assert files["a.json"]["facts"][0]["external_id"] == "1"
    assert files["b.json"]["ignored"] == "a product moves no order"
    assert files["c.json"]["waits"] == ["no parcel has the tracking number T1"]
    assert files["deep/d.json"]["refused"] == [{"field": "kind", "reason": "what is unknown"}]
    assert last == {
        "files": 5,
        "systems": {"-": {"ignored": 1}, "toy": {"ignored": 1, "rejected": 1, "translated": 2}},
    }
    assert json.loads(run("check", tmp_path).splitlines()[-1]) == last


def test_links_are_not_followed_and_a_long_file_is_told_of_without_being_read_whole(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_bytes(order_said("1", "MUG"))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.json").symlink_to(outside / "secret.json")
    (folder / "loop").symlink_to(folder)
    with (folder / "long.json").open("wb") as file:
        file.write(b'{"kind": "order"')
        file.truncate(3 << 30)
    files, last = tried(folder)

    assert list(files) == ["long.json"]
    assert files["long.json"]["refused"][0]["reason"].startswith("it has more than 8,388,608 bytes")
    assert last["systems"] == {"-": {"rejected": 1}}


def test_a_connector_that_fails_and_a_name_that_a_terminal_would_obey_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J.json").write_text('{"kind": "crash"}')
    (tmp_path / "b.json").write_bytes(order_said("1", "MUG"))
    shown = run("check", tmp_path)

    assert "\x1b" not in shown
    assert json.loads(shown.splitlines()[-1])["files"] == 2
    assert "b.json  toy  translated" in shown


def test_a_long_file_streams_through_a_connector_that_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stream(_message: Any, chunks: Any, account: Any) -> Any:
        read = sum(len(chunk) for chunk in chunks)
        yield translate(toy(), Message(body=order_said("1", "MUG")), account)
        assert read > 9_000_000

    found = {"toy": toy(stream=stream)}
    monkeypatch.setattr("connectors.frame.registry.connectors", lambda: found)
    (tmp_path / "long.csv").write_bytes(b'"kind"' + b"x" * 9_000_000)
    files, _ = tried(tmp_path)

    assert files["long.csv"]["fact_counts"] == {"order": 1}
    assert (files["long.csv"]["outcome"], files["long.csv"]["facts"]) == ("translated", [])


@pytest.fixture
def stores(tmp_path: Path) -> ExchangeStores:
    settings = ApiSettings(data_dir=tmp_path)
    made = ExchangeStores(
        ControlDatabase(settings.control_path), SecretBox(load_master_key(settings.master_key_path, None)), TOYS
    )
    made.accounts.put(SetUpAccount(name="shop", connector="toy", pool="p"), actor="test", reason="", now_ms=1)
    return made


def test_a_secret_is_kept_replaced_with_both_good_meanwhile_and_never_shown(
    stores: ExchangeStores, tmp_path: Path
) -> None:
    told = run("secret", "shop", "webhook_secret", "--data", tmp_path, text="first\n")
    told += run("secret", "shop", "webhook_secret", "--next", "--data", tmp_path, text="second\n")
    both = stores.secrets.values("shop", "webhook_secret")
    told += run("secret", "shop", "webhook_secret", "--retire", "--data", tmp_path)
    told += run("accounts", "--data", tmp_path) + run("accounts", "--json", "--data", tmp_path)

    assert set(both) == {"first", "second"}
    assert stores.secrets.values("shop", "webhook_secret") == ("second",)
    assert stores.secrets.current("shop") == {"webhook_secret": "second"}
    assert "first" not in told
    assert "second" not in told


def test_an_unknown_account_or_secret_is_told_and_nothing_is_kept(stores: ExchangeStores, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="there is no account nobody"):
        run("secret", "nobody", "webhook_secret", "--data", tmp_path, text="x")
    with pytest.raises(Failure, match="toy has no secret key: it has api_token, webhook_secret, folder_secret"):
        run("secret", "shop", "key", "--data", tmp_path, text="x")
    with pytest.raises(Failure, match="there is no next webhook_secret"):
        run("secret", "shop", "webhook_secret", "--retire", "--data", tmp_path)

    assert stores.secrets.names("shop") == {}


def test_an_account_is_paused_and_goes_on_once(stores: ExchangeStores, tmp_path: Path) -> None:
    run("pause", "shop", "--data", tmp_path, "--reason", "stock-take")
    [paused] = json.loads(run("accounts", "--json", "--data", tmp_path))
    with pytest.raises(Failure, match="paused already"):
        run("pause", "shop", "--data", tmp_path)
    run("resume", "shop", "--data", tmp_path)

    assert (paused["paused"], paused["live"]) == (True, False)
    found = stores.accounts.find("shop")
    assert found is not None
    assert found.paused_at_ms is None


def test_an_account_is_removed_for_good_and_one_that_is_live_with_deliveries_only_when_told_so(
    stores: ExchangeStores, tmp_path: Path
) -> None:
    stores.secrets.put("shop", "api_token", "t", "current", actor="test", now_ms=1)
    with pytest.raises(Failure, match="there is no account nobody"):
        run("remove", "nobody", "--reason", "moved", "--yes", "--data", tmp_path)
    with pytest.raises(Failure, match="nothing was changed"):
        run("remove", "shop", "--reason", "moved", "--data", tmp_path, text="n\n")
    assert stores.secrets.names("shop") == {"api_token": ("current",)}
    told = run("remove", "shop", "--reason", "moved", "--yes", "--data", tmp_path)

    assert "shop is removed" in told
    assert "connectors.yaml" in told
    assert (stores.accounts.all(), stores.secrets.names("shop")) == ([], {})
