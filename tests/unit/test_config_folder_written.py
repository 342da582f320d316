"""What is written of a configuration folder is read back the same, and no spreadsheet takes it for a formula."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.folder.difference import differences
from connectors.folder.reading import read_folder
from connectors.folder.sheets import guarded, unguarded
from connectors.folder.writing import files_of
from connectors.money import AmountError, decimal_of, minor_of
from models.geo import position_of
from models.records.line import Component
from models.records.mail import CustomerMail
from models.records.pool import (
    CatalogueItem,
    Channel,
    Listing,
    Location,
    Policy,
    PublishingRule,
    StockBasis,
)
from tests.support.folders import example, running, setup_of


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [("EUR", "5.9", 590), ("EUR", "0", 0), ("EUR", "5.900", 590), ("JPY", "590", 590), ("KWD", "1.234", 1234)],
)
def test_money_becomes_minor_units_exactly(currency: str, text: str, minor: int) -> None:
    assert minor_of(text, currency) == minor


@pytest.mark.parametrize(
    ("currency", "text"), [("JPY", "5.5"), ("EUR", "1e3"), ("EUR", "-1"), ("EUR", ""), ("EUR", "٣")]
)
def test_money_that_would_be_rounded_or_guessed_is_refused(currency: str, text: str) -> None:
    with pytest.raises(AmountError):
        minor_of(text, currency)


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_money_written_is_read_back(minor: int, currency: str) -> None:
    assert minor_of(decimal_of(minor, currency), currency) == minor


@given(st.text())
def test_a_guarded_field_is_read_back_and_is_no_formula(field: str) -> None:
    assert unguarded(guarded(field)) == field
    assert not guarded(field).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_no_cell_of_an_export_is_a_formula() -> None:
    setup = setup_of(catalogue="sku,name\n-5,'=HYPERLINK(1)\n")

    assert setup.catalogue == (CatalogueItem(sku="-5", name="=HYPERLINK(1)"),)
    assert files_of(setup)["catalogue.csv"] == (
        "sku,name,weight_grams,category,untracked,backorder_limit\n'-5,'=HYPERLINK(1),500,,no,\n"
    )


def test_no_kit_of_an_export_is_a_formula() -> None:
    setup = setup_of(catalogue="sku\n-K\n=A\n", kits="kit,component,quantity\n-K,=A,2\n")

    assert setup.catalogue == (
        CatalogueItem(sku="-K", components=(Component(sku="=A", quantity=2),)),
        CatalogueItem(sku="=A"),
    )
    assert files_of(setup)["kits.csv"] == "kit,component,quantity\n'-K,'=A,2\n"


counts = st.integers(0, 1_000_000)
limits = st.none() | counts
rules = st.builds(
    PublishingRule,
    sku=st.none() | st.sampled_from(["A", "no", "1.0", "'x", "a: b"]),
    category=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9),
    threshold=counts,
    percent=st.integers(0, 100),
    maximum=limits,
    end_when=counts,
)
channels = st.builds(
    Channel,
    channel_id=st.just("web"),
    name=st.just(""),
    approval_above_minor=st.none() | st.integers(0, 10**12),
    segment=st.sampled_from(["", "vip", "0", "no"]),
    publishing=st.lists(rules, max_size=4, unique_by=lambda rule: (rule.sku, rule.category)).map(tuple),
    mails=st.none() | st.lists(st.sampled_from(CustomerMail), max_size=3).map(tuple),
)


@given(channels, limits, st.booleans(), st.lists(st.integers(1, 9), max_size=3))
def test_channels_and_kits_that_are_written_are_read_back(
    channel: Channel, limit: int | None, untracked: bool, units: list[int]
) -> None:
    parts = tuple(Component(sku=f"P{number}", quantity=quantity) for number, quantity in enumerate(units))
    names = tuple(
        Listing(channel="web", sku=f"-L {number}", quantity=quantity) for number, quantity in enumerate(units)
    )
    kit = CatalogueItem(
        sku="K", category="x, y", backorder_limit=limit, untracked=untracked, components=parts, listings=names
    )
    items = (kit, *(CatalogueItem(sku=part.sku) for part in parts))
    place = Location(location_id="x", name="", stock=StockBasis.DECLARED, collection=True)
    policy = Policy(declared_stale_ms=0, silence_ms=1, receipt_to_promise_ms=60_000, close_after_ms=1, stub_ms=10**11)
    policy = replace(policy, reserve_before_ms=units[0] * 3_600_000 if units else None)
    head = replace(setup_of(), kits=True, listings=True)
    setup = replace(head, channels=(channel,), catalogue=items, locations=(place,), policy=policy)

    again = read_folder({name: text.encode() for name, text in files_of(setup).items()})

    assert again.faults == ()
    assert again.pools == (setup,)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    name=texts,
    degrees=st.tuples(st.floats(-85, 85), st.floats(-180, 180)) | st.none(),
    minutes=st.integers(0, 1440),
    days=st.sets(st.integers(0, 6), min_size=1),
    amounts=st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)),
    durations=st.lists(st.integers(0, 366 * 86_400_000), min_size=3, max_size=3),
)
def test_what_is_written_is_read_back(
    name: str, degrees: Any, minutes: int, days: set[int], amounts: tuple[int, int], durations: list[int]
) -> None:
    position = None if degrees is None else position_of(round(degrees[0], 6), round(degrees[1], 6))
    location = Location(
        location_id="no",
        name=name,
        position=position,
        cut_off_minutes=minutes,
        open_weekdays=tuple(sorted(days)),
        handling_minor=amounts[0],
        pick_minor=amounts[1],
    )
    policy = Policy(at_risk_before_ms=durations[0], document_window_ms=durations[1], stock_horizon_ms=durations[2])
    items = (CatalogueItem(sku="A", name=name),)
    setup = replace(setup_of(), locations=(location,), policy=policy, catalogue=items)

    again = read_folder({name: text.encode() for name, text in files_of(setup).items()})

    assert again.faults == ()
    assert differences(again.pools[0], running(setup)) == ()


def test_the_example_is_written_and_read_back_without_a_difference() -> None:
    setup = example()
    again = read_folder({name: text.encode() for name, text in files_of(setup).items()}).pools[0]
    booked = ((line.sku, line.location_id) for line in setup.opening or ())

    assert differences(again, running(setup, *booked)) == ()
