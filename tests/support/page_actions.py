"""Every action of the pages: where its form stands, who does it, who may not, and what it has to leave behind."""

from collections.abc import Mapping
from typing import Any

from api.roles import Role
from tests.support.page_action import Action
from tests.support.page_actions_of_connections import OF_CONNECTIONS
from tests.support.page_actions_of_edits import ADA, OF_EDITS
from tests.support.page_actions_of_people import OF_PEOPLE
from tests.support.page_actions_of_work import OF_WORK
from tests.support.system import SKU

ORDER = "/p/{pool}/orders/{order_id}"
PART = ORDER + "/fulfillments/{fulfillment_id}"
PARCEL = PART + "/parcels/{parcel_id}"
LOCATION = "/p/{pool}/locations/{location_id}"
SKU_PAGE = "/p/{pool}/stock/{sku}?at={location_id}"

_WHY = {"reason": "they called"}
_COLLECTED: dict[str, Any] = {"berlin": {"collection": True}, "order": {"terms": {"collect_at": "berlin"}}}
_ONE_UNIT = [{"line_id": "1", "quantity": 1}]


def _on_order(name: str, command: str, told: str, fields: Mapping[str, str] = {}, **more: Any) -> Action:
    url = f"{ORDER}/{name}"
    return Action(url, ORDER, Role.SERVICE, Role.FLOOR, told, {**fields, **_WHY}, command=command, **more)


def _on_part(
    name: str, command: str, told: str, fields: Mapping[str, str] = {}, by: Role = Role.FLOOR, **more: Any
) -> Action:
    url = f"{PART}/{name}"
    return Action(url, ORDER, by, Role.SERVICE, told, {**fields, **_WHY}, command=command, **more)


def _of_parcel(name: str, command: str, told: str, fields: Mapping[str, str] = {}, **more: Any) -> Action:
    url, asked = f"{PARCEL}/{name}", {"parcel_id": "P-1"} | more.pop("asked", {})
    given = {"command": command, "asked": asked, "before": {"status": "shipped"}, "since": ("ship",)}
    return Action(url, ORDER, Role.OPS, Role.VIEWER, told, {**fields, **_WHY}, **given | more)


def _of_stock(name: str, command: str, told: str, fields: Mapping[str, str], on_hand: int, **more: Any) -> Action:
    given: dict[str, Any] = {
        "page": SKU_PAGE,
        "by": Role.OPS,
        "not_for": Role.FLOOR,
        "before": {"levels": {SKU: {"on_hand": 40, "allocated": 2, "unsellable": 0}}},
        "after": {"levels": {SKU: {"on_hand": on_hand, "allocated": 2, "unsellable": 0}}},
    }
    url = f"{LOCATION}/{name}"
    return Action(url=url, told=told, command=command, fields={**fields, **_WHY}, **given | more)


