"""What Amazon is told: parcels of orders, and what may be sold of a listing.

Source: Selling Partner API, Orders v0, `confirmShipment`; Listings Items 2021-08-01, `getListingsItem` and
`patchListingsItem`.
"""

import re
from collections.abc import Generator

from connectors.frame.answers import undone
from connectors.frame.carriers import carrier_name
from connectors.frame.cursors import utc_text
from connectors.frame.declaration import Sending
from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, UnreadableError, read_json
from connectors.systems.amazon.calls import LISTINGS, ORDERS, ORDERS_V0, address, segment
from connectors.systems.amazon.marketplaces import own_marketplaces
from models.records.fulfillment import Parcel
from models.records.order import Order

WANTS = frozenset({OccasionKind.PARCEL_SHIPPED, OccasionKind.AVAILABILITY})

_ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}", re.ASCII)
_NOT_FOUND = 404
_MOST_NAMED = 10

_CODES = {
    code.lower().replace(" ", ""): code
    for code in (
        *("Australia Post", "BlueDart", "BPOST", "BRT", "Canada Post", "Chronopost", "Colissimo", "Correos"),
        *("Delhivery", "Deutsche Post", "DHL", "DHL eCommerce", "DHL Express", "DPD", "FedEx", "GLS", "Hermes"),
        *("La Poste", "Mondial Relay", "MRW", "OnTrac", "Parcelforce", "Poste Italiane", "PostNL", "PostNord"),
        *("PUROLATOR", "Royal Mail", "SDA", "Seur", "TNT", "UPS", "USPS", "Yodel"),
    )
}
"""Carriers whose numbers Amazon follows by their code; any other is named beside the code `Other`.

Source: Selling Partner API, schema of feeds, CarrierCode, whose spelling counts.
"""


class PackageGiven(Given, rename="camel"):
    package_reference_id: str = ""
    tracking_number: str = ""


class ChannelGiven(Given, rename="camel"):
    marketplace_id: str = ""


class OrderGiven(Given, rename="camel"):
    packages: tuple[PackageGiven, ...] | None = None
    sales_channel: ChannelGiven = ChannelGiven()


class AnswerGiven(Given):
    order: OrderGiven


class OfferedGiven(Given, rename="camel"):
    fulfillment_channel_code: str = ""
    quantity: int | None = None


class ListingGiven(Given, rename="camel"):
    fulfillment_availability: tuple[OfferedGiven, ...] = ()


class IssueGiven(Given):
    message: str = ""
    severity: str = ""


class SubmittedGiven(Given, rename="camel"):
    status: str = ""
    submission_id: str = ""
    issues: tuple[IssueGiven, ...] = ()


def send(occasion: Occasion, account: Account) -> Sending:
    """Tell Amazon. An answer that is no JSON is as good as none: it is tried again later."""
    try:
        if occasion.kind is OccasionKind.AVAILABILITY:
            return (yield from _tell_stock(occasion, account))
        return (yield from _tell_parcel(occasion, account))
    except UnreadableError as error:
        return Sent(outcome=Outcome.LATER, note=f"Amazon's answer cannot be read: {error}")


def _refused(note: str) -> Sent:
    return Sent(outcome=Outcome.REFUSED, note=note)


