"""What is told of edits, supply, cancellations, collection and closing, in sentences."""

from typing import TYPE_CHECKING

from api.web.filters import money, words
from api.web.words import cause_of, listed, units_of_skus
from models import events as e

if TYPE_CHECKING:
    from api.web.order_story import Teller

ContentEvent = (
    e.OrderImported
    | e.OrderEdited
    | e.EditPreviewed
    | e.ContentMerged
    | e.PromiseRevised
    | e.UnitsReinstated
    | e.OrderClosed
    | e.OrderReopened
)
StatedEvent = e.StatedMoneyRecorded | e.RiskAssessed
SupplyEvent = e.UnitsPegged | e.Oversold
PartnerEvent = (
    e.FulfillmentReady
    | e.CancellationRequested
    | e.CancellationAnswered
    | e.FulfillmentsMerged
    | e.ParcelScanned
    | e.ParcelSilent
)


def of_content(teller: "Teller", event: ContentEvent) -> str:
    """Tell how what is ordered, or promised, changed."""
    order = teller.order
    match event:
        case e.OrderImported():
            total = money(event.total_minor, event.currency)
            return f"Taken over from {event.channel} as {event.external_id}: {total}, shipped long ago; no stock moved"
        case e.OrderEdited():
            what = listed([words(name.removeprefix("channel:")) for name in event.changed])
            before, after = money(event.total_before_minor, order.currency), money(event.total_minor, order.currency)
            moved = f"its total went from {before} to {after}" if before != after else "its total stays"
            return f"Changed ({what}): {moved}"
        case e.EditPreviewed():
            return f"An edit was looked at that would come to {money(event.total_minor, order.currency)}"
        case e.ContentMerged() if event.clashes:
            return f"The channel changed it (version {event.source_version}), and so did we: {_names(event.clashes)}"
        case e.ContentMerged():
            taken = _names(event.taken) if event.taken else "nothing that we did not have"
            return f"The channel changed it (version {event.source_version}): {taken}"
        case e.PromiseRevised():
            return f"Now promised for {teller.when(event.promise_by_ms)}, since {cause_of(event.cause)}"
        case e.UnitsReinstated():
            return f"Wanted again: {units_of_skus(order, event.units)}, {money(event.amount_minor, order.currency)}"
        case e.OrderClosed():
            return "Closed: it has ended and was put into the archive"
        case e.OrderReopened():
            return "Brought back from the archive"


def of_stated(teller: "Teller", event: StatedEvent) -> str:
    """Tell what others say of money and risk."""
    match event:
        case e.StatedMoneyRecorded():
            return _of_money(event, teller.order.currency)
        case e.RiskAssessed():
            return f"{event.provider} says: {event.level} risk, {event.recommendation}"


def of_supply(teller: "Teller", event: SupplyEvent) -> str:
    """Tell which supply the order counts on, or lost."""
    match event:
        case e.UnitsPegged() if event.pegs:
            parts = [
                f"{peg.quantity} × {event.sku} expected at {teller.when(peg.expected_at_ms)}" for peg in event.pegs
            ]
            return f"It counts on {listed(parts)}"
        case e.UnitsPegged():
            return f"It counts on no expected {event.sku} any more"
        case e.Oversold():
            lost = f"{event.quantity} × {event.sku} at {teller.place(event.location_id)}"
            found = f"{event.located_again} found elsewhere" if event.located_again else "none found elsewhere"
            return f"Oversold: {lost} went by another way ({cause_of(event.cause)}), {found}"


def of_partner(teller: "Teller", event: PartnerEvent) -> str:
    """Tell what partners and carriers said."""
    match event:
        case e.FulfillmentReady():
            return f"Lies ready to be collected at {teller.place(event.location_id)}"
        case e.CancellationRequested():
            units = units_of_skus(teller.order, event.units)
            return f"{teller.place(event.location_id)} was asked to give back {units} ({words(event.cause)})"
        case e.CancellationAnswered():
            answer = "gives the units back" if event.accepted else "cannot give the units back"
            return f"{teller.place_of(event.fulfillment_id)} {answer}"
        case e.FulfillmentsMerged():
            return f"{teller.place_of(event.fulfillment_id)} sends it in one parcel with another order"
        case e.ParcelScanned():
            late = "" if event.newest else " (told late)"
            detail = f": {event.detail}" if event.detail else ""
            return f"The carrier says of parcel {event.parcel_id}: {words(event.status)}{detail}{late}"
        case e.ParcelSilent():
            return f"The carrier has said nothing of parcel {event.parcel_id} since {teller.when(event.since_ms)}"


def _names(fields: tuple[str, ...]) -> str:
    return listed([words(field.removesuffix("_minor").removesuffix("_ms")) for field in fields])


def _of_money(event: e.StatedMoneyRecorded, currency: str) -> str:
    said = [f"{money(entry.amount_minor, entry.currency)} {entry.kind}" for entry in event.payments]
    said += [f"{money(entry.amount_minor, entry.currency)} given back" for entry in event.refunds]
    if event.total_minor is not None:
        said.insert(0, f"it comes to {money(event.total_minor, currency)}")
    return f"The channel says: {listed(said)}"
