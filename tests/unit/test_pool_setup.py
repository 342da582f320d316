import pytest
from msgspec.json import decode

from models import commands as c
from models.records.line import Component
from models.records.pool import AppliedPart, CatalogueItem, CatalogueView, Channel, Policy, PoolView, RateCard
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, START_MS, Shop, location


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (c.Tick, {}),
        (c.PutLocations, {"locations": (location("berlin"),)}),
        (c.CancelUnits, {"order_id": "o1"}),
    ],
)
def test_nothing_is_done_in_a_pool_that_was_never_put(kind: type[c.Command], fields: dict[str, object]) -> None:
    shop = Shop()

    assert shop.refused(RejectionCode.POOL_UNKNOWN, kind, **fields) == "pool"


def test_a_pool_keeps_its_currency_and_may_change_its_name(shop: Shop) -> None:
    shop.do(c.PutPool, currency="EUR", name="New name")
    assert shop.refused(RejectionCode.CURRENCY_FIXED, c.PutPool, currency="USD") == "currency"

    assert b"New name" in shop.engine.rows[b"p/shop"]


def test_putting_a_pool_again_keeps_its_policy(shop: Shop) -> None:
    shop.follow(preset="cheapest")

    shop.do(c.PutPool, currency="EUR")

    assert shop.policy().preset == "cheapest"


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_policy_follows_the_version_it_was_made_from(shop: Shop, version: int) -> None:
    assert shop.refused(RejectionCode.POLICY_VERSION, c.PutPolicy, policy=Policy(version=version)) == "version"


@pytest.mark.parametrize(
    "card",
    [
        pytest.param(RateCard(distance_limits_meters=(2, 1), price_minor=((1,), (2,), (3,))), id="falling distances"),
        pytest.param(RateCard(distance_limits_meters=(1, 1), price_minor=((1,), (2,), (3,))), id="equal distances"),
        pytest.param(RateCard(weight_limits_grams=(9, 5), price_minor=((1, 2, 3),)), id="falling weights"),
        pytest.param(RateCard(distance_limits_meters=(5,), price_minor=((1,),)), id="a band without a price"),
        pytest.param(RateCard(weight_limits_grams=(5,), price_minor=((1,),)), id="a bracket without a price"),
        pytest.param(RateCard(price_minor=()), id="no price at all"),
    ],
)
def test_a_rate_card_with_gaps_is_refused(shop: Shop, card: RateCard) -> None:
    policy = Policy(version=2, rate_card=card)

    assert shop.refused(RejectionCode.COMMAND_INVALID, c.PutPolicy, policy=policy) == "rate_card"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "Europe", "a" * 400])
def test_a_time_zone_that_does_not_exist_is_refused(shop: Shop, zone: str) -> None:
    places = (location("munich"), location("berlin", time_zone=zone))

    assert shop.refused(RejectionCode.TIME_ZONE_UNKNOWN, c.PutLocations, locations=places) == "time_zone"


def test_an_odd_sku_does_not_enter_the_catalogue(shop: Shop) -> None:
    items = (CatalogueItem(sku="fine"), CatalogueItem(sku="od\u200bd"))

    assert shop.refused(RejectionCode.SKU_INVALID, c.PutCatalogue, items=items) == "sku"


def kit(sku: str, *parts: str) -> CatalogueItem:
    return CatalogueItem(sku=sku, components=tuple(Component(sku=part, quantity=1) for part in parts))


@pytest.mark.parametrize(
    "items",
    [
        pytest.param((kit("K", "K"),), id="of itself"),
        pytest.param((kit("K", "B"), kit("B", "C")), id="both at once"),
        pytest.param((kit("K", "SET"),), id="the component is a kit"),
        pytest.param((kit("A", "C"),), id="it is a component of a kit"),
    ],
)
def test_a_kit_of_kits_is_refused(shop: Shop, items: tuple[CatalogueItem, ...]) -> None:
    shop.do(c.PutCatalogue, items=(kit("SET", "A", "B"),))

    assert shop.refused(RejectionCode.COMMAND_INVALID, c.PutCatalogue, items=items) == "components"


