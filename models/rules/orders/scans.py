"""What carriers say of a parcel: an axis of its own, by the carrier's time, and silence on it."""

from msgspec.structs import replace

from models.commands import RecordScan
from models.events import ParcelScanned, ParcelSilent
from models.records.fulfillment import CarrierStatus, Parcel, ParcelStatus, Scan, Tracking
from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.lines import with_parcel

MOST_SCANS = 20

ENDS: dict[CarrierStatus, ParcelStatus] = {CarrierStatus.DELIVERED: ParcelStatus.DELIVERED}
"""Scans by which a parcel ends. That it is lost, or came back, somebody says: a scan alone only makes it look so."""

TROUBLE = frozenset({CarrierStatus.EXCEPTION, CarrierStatus.ATTEMPT_FAILED, CarrierStatus.RETURN_TO_SENDER})
"""Scans after which somebody should look."""


def keep(draft: Draft, order: Order, command: RecordScan) -> Order | Rejected:
    """Keep what the carrier said. The newest by its own time counts; the same thing said twice is one."""
    parcel = next((parcel for parcel in order.parcels if parcel.parcel_id == command.parcel_id), None)
    if parcel is None:
        return Rejected(
            RejectionCode.PARCEL_UNKNOWN, f"the order has no parcel {command.parcel_id}; ship it first", "parcel_id"
        )
    said = Scan(at_ms=command.occurred_at_ms, status=command.status, detail=command.detail, raw=command.raw)
    before = parcel.tracking
    if before is not None and said in before.scans:
        return order
    newest = before is None or _rank(said) >= (before.scanned_at_ms, _ORDER[before.status])
    scans = tuple(sorted((*(before.scans if before is not None else ()), said), key=_rank))[-MOST_SCANS:]
    if newest or before is None:
        after = Tracking(status=said.status, scanned_at_ms=said.at_ms, detail=said.detail, scans=scans)
    else:
        after = replace(before, scans=scans)
    draft.emit(
        ParcelScanned(
            order_id=order.order_id,
            parcel_id=parcel.parcel_id,
            status=said.status,
            occurred_at_ms=said.at_ms,
            detail=said.detail,
            raw=said.raw,
            newest=newest,
        )
    )
    heard = replace(parcel, tracking=after)
    # What comes late says nothing of how long it has been silent since.
    return with_parcel(order, _listened(draft, heard) if newest else heard)


def silent_from(parcel: Parcel) -> int | None:
    """Give when a parcel on its way counts as silent, unless it does already."""
    return parcel.silent_from_ms if parcel.status is ParcelStatus.IN_TRANSIT else None


def with_silence(draft: Draft, order: Order) -> Order:
    """Tell the parcels that their carrier has said nothing of for too long; each is told once until it speaks again."""
    for parcel in order.parcels:
        from_ms = silent_from(parcel)
        if from_ms is None or from_ms > draft.now_ms:
            continue
        since_ms = parcel.shipped_at_ms if parcel.tracking is None else parcel.tracking.scanned_at_ms
        draft.emit(ParcelSilent(order_id=order.order_id, parcel_id=parcel.parcel_id, since_ms=since_ms))
        order = with_parcel(order, replace(parcel, silent=True, silent_from_ms=None))
    return order


def _listened(draft: Draft, parcel: Parcel) -> Parcel:
    """Begin to listen for silence anew, where carriers speak of parcels at all."""
    heard_ms = parcel.tracking.scanned_at_ms if parcel.tracking is not None else parcel.shipped_at_ms
    return replace(parcel, silent=False, silent_from_ms=heard_ms + draft.view.pool.policy.silence_ms)


_ORDER = {status: place for place, status in enumerate(CarrierStatus)}


def _rank(said: Scan) -> tuple[int, int]:
    """Order scans by the carrier's time; of two at once the one further on counts."""
    return said.at_ms, _ORDER[said.status]
