"""A made-up order, to look at what mails say before any is sent."""

from api.customers.carriers import carrier_page
from api.customers.letters import News
from api.customers.picture import Item, Picture, ShownParcel
from models.records.mail import CustomerMail

NAME = "Ada Muster"
LINK = "https://orders.example.com/t/a-link-that-ends"
_AT_MS = 1_795_424_400_000
_DAY_MS = 86_400_000
_NUMBER = "00340434161094042557"
_ITEMS = (Item("T-shirt, blue, M", 2), Item("Kettle, 1 l", 1))
_WITH_PARCEL = frozenset({CustomerMail.SHIPPED, CustomerMail.PARTLY_SHIPPED})


def example_of(mail: CustomerMail) -> tuple[Picture, News]:
    """Give an order and what happened to it, for each mail."""
    picture = Picture(
        number="100234",
        shop="Web shop",
        state="received",
        zone="Europe/Berlin",
        placed_at_ms=_AT_MS,
        promise_ms=_AT_MS + 4 * _DAY_MS,
        items=_ITEMS,
        parcels=(),
        country="DE",
        store="Berlin Mitte" if mail is CustomerMail.READY else "",
        currency="EUR",
        total_minor=7_897,
    )
    parcel = ShownParcel("P-1", "in_transit", _ITEMS, "DHL", _NUMBER, carrier_page("DHL", _NUMBER), ())
    is_part = mail in (CustomerMail.PARTLY_SHIPPED, CustomerMail.CANCELLED)
    is_delayed, is_refunded = mail is CustomerMail.DELAYED, mail is CustomerMail.REFUNDED
    news = News(
        items=() if is_delayed or is_refunded else _ITEMS[:1] if is_part else _ITEMS,
        parcel=parcel if mail in _WITH_PARCEL else None,
        at_ms=_AT_MS,
        promise_ms=_AT_MS + 7 * _DAY_MS if is_delayed else None,
        old_promise_ms=_AT_MS + 4 * _DAY_MS if is_delayed else None,
        refunded_minor=1_999 if is_refunded else 0,
        is_all=not is_part,
    )
    return picture, news
