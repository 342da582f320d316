"""From the forms of a fulfillment, a parcel and a hold to the bodies that a program would have sent."""

from typing import Any, Literal

from api.problems import Problem
from api.schemas.fulfillments import (
    AcceptIn,
    AnswerIn,
    CollectIn,
    DeliverIn,
    LoseIn,
    MergeIn,
    PackIn,
    PickIn,
    ReadyIn,
    RejectIn,
    ReturnIn,
    ScanIn,
    ShipIn,
    TrackingIn,
)
from api.schemas.orders import HoldIn, ReleaseIn
from api.web.bodies import UNITS_PREFIX, Form, body_of, instant_of, units_of

Step = Literal["accept", "reject", "pick", "pack", "merge", "ready", "ship", "collect", "answer-cancellation"]
ParcelFact = Literal["tracking", "scan", "deliver", "lose", "return"]
StepBody = AcceptIn | RejectIn | PickIn | PackIn | MergeIn | ReadyIn | ShipIn | CollectIn | AnswerIn
FactBody = TrackingIn | ScanIn | DeliverIn | LoseIn | ReturnIn
_TARGETS = {"line": "line_id", "fulfillment": "fulfillment_id"}


def step_body(step: Step, form: Form) -> StepBody:
    """Give what a location or a partner says of its part.

    Raises:
        Problem: 422.
    """
    said: dict[str, Any] = {"reason": form.get("reason")}
    match step:
        case "accept":
            return body_of(AcceptIn, said | {"partner_reference": form.get("partner_reference")})
        case "reject":
            return body_of(RejectIn, said | {"cause": form.get("cause"), "units": some_units(form)})
        case "pick":
            return body_of(PickIn, said | {"units": units_of(form)})
        case "pack":
            return body_of(PackIn, said)
        case "merge":
            other_order_id, _, other_id = form.get("other", "").partition(" ")
            return body_of(MergeIn, said | {"other_order_id": other_order_id, "other_fulfillment_id": other_id})
        case "ready":
            return body_of(ReadyIn, said)
        case "ship":
            names = ("parcel_id", "carrier", "tracking_number")
            return body_of(ShipIn, said | {name: form.get(name) for name in names} | {"units": units_of(form)})
        case "collect":
            return body_of(CollectIn, said | {"parcel_id": form.get("parcel_id"), "units": some_units(form)})
        case "answer-cancellation":
            return body_of(AnswerIn, said | {"accepted": form.get("accepted") == "yes"})


def fact_body(fact: ParcelFact, form: Form, zone: str) -> FactBody:
    """Give what is said of a parcel: what its carrier told, when in the reader's zone, or what became of it.

    Raises:
        Problem: 422.
    """
    said: dict[str, Any] = {"reason": form.get("reason")}
    match fact:
        case "tracking":
            return body_of(TrackingIn, said | {name: form.get(name) for name in ("carrier", "tracking_number")})
        case "scan":
            told = {"status": form.get("status"), "detail": form.get("detail")}
            return body_of(ScanIn, said | told | {"occurred_at": instant_of(form, "occurred_at", zone)})
        case "deliver":
            return body_of(DeliverIn, said)
        case "lose":
            return body_of(LoseIn, said)
        case "return":
            return body_of(ReturnIn, said | {"restock": form.get("restock") == "yes"})


def hold_body(form: Form, zone: str) -> HoldIn:
    """Give the hold that is put on the order, a line or a fulfillment, with its dates in the reader's zone.

    Raises:
        Problem: 422.
    """
    stated = {
        "hold": form.get("hold"),
        "release_at": instant_of(form, "release_at", zone),
        "cancel_at": instant_of(form, "cancel_at", zone),
        "reason": form.get("reason"),
    }
    return body_of(HoldIn, stated | _target(form.get("on", "")))


def release_body(form: Form) -> ReleaseIn:
    """Give the hold that is taken off; the field names its type and handle, and behind a space what it is on.

    Raises:
        Problem: 422.
    """
    hold, _, on = form.get("hold", "").partition(" ")
    hold_type, _, handle = hold.partition("#")
    said = {"hold": hold_type, "handle": handle, "reason": form.get("reason")}
    return body_of(ReleaseIn, said | _target(on))


def _target(on: str) -> dict[str, str]:
    kind, _, name = on.partition(":")
    return {_TARGETS[kind]: name} if kind in _TARGETS else {}


def some_units(form: Form) -> list[dict[str, object]]:
    """Read units where none at all would be taken for all of them."""
    units = units_of(form)
    if not units and any(name.startswith(UNITS_PREFIX) for name in form):
        raise Problem(422, "units_missing", "Say of at least one line how many units.", field="units")
    return units