def test_a_component_may_become_a_kit_once_no_kit_names_it(shop: Shop) -> None:
    shop.do(c.PutCatalogue, items=(kit("SET", "A", "B"),))

    shop.do(c.PutCatalogue, items=(kit("A", "C"), kit("SET", "B")))
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="SET"),))
    shop.do(c.PutCatalogue, items=(kit("B", "C"),))


def test_set_up_told_twice_is_a_repeat(shop: Shop) -> None:
    first = shop.make(c.PutLocations, locations=(location("berlin", enabled=False),))
    shop.send(first)
    shop.locate(location("berlin"))
    before = shop.business()

    assert shop.send(first).repeated is True
    assert shop.business() == before


def test_set_up_issued_before_repeats_are_remembered_is_refused(shop: Shop) -> None:
    shop.tick(15 * DAY_MS)

    fields = {"locations": (location("berlin", enabled=False),), "issued_at_ms": START_MS}
    assert shop.refused(RejectionCode.COMMAND_TOO_OLD, c.PutLocations, **fields) == "issued_at_ms"


def test_the_published_set_up_names_locations_in_their_turn(shop: Shop) -> None:
    shop.locate(location("attic", priority=0), location("berlin", priority=1))

    topic, value = shop.published[-1]

    assert topic == "pool-updates"
    places = [value.index(name) for name in (b'"attic"', b'"hamburg"', b'"munich"', b'"berlin"')]
    assert places == sorted(places)


def test_the_published_set_up_says_since_when_each_part_stands_by_whom_and_why(shop: Shop) -> None:
    shop.later(HOUR_MS)
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web"),), actor="user:anna", reason="opened")

    view = decode(shop.published[-1][1], type=PoolView)

    assert set(view.pool.applied) == {"pool", "locations", "catalogue", "channels"}
    stamp = AppliedPart(at_ms=START_MS + HOUR_MS, actor="user:anna", reason="opened")
    assert view.pool.applied["channels"] == stamp
    assert view.pool.applied["pool"].at_ms == START_MS
    assert view.channels == (Channel(channel_id="web", name="Web"),)


def test_a_channel_is_replaced_by_its_id(shop: Shop) -> None:
    for name in ("Web", "Web shop"):
        shop.do(c.PutChannels, channels=(Channel(channel_id="web", name=name), Channel(channel_id="till", name="Till")))

    view = decode(shop.published[-1][1], type=PoolView)

    assert [channel.name for channel in view.channels] == ["Till", "Web shop"]


def test_catalogue_items_are_published_one_by_one(shop: Shop) -> None:
    before = len(shop.published)
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="X/1", name="Socks", weight_grams=80), CatalogueItem(sku="Y")))

    told = [decode(value, type=CatalogueView) for topic, value in shop.published[before:] if "catalogue" in topic]

    assert [view.item for view in told] == [
        CatalogueItem(sku="X/1", name="Socks", weight_grams=80),
        CatalogueItem(sku="Y"),
    ]
    assert {(view.pool, view.offset) for view in told} == {("shop", shop.told[-1].offset)}


def test_a_tick_comes_to_each_pool_that_follows_the_wall_clock(shop: Shop) -> None:
    record = shop.engine.tick(START_MS, 7)

    assert record is not None
    (tick,) = [c.decode(item) for item in shop.engine.split(record)]
    assert (type(tick), tick.pool, tick.issued_at_ms, tick.actor) == (c.Tick, "shop", START_MS, "clock")
    shop.do(c.PutPool, currency="EUR", simulated=True)
    assert shop.engine.tick(START_MS, 8) is None


def test_time_never_goes_back(shop: Shop) -> None:
    shop.tick(DAY_MS)
    shop.do(c.Tick, issued_at_ms=START_MS)

    assert shop.engine.rows[b"k/shop"] == b'{"time_ms":%d}' % ((START_MS + DAY_MS) // 1000 * 1000)


def test_a_refused_command_does_not_move_time(shop: Shop) -> None:
    clock = shop.engine.rows[b"k/shop"]

    shop.refused(RejectionCode.ORDER_UNKNOWN, c.CancelUnits, order_id="o", issued_at_ms=START_MS + DAY_MS)

    assert shop.engine.rows[b"k/shop"] == clock
