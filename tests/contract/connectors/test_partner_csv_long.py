"""CSV whose rows of one thing stand apart, or go on beyond what one fact has: nothing of it is lost or overwritten."""

import pytest

from connectors.frame.facts import ParcelStated, StockCounted, UnitsStated
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.partner_csv import CONNECTOR
from connectors.systems.partner_csv.told import Told

RECEIVED_AT_MS = 1_790_000_000_000


def read(text: str) -> Translation:
    account = Account(name="p", connector="partner_csv", pool="p", location="east")
    return translate(CONNECTOR, Message(body=text.encode(), name="f.csv", received_at_ms=RECEIVED_AT_MS), account)


def test_a_parcel_whose_rows_tell_different_times_is_one_parcel_with_all_of_its_units() -> None:
    [parcel] = read(
        "fulfillment_id,sku,shipped,shipped_at,carrier,tracking_number\n"
        "o1-1,MUG,2,2026-09-04T10:15:00Z,UPS,1Z9\n"
        "o1-1,CUP,1,2026-09-04T10:17:30Z,ups,1Z9\n"
    ).facts

    assert isinstance(parcel, ParcelStated)
    assert (parcel.parcel_id, parcel.carrier, parcel.at_ms) == ("1Z9", "UPS", 1_788_516_900_000)
    assert parcel.units == (UnitsStated(sku="MUG", quantity=2), UnitsStated(sku="CUP", quantity=1))


def test_rows_of_a_fulfillment_that_stand_apart_are_refused_and_not_lost() -> None:
    told = read(
        "fulfillment_id,sku,shipped,tracking_number\no1-1,MUG,2,1Z9\no2-1,MUG,1,1Z8\no1-1,CUP,1,1Z9\no3-1,CUP,1,1Z7\n"
    )

    parcels = [fact for fact in told.facts if isinstance(fact, ParcelStated)]
    assert [(one.fulfillment_id, [units.sku for units in one.units]) for one in parcels] == [
        ("o1-1", ["MUG"]),
        ("o2-1", ["MUG"]),
        ("o3-1", ["CUP"]),
    ]
    assert [(one.field, one.reason) for one in told.refused] == [
        ("lines[4]", "rows about this stand further up, and were told apart: put them together")
    ]


def counts(told: Translation) -> list[StockCounted]:
    return [fact for fact in told.facts if isinstance(fact, StockCounted)]


def test_lots_of_a_sku_are_counted_together_where_the_count_is_told_in_parts() -> None:
    rows = [f"S{number},1,A" for number in range(499)] + ["MUG,5,L1", "MUG,7,L2", "CUP,3,L1"]
    told = read("sku,on_hand,lot\n" + "\n".join(rows) + "\n")

    first, second = counts(told)
    assert [(line.sku, line.quantity) for line in first.lines[-2:]] == [("MUG", 5), ("MUG", 7)]
    assert [(line.sku, line.quantity) for line in second.lines] == [("CUP", 3)]
    assert told.refused == ()


def test_a_sku_that_was_counted_in_a_part_before_is_not_counted_anew() -> None:
    rows = ["MUG,5,B1"] + [f"S{number},1,A" for number in range(600)] + ["MUG,7,B2", "CUP,3,B2"]
    told = read("sku,on_hand,lot\n" + "\n".join(rows) + "\n")

    assert [(one.field) for one in told.refused] == ["lines[603]"]
    counted = [line for fact in counts(told) for line in fact.lines]
    assert [(line.sku, line.quantity) for line in counted if line.sku in {"MUG", "CUP"}] == [("MUG", 5), ("CUP", 3)]


def test_a_sku_may_be_counted_again_at_another_place_or_time() -> None:
    told = read(
        "sku,on_hand,location,as_of\n"
        "MUG,5,east,2026-09-04T10:00:00Z\nMUG,7,west,2026-09-04T10:00:00Z\nMUG,4,east,2026-09-04T12:00:00Z\n"
    )

    assert [(one.location, one.lines[0].quantity) for one in counts(told)] == [("east", 5), ("west", 7), ("east", 4)]
    assert told.refused == ()


@pytest.mark.parametrize("sku", ["1.23457E+12", "4E+11", "4,00638E+12"])
def test_a_sku_that_a_spreadsheet_has_rounded_is_refused(sku: str) -> None:
    told = read(f'document,sku,received\nR1,"{sku}",5\nR1,12E4,5\n')

    assert [one.field for one in told.refused] == ["lines[2].sku"]
    assert len(told.facts) == 1


@pytest.mark.parametrize("column", ["tracking_number", "parcel_id"])
def test_a_number_of_a_parcel_that_a_spreadsheet_has_rounded_is_refused(column: str) -> None:
    told = read(f"fulfillment_id,sku,shipped,{column}\no1-1,MUG,2,9.4001E+21\n")

    assert told.facts == ()
    assert [(one.field, one.reason) for one in told.refused] == [
        (f"lines[2].{column}", "'9.4001E+21' is a number that a spreadsheet rounded: save it as text")
    ]


def test_a_set_of_hashes_has_what_was_put_into_it() -> None:
    told = Told()
    for number in range(0, 10_000, 2):
        told.add(("document", f"S{number}"))
        told.add(("document", f"S{number}"))

    assert all((("document", f"S{number}") in told) is (number % 2 == 0) for number in range(10_000))