def _tell_parcel(occasion: Occasion, account: Account) -> Sending:
    """Confirm a parcel, unless one of its number is there: a second confirmation would be refused as too many units."""
    order, parcel = occasion.order, occasion.parcel
    if order is None or parcel is None:
        return _refused(f"Amazon is not told of {occasion.kind.value} without an order and a parcel")
    if _ORDER_ID.fullmatch(order.external_id) is None:
        return _refused("a shipment of External Fulfillment is confirmed in Seller Central, with Amazon's own labels")
    if not parcel.tracking_number:
        return _refused("Amazon takes no parcel without a tracking number: confirm it in Seller Central")
    there = yield get_request(address(account, f"{ORDERS}/{segment(order.external_id)}", includedData="PACKAGES"))
    if not there.ok:
        return undone(there)
    found = read_json(there.body, AnswerGiven).order
    packages = found.packages or ()
    known = next((one for one in packages if one.tracking_number == parcel.tracking_number), None)
    if known is not None:
        return Sent(outcome=Outcome.DONE, reference=known.package_reference_id)
    reference = _package_reference(order, parcel, packages)
    content = {
        "marketplaceId": found.sales_channel.marketplace_id or next(iter(own_marketplaces(account)), ""),
        "packageDetail": _package(parcel, reference, account),
    }
    url = address(account, f"{ORDERS_V0}/{segment(order.external_id)}/shipmentConfirmation")
    made = yield json_request("POST", url, content)
    return Sent(outcome=Outcome.DONE, reference=reference) if made.ok else undone(made)


def _package_reference(order: Order, parcel: Parcel, packages: tuple[PackageGiven, ...]) -> str:
    """Number the parcel within its order, beside those that were confirmed by somebody else."""
    taken = {one.package_reference_id for one in packages}
    ids = [one.parcel_id for one in order.parcels]
    number = ids.index(parcel.parcel_id) + 1 if parcel.parcel_id in ids else len(ids) + 1
    while str(number) in taken:
        number += 1
    return str(number)


def _package(parcel: Parcel, reference: str, account: Account) -> dict[str, object]:
    carrier = carrier_name(account, parcel.carrier) or "Other"
    return {
        "packageReferenceId": reference,
        "carrierCode": _CODES.get(re.sub(r"[\s_-]", "", carrier.lower()), "Other"),
        "carrierName": carrier,
        "trackingNumber": parcel.tracking_number,
        "shipDate": utc_text(parcel.shipped_at_ms),
        "orderItems": [{"orderItemId": unit.line_id, "quantity": unit.quantity} for unit in parcel.units],
    }


def _tell_stock(occasion: Occasion, account: Account) -> Sending:
    """Set each listing that shows another quantity; what it showed instead of what it was last told is observed."""
    observed: dict[str, int] = {}
    wrong: list[str] = []
    for one in occasion.available:
        there = yield get_request(_listing(one, account, includedData="fulfillmentAvailability"))
        if there.status == _NOT_FOUND:
            wrong.append(f"{one.sku}: no such listing")
            continue
        if not there.ok:
            return undone(there)
        offered = read_json(there.body, ListingGiven).fulfillment_availability
        own = next((entry for entry in offered if entry.fulfillment_channel_code == "DEFAULT"), OfferedGiven())
        if own.quantity is not None and one.last_sent is not None and own.quantity != one.last_sent:
            observed[one.sku] = own.quantity
        if own.quantity == one.quantity:
            continue
        failed = yield from _set(one, account, wrong)
        if failed is not None:
            return failed
    if wrong:
        note = "; ".join(wrong[:_MOST_NAMED])
        return Sent(outcome=Outcome.REFUSED, note=note, observed=observed)
    return Sent(outcome=Outcome.DONE, observed=observed)


def _set(one: Available, account: Account, wrong: list[str]) -> Generator[HttpRequest, HttpResponse, Sent | None]:
    """Set a listing's quantity; a listing that Amazon finds wrong is noted, and the others go on."""
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": max(0, one.quantity)}]
    patch = {"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}
    made = yield json_request("PATCH", _listing(one, account), {"productType": "PRODUCT", "patches": [patch]})
    if not made.ok:
        return undone(made)
    given = read_json(made.body, SubmittedGiven)
    if given.status == "INVALID":
        issues = "; ".join(issue.message for issue in given.issues if issue.severity == "ERROR")
        wrong.append(f"{one.sku}: {issues or 'Amazon finds it invalid'}")
    return None


def _listing(one: Available, account: Account, **query: str) -> str:
    path = f"{LISTINGS}/{segment(account.settings.get('seller_id', ''))}/{segment(one.sku)}"
    return address(account, path, marketplaceIds=",".join(own_marketplaces(account)[:1]), **query)
