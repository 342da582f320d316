"""The actions of the pages for connections: what goes out to them."""

from collections.abc import Mapping
from typing import Any

from api.roles import Role
from tests.support.page_action import Action

_WEBHOOK = "/p/{pool}/connections/{kind}/{name}"


def _on_webhook(step: str, told: str, line: str, **more: Any) -> Action:
    return Action(f"{_WEBHOOK}/{step}", _WEBHOOK, Role.INTEGRATOR, Role.OPS, told, lines=[line], **more)


OF_CONNECTIONS: Mapping[str, Action] = {
    "pause a connection": _on_webhook("pause", "Paused: nothing is sent", "pause_deliveries"),
    "resume a connection": _on_webhook("resume", "It goes on.", "resume_deliveries", since=["pause"]),
    "try what waits for a connection": _on_webhook("reset", "The breaker is closed", "reset_breaker"),
    "send a test event": _on_webhook("test", "A test event is on its way.", "test_webhook"),
    "remove an account": Action(
        "/p/{pool}/connections/account/{account}/remove",
        "/p/{pool}/connections/account/{account}",
        Role.INTEGRATOR,
        Role.OPS,
        "The account is removed.",
        {"name": "{account}", "reason": "it moved"},
        lines=["remove_account"],
        before={"connector": "shop-toy", "channel": "shop-de"},
        after={"dropped_deliveries": 0},
    ),
    "send a delivery again": _on_webhook("deliveries/{delivery_id}/redeliver", "It is sent again.", "redeliver"),
}
