"""850, a purchase order of a business customer: an order of its channel, whole.

Partners in the United States name a currency only where it is not the dollar, and a country only where it is not
theirs. Source: X12 004010, transaction set 850, segments BEG, CUR, N1, N3, N4, PO1, PID, DTM.
"""

from itertools import takewhile

from connectors.frame.facts import Address, AnyFact, Buyer, LineStated, OrderCancelled, OrderStated
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, first, money, words
from connectors.systems.x12 import segments as x
from connectors.systems.x12.elements import BUYERS, made_at, moment, products, quantity, sku_of

_CANCELLATION, _DUPLICATE = "01", "07"
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
    lines = tuple(_lines(transaction, account, currency))
    if not lines:
        transaction.need("PO1")
    addressed, buyer = _party(transaction, "ST"), _party(transaction, "BY", "BT")
    promised = transaction.first("DTM", "002", "067", "063")
    requested = transaction.first("DTM", "010", "037")
    return (
        OrderStated(
            external_id=external_id,
            source_version=made,
            placed_at_ms=placed if placed is not None else made,
            currency=currency,
            lines=lines,
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


def _lines(transaction: x.Transaction, account: Account, currency: str) -> list[LineStated]:
    lines: list[LineStated] = []
    for place, item in enumerate(transaction.segments):
        if item.tag != "PO1":
            continue
        details = list(takewhile(lambda one: one.tag != "PO1", transaction.segments[place + 1 :]))
        ordered = quantity(item, 2)
        found = products(item.elements[5:])
        try:
            price = money(item.get(4) or _priced(details), currency, "")
        except UnreadableError as error:
            raise x.ElementError(item, 4, error.reason) from None
        described = x.first(details, "PID")
        lines.append(
            LineStated(
                line_id=item.get(1) or str(len(lines) + 1),
                sku=sku_of(found, account, BUYERS) or item.need(7, "the product"),
                listing_ref=sku_of(found, account, ("BP", "IN", "CB", "PI", "SK")),
                quantity=ordered,
                ordered=ordered,
                unit_price_minor=price,
                title=described.get(5) if described is not None else "",
            )
        )
    return lines


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
