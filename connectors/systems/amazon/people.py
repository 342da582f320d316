"""Who bought and where it goes to, alike in both orders APIs but for the names of the fields.

Source: Selling Partner API, Orders v0, `Address` and `BuyerInfo`; Orders 2026-01-01, `Address` and `Buyer`.
"""

from connectors.frame.facts import Address, Buyer
from connectors.frame.reading import Given
from connectors.systems.amazon.shapes_2026 import AddressGiven, BuyerGiven


class AddressV0(Given, rename="pascal"):
    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class BuyerV0(Given, rename="pascal"):
    buyer_email: str | None = None
    buyer_name: str | None = None
    purchase_order_number: str | None = None


def address_of(given: AddressV0 | AddressGiven | None) -> Address | None:
    """Give where it goes to, with as much as Amazon lets be seen."""
    if given is None:
        return None
    lines = (given.address_line1, given.address_line2, given.address_line3)
    return Address(
        country=(given.country_code or "").strip().upper(),
        name=given.name or "",
        company=given.company_name or "",
        lines=tuple(line.strip() for line in lines if line and line.strip()),
        city=given.city or "",
        region=given.state_or_region or "",
        postcode=given.postal_code or "",
    )


def buyer_of(given: BuyerV0 | BuyerGiven | None, address: AddressV0 | AddressGiven | None) -> Buyer | None:
    """Amazon names no customer: the address it gives for mails is made up for the order."""
    name = (given.buyer_name or "") if given is not None else ""
    email = (given.buyer_email or "") if given is not None else ""
    phone = (address.phone or "") if address is not None else ""
    return Buyer(name=name, email=email, phone=phone) if name or email or phone else None
