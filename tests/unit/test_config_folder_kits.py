"""Kits and the rules of channels in a configuration folder: read, compared, asked for, and every mistake told."""

from msgspec.structs import replace

from connectors.folder.difference import FieldChange, differences
from models.records.line import Component
from models.records.pool import CatalogueItem, Channel, PublishingRule
from tests.support.folders import asked, faults_of, running, setup_of


def test_each_key_of_a_channel_is_read_as_it_is_written() -> None:
    setup = setup_of(
        channels="""
- id: web
  name: Web
  approval_above: 2500
  segment: vip
  publishing:
    - percent: 80
      threshold: 2
    - {sku: 0012, maximum: 10, end_when: 3}
    - {category: mugs}
"""
    )

    assert setup.channels == (
        Channel(
            channel_id="web",
            name="Web",
            approval_above_minor=250_000,
            segment="vip",
            publishing=(
                PublishingRule(percent=80, threshold=2),
                PublishingRule(sku="0012", maximum=10, end_when=3),
                PublishingRule(category="mugs"),
            ),
        ),
    )


def test_kits_are_read_with_the_catalogue_and_stay_without_their_file() -> None:
    catalogue = "sku,category,untracked,backorder_limit\nGIFT,,yes,\nA,mugs,no,0\nSET,,,\n"
    wanted = setup_of(catalogue=catalogue, kits="kit,component,quantity\nSET,GIFT,1\nSET,A,2\n")
    made_of = (Component(sku="A", quantity=2), Component(sku="GIFT", quantity=1))

    assert wanted.catalogue == (
        CatalogueItem(sku="GIFT", untracked=True),
        CatalogueItem(sku="A", category="mugs", backorder_limit=0),
        CatalogueItem(sku="SET", components=made_of),
    )
    assert differences(setup_of(catalogue=catalogue), running(wanted)) == ()
    [change] = differences(setup_of(catalogue=catalogue, kits="kit,component,quantity\n"), running(wanted))
    assert change.fields == (FieldChange(key="components", old="2 A, 1 GIFT", new=""),)


def test_what_becomes_a_kit_is_asked_for_after_what_names_it_no_more() -> None:
    def parts(*skus: str) -> tuple[Component, ...]:
        return tuple(Component(sku=sku, quantity=1) for sku in skus)

    runs = replace(
        setup_of(catalogue="sku\n"),
        catalogue=(CatalogueItem(sku="A", components=parts("B")), CatalogueItem(sku="B"), CatalogueItem(sku="C")),
    )
    wanted = replace(
        runs,
        catalogue=(
            CatalogueItem(sku="B", components=parts("C")),
            CatalogueItem(sku="A", components=parts("C")),
            CatalogueItem(sku="C", category="c"),
        ),
        kits=True,
    )

    [request] = asked(wanted, running(runs))

    assert [item["sku"] for item in request.body["items"]] == ["C", "A", "B"]
    assert request.body["items"][1]["components"] == [{"sku": "C", "quantity": 1}]


def test_mistakes_in_kits() -> None:
    kits = "kit,component,quantity\nK,A,1\nK,A,2\nK,L,1\nL,A,0\nM,K,1\nX,Y,1\nA,A,1\n"

    assert faults_of(catalogue="sku\nA\nK\nL\nM\n", kits=kits) == [
        "kits.csv:2:2: A is a kit itself: name what it is made of instead",
        "kits.csv:3:2: A is a kit itself: name what it is made of instead",
        "kits.csv:4:2: L is a kit itself: name what it is made of instead",
        "kits.csv:5:2: A is a kit itself: name what it is made of instead",
        "kits.csv:6:2: K is a kit itself: name what it is made of instead",
        "kits.csv:7:1: there is no SKU X in catalogue.csv: add it there",
        "kits.csv:7:2: there is no SKU Y in catalogue.csv: add it there",
        "kits.csv:8:2: A is a kit itself: name what it is made of instead",
    ]


def test_a_kit_names_each_component_once_with_whole_units() -> None:
    assert faults_of(catalogue="sku\nA\nK\n", kits="kit,component,quantity\nK,A,0\nK,A,2\n") == [
        "kits.csv:2:3: quantity '0' is no whole number from 1 to 1000000",
        "kits.csv:3:2: the kit K has A above already: keep one row, with all units",
    ]


def test_kits_are_nothing_without_a_catalogue() -> None:
    assert faults_of(kits="kit,component,quantity\n") == [
        "kits.csv:1:1: kits are items of the catalogue: put catalogue.csv beside this file"
    ]


def test_mistakes_in_the_rules_of_a_channel() -> None:
    channel = "- id: web\n  name: Web\n  segment: VIP\n  approval_above: 1.999\n  publishing:\n"
    rules = "    - percent: 101\n    - sku: A\n      treshold: 1\n"

    assert faults_of(channels=channel + rules) == [
        "channels.yaml:3:12: segment: 'VIP' cannot be an id: up to 40 lower-case letters, digits and -",
        "channels.yaml:4:19: approval_above: '1.999' has more decimals than the 2 of EUR: write for example 5.90",
        "channels.yaml:6:16: percent: '101' is no whole number from 0 to 100",
        "channels.yaml:8:7: unknown key 'treshold': did you mean threshold?",
    ]


def test_a_channel_has_one_rule_for_one_thing() -> None:
    channel = "- id: web\n  name: Web\n  publishing:\n    - {sku: A, percent: 10}\n    - {sku: A, maximum: 3}\n"

    assert faults_of(channels=channel) == ["channels.yaml:1:3: publishing has two rules for sku A: keep one"]
