"""Shipments of X12 that send nothing, or not yet: they never stand for all that is left."""

import pytest

from connectors.frame.facts import FulfillmentStepped, ParcelStated, Step, UnitsStated
from connectors.systems.x12.references import depositor_number
from tests.contract.connectors.x12_files import OURS, file, read

HEAD = f"W06*F*{depositor_number(OURS)}*20260904*SHIP-9\n"


def test_a_shipment_without_items_is_refused() -> None:
    told = read(file("945", HEAD + "W03*4*12*LB"))

    assert told.facts == ()
    assert [(one.field, one.reason) for one in told.refused] == [("segments[4].W12-01", "the 945 has no W12")]


@pytest.mark.parametrize("item", ["W12*BO*10*0*10*EA**VN*MUG", "W12*BP*10***EA**VN*MUG"])
def test_a_shipment_whose_items_all_follow_ships_nothing(item: str) -> None:
    told = read(file("945", f"{HEAD}LX*1\n{item}"))

    assert (told.facts, told.refused) == ((), ())
    assert told.ignored == "the 945 ships none of its items yet: another will say what has left"


def test_what_follows_is_not_short_where_something_else_is() -> None:
    picked, parcel = read(file("945", f"{HEAD}LX*1\nW12*BP*5*2*3*EA**VN*MUG\nLX*2\nW12*CP*4*1*3*EA**VN*CUP")).facts

    mugs, cups = UnitsStated(sku="MUG", quantity=2, unit="EA"), UnitsStated(sku="CUP", quantity=1, unit="EA")
    assert isinstance(picked, FulfillmentStepped)
    assert (picked.fulfillment_id, picked.step) == (OURS, Step.PICKED)
    assert picked.units == (mugs, cups, UnitsStated(sku="MUG", quantity=3, unit="EA"))
    assert isinstance(parcel, ParcelStated)
    assert (parcel.parcel_id, parcel.units, parcel.short) == ("SHIP-9", (mugs, cups), ())


def test_where_nothing_is_sent_and_something_follows_only_the_rest_is_short() -> None:
    [picked] = read(file("945", f"{HEAD}LX*1\nW12*BO*5*0*5*EA**VN*MUG\nLX*2\nW12*IC*4*0*4*EA**VN*CUP")).facts

    assert isinstance(picked, FulfillmentStepped)
    assert picked.units == (UnitsStated(sku="MUG", quantity=5, unit="EA"),)


def test_a_notice_of_no_units_ships_nothing() -> None:
    body = "BSN*00*A1*20260904*1000\nHL*1**S\nHL*2*1*O\nPRF*PO1\nHL*3*2*I\nLIN**VN*MUG\nSN1**0*EA"
    told = read(file("856", body, kind="SH"))

    assert (told.facts, told.refused) == ((), ())
    assert told.ignored == "the 856 holds no units: nothing has left"