ACTIONS: Mapping[str, Action] = {
    "hold an order": _on_order(
        "hold",
        "hold_order",
        "The order is held.",
        {"hold": "payment"},
        asked={"hold": "payment"},
        before={"status": "routed", "holds": []},
        after={"status": "held", "holds": ["payment"]},
    ),
    "release a hold": _on_order(
        "release",
        "release_hold",
        "The hold is released.",
        {"hold": "address"},
        asked={"hold": "address"},
        before={"status": "held", "holds": ["address"]},
        after={"status": "routed", "holds": []},
        since=("hold",),
    ),
    "cancel units": _on_order(
        "cancel",
        "cancel_units",
        "The units are cancelled.",
        {"units.1": "1", "cause": "fraud"},
        asked={"units": _ONE_UNIT, "cause": "fraud"},
        before={"version": 1},
        after={"version": 2, "units": _ONE_UNIT, "cause": "fraud"},
    ),
    **OF_EDITS,
    "reroute an order": _on_order(
        "reroute", "reroute_order", "Locations were chosen anew.", before={"version": 1}, after={"version": 2}
    ),
    "move units": _on_order(
        "move",
        "move_units",
        "The units are where you named.",
        {"fulfillment_id": "{fulfillment_id}", "location_id": "berlin", "units.1": "1"},
        asked={"fulfillment_id": "{fulfillment_id}", "location_id": "berlin", "units": _ONE_UNIT},
        before={"version": 1},
        after={"version": 2},
    ),
    "accept a fulfillment": _on_part(
        "accept",
        "accept_fulfillment",
        "Accepted.",
        {"partner_reference": "W-1"},
        asked={"partner_reference": "W-1"},
        before={"version": 1},
        after={"version": 2, "partner_reference": "W-1"},
    ),
    "reject a fulfillment": _on_part(
        "reject",
        "reject_fulfillment",
        "Rejected: its units are routed again.",
        {"cause": "closed"},
        asked={"cause": "closed"},
        before={"status": "routed"},
        after={"status": "backordered", "cause": "closed"},
        # Who is bound to a location does not see the order any more once it has refused it.
        by=Role.OPS,
    ),
    "pick a fulfillment": _on_part(
        "pick",
        "pick_fulfillment",
        "Picked.",
        {"units.1": "1"},
        asked={"units": _ONE_UNIT},
        before={"status": "routed"},
        after={"status": "partially_routed"},
        since=("accept",),
    ),
    "pack a fulfillment": _on_part(
        "pack", "pack_fulfillment", "Packed.", before={"version": 3}, after={"version": 4}, since=("accept", "pick")
    ),
    "ship a parcel": _on_part(
        "ship",
        "ship_parcel",
        "The parcel is on its way.",
        {"parcel_id": "P-7", "carrier": "DHL", "tracking_number": "0034"},
        asked={"parcel_id": "P-7", "carrier": "DHL", "tracking_number": "0034"},
        before={"status": "routed"},
        after={"status": "shipped", "carrier": "DHL"},
        since=("accept", "pick", "pack"),
    ),
    "put two fulfillments in one parcel": _on_part(
        "merge",
        "merge_fulfillments",
        "They leave in one parcel.",
        {"other": "{other_order_id} {other_fulfillment_id}"},
        asked={"other_order_id": "{other_order_id}", "other_fulfillment_id": "{other_fulfillment_id}"},
        before={"version": 2},
        after={"version": 3},
        since=("accept",),
        order=ADA,
        beside=ADA,
    ),
    "make a fulfillment ready": _on_part(
        "ready",
        "make_ready",
        "It lies ready",
        before={"version": 4},
        after={"version": 5},
        since=("accept", "pick", "pack"),
        **_COLLECTED,
    ),
    "hand units over": _on_part(
        "collect",
        "collect_fulfillment",
        "The customer has it.",
        {"parcel_id": "C-9"},
        asked={"parcel_id": "C-9", "units": [{"line_id": "1", "quantity": 2}]},
        before={"status": "routed"},
        after={"status": "delivered"},
        since=("accept", "pick", "pack", "ready"),
        **_COLLECTED,
    ),
    "answer what was asked back": _on_part(
        "answer-cancellation",
        "answer_cancellation",
        "The answer is on record.",
        {"accepted": "yes"},
        asked={"accepted": True},
        before={"status": "routed"},
        after={"status": "cancelled"},
        since=("accept", "cancel"),
        berlin={"kind": "third_party"},
        by=Role.OPS,
    ),
    "state the tracking of a parcel": _of_parcel(
        "tracking",
        "record_tracking",
        "The tracking is on record.",
        {"carrier": "UPS", "tracking_number": "1Z-9"},
        asked={"carrier": "UPS", "tracking_number": "1Z-9"},
        after={"version": 3, "carrier": "UPS"},
    ),
    "record what a carrier says": _of_parcel(
        "scan",
        "record_scan",
        "What the carrier says is on record.",
        {"status": "attempt_failed", "detail": "nobody home", "occurred_at": "2026-11-21T10:00"},
        asked={"status": "attempt_failed", "detail": "nobody home", "occurred_at_ms": 1_795_251_600_000},
        after={"version": 3, "detail": "nobody home"},
    ),
    "a parcel arrived": _of_parcel(
        "deliver", "deliver_parcel", "The parcel has arrived.", after={"status": "delivered"}
    ),
    "a parcel is lost": _of_parcel("lose", "lose_parcel", "The parcel is lost.", after={"version": 3}),
    "a parcel came back": _of_parcel("return", "return_parcel_to_sender", "The parcel is back.", after={"version": 3}),
    "receive a SKU": _of_stock(
        "receive",
        "receive_stock",
        "Received: waiting orders were served first.",
        {"quantity": "10", "document": "ASN-7"},
        50,
        asked={"location_id": "berlin", "document": "ASN-7"},
    ),
    "receive at a location": _of_stock(
        "receive",
        "receive_stock",
        "Received: waiting orders were served first.",
        {"sku": SKU, "quantity": "4"},
        44,
        page=LOCATION,
        asked={"location_id": "berlin"},
    ),
    "adjust stock": _of_stock(
        "adjust",
        "adjust_stock",
        "Adjusted.",
        {"delta": "-2"},
        38,
        asked={"location_id": "berlin", "sku": SKU, "delta": -2},
    ),
    "count stock": _of_stock(
        "count",
        "count_stock",
        "Counted.",
        {"counted": "37"},
        37,
        asked={"sku": SKU, "counted": 37, "expected_on_hand": 40},
        by=Role.FLOOR,
        not_for=Role.SERVICE,
    ),
    "restate stock": _of_stock(
        "restate",
        "restate_stock",
        "Restated.",
        {"quantity": "3", "after": "damaged"},
        40,
        asked={"sku": SKU, "quantity": 3, "after": "damaged"},
        after={"levels": {SKU: {"on_hand": 40, "allocated": 2, "unsellable": 3}}},
    ),
    "set stock apart": _of_stock(
        "fence",
        "fence_stock",
        "Set apart.",
        {"segment": "vip", "quantity": "5"},
        40,
        asked={"sku": SKU, "segment": "vip", "quantity": 5},
    ),
    "expect stock": _of_stock(
        "expect",
        "expect_stock",
        "Expected",
        {"quantity": "6", "document": "PO-7", "expected_at": "2099-12-01T09:00", "confidence_percent": "90"},
        40,
        asked={"document": f"PO-7/berlin/{SKU}", "confidence_per_mille": 900},
    ),
    **OF_PEOPLE,
    **OF_CONNECTIONS,
    **OF_WORK,
}
WITHOUT_SIGNING_IN = {"/sign-in", "/link/{token}"}
"""What nobody has to be signed in for; test_people does it, and shows how it is refused."""
