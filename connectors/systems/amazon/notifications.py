"""Notifications of Amazon, out of whatever envelope brought them: SQS, SNS or EventBridge.

Source: Selling Partner API, "Notification type values"; older types name their fields in capitals, newer do not.
"""

from collections.abc import Iterator

import msgspec

from connectors.frame.facts import OrderCancelled, ParcelScanned
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, instant, instant_or_none, read_json, within, words
from connectors.systems.amazon.calls import whole_order
from models.records.fulfillment import CarrierStatus

Fields = dict[str, msgspec.Raw]

SENT_BY_AMAZON = "an order that Amazon sends itself (FBA): nothing of it is ours to send"
_TYPE, _PAYLOAD, _TIME = "notificationtype", "payload", "eventtime"
DEEPEST = 4
_OF_ANSWERS = {"responsemetadata"}
"""What the client libraries of a queue put beside its messages."""

_SAYS_NOTHING = {
    "FBA_OUTBOUND_SHIPMENT_STATUS": SENT_BY_AMAZON,
    "FULFILLMENT_ORDER_STATUS": "a parcel out of Amazon's own stock: this connector asks Amazon for none",
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": "the stock that Amazon shows is what it was told, not what there is",
    "FBA_INVENTORY_AVAILABILITY_CHANGES": "stock in Amazon's own warehouses, out of which nothing of ours is sent",
    "FEED_PROCESSING_FINISHED": "a feed that Amazon has worked through: stock is told to listings, not by feeds",
    "TRANSACTION_UPDATE": "money that Amazon pays out: it moves no order and no stock",
}


class CancelableGiven(Given, rename="pascal"):
    """What is read of every notification about an order."""

    amazon_order_id: str
    order_status: str = ""
    fulfillment_channel: str = ""


class SummaryGiven(Given, rename="pascal"):
    order_status: str = ""
    fulfillment_type: str = ""


class TriggerGiven(Given, rename="pascal"):
    time_of_order_change: str | None = None


class ChangeGiven(CancelableGiven, rename="pascal"):
    summary: SummaryGiven = SummaryGiven()
    order_change_trigger: TriggerGiven = TriggerGiven()


class StatusGiven(Given, rename="camel"):
    code: str = ""
    sub_code: str = ""
    description: str = ""


class TownGiven(Given, rename="camel"):
    city: str | None = None
    region: str | None = None
    country_code: str | None = None


class LocationGiven(Given, rename="camel"):
    address: TownGiven = TownGiven()


class MilestoneGiven(Given, rename="camel"):
    status: StatusGiven
    occurred_at: str | None = None
    location: LocationGiven = LocationGiven()


class CarrierGiven(Given, rename="camel"):
    tracking_number: str = ""
    carrier_code: str = ""


class IdentifierGiven(Given, rename="camel"):
    aftn: str = ""
    carrier_tracking: CarrierGiven = CarrierGiven()


class IntervalGiven(Given, rename="camel"):
    end_time: str | None = None


class EstimateGiven(Given, rename="camel"):
    type: str = ""
    estimated_interval: IntervalGiven = IntervalGiven()


class TrackingGiven(Given, rename="camel"):
    identifier: IdentifierGiven
    latest_milestone: MilestoneGiven | None = None
    milestone_history: tuple[MilestoneGiven, ...] = ()
    tracking_estimates: tuple[EstimateGiven, ...] = ()


class TrackedGiven(Given, rename="camel"):
    tracking_detail: TrackingGiven


