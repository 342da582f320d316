"""850, a purchase order of a business customer: an order of its channel, whole.

Partners in the United States name a currency only where it is not the dollar, and a country only where it is not
theirs. Source: X12 004010, transaction sets 850 and 860, segments BEG, BCH, CUR, N1, N3, N4, PO1, PID, DTM.
"""

from decimal import Decimal
from itertools import takewhile

from msgspec.structs import replace

from connectors.frame.facts import Address, AnyFact, Buyer, LineStated, OrderCancelled, OrderStated
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, first, money, words
from connectors.systems.x12 import segments as x
from connectors.systems.x12.charges import Charges, charges_of, tax_of, total_of
from connectors.systems.x12.elements import BUYERS, made_at, moment, products, quantity, sku_of

_CANCELLATION, _DELETION, _DUPLICATE = "01", "03", "07"
_PRICED_BY = {"HP": 100, "HT": 100, "TP": 1000}
"""How many units a price is for, where it is not for each."""
_CANADIAN = frozenset({"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"})
_COUNTRIES = {
    "MEX": "MX",
    "DNK": "DK",
    "SWE": "SE",
    "POL": "PL",
    "PRT": "PT",
    "CHN": "CN",
    "CHL": "CL",
    "AUT": "AT",
    "IRL": "IE",
    "ISR": "IL",
    "KOR": "KR",
    "TUR": "TR",
    "UKR": "UA",
    "ARE": "AE",
    "EST": "EE",
    "SVK": "SK",
    "SVN": "SI",
}
"""Codes of three letters that do not begin with the two of the same country."""
_PIECES = frozenset({"", "EA", "EACH", "PC", "PCE", "UN"})
_ADDRESS_TAGS = ("N2", "N3", "N4", "PER")


def purchase_order(transaction: x.Transaction, account: Account) -> tuple[AnyFact, ...] | str:
    """Give the order of an 850.

    Raises:
        ElementError: it has no number or lines, or one of these has no product, quantity or price.
    """
    head = transaction.need("BEG")
    external_id = head.need(3, "the purchase order's number")
    placed = moment(head.get(5), "", transaction, account)
    made = made_at(transaction.made, account)
    if head.get(1) == _CANCELLATION:
        return (OrderCancelled(external_id=external_id, at_ms=made),)
    if head.get(1) == _DUPLICATE:
        return "this 850 is a duplicate of one that was sent before"
    currency_stated = transaction.first("CUR")
    currency = first([currency_stated.get(2) if currency_stated else "", account.currency, "USD"])
    lines, beside = _lines(transaction, account, currency)
    if not lines:
        transaction.need("PO1")
    around = _around_lines(transaction)
    units = sum(line.quantity for line in lines)
    goods = sum(line.quantity * line.unit_price_minor - line.discount_minor for line in lines)
    whole = charges_of(around, goods, units, currency)
    on_lines = sum(line.tax_minor for line in lines)
    addressed, buyer = _party(transaction, "ST"), _party(transaction, "BY", "BT")
    promised = transaction.first("DTM", "002", "067", "063")
    requested = transaction.first("DTM", "010", "037")
    return (
        OrderStated(
            external_id=external_id,
            source_version=made,
            placed_at_ms=placed if placed is not None else made,
            currency=currency,
            lines=tuple(lines),
            shipping_minor=whole.shipping_minor + sum(one.shipping_minor for one in beside),
            discount_minor=whole.discount_minor,
            tax_minor=whole.tax_minor or (0 if on_lines else tax_of(around, currency)),
            tax_included=any(one.tax_included for one in (whole, *beside)),
            total_minor=total_of(around, currency),
            destination=_address(addressed),
            buyer=_buyer(buyer or addressed),
            promise_by_ms=_stated(promised, "2359", transaction, account),
            requested_at_ms=_stated(requested, "0000", transaction, account),
            purchase_order=external_id,
            paid=False,
            service=_service(transaction),
            note=_note(transaction, addressed),
            test=transaction.test,
        ),
    )


