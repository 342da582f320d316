"""An account goes live: its open orders are taken over as they are, and none is sent to a partner twice."""

from typing import Any

import pytest
from msgspec.structs import replace

from api.exchange.accounts import StoredAccount
from api.exchange.intake import Intake
from cli.cut_over import _sheet
from connectors.frame import facts as f
from connectors.frame.accounts import SetUpAccount
from connectors.frame.message import Message, Translation
from models.ids import order_id
from tests.support.system import SKU, System, answered


def stated(
    name: str, *, fulfilled: int = 0, quantity: int = 1, off: int | None = None, version: int = 1
) -> f.OrderStated:
    line = f.LineStated(line_id="1", sku=SKU, quantity=quantity, ordered=quantity, fulfilled=fulfilled)
    return f.OrderStated(
        external_id=name,
        number=f"#{name}",
        source_version=version,
        placed_at_ms=1_000,
        currency="EUR",
        lines=(line,),
        destination=f.Address(country="DE", name="Ada Muster", latitude=52.5, longitude=13.4),
        cancelled_at_ms=off,
    )


OPEN = (
    stated("open"),
    stated("asked"),
    stated("gone", fulfilled=1),
    stated("part", quantity=2, fulfilled=1),
    stated("off", off=2_000),
)
BECOME = {"open": "held", "asked": "begun", "gone": "past", "part": "held", "off": "cancelled"}


@pytest.fixture
def shop(stocked: System) -> System:
    """A shop in shadow, and a partner in Berlin that has accepted one of its orders by the shop's number."""
    system, stores = stocked, stocked.services.exchange
    for name, channel, location in (("shop", "shop-de", ""), ("wms", "", "berlin")):
        account = f"{name}-{system.pool}"
        setup = SetUpAccount(name=account, connector="toy", pool=system.pool, channel=channel, location=location)
        stores.accounts.put(setup, actor="test", reason="", now_ms=1)
    stores.shadow.keep(f"shop-{system.pool}", "s", list(OPEN), 1)
    answer = f.FulfillmentAnswered(fulfillment_id="asked", accepted=True, at_ms=1)
    stores.shadow.keep(f"wms-{system.pool}", "w", [answer], 1)
    return system


