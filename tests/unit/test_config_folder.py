"""A configuration folder: what its texts mean, what differs from what runs, and what is asked for that."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.folder.accounts import ACCOUNT
from connectors.folder.difference import Change, FieldChange, differences, is_done, refusals
from connectors.folder.keys import AUTHORITY, CHANNEL, LOCATION, POLICY, POOL, RATE_CARD, RULE
from connectors.folder.reading import read_folder
from connectors.folder.setup import OpeningLine
from connectors.folder.shapes import Shape
from models.geo import position_of
from models.records.pool import Authority, CatalogueItem, Channel, Location, LocationKind, StockBasis
from tests.support.folders import HEAD, asked, example, running, setup_of


def test_each_key_of_a_location_is_read_as_it_is_written() -> None:
    setup = setup_of(
        locations="""
- id: "0012"
  name: NO
  kind: store
  time_zone: Europe/Oslo
  country: NO
  latitude: 59.91
  longitude: 10.75
  enabled: off
  cut_off: 16:30
  open_on: [fri, Monday]
  closed_on: [2026-12-25, 2026-12-24]
  capacity_per_day: 40
  handling: 1.2
  pick: 0.35
  priority: 2
  authority: {receive: wms, count: wms}
  stock: declared
  collection: yes
- id: b
  name: ""
  time_zone: UTC
  capacity_per_day:
"""
    )

    assert setup.locations == (
        Location(
            location_id="0012",
            name="NO",
            kind=LocationKind.STORE,
            time_zone="Europe/Oslo",
            country="NO",
            position=position_of(59.91, 10.75),
            enabled=False,
            cut_off_minutes=990,
            open_weekdays=(0, 4),
            closed_on=("2026-12-24", "2026-12-25"),
            capacity_per_day=40,
            handling_minor=120,
            pick_minor=35,
            priority=2,
            authority=Authority(movers={"receive": "wms"}, counter="wms"),
            stock=StockBasis.DECLARED,
            collection=True,
        ),
        Location(location_id="b", name="", time_zone="UTC"),
    )


def test_a_byte_order_mark_windows_lines_and_semicolons_are_read() -> None:
    text = "\ufeffsku;name;weight_grams;\r\nA;x, y;;\r\n00B;;70;\r\n"

    assert setup_of(catalogue=text).catalogue == (
        CatalogueItem(sku="A", name="x, y"),
        CatalogueItem(sku="00B", weight_grams=70),
    )


def test_a_folder_a_pool_holds_several_pools() -> None:
    found = read_folder({"eu/pool.yaml": HEAD.encode(), "us/pool.yaml": b"pool: us\ncurrency: USD\n"})

    assert (found.faults, [setup.head.pool for setup in found.pools]) == ((), ["shop", "us"])


def test_what_is_not_in_the_folder_is_not_touched() -> None:
    assert differences(setup_of(), running(replace(example(), head=setup_of().head))) == ()


@pytest.mark.parametrize(
    "shape", [POOL, LOCATION, AUTHORITY, CHANNEL, RULE, RATE_CARD, POLICY], ids=lambda shape: shape.what
)
def test_every_field_of_what_is_put_has_a_key(shape: Shape) -> None:
    keys = {field.name for field in shape.fields}
    # The version follows from what runs.
    assert set(shape.take(shape.default)) - {"version"} == keys


def test_a_new_pool_is_asked_for_in_the_order_in_which_it_is_needed() -> None:
    requests = asked(example(), None)
    order = list(dict.fromkeys(request.part for request in requests))

    assert order == ["pool", "channels", "locations", "policy", "catalogue", "opening stock"]
    assert requests[3].body["version"] == 2
    assert sum(request.count for request in requests if request.part == "opening stock") == 11


def test_only_what_differs_is_asked_for_and_shown_old_and_new() -> None:
    wanted = example()
    places = wanted.locations or ()
    before = replace(wanted, locations=(replace(places[0], cut_off_minutes=600, handling_minor=119), *places[1:]))

    [change] = differences(replace(wanted, opening=None), running(before))
    [request] = asked(replace(wanted, opening=None), running(before))

    assert change == Change(
        part="locations",
        what="changed",
        name="chicago",
        fields=(
            FieldChange(key="cut_off", old="10:00", new="16:00"),
            FieldChange(key="handling", old="1.19", new="1.20"),
        ),
    )
    assert [location["location_id"] for location in request.body["locations"]] == ["chicago"]


def test_a_policy_gets_the_next_version() -> None:
    wanted = setup_of(policy="late: 1.00\n")

    [request] = asked(wanted, running(setup_of(policy="")))

    assert (request.body["version"], request.body["late_minor"]) == (8, 100)


def test_a_location_that_is_gone_is_left_and_disabled_only_when_pruned() -> None:
    wanted = example()
    gone = Location(location_id="reno", name="Reno")
    closed = Location(location_id="utah", name="Utah", enabled=False)
    runs = running(replace(wanted, locations=(*(wanted.locations or ()), gone, closed)))
    wanted = replace(wanted, opening=None)

    assert differences(wanted, runs) == (Change(part="locations", what="left", name="reno"),)
    assert is_done(differences(wanted, runs))
    assert asked(wanted, runs) == []
    [request] = asked(wanted, runs, prune=True)
    assert [(place["location_id"], place["enabled"]) for place in request.body["locations"]] == [("reno", False)]


def test_a_channel_and_a_sku_that_are_gone_are_told_and_stay() -> None:
    wanted = setup_of(channels="", catalogue="sku\n")
    runs = running(
        replace(wanted, channels=(Channel(channel_id="web", name="Web"),), catalogue=(CatalogueItem(sku="A"),))
    )

    assert [(change.part, change.what, change.name) for change in differences(wanted, runs, prune=True)] == [
        ("channels", "left", "web"),
        ("catalogue", "left", "A"),
    ]
    assert asked(wanted, runs, prune=True) == []


def test_opening_stock_is_booked_where_nothing_ever_was() -> None:
    wanted = setup_of(opening="sku,location,quantity\nA,x,5\nA,y,6\nB,x,0\n")
    wanted = replace(wanted, locations=(Location(location_id="x", name=""), Location(location_id="y", name="")))
    runs = running(wanted, ("A", "x"))

    [request] = asked(wanted, runs)

    assert request.body["location_id"] == "y"
    assert request.body["lines"] == [{"line": "A", "sku": "A", "quantity": 6}]


def test_a_line_of_opening_stock_is_the_same_document_whatever_else_is_in_the_file() -> None:
    def documents(*skus: str) -> dict[str, str]:
        opening = tuple(OpeningLine(sku=sku, location_id="x", quantity=1) for sku in skus)
        requests = asked(replace(setup_of(), opening=opening), running(setup_of()))
        return {line["sku"]: request.body["document"] for request in requests for line in request.body["lines"]}

    many = documents(*(f"S{number}" for number in range(5_000)))

    assert documents("S17", "S4999") == {"S17": many["S17"], "S4999": many["S4999"]}
    assert len(set(many.values())) == 64


def test_opening_stock_comes_in_the_name_of_whoever_may_receive_there() -> None:
    place = Location(location_id="x", name="X", authority=Authority(movers={"receive": "wms"}))
    wanted = replace(setup_of(opening="sku,location,quantity\nA,x,5\n"), locations=None)

    [request] = asked(wanted, running(replace(setup_of(), locations=(place,))))

    assert request.body["source"] == "wms"


def test_50_000_items_are_asked_for_in_requests_of_500() -> None:
    items = tuple(CatalogueItem(sku=f"S{number}") for number in range(50_000))

    requests = asked(replace(setup_of(), catalogue=items), running(setup_of()))

    assert [request.count for request in requests] == [500] * 100
    assert len({request.key for request in requests}) == 100


def test_the_same_ask_has_the_same_key_until_something_else_is_based_on() -> None:
    wanted = setup_of(policy="late: 1.00\n")
    first, again = asked(wanted, running(setup_of())), asked(wanted, running(setup_of()))
    [other] = asked(wanted, None)[1:]

    assert first == again
    assert first[0].key != other.key


def test_what_the_core_would_refuse_is_told_before() -> None:
    wanted = setup_of(opening="sku,location,quantity\nA,x,5\n")
    runs = running(replace(setup_of(), head=replace(wanted.head, currency="USD"), locations=()))

    assert refusals(wanted, runs) == (
        "pool.yaml: the pool shop runs in USD, and a pool keeps its currency: write USD, or open another pool",
        "opening-stock.csv: the pool has no location x: add it in locations.yaml",
    )


@pytest.mark.parametrize(
    "shape", [POOL, LOCATION, AUTHORITY, CHANNEL, RULE, RATE_CARD, POLICY, ACCOUNT], ids=lambda shape: shape.what
)
def test_every_key_is_in_the_reference(shape: Shape) -> None:
    reference = (Path(__file__).parents[2] / "docs" / "set-up.md").read_text()

    assert [key for key in shape.keys if f"`{key}`" not in reference] == []