_STATUSES = {
    CarrierStatus.PRE_TRANSIT: "BOOKING_RECEIVED BOOKING_ACCEPTED BOOKING_CONFIRMED ORDER_PREPARING CARRIER_ASSIGNED "
    "MANIFESTED_NOT_RECEIVED IN_TRANSIT_TO_PICKUP",
    CarrierStatus.IN_TRANSIT: "SHIPPED PICKED_UP CARRIER_RECEIVED_SHIPMENT RECEIVED_FROM_CARRIER RECEIVED_AT_ORIGIN "
    "ARRIVED DEPARTED SORTED LOADED UNLOADED CARRIER_TRANSFER ARRIVED_IN_DESTINATION_COUNTRY ARRIVED_AT_TERMINAL "
    "DEPARTED_TERMINAL CUSTOMS_PROCESSING CUSTOMS_CLEARED READY_FOR_DELIVERY DELIVERY_APPOINTMENT_CONFIRMED",
    CarrierStatus.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
    CarrierStatus.AVAILABLE_FOR_PICKUP: "READY_FOR_CUSTOMER_PICKUP",
    CarrierStatus.DELIVERED: "DELIVERED CUSTOMER_PICKUP_COMPLETED",
    CarrierStatus.ATTEMPT_FAILED: "DELIVERY_ATTEMPTED PICKUP_FAILED",
    CarrierStatus.EXCEPTION: "CARRIER_HOLD CUSTOMER_MOVED RECIPIENT_REFUSED_DELIVERY CUSTOMS_DELAY CUSTOMS_HOLD "
    "CUSTOMS_EXCEPTION CUSTOMS_PAYMENT_REQUIRED DAMAGED DELAYED INCORRECT_ADDRESS LOST MISSING_MANIFEST MISSORTED "
    "UNDELIVERABLE UNDELIVERABLE_DESTROY_IN_FIELD ORDER_CANCELLED BOOKING_CANCELLED",
    CarrierStatus.RETURN_TO_SENDER: "RETURNED RETURN_IN_TRANSIT RETURN_PICKED_UP RETURN_DROPPED_OFF RETURN_RECEIVED",
}
_CARRIER_STATUS = {code: status for status, codes in _STATUSES.items() for code in codes.split()}
"""Source: Selling Partner API, Tracking 2026-01-30, `TrackingMilestoneStatus`."""


def lowered(fields: Fields) -> Fields:
    """Give fields under lower-case names: the two styles of notifications are alike then."""
    return {name.replace("-", "").lower(): raw for name, raw in fields.items()}


def is_notification(fields: Fields) -> bool:
    """Tell a notification by its own fields."""
    named = lowered(fields)
    # A schema of notifications has the same names, with what is said of them in place of a type.
    return {_TYPE, _PAYLOAD} <= named.keys() and bytes(named[_TYPE]).startswith(b'"')


def contents(fields: Fields, depth: int = 0) -> Iterator[bytes]:
    """Give what an envelope holds: of SQS `Messages` or `Records` with a `Body`, of SNS a `Message`, else `detail`.

    What it holds may be an envelope again: a topic or a bus is often put before a queue.

    Raises:
        UnreadableError: it is not what such an envelope holds.
    """
    named = lowered(fields)
    for name in ("messages", "records"):
        if name in named and depth < DEEPEST:
            for entry in read_json(bytes(named[name]), list[Fields]):
                yield from contents(entry, depth + 1)
            return
    for name in ("body", "message", "detail", "sns"):
        if name in named:
            raw = bytes(named[name])
            yield read_json(raw, str).encode() if raw[:1] == b'"' else raw
            return


def is_envelope(fields: Fields) -> bool:
    """Tell an envelope by the fields that only the queue or bus around a notification has."""
    named = lowered(fields).keys()
    of_queue = {"body", "messageid"} <= named or {"body", "receipthandle"} <= named
    of_topic = {"type", "message", "topicarn"} <= named
    of_bus = {"detail", "detailtype", "source"} <= named
    return of_queue or of_topic or of_bus or named - _OF_ANSWERS in ({"messages"}, {"records"})


