"""Webhooks as tools keep them, with their headers: what is inside is tried as it came."""

import base64
import json

import pytest

from connectors.frame.captured import opened
from connectors.frame.message import Message

HEADERS = {"X-Shopify-Topic": "orders/create"}
CONTENT = {"id": 5001}
IN_BASE64 = base64.b64encode(json.dumps(CONTENT).encode()).decode()


@pytest.mark.parametrize(
    "kept",
    [
        {"headers": HEADERS, "body": CONTENT},
        {"headers": HEADERS, "body": json.dumps(CONTENT), "url": "https://example.com"},
        [{"headers": HEADERS, "query": {}, "body": CONTENT}],
        {"message": {"data": IN_BASE64, "attributes": HEADERS, "messageId": "9"}, "subscription": "projects/x/y"},
    ],
)
def test_a_captured_webhook_is_opened_alone_in_a_list_of_one_or_as_pub_sub_pushes_it(kept: object) -> None:
    message = opened(Message(body=json.dumps(kept).encode(), name="kept.json"))

    assert json.loads(message.body) == CONTENT
    assert message.headers == {"x-shopify-topic": "orders/create"}
    assert message.name == "kept.json"


@pytest.mark.parametrize(
    "kept",
    [
        CONTENT,
        [],
        {"message": {"data": "?", "attributes": {}}, "subscription": ""},
        [{"headers": HEADERS, "body": 1}, {"headers": HEADERS, "body": 2}],
    ],
)
def test_what_is_no_captured_webhook_or_several_is_left_as_it_is(kept: object) -> None:
    message = Message(body=json.dumps(kept).encode())

    assert opened(message) == message
