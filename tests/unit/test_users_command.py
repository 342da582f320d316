"""`headrace users`: people from the command line, beside an API that may be running."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.control.database import ControlDatabase
from api.control.links import Links
from api.settings import ApiSettings
from cli.console import Failure
from cli.users import admin_link, app


def users(data: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--data", str(data)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def is_living(data: Path, link: str) -> bool:
    database = ControlDatabase(ApiSettings(data_dir=data).control_path)
    try:
        return Links(database).find(link.rpartition("/link/")[2], 0) is not None
    finally:
        database.close()


def test_somebody_added_gets_a_link_and_is_listed(tmp_path: Path) -> None:
    url = "https://orders.example.com"
    added = json.loads(users(tmp_path, "add", "Pat", "--role", "floor", "--location", "berlin", "--url", url, "--json"))
    [listed] = json.loads(users(tmp_path, "list", "--json"))

    assert (added["name"], added["role"]) == ("pat", "floor")
    assert added["link"].startswith(f"{url}/link/")
    assert is_living(tmp_path, added["link"])
    assert (listed["name"], listed["role"], listed["locations"], listed["pools"]) == ("pat", "floor", ["berlin"], ["*"])
    assert "pat" in users(tmp_path, "list")


def test_whoever_is_disabled_has_no_link_any_more_and_gets_none(tmp_path: Path) -> None:
    link = json.loads(users(tmp_path, "add", "ann", "--role", "ops", "--json"))["link"]
    users(tmp_path, "disable", "ann", "--reason", "left")

    assert not is_living(tmp_path, link)
    with pytest.raises(Failure, match="ann is disabled"):
        users(tmp_path, "link", "ann")


def test_mistakes_are_told_with_what_to_do(tmp_path: Path) -> None:
    for arguments, text in [
        (("add", "a b", "--role", "ops"), "cannot be a name"),
        (("add", "ann", "--role", "boss"), "choose from admin, ops, floor"),
        (("add", "ann", "--role", "floor"), "name at least one"),
        (("link", "nobody"), "see `headrace users list`"),
    ]:
        with pytest.raises(Failure, match=text):
            users(tmp_path, *arguments)
    assert json.loads(users(tmp_path, "list", "--json")) == []


def test_the_first_admin_is_made_once_and_each_link_replaces_the_one_before(tmp_path: Path) -> None:
    first, second = (admin_link(tmp_path, "http://127.0.0.1:8080") for _ in range(2))
    found = json.loads(users(tmp_path, "list", "--json"))

    assert [(user["name"], user["role"]) for user in found] == [("admin", "admin")]
    assert (is_living(tmp_path, first), is_living(tmp_path, second)) == (False, True)


def test_the_log_is_checked_and_its_last_hash_told(tmp_path: Path) -> None:
    users(tmp_path, "add", "ann", "--role", "ops")
    told = json.loads(users(tmp_path, "check-log", "--json"))
    database = ControlDatabase(ApiSettings(data_dir=tmp_path).control_path)
    database.connection().executescript(
        "DROP TRIGGER audit_lines_are_final; UPDATE audit_lines SET actor = 'nobody' WHERE line = 1"
    )
    database.close()

    assert (told["lines"], len(told["hash"]), told["damage"]) == (2, 64, None)
    with pytest.raises(Failure, match="line 1 is not as it was written"):
        users(tmp_path, "check-log")