def purchase_order_change(transaction: x.Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give the cancellation that an 860 is as a whole.

    Raises:
        BrokenError: it changes lines.
    """
    head = transaction.need("BCH")
    if head.get(1) not in (_CANCELLATION, _DELETION):
        raise x.BrokenError("ST-01", "an 860 changes an order line by line: change the order by hand", "1")
    external_id = head.need(3, "the purchase order's number")
    return (OrderCancelled(external_id=external_id, at_ms=made_at(transaction.made, account)),)


def _around_lines(transaction: x.Transaction) -> list[x.Segment]:
    """Give the heading and the summary."""
    heading = list(takewhile(lambda one: one.tag != "PO1", transaction.segments))
    end = next((place for place, one in enumerate(transaction.segments) if one.tag == "CTT"), None)
    return heading + list(transaction.segments[end:] if end is not None else ())


def _lines(transaction: x.Transaction, account: Account, currency: str) -> tuple[list[LineStated], list[Charges]]:
    """Give the lines, and what stands at each of them besides."""
    lines: list[LineStated] = []
    beside: list[Charges] = []
    for place, item in enumerate(transaction.segments):
        if item.tag != "PO1":
            continue
        details = list(takewhile(lambda one: one.tag not in ("PO1", "CTT"), transaction.segments[place + 1 :]))
        taken = {line.line_id for line in lines}
        number = str(len(lines) + 1)
        line_id = item.get(1) or number
        line = _line(item, details, f"{line_id}/{number}" if line_id in taken else line_id, account, currency)
        goods = line.quantity * line.unit_price_minor
        charges = charges_of(details, goods, line.quantity, currency)
        beside.append(charges)
        # A line cannot cost less than nothing.
        discount = min(charges.discount_minor, goods)
        lines.append(replace(line, discount_minor=discount, tax_minor=charges.tax_minor))
    return lines, beside


def _line(item: x.Segment, details: list[x.Segment], line_id: str, account: Account, currency: str) -> LineStated:
    ordered = quantity(item, 2)
    found = products(item.elements[5:])
    given, by = item.get(4) or _priced(details), _PRICED_BY.get(item.get(5), 1)
    try:
        # What is no number is told as such; a price of a hundred has two decimals more.
        price = money(given, currency, "") if by == 1 else money(str(Decimal(given or "0") / by), currency, "")
    except (UnreadableError, ArithmeticError) as error:
        reason = error.reason if isinstance(error, UnreadableError) else f"{given!a} is no amount of money"
        raise x.ElementError(item, 4, reason) from None
    described = x.first(details, "PID")
    return LineStated(
        line_id=line_id,
        sku=sku_of(found, account, BUYERS) or item.need(7, "the product"),
        listing_ref=sku_of(found, account, ("BP", "IN", "CB", "PI", "SK")),
        quantity=ordered,
        ordered=ordered,
        unit="" if item.get(3) in _PIECES | {account.settings.get("unit", "")} else item.get(3)[:10],
        unit_price_minor=price,
        title=described.get(5) if described is not None else "",
    )


def _priced(details: list[x.Segment]) -> str:
    """Give the unit's price of CTP, where PO1 has none."""
    return next((text for one in details if one.tag == "CTP" and (text := one.get(3))), "")


def _party(transaction: x.Transaction, *qualifiers: str) -> list[x.Segment]:
    """Give N1 of a party with the segments of its address."""
    named = transaction.first("N1", *qualifiers)
    if named is None:
        return []
    found = [named]
    for segment in transaction.segments[named.position :]:
        if segment.tag not in _ADDRESS_TAGS:
            break
        found.append(segment)
    return found


def _address(party: list[x.Segment]) -> Address | None:
    """Give an address where one is stated; a store's number alone is none."""
    where = x.first(party, "N4")
    if where is None:
        return None
    lines = [text for segment in party if segment.tag == "N3" for text in (segment.get(1), segment.get(2)) if text]
    further = x.first(party, "N2")
    region = where.get(2)
    return Address(
        country=_COUNTRIES.get(where.get(4), where.get(4)[:2]) or ("CA" if region in _CANADIAN else "US"),
        name=party[0].get(2),
        company=further.get(1) if further is not None else "",
        lines=tuple(lines),
        city=where.get(1),
        region=region,
        postcode=where.get(3),
    )


def _buyer(party: list[x.Segment]) -> Buyer | None:
    if not party:
        return None
    contact = x.first(party, "PER")
    reach = {contact.get(n): contact.get(n + 1) for n in (3, 5, 7)} if contact is not None else {}
    return Buyer(
        customer_ref=party[0].get(4), name=party[0].get(2), email=reach.get("EM", ""), phone=reach.get("TE", "")
    )


def _stated(dated: x.Segment | None, clock: str, transaction: x.Transaction, account: Account) -> int | None:
    """Give a date of the future, at a time of the day where it has none: its end if it is a promise."""
    if dated is None:
        return None
    return moment(dated.get(2), dated.get(3) or clock, transaction, account, dated.get(4))


def _service(transaction: x.Transaction) -> str:
    routing = transaction.first("TD5")
    return words(routing.get(3), routing.get(5), routing.get(12)) if routing is not None else ""


def _note(transaction: x.Transaction, addressed: list[x.Segment]) -> str:
    """Keep in words what an order cannot say otherwise: the number of a store, and for which stores it is meant."""
    stores = transaction.first("SDQ")
    store = words(addressed[0].get(2), addressed[0].get(4)) if addressed and _address(addressed) is None else ""
    parts = [f"ship to {store}" if store else "", "for several stores (SDQ)" if stores is not None else ""]
    return "; ".join(part for part in parts if part)
