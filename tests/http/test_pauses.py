"""An account that is paused in the middle of something stops there, and goes on there."""

import pytest

from api.exchange.polling import ask
from api.exchange.process import Exchange
from tests.http.test_exchange import POLL, exchange, polled, said, shop
from tests.http.test_hooks import order
from tests.support.system import System
from tests.support.toy_shop import Shop

__all__ = ["exchange", "shop"]


async def test_a_pause_ends_a_poll_between_two_pages_and_it_goes_on_there(
    stocked: System, exchange: Exchange, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.orders = [said(str(number)) for number in range(1, 6)]
    stored, accounts, give = polled(stocked, shop), stocked.services.exchange.accounts, shop.answer

    def pause(paused: bool) -> None:
        accounts.pause(stored.name, paused=paused, actor="test", reason="", now_ms=2)

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if len(shop.asked) == 1:
            pause(True)
        return give(path)

    monkeypatch.setattr(shop, "answer", answer)
    await ask(exchange, stored, POLL)
    reached = stocked.services.exchange.cursors.find(stored.name, "orders")
    pause(False)
    await ask(exchange, stored, POLL)

    assert reached == "2"
    assert [path.rpartition("=")[2] for path in shop.asked] == ["0", "2", "2", "4"]
    assert [(await order(stocked, str(number)))["version"] for number in range(1, 6)] == [1] * 5
