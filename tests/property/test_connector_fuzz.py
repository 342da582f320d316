"""Whatever arrives, a translator gives facts, a reason to ignore it, or the field that is wrong; it never breaks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from connectors.frame.declaration import Connector
from connectors.frame.message import Message, Translation
from connectors.frame.registry import connectors
from connectors.frame.translating import translate
from connectors.frame.trying import account_for
from tests.property.mutations import mutated, seeds_of

KNOWN = [pytest.param(connector, id=name) for name, connector in connectors().items()]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


def hear(connector: Connector, body: bytes, **fields: Any) -> Translation:
    message = Message(body=body, received_at_ms=1_790_000_000_000, **fields)
    assert connector.recognise(message) in (True, False)
    connector.message_id(message)
    connector.topic_of(message)
    if connector.signature is not None:
        assert not connector.signature(message, ("whsec_c2VjcmV0",))
    said = translate(connector, message, account_for(connector))
    # What says nothing itself may point at what does, and a format may want an answer to it.
    assert bool(said.ignored or said.fetch) or bool(said.facts or said.refused), said
    assert not (said.ignored and (said.facts or said.refused)), said
    return said


@pytest.mark.parametrize("connector", KNOWN)
@given(body=st.binary(max_size=400), topic=st.text(max_size=30))
def test_any_bytes(connector: Connector, body: bytes, topic: str) -> None:
    hear(connector, body, topic=topic, headers={"content-type": topic})


@pytest.mark.parametrize("connector", KNOWN)
@given(value=values)
def test_any_json(connector: Connector, value: Any) -> None:
    hear(connector, json.encode(value))


@pytest.mark.parametrize("connector", KNOWN)
@given(data=st.data())
def test_real_messages_with_something_wrong_in_them(connector: Connector, data: st.DataObject) -> None:
    seeds = seeds_of(connector.name)
    if not seeds:
        pytest.skip("no message of this system is there: name a folder of them in HEADRACE_FIXTURES")
    hear(connector, mutated(data, data.draw(st.sampled_from(seeds))), topic=data.draw(st.sampled_from(("", "x"))))


@pytest.mark.parametrize("connector", KNOWN)
def test_what_is_nested_without_end_is_refused(connector: Connector) -> None:
    hear(connector, b"[" * 100_000)
    hear(connector, b'{"a":' * 100_000)
