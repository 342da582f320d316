"""The commands `headrace init` and `headrace apply --check`, which need nothing that runs."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import apply, init
from cli.console import Failure


def run(app: Any, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def texts_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_what_init_writes_has_no_mistakes(tmp_path: Path) -> None:
    assert run(init.app, tmp_path / "shop").exit_code == 0

    checked = run(apply.app, tmp_path / "shop", "--check")

    assert (checked.exit_code, checked.stdout) == (
        0,
        "my-shop: no mistakes (2 locations, 2 channels, 8 SKUs, 11 lines of opening stock, 0 accounts).\n",
    )


def test_init_never_writes_over_a_file_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("preset: closest\n")

    with pytest.raises(Failure, match=r"policy\.yaml is there already: .* --force"):
        run(init.app, tmp_path)
    assert texts_of(tmp_path) == {"policy.yaml": "preset: closest\n"}

    assert run(init.app, tmp_path, "--force").exit_code == 0
    assert sorted(texts_of(tmp_path)) == [
        "catalogue.csv",
        "channels.yaml",
        "kits.csv",
        "listings.csv",
        "locations.yaml",
        "opening-stock.csv",
        "policy.yaml",
        "pool.yaml",
    ]


def test_mistakes_are_told_as_an_editor_finds_them(tmp_path: Path) -> None:
    (tmp_path / "eu").mkdir()
    (tmp_path / "eu" / "pool.yaml").write_text("pool: eu\ncurency: EUR\n")
    path = tmp_path / "eu" / "pool.yaml"

    told = run(apply.app, tmp_path, "--check")
    shown = run(apply.app, tmp_path, "--check", "--json")

    assert told.exit_code == shown.exit_code == 1
    assert told.stderr.splitlines() == [
        f"{path}:1:1: this pool has no 'currency': add it",
        f"{path}:2:1: unknown key 'curency': did you mean currency?",
        "2 to put right; nothing was applied.",
    ]
    assert [fault["line"] for fault in json.loads(shown.stdout)["faults"]] == [1, 2]


def test_a_folder_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="is no folder: `headrace init"):
        run(apply.app, tmp_path / "shop")


def test_without_a_key_for_another_machine_nothing_is_asked(tmp_path: Path) -> None:
    run(init.app, tmp_path)

    with pytest.raises(Failure, match="no API key: give --key or HEADRACE_API_KEY"):
        run(apply.app, tmp_path, "--url", "https://oms.example.org", "--key", "")
