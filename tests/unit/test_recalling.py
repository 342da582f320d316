"""Units that are taken back from a partner which was told of them and has not answered: it hears of it."""

from models import commands as c
from models.events import UnitsRecalled
from models.records.pool import LocationKind
from tests.support.builders import Line, Shop, location, units


def test_a_partner_that_was_only_told_hears_which_units_it_is_not_to_send() -> None:
    shop = Shop().open()
    shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
    shop.stock("A", "partner", 5)
    shop.place("1", Line("A", 3))

    told = shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    [recalled] = [event for event in told.events if isinstance(event, UnitsRecalled)]
    assert (recalled.location_id, recalled.units, recalled.cause) == ("partner", units(("1", 1)), "customer")


def test_what_is_taken_back_from_our_own_location_is_told_nobody() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    shop.place("1", Line("A", 3))

    told = shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    assert [event for event in told.events if isinstance(event, UnitsRecalled)] == []
