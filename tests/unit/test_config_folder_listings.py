"""Listings in a configuration folder: read, compared, asked for and written, and every mistake told."""

from itertools import chain

from msgspec.structs import replace

from connectors.folder.difference import FieldChange, differences, refusals
from connectors.folder.setup import Setup
from connectors.folder.writing import files_of
from models.records.pool import CatalogueItem, Listing
from tests.support.folders import asked, faults_of, running, setup_of

HEADER = "channel,listing_sku,sku,quantity\n"
CHANNELS = "- id: web\n  name: Web\n- id: till\n  name: Till\n"
SHORTENED = (
    "listings.csv:10:2: 4E5 is a number that a spreadsheet has shortened: "
    "format the column as text and fill the SKU in again"
)
SIX = Listing(channel="web", sku="SIX", quantity=6)


def listed(*items: CatalogueItem) -> Setup:
    return replace(setup_of(), catalogue=items, listings=True)


def test_listings_are_read_with_the_catalogue() -> None:
    listings = f"{HEADER}web,SIX,A,6\ntill,0012,A,1\nweb,B,A,2\n"

    wanted = setup_of(catalogue="sku\nA\nB\n", channels=CHANNELS, listings=listings)

    names = (Listing(channel="till", sku="0012"), Listing(channel="web", sku="B", quantity=2), SIX)
    assert wanted.catalogue == (CatalogueItem(sku="A", listings=names), CatalogueItem(sku="B"))


def test_listings_stay_without_their_file_and_go_with_an_empty_one() -> None:
    runs = running(listed(CatalogueItem(sku="A", listings=(SIX,))))

    assert differences(setup_of(catalogue="sku\nA\n"), runs) == ()
    [request] = asked(setup_of(catalogue="sku,name\nA,Mug\n"), runs)
    assert request.body["items"][0]["listings"] == [{"channel": "web", "sku": "SIX", "quantity": 6}]
    [change] = differences(setup_of(catalogue="sku\nA\n", listings=HEADER), runs)
    assert change.fields == (FieldChange(key="listings", old="6 as SIX on web", new=""),)


def test_the_same_listings_in_another_order_are_no_difference() -> None:
    runs = running(listed(CatalogueItem(sku="A", listings=(SIX, Listing(channel="web", sku="ONE")))))

    assert differences(setup_of(catalogue="sku\nA\n", listings=f"{HEADER}web,SIX,A,6\nweb,ONE,A,1\n"), runs) == ()


def test_a_name_that_moves_is_taken_and_given_in_one_request_however_many_items_there_are() -> None:
    many = tuple(CatalogueItem(sku=f"M{number:04}", name="new") for number in range(1_000))
    runs = listed(CatalogueItem(sku="A", listings=(SIX,)), CatalogueItem(sku="Z"))
    wanted = listed(CatalogueItem(sku="A"), *many, CatalogueItem(sku="Z", listings=(SIX,)))

    requests = asked(wanted, running(runs))

    skus = [[item["sku"] for item in request.body["items"]] for request in requests]
    assert skus[-1] == ["A", "Z"]
    assert sorted(chain(*skus)) == sorted(item.sku for item in wanted.catalogue or ())
    assert [len(some) for some in skus] == [500, 500, 2]


def test_names_that_move_round_are_one_request() -> None:
    names = [Listing(channel="web", sku=f"N{number}") for number in range(3)]
    turned = [*names[1:], names[0]]
    before, after = (
        listed(*(CatalogueItem(sku=sku, listings=(name,)) for sku, name in zip("ABC", some, strict=True)))
        for some in (names, turned)
    )

    [request] = asked(after, running(before))

    assert [item["listings"][0]["sku"] for item in request.body["items"]] == ["N1", "N2", "N0"]


def test_a_name_of_an_item_that_is_not_in_the_folder_is_refused_before_anything_is_sent() -> None:
    runs = running(listed(CatalogueItem(sku="OLD", listings=(SIX,)), CatalogueItem(sku="A")))

    assert refusals(listed(CatalogueItem(sku="A", listings=(SIX,))), runs) == (
        "listings.csv: web sells OLD as SIX already, and OLD is not in catalogue.csv: add it there",
    )


def test_mistakes_in_listings() -> None:
    right = "web,SIX,A,6\n"
    wrong = "web,SIX,B,6\nwbe,S,A,1\nweb,T,C,1\nweb,U,A,0\nweb,V,A,1001\n,W,A,1\nweb,,A,1\nweb,4E5,A,1\n"

    assert faults_of(catalogue="sku\nA\nB\n", channels=CHANNELS, listings=HEADER + right + wrong) == [
        "listings.csv:3:2: web sells SIX in line 2 already: keep one",
        "listings.csv:4:1: there is no channel 'wbe' in channels.yaml: add it there",
        "listings.csv:5:3: there is no SKU C in catalogue.csv: add it there",
        "listings.csv:6:4: quantity '0' is no whole number from 1 to 1000",
        "listings.csv:7:4: quantity '1001' is no whole number from 1 to 1000",
        "listings.csv:8:1: this row has no channel: fill it in, or delete the row",
        "listings.csv:9:2: this row has no SKU: fill it in, or delete the row",
        SHORTENED,
    ]


def test_an_item_has_at_most_200_listings() -> None:
    rows = "".join(f"web,N{number},A,1\n" for number in range(202))

    assert faults_of(catalogue="sku\nA\n", channels=CHANNELS, listings=HEADER + rows) == [
        "listings.csv:202:3: A has more than 200 listings",
        "listings.csv:203:3: A has more than 200 listings",
    ]


def test_without_a_file_of_channels_their_ids_are_looked_at_alone() -> None:
    rows = "my shop,SIX,A,6\nanything,SIX,A,6\n"

    assert faults_of(catalogue="sku\nA\n", listings=HEADER + rows) == [
        "listings.csv:2:1: 'my shop' cannot be a channel: up to 60 letters, digits, _, . and -, no spaces"
    ]


def test_listings_are_nothing_without_a_catalogue() -> None:
    assert faults_of(listings=HEADER) == [
        "listings.csv:1:1: listings are of items of the catalogue: put catalogue.csv beside this file"
    ]


def test_no_listing_of_an_export_is_a_formula() -> None:
    setup = listed(CatalogueItem(sku="=A", listings=(Listing(channel="web", sku="-6", quantity=6),)))

    assert files_of(setup)["listings.csv"] == f"{HEADER}web,'-6,'=A,6\n"
