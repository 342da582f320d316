"""Every action of the pages is one command or one change, stands in the audit log, and is refused to others."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from playwright.async_api import Locator, Page, expect

import api.web
from api.control.audit import AuditLine, Wanted
from api.roles import Role
from api.schemas.pools import LocationsIn
from api.security import Scope
from api.web.order_steps import ParcelFact, Step
from tests.support.browser import Windows, surfing
from tests.support.outbox import connect
from tests.support.page_action import Action
from tests.support.page_actions import ACTIONS, WITHOUT_SIGNING_IN
from tests.support.people import add_user
from tests.support.routes import routes_of
from tests.support.served import Site
from tests.support.system import SKU, example, place, shows_levels
from tests.support.visitors import Visitor, fill_in, form_at, visiting

SENT_AS_SOMEBODY_ELSE = """async ([url, fields]) => (await fetch(url, {
    method: "POST", redirect: "manual", body: new URLSearchParams(fields),
    headers: JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}"),
})).status"""


class Scene(NamedTuple):
    """What there is to act on."""

    site: Site
    names: dict[str, str]

    def filled(self, text: str) -> str:
        return text.format_map(self.names)

    async def state(self) -> dict[str, Any]:
        """All that an action could change."""
        services = self.site.services
        order = await self.site.client.get(f"{self.site.path}/orders/{self.names['order_id']}")
        return {
            "commands": self.site.sent,
            "order": order.json(),
            "audit log": services.audit.head(),
            "people": services.identity.users.list(),
            "sessions": len(services.identity.sessions.list(self.names["user_id"], services.now_ms())),
            "keys": [(key.key_id, key.revoked_at_ms) for key in services.keyring.list()],
            "pace": services.demo_pace.now(),
            "accounts": services.exchange.accounts.all(),
        }


async def scene_of(site: Site, action: Action) -> Scene:
    """An order of two units in Berlin, somebody and a key; and what has happened to them."""
    if action.berlin:
        await change_berlin(site, action.berlin)
    order = await place(site, **action.order)
    if action.unmapped:
        await place(site, "100236", sold=True, lines=[{"sku": action.unmapped, "quantity": 1}])
    other = await place(site, "100235", **action.beside) if action.beside else order
    part = order["fulfillments"][0]["fulfillment_id"]
    known = add_user(site, f"known-{site.pool}", Role.VIEWER)
    key = site.key(Scope.STOCK_READ, name=f"till-{site.pool}")
    path = f"{site.path}/orders/{order['order_id']}"
    webhook_id, delivery_id = await webhook_of(site)
    for step in action.since:
        if step == "pause":
            await site.client.post(f"{site.path}/connections/webhook/{webhook_id}/pause")
            continue
        body = {"hold": {"hold": "address"}, "ship": {"parcel_id": "P-1", "carrier": "DHL"}}.get(step, {})
        if step == "disable":
            identity, now_ms = site.services.identity, site.services.now_ms()
            identity.users.change(known.user_id, disabled=True, actor="test", reason="", now_ms=now_ms)
            continue
        url = f"{path}/{step}" if step in {"hold", "cancel"} else f"{path}/fulfillments/{part}/{step}"
        answer = await site.client.post(url, json=body)
        assert answer.status_code == 200, answer.text
    names = {
        "pool": site.pool,
        "order_id": order["order_id"],
        "fulfillment_id": part,
        "other_order_id": other["order_id"],
        "other_fulfillment_id": other["fulfillments"][0]["fulfillment_id"],
        "parcel_id": "P-1",
        "location_id": "berlin",
        "sku": SKU,
        "user_id": known.user_id,
        "kind": "webhook",
        "name": webhook_id,
        "delivery_id": delivery_id,
        "account": connect(site, "shop-toy", live=False).removeprefix("account/"),
        "key_id": next(one.key_id for one in site.services.keyring.list() if key.startswith(one.key_id)),
    }
    return Scene(site, names)


async def webhook_of(site: Site) -> tuple[str, str]:
    """A webhook that was sent a test, and the delivery."""
    body = {"url": "https://shop.example.com/hook", "events": ["*"]}
    made = (await site.client.post(f"{site.path}/webhooks", json=body)).json()
    tested = (await site.client.post(f"{site.path}/webhooks/{made['webhook_id']}/test")).json()
    return made["webhook_id"], tested["delivery_id"]


async def change_berlin(site: Site, changes: Mapping[str, Any]) -> None:
    """Make the location that has the stock another kind of place."""
    berlin = example(LocationsIn)["locations"][0] | changes
    answer = await site.client.put(f"{site.path}/locations", json={"locations": [berlin]})
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def nobody(windows: Windows, site: Site) -> AsyncIterator[Visitor]:
    async with surfing(windows, site.base) as surfer:
        yield Visitor(surfer, "nobody")


def other_of(windows: Windows, site: Site, role: Role | None) -> AbstractAsyncContextManager[Visitor]:
    return nobody(windows, site) if role is None else visiting(windows, site, role)


async def is_refused(page: Page, scene: Scene, url: str, form: Locator, button: Locator) -> None:
    """Assert that somebody at another page is offered no such form, and that sending it changes nothing."""
    fields = await form.evaluate("(form, button) => [...new FormData(form, button)]", await button.element_handle())
    before = await scene.state()
    status = await page.evaluate(SENT_AS_SOMEBODY_ELSE, [url, fields])

    assert await form_at(page, url).count() == 0
    assert status in {401, 403}, status
    assert await scene.state() == before


def assert_line(line: AuditLine, scene: Scene, action: Action, actor: str) -> None:
    """Assert who did what and why, and what it was before and after."""
    before, after = (json.loads(text or "{}") for text in (line.before, line.after))

    assert (line.actor, line.reason, line.refusal) == (actor, action.fields.get("reason", action.reason), "")
    assert line.pool == (scene.site.pool if action.command or "{pool}" in action.url else "")
    assert {name: before.get(name) for name in action.before} == action.before
    assert {name: after.get(name) for name in action.after} == action.after


@pytest.mark.parametrize("name", ACTIONS)
async def test_an_action_does_one_thing_tells_the_audit_log_and_is_refused_to_others(
    stocked: Site, windows: Windows, name: str
) -> None:
    action = ACTIONS[name]
    scene = await scene_of(stocked, action)
    url, path = scene.filled(action.url), scene.filled(action.page)
    if not action.since:
        await shows_levels(stocked, (40, 2))
    async with (
        visiting(windows, stocked, action.by) as visitor,
        other_of(windows, stocked, action.not_for) as other,
    ):
        page, theirs = await asyncio.gather(visitor.surfer.open(path), other.surfer.open(path))
        form = form_at(page, url)
        if action.first:
            await (await fill_in(form, action.first)).press("Enter")
            await expect(form.get_by_role("status")).to_be_focused()
        button = await fill_in(form, {name: scene.filled(value) for name, value in action.fields.items()})
        await is_refused(theirs, scene, url, form, button)

        commands, lines = len(stocked.worker.read), stocked.services.audit.head()[0]
        await button.press("Enter")
        await expect(page.locator(action.told_in)).to_contain_text(scene.filled(action.told))

    sent = [json.loads(item) for item in stocked.worker.read[commands:]]
    told = [one.line for one in reversed(stocked.services.audit.lines(Wanted(), limit=10)) if one.number > lines]
    assert [line.action for line in told] == action.audited
    assert_line(told[0], scene, action, visitor.actor)
    assert [command["type"] for command in sent] == ([action.command] if action.command else [])
    for command in sent:
        asked = {name: scene.filled(one) if isinstance(one, str) else one for name, one in action.asked.items()}
        wanted = {**asked, "actor": visitor.actor, "reason": told[0].reason, "command_id": told[0].command_id}
        assert {name: command.get(name) for name in wanted} == wanted


def test_no_action_of_the_pages_is_missing_here(running: Site) -> None:
    here = {action.url for action in ACTIONS.values()}
    there = set()
    for route in routes_of(running.app):
        method, path = route.split(" ")
        if method not in {"GET", "HEAD"} and not path.startswith("/v1/"):
            steps = get_args(Step) if "{step}" in path else get_args(ParcelFact) if "{fact}" in path else ("",)
            there |= {path.replace("{step}", step).replace("{fact}", step) for step in steps}

    assert there - WITHOUT_SIGNING_IN == here
    assert there >= WITHOUT_SIGNING_IN


def test_scripts_send_nothing_of_their_own() -> None:
    folder = Path(api.web.__file__).parent / "static"
    texts = {path.name: path.read_text() for path in folder.glob("*.js")}

    assert texts.keys() == {"app.js", "now.js", "order.js", "orders.js"}
    assert [name for name, text in texts.items() if re.search(r"method:|sendBeacon|XMLHttpRequest", text)] == []
    assert [name for name, text in texts.items() if re.search(r"htmx\.ajax\(\"(?!GET)", text)] == []
