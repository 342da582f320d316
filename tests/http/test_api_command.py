"""The commands that a person starts: keys, dead letters, and the API as a process."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from api.control.database import ControlDatabase
from api.control.keys import ApiKeys
from api.security import digest_of
from cli import dead_letters, keys
from cli.console import Failure
from cli.system import create_topics, environment_of
from streams.brokers.process import free_port

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


def run(app: Any, *arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@contextmanager
def api_process(bootstrap: str, folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    environment = environment_of(bootstrap, folder) | {"HEADRACE_API_PORT": str(port), "PATH": ""}
    process = subprocess.Popen([sys.executable, "-m", "cli.main", "api"], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def ready(port: int) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            assert time.monotonic() < deadline, "the API was not ready in time"
            time.sleep(0.1)


def test_a_key_is_created_listed_and_revoked(tmp_path: Path) -> None:
    options = ["--scope", "orders:read", "--scope", "stock:read", "--pool", "europe", "--data", str(tmp_path)]
    created = json.loads(run(keys.app, "create", "shop", *options, "--days", "30", "--json"))
    [listed] = json.loads(run(keys.app, "list", "--data", str(tmp_path), "--json"))
    database = ControlDatabase(tmp_path / "control.db")
    now_ms = time.time_ns() // 1_000_000
    principal = ApiKeys(database).find(digest_of(created["key"]), now_ms)
    run(keys.app, "revoke", created["key_id"], "--reason", "lost", "--data", str(tmp_path))
    after = ApiKeys(database).find(digest_of(created["key"]), now_ms)
    database.close()

    assert created["key"].startswith(created["key_id"])
    assert (listed["name"], listed["pools"], listed["scopes"]) == ("shop", ["europe"], ["orders:read", "stock:read"])
    assert "digest" not in listed
    assert principal is not None
    assert (principal.name, after) == ("shop", None)
    assert "revoked" in run(keys.app, "list", "--data", str(tmp_path))


def test_an_unknown_scope_or_key_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="choose from admin"):
        run(keys.app, "create", "shop", "--scope", "orders", "--data", str(tmp_path))
    with pytest.raises(Failure, match="keys list"):
        run(keys.app, "revoke", "hr_0", "--data", str(tmp_path))


def test_the_process_serves_survives_a_kill_and_ends_on_request(bootstrap: str, tmp_path: Path) -> None:
    create_topics(bootstrap)
    port = free_port()
    created = json.loads(run(keys.app, "create", "me", "--scope", "admin", "--data", str(tmp_path), "--json"))
    with api_process(bootstrap, tmp_path, port) as process:
        first = ready(port)
        process.kill()
        process.wait()
    with api_process(bootstrap, tmp_path, port) as process:
        second = ready(port)
        url = f"http://127.0.0.1:{port}"
        with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {created['key']}"}) as client:
            answer = client.get("/v1/pools/europe/orders")
            letters = run(dead_letters.app, "list", "--url", url, "--key", created["key"])
        with pytest.raises(Failure, match="There is no such dead letter"):
            run(dead_letters.app, "replay", "d0", "--url", url, "--key", created["key"])
        process.terminate()
        code = process.wait(PATIENCE_SECONDS)

    assert (first["status"], second["status"], code) == ("ready", "ready", 0)
    assert (answer.status_code, answer.json()) == (200, {"orders": [], "next_cursor": None, "found_as": []})
    assert letters == "There are no dead letters.\n"


def test_dead_letters_say_what_is_missing() -> None:
    with pytest.raises(Failure, match="HEADRACE_API_KEY"):
        run(dead_letters.app, "list", "--key", "")
    with pytest.raises(Failure, match="headrace api"):
        run(dead_letters.app, "list", "--url", f"http://127.0.0.1:{free_port()}", "--key", "x")
