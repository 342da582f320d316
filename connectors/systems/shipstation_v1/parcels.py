"""Shipments and fulfillments of ShipStation v1 as parcels. Source: ShipStation API (v1) documentation."""

from connectors.frame.facts import ParcelStated, UnitsStated
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, first, instant_or_none, money, read_json, whole, within

PACIFIC = "America/Los_Angeles"
"""The zone of all times, which carry no offset; of the hour that is twice in autumn, the first is taken."""

NOWHERE = "it names no order, by which our fulfillment would be known"


class _Item(Given):
    lineItemKey: str | None = None  # noqa: N815 - the vendor's name.
    sku: str | None = None
    quantity: float | str | None = None


class _Options(Given):
    storeId: int | str | None = None  # noqa: N815


class _Shipment(Given):
    shipmentId: int | str | None = None  # noqa: N815
    orderKey: int | str | None = None  # noqa: N815
    orderNumber: int | str | None = None  # noqa: N815
    createDate: str | None = None  # noqa: N815
    shipDate: str | None = None  # noqa: N815
    shipmentCost: float | str | None = None  # noqa: N815
    insuranceCost: float | str | None = None  # noqa: N815
    trackingNumber: int | str | None = None  # noqa: N815
    isReturnLabel: bool | None = None  # noqa: N815
    carrierCode: str | None = None  # noqa: N815
    serviceCode: str | None = None  # noqa: N815
    voided: bool | None = None
    voidDate: str | None = None  # noqa: N815
    advancedOptions: _Options | None = None  # noqa: N815
    shipmentItems: list[_Item] | None = None  # noqa: N815


class _Fulfillment(Given):
    fulfillmentId: int | str | None = None  # noqa: N815
    orderNumber: int | str | None = None  # noqa: N815
    createDate: str | None = None  # noqa: N815
    shipDate: str | None = None  # noqa: N815
    voidDate: str | None = None  # noqa: N815
    voided: bool | None = None
    trackingNumber: int | str | None = None  # noqa: N815
    carrierCode: str | None = None  # noqa: N815
    fulfillmentServiceCode: str | None = None  # noqa: N815
    fulfillmentFee: float | str | None = None  # noqa: N815


def order_named(*names: int | str | None) -> str:
    """Give the first name of an order that says something; shops number their orders, so it may be a number."""
    return first(str(name) for name in names if name is not None)


def shipment(body: bytes, message: Message, account: Account) -> Translation:
    """Give the parcel of a label; voided, it has not left after all."""
    read = read_json(body, _Shipment)
    if read.shipmentId is None:
        raise UnreadableError("shipmentId", "a shipment has no id")
    if read.isReturnLabel:
        return ignored(f"shipment {read.shipmentId} is for what comes back")
    store, wanted = read.advancedOptions, account.settings.get("store_id", "")
    if wanted and store is not None and store.storeId is not None and str(store.storeId) != wanted:
        return ignored(f"shipment {read.shipmentId} is of store {store.storeId}, which is not the account's")
    ours = order_named(read.orderKey, read.orderNumber)
    if not ours:
        return ignored(f"shipment {read.shipmentId}: {NOWHERE}; a list of shipments tells it")
    units = tuple(_units(read.shipmentItems or []))
    voided = bool(read.voided)
    if read.shipmentItems is not None and not units and not voided:
        return ignored(f"shipment {read.shipmentId} holds no units of an order")
    # The amounts are of ShipStation's own account, which is kept in dollars unless ours says otherwise.
    currency = first((account.currency, "USD"))
    cost_minor = None
    if read.shipmentCost is not None:
        insurance_minor = money(read.insuranceCost, currency, "insuranceCost")
        cost_minor = money(read.shipmentCost, currency, "shipmentCost") + insurance_minor
    parcel = ParcelStated(
        parcel_id=str(read.shipmentId),
        fulfillment_id=ours,
        # The key of an order that another program sent it is that program's: its number is the shop's.
        external_id="" if order_named(read.orderNumber) == ours else order_named(read.orderNumber),
        at_ms=_left_ms(read.createDate, read.shipDate, read.voidDate if voided else None, message),
        units=units,
        carrier=read.carrierCode or "",
        service=read.serviceCode or "",
        tracking_number=str(read.trackingNumber or ""),
        cost_minor=cost_minor,
        currency=currency if cost_minor is not None else "",
        cancelled=voided,
    )
    return Translation(facts=(parcel,))


def _units(items: list[_Item]) -> list[UnitsStated]:
    units: list[UnitsStated] = []
    for number, item in enumerate(items):
        with within(f"shipmentItems[{number}]"):
            quantity = whole(item.quantity, "quantity")
            line_id, sku = (item.lineItemKey or "").strip(), (item.sku or "").strip()
            if not line_id and not sku:
                raise UnreadableError("sku", "it names neither our line nor a SKU")
        if quantity:
            units.append(UnitsStated(quantity=quantity, line_id=line_id, sku=sku))
    return units


def fulfillment(body: bytes, message: Message, account: Account) -> Translation:
    """Give what was marked as shipped without a label of ShipStation's; its ids are not those of shipments."""
    read = read_json(body, _Fulfillment)
    if read.fulfillmentId is None:
        raise UnreadableError("fulfillmentId", "a fulfillment has no id")
    ours = order_named(read.orderNumber)
    if not ours:
        raise UnreadableError("orderNumber", NOWHERE)
    currency = first((account.currency, "USD"))
    fee = read.fulfillmentFee
    voided = bool(read.voided)
    parcel = ParcelStated(
        parcel_id=f"fulfillment-{read.fulfillmentId}",
        fulfillment_id=ours,
        at_ms=_left_ms(read.createDate, read.shipDate, read.voidDate if voided else None, message),
        carrier=read.carrierCode or "",
        service=read.fulfillmentServiceCode or "",
        tracking_number=str(read.trackingNumber or ""),
        cost_minor=None if fee is None else money(fee, currency, "fulfillmentFee"),
        currency="" if fee is None else currency,
        cancelled=voided,
    )
    return Translation(facts=(parcel,))


def _left_ms(created: str | None, ship: str | None, voided: str | None, message: Message) -> int:
    """Give when it leaves: when the label was made, or at the start of a later day that is named for it."""
    voided_ms = instant_or_none(voided, "voidDate", time_zone=PACIFIC)
    if voided_ms is not None:
        return voided_ms
    created_ms = instant_or_none(created, "createDate", time_zone=PACIFIC)
    ship_ms = instant_or_none(ship, "shipDate", time_zone=PACIFIC)
    known = [at_ms for at_ms in (created_ms, ship_ms) if at_ms is not None]
    return max(known) if known else message.received_at_ms
