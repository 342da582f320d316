"""What partners do next follows from what an order shows, once for each thing that is to be done."""

from msgspec.structs import replace

from pipelines.demo.asks import (
    Ask,
    SeenDestination,
    SeenFulfillment,
    SeenHold,
    SeenLine,
    SeenLocation,
    SeenOrder,
    SeenParcel,
    SeenPart,
    SeenUnits,
)
from pipelines.demo.clock import DAY_MS, HOUR_MS
from pipelines.demo.draws import Draws
from pipelines.demo.partners import TWO_PARCELS_SHARE, Partners

DRAWS = Draws(1)
START = 1_790_000_000_000
LONG = START + 9 * DAY_MS
PLACE = SeenLocation(location_id="reno", time_zone="America/Los_Angeles")


def order(name: str, status: str, version: int = 1, allocated: tuple[int, int] = (1, 1)) -> SeenOrder:
    skus = ("MUG-CLAY", "CAP-INK")
    parts = tuple(
        SeenPart(line_id=str(line), sku=sku, allocated=units)
        for line, (sku, units) in enumerate(zip(skus, allocated, strict=True), start=1)
    )
    return SeenOrder(
        order_id=name,
        channel="website",
        external_id=name,
        status="routed",
        version=version,
        lines=tuple(SeenLine(line_id=part.line_id, sku=part.sku, quantity=1) for part in parts),
        destination=SeenDestination(country="US"),
        fulfillments=(SeenFulfillment(fulfillment_id=f"{name}-1", location_id="reno", status=status, lines=parts),),
    )


def parcel(name: str, status: str = "in_transit") -> SeenParcel:
    units = (SeenUnits(line_id="1", quantity=1),)
    return SeenParcel(
        parcel_id=f"{name}-1-P1", fulfillment_id=f"{name}-1", status=status, units=units, tracking_number="1Z"
    )


def kinds(asks: list[Ask]) -> list[str]:
    return [ask.path.rpartition("/")[2] for ask in asks]


def in_two_parcels() -> str:
    return next(f"o{n}" for n in range(100) if DRAWS.happens(TWO_PARCELS_SHARE, f"o{n}-1", "two"))


def test_a_step_is_asked_once_however_long_the_answer_takes() -> None:
    partners, name = Partners(DRAWS, [PLACE]), in_two_parcels()
    partners.see(order(name, "packed"), START)

    assert kinds(partners.take(LONG)) == ["ship"]
    partners.see(order(name, "packed"), LONG)
    assert partners.take(LONG + DAY_MS) == []


def test_the_rest_follows_in_a_second_parcel() -> None:
    partners, name = Partners(DRAWS, [PLACE]), in_two_parcels()
    partners.see(order(name, "packed"), START)
    first = partners.take(LONG)[0]
    partners.see(replace(order(name, "packed", 2, (0, 1)), parcels=(parcel(name),)), first.at_ms)
    second = partners.take(first.at_ms + 3 * HOUR_MS)

    assert first.body["units"] == [{"line_id": "1", "quantity": 1}]
    assert [(ask.body["parcel_id"], "units" in ask.body) for ask in second] == [(f"{name}-1-P2", False)]
    assert first.key != second[0].key


def test_nobody_works_on_an_order_that_is_held() -> None:
    partners = Partners(DRAWS, [PLACE])
    held = replace(order("o1", "accepted"), status="held", holds=(SeenHold(type="payment", actor="user:ada"),))
    partners.see(held, START)

    assert partners.take(LONG) == []
    partners.see(order("o1", "accepted", 2), LONG)
    assert kinds(partners.take(LONG + HOUR_MS)) == ["pick"]


def test_a_step_that_a_person_has_done_is_not_done_again() -> None:
    partners = Partners(DRAWS, [PLACE])
    partners.see(order("o1", "allocated"), START)
    partners.see(order("o1", "picked", 2), START)

    assert kinds(partners.take(START + 4 * HOUR_MS)) == ["pack"]


def test_what_was_refused_is_tried_again_with_a_key_of_its_own() -> None:
    partners = Partners(DRAWS, [PLACE])
    partners.see(order("o1", "packed"), START)
    [first] = partners.take(LONG)
    partners.refused(first)
    [second] = partners.take(LONG + HOUR_MS)

    assert (second.path, second.attempt) == (first.path, 1)
    assert second.key != first.key


def test_an_order_that_has_ended_is_forgotten() -> None:
    partners = Partners(DRAWS, [PLACE])
    partners.see(order("o1", "packed"), START)
    partners.see(replace(order("o1", "delivered", 2, (0, 0)), status="delivered"), START)

    assert (partners.open_orders, partners.take(LONG)) == (0, [])
