"""What is wrong on our side: no broker, one that forgets, a connector that is gone or fails."""

from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.exchange.calling import Caller
from api.exchange.outbox.deliver import Outbox
from api.exchange.paces import Pace
from api.exchange.parked import take_up
from api.exchange.polling import _tried
from api.exchange.process import Exchange
from api.security import Scope
from api.services import Services
from connectors.frame.accounts import SetUpAccount
from tests.http.test_exchange import all_parked
from tests.http.test_hooks import SECRET, send, set_up, translating
from tests.support.outbox import connect
from tests.support.system import SKU, System, api_settings, client_of
from tests.support.toy import TOYS, order_said, signed, toy


async def test_what_the_broker_forgets_is_not_taken_of_a_live_account(tmp_path: Path) -> None:
    settings = api_settings("127.0.0.1:1", "", tmp_path, live_connectors=False, acknowledge_timeout_seconds=0.5)
    services = Services(settings, connectors=TOYS)
    app = create_app(services)
    async with app.router.lifespan_context(app):
        key, _ = services.keyring.create(name="k", scopes=[Scope.ADMIN], pools=["*"], actor="test", now_ms=1)
        async with client_of(app, key) as client:
            refused = await client.put("/v1/pools/p/accounts/a", json={"connector": "toy", "live": True})
            shadow = await client.put("/v1/pools/p/accounts/a", json={"connector": "toy"})
        setup = SetUpAccount(name="b", connector="toy", pool="p", channel="web", live=True)
        services.exchange.accounts.put(setup, actor="test", reason="", now_ms=1)
        services.exchange.secrets.put("b", "webhook_secret", SECRET, "current", actor="test", now_ms=1)
        body = order_said("1", SKU)
        async with client_of(app, "") as client:
            answer = await client.post("/v1/hooks/b", content=body, headers=signed(body, SECRET))

    assert (refused.status_code, refused.json()["code"]) == (409, "live_connectors_refused")
    assert (shadow.status_code, shadow.json()["account"]["live"]) == (200, False)
    assert (answer.status_code, answer.json()["code"]) == (503, "live_connectors_refused")


async def test_while_the_broker_forgets_what_waits_goes_on_waiting_and_no_account_is_told_anything(
    stocked: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = set_up(stocked)
    await send(stocked, account, b'{"kind": "parcel", "id": "1"}')
    await send(stocked, account, order_said("1", SKU))
    told = connect(stocked, "warehouse-toy")
    services = stocked.services
    forgetful = services.settings.model_copy(update={"live_connectors": False})
    monkeypatch.setattr(services, "settings", forgetful)
    await stocked.client.get(f"{stocked.path}/orders")
    sent, [parked] = stocked.sent, await all_parked(stocked, account)
    caller = Caller()
    try:
        exchange = Exchange.of(services, caller)
        await take_up(exchange, parked)
        outbox = Outbox(services, caller, exchange.paces)
        targets = outbox.targets.current(services.now_ms())
    finally:
        await caller.close()
    monkeypatch.undo()
    settled = Outbox(services, caller, exchange.paces).targets.current(services.now_ms())

    assert stocked.sent == sent
    [waiting] = await all_parked(stocked, account)
    assert waiting.why == "nothing of a live account is taken while the broker forgets"
    assert (told in {one.name for one in targets}, told in {one.name for one in settled}) == (False, True)


async def test_an_account_whose_connector_is_gone_is_as_if_it_were_not_there(stocked: System) -> None:
    account = set_up(stocked)
    stores = stocked.services.exchange
    before, stores.connectors = stores.connectors, {}
    try:
        answer = await send(stocked, account, order_said("1", SKU))
    finally:
        stores.connectors = before

    assert answer.status_code == 404


async def test_without_a_broker_a_webhook_is_to_be_sent_again(tmp_path: Path) -> None:
    settings = api_settings("127.0.0.1:1", "", tmp_path, acknowledge_timeout_seconds=0.5)
    services = Services(settings, connectors=TOYS)
    app = create_app(services)
    async with app.router.lifespan_context(app):
        setup = SetUpAccount(name="a", connector="toy", pool="p", channel="web", live=True)
        services.exchange.accounts.put(setup, actor="test", reason="", now_ms=1)
        services.exchange.secrets.put("a", "webhook_secret", SECRET, "current", actor="test", now_ms=1)
        body = order_said("1", SKU)
        async with client_of(app, "") as client:
            answer = await client.post("/v1/hooks/a", content=body, headers=signed(body, SECRET))

    assert (answer.status_code, answer.json()["code"]) == (503, "broker_unavailable")
    assert answer.headers["Retry-After"] == "10"


async def test_headers_and_secrets_that_a_connector_fails_on_tell_a_stranger_nothing(stocked: System) -> None:
    def fails(*_: object) -> Any:
        raise ZeroDivisionError

    account = set_up(stocked)
    with translating(stocked, toy(signature=fails)):
        unsigned = await send(stocked, account, order_said("1", SKU))
    with translating(stocked, toy(message_id=fails, topic_of=fails)):
        taken = await send(stocked, account, order_said("1", SKU))

    assert (unsigned.status_code, unsigned.json()["code"]) == (404, "not_found")
    assert (taken.status_code, taken.json()["commands"]) == (200, 1)


async def test_a_fault_of_one_connector_is_noted_and_keeps_nothing_else_from_being_done(stocked: System) -> None:
    def fails(*_: object) -> Any:
        raise ZeroDivisionError

    exchange = Exchange.of(stocked.services, Caller(private_hosts=frozenset({"127.0.0.1"})))
    account = set_up(stocked, settings={"address": "http://127.0.0.1"})
    stored = stocked.services.exchange.accounts.find(account)
    assert stored is not None
    broken = toy(authorise=fails)
    await send(stocked, account, b'{"kind": "pointer", "url": "http://127.0.0.1/x"}')
    with translating(stocked, broken):
        [parked] = await all_parked(stocked, account)
        await take_up(exchange, parked)
        seconds = await _tried(exchange, stored, broken.polls[0], Pace())
    await exchange.caller.close()

    [again] = await all_parked(stocked, account)
    assert again.why == "a fault on our side: ZeroDivisionError"
    assert seconds == 2.0
    [reached] = [one for one in stocked.services.exchange.cursors.all() if one.account == account]
    assert reached.trouble == "a fault on our side: ZeroDivisionError"
