"""The worked example of a connector is one: its code runs as it stands, and its message says what is shown."""

import hashlib
import hmac
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from connectors.frame.declaration import Connector
from connectors.frame.message import Message
from connectors.frame.translating import translate
from connectors.frame.trying import account_for, connector_of

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-connector.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def connector() -> Connector:
    module = ModuleType("parcelpost")
    [code] = blocks("python")
    exec(compile(code, "docs/write-a-connector.md", "exec"), module.__dict__)  # noqa: S102 - it is our own page.
    found: Connector = module.__dict__["CONNECTOR"]
    return found


def message(body: bytes, **fields: Any) -> Message:
    return Message(body=body, received_at_ms=1_795_418_200_000, **fields)


def test_its_message_says_what_is_shown(connector: Connector) -> None:
    body, said = blocks("json")

    [fact] = translate(connector, message(body.encode()), account_for(connector)).facts

    assert msgspec.to_builtins(fact) == json.loads(said)


def test_it_knows_its_own_messages_and_its_signature(connector: Connector) -> None:
    body = blocks("json")[0].encode()
    signed = {"x-parcelpost-signature": hmac.new(b"secret", body, hashlib.sha256).hexdigest()}

    assert connector_of(message(body), [connector]) is connector
    assert connector.signature is not None
    assert connector.signature(message(body, headers=signed), ("old", "secret"))
    assert not connector.signature(message(body + b" ", headers=signed), ("old", "secret"))


def test_what_says_nothing_is_ignored_and_what_is_wrong_is_refused_with_its_field(connector: Connector) -> None:
    opened = translate(connector, message(b'{"event": "opened", "id": "ev-1"}'), account_for(connector))
    wrong = b'{"event": "scan", "id": "ev-1", "parcel": {"number": "P", "state": "OUT", "at": "yesterday"}}'
    refused = translate(connector, message(wrong), account_for(connector))

    assert opened.ignored == "opened: only scans say something of our parcels"
    assert [refusal.field for refusal in refused.refused] == ["parcel.at"]