def translate_notification(fields: Fields, message: Message, account: Account) -> Translation:
    """Give what a notification says: an order's cancellation or scans; any other change only points at its order.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    named = lowered(fields)
    kind = read_json(bytes(named[_TYPE]), str)
    payload = bytes(named[_PAYLOAD])
    at_ms = _time(named, message)
    if kind in _SAYS_NOTHING:
        return ignored(_SAYS_NOTHING[kind])
    if kind.endswith(("ORDER_CHANGE", "ORDER_STATUS_CHANGE")):
        with within("Payload"):
            return _order_changed(_only(payload), at_ms, account)
    if kind == "SHIPMENT_TRACKING_MILESTONE_CHANGED":
        with within("payload"):
            return _tracked(_only(payload))
    return ignored(f"a notification of {kind}, which moves no order, no parcel and no stock")


def notification_id(fields: Fields, depth: int = 0) -> str:
    """Give Amazon's id of a notification, the same at each attempt and in any envelope; nothing where it has none."""
    try:
        if depth < DEEPEST and is_envelope(fields):
            inner = next(contents(fields), b"")
            return notification_id(read_json(inner, Fields), depth + 1)
        return str(read_json(bytes(lowered(fields)["notificationmetadata"]), MetadataGiven).any_id)
    except (KeyError, UnreadableError):
        return ""


class MetadataGiven(Given):
    old: str = msgspec.field(default="", name="NotificationId")
    new: str = msgspec.field(default="", name="notificationId")

    @property
    def any_id(self) -> str:
        """Whichever is there."""
        return self.new or self.old


def _time(named: Fields, message: Message) -> int:
    if _TIME not in named:
        return message.received_at_ms
    return instant(read_json(bytes(named[_TIME]), str), "EventTime")


def _only(payload: bytes) -> bytes:
    """Most payloads hold one object, named after the notification."""
    fields = read_json(payload, Fields)
    inner = [bytes(raw) for raw in fields.values()]
    return inner[0] if len(inner) == 1 and inner[0][:1] == b"{" else payload


def _order_changed(body: bytes, at_ms: int, account: Account) -> Translation:
    change = read_json(body, ChangeGiven)
    if "AFN" in (change.summary.fulfillment_type, change.fulfillment_channel):
        return ignored(SENT_BY_AMAZON)
    if "Canceled" in (change.summary.order_status, change.order_status):
        changed_at_ms = instant_or_none(change.order_change_trigger.time_of_order_change, "TimeOfOrderChange")
        cancelled_at_ms = at_ms if changed_at_ms is None else changed_at_ms
        cancelled = OrderCancelled(external_id=change.amazon_order_id, at_ms=cancelled_at_ms, cause="other")
        return Translation(facts=(cancelled,))
    why = "it says that an order changed: the order itself is fetched"
    return Translation(fetch=(whole_order(account, change.amazon_order_id),), ignored=why)


def _tracked(body: bytes) -> Translation:
    """The history goes from the newest to the oldest; scans are told in the order they happened."""
    given = read_json(body, TrackedGiven).tracking_detail
    identifier = given.identifier
    number = identifier.carrier_tracking.tracking_number or identifier.aftn
    if not number:
        return ignored("a shipment without a tracking number of a parcel")
    latest = (given.latest_milestone,) if given.latest_milestone is not None else ()
    milestones = tuple(reversed(given.milestone_history)) or latest
    ends = [one.estimated_interval.end_time for one in given.tracking_estimates if "DELIVERY" in one.type]
    expected_at_ms = instant_or_none(ends[0] if ends else None, "trackingEstimates.estimatedInterval.endTime")
    scans = []
    for index, one in enumerate(milestones):
        town = one.location.address
        status = _CARRIER_STATUS.get(one.status.code, CarrierStatus.UNKNOWN)
        detail = one.status.sub_code or ("" if one.status.code in _PLAIN else one.status.code)
        scans.append(
            ParcelScanned(
                tracking_number=number,
                status=status,
                at_ms=instant(one.occurred_at, "trackingDetail.milestoneHistory.occurredAt"),
                carrier=identifier.carrier_tracking.carrier_code or "Amazon",
                detail=detail.lower(),
                raw=one.status.description,
                place=words(town.city, town.region, town.country_code),
                expected_at_ms=expected_at_ms if index == len(milestones) - 1 else None,
            )
        )
    return Translation(facts=tuple(scans))


_PLAIN = frozenset({"SHIPPED", "OUT_FOR_DELIVERY", "DELIVERED"})
"""Codes that say no more than their canonical status."""