async def go_live(system: System, **asked: Any) -> Any:
    answer = await system.client.post(f"{system.path}/accounts/shop-{system.pool}/live", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def order(system: System, name: str) -> Any:
    url = f"{system.path}/orders/{order_id(system.pool, 'shop-de', name)}"
    return (await answered(system.client, url, lambda answer: answer.status_code == 200)).json()


def became(shown: Any) -> dict[str, str]:
    return {one["external_id"]: one["become"] for one in shown["orders"]}


async def test_a_dry_run_says_what_would_become_of_each_and_changes_nothing(shop: System) -> None:
    sent = shop.sent
    shown = await go_live(shop, dry_run=True)

    assert became(shown) == BECOME
    assert (shown["live"], shown["counts"]) == (False, {"begun": 1, "cancelled": 1, "held": 2, "past": 1})
    assert shop.sent == sent
    stored = shop.services.exchange.accounts.find(f"shop-{shop.pool}")
    assert stored is not None
    assert not stored.setup.live


async def test_open_orders_are_taken_as_they_are_and_those_of_a_partner_are_accepted_there(shop: System) -> None:
    shown = await go_live(shop)
    begun, held, past = [await order(shop, name) for name in ("asked", "open", "gone")]

    assert (became(shown), shown["live"]) == (BECOME, True)
    [part] = begun["fulfillments"]
    assert (part["location_id"], part["status"], begun["status"]) == ("berlin", "accepted", "routed")
    assert ([hold["type"] for hold in held["holds"]], held["fulfillments"]) == (["imported"], [])
    assert (past["historic"], past["status"]) == (True, "delivered")
    stored = shop.services.exchange.accounts.find(f"shop-{shop.pool}")
    assert stored is not None
    assert stored.setup.live


async def test_going_live_again_finds_everything_there_and_sends_nothing(shop: System) -> None:
    await go_live(shop)
    for name in ("asked", "open", "gone", "part"):
        await order(shop, name)
    sent = shop.sent
    again = await go_live(shop)

    assert again["counts"] == {"cancelled": 1, "known": 4}
    assert shop.sent == sent


async def test_orders_of_which_nothing_is_known_are_where_the_merchant_says(shop: System) -> None:
    assert became(await go_live(shop, dry_run=True, open_orders="berlin"))["open"] == "begun"
    assert became(await go_live(shop, dry_run=True, open_orders="route"))["open"] == "routed"
    answer = await shop.client.post(
        f"{shop.path}/accounts/shop-{shop.pool}/live", json={"open_orders": "nowhere", "dry_run": True}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "location_unknown")


async def test_an_account_goes_back_into_shadow(shop: System) -> None:
    await go_live(shop)
    answer = await shop.client.post(f"{shop.path}/accounts/shop-{shop.pool}/shadow", json={"reason": "not yet"})

    assert (answer.status_code, answer.json()["live"]) == (200, False)
    stored = shop.services.exchange.accounts.find(f"shop-{shop.pool}")
    assert stored is not None
    assert not stored.setup.live


async def test_with_a_broker_that_forgets_nothing_goes_live(shop: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.services, "settings", shop.services.settings.model_copy(update={"live_connectors": False}))
    sent = shop.sent
    answer = await shop.client.post(f"{shop.path}/accounts/shop-{shop.pool}/live", json={})

    assert (answer.status_code, answer.json()["code"]) == (409, "live_connectors_refused")
    assert shop.sent == sent


def test_the_report_is_harmless_in_a_spreadsheet() -> None:
    row = {"external_id": "=1", "number": "#1", "become": "held", "location": "", "note": "x"}
    assert _sheet([row]).splitlines()[1] == "'=1,#1,held,,x"


async def test_a_partner_ships_by_the_shops_number_what_it_was_asked_for_before_and_asks_for_nothing_again(
    shop: System,
) -> None:
    await go_live(shop)
    await order(shop, "asked")
    partner = shop.services.exchange.accounts.find(f"wms-{shop.pool}")
    assert partner is not None
    live = StoredAccount(replace(partner.setup, live=True), 1, None)
    intake, message = Intake(shop.services), Message(body=b"shipped", received_at_ms=2)
    parcel = f.ParcelStated(
        parcel_id="P-1",
        at_ms=5_000,
        fulfillment_id="#ASKED",
        tracking_number="T1",
        units=(f.UnitsStated(quantity=1, line_id="their line", sku=SKU),),
    )
    taken = await intake.say(live, message, Translation(facts=(parcel,)))
    again = await intake.say(live, replace(message, body=b"again"), Translation(facts=(parcel,)))
    url = f"{shop.path}/orders/{order_id(shop.pool, 'shop-de', 'asked')}"
    shipped = (await answered(shop.client, url, lambda answer: answer.json()["parcels"])).json()

    assert (taken.commands, taken.parked, again.commands) == (1, 0, 1)
    assert [(one["parcel_id"], one["tracking_number"]) for one in shipped["parcels"]] == [("P-1", "T1")]
    assert shipped["status"] == "shipped"


async def test_an_order_that_was_read_in_shadow_and_comes_after_the_switch_is_taken(shop: System) -> None:
    before = shop.services.exchange.accounts.find(f"shop-{shop.pool}")
    assert before is not None
    await go_live(shop)
    kept = list(shop.services.exchange.shadow.of(before.name))
    taken = await Intake(shop.services).say(before, Message(body=b"late"), Translation(facts=(stated("late"),)))

    assert (taken.commands, taken.withheld) == (1, 0)
    assert (await order(shop, "late"))["lines"][0]["quantity"] == 1
    assert list(shop.services.exchange.shadow.of(before.name)) == kept
