"""The service desk: cancels what customers no longer want, reviews, and clears orders that are held."""

from collections.abc import Iterator
from typing import Any

from pipelines.demo.asks import DESK, Ask, SeenOrder
from pipelines.demo.clock import HOUR_MS, MINUTE_MS
from pipelines.demo.draws import Draws

CANCEL_SHARE = 0.015
CANCEL_UNIT_SHARE = 0.010
REVIEW_SHARE = 0.012
LATER_SHARE = 0.008
FRAUD_SHARE = 0.10
"""Of the orders reviewed, those that are cancelled."""
_ACTOR = f"key:{DESK}"


class Desk:
    """What is to be done about an order, when, and how it is asked."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws

    def errands(self, order: SeenOrder, at_ms: int) -> Iterator[tuple[str, int]]:
        """Give what comes up about an order as it is now, each by a name of its own, with when it will be done."""
        for hold in order.holds:
            if hold.type == "fraud_review" and hold.actor == _ACTOR:
                yield "reviewed", self._after(order, "reviewed", 30, 180, at_ms)
            elif hold.type in {"unmapped_sku", "unroutable"}:
                yield f"clear/{hold.type}", self._after(order, hold.type, 120, 400, at_ms)
        if order.status not in {"routed", "partially_routed", "backordered"} or not _is_untouched(order):
            return
        share, low = self._draws.share(order.order_id, "errand"), 0.0
        for errand, part, soonest, latest in (
            ("cancel", CANCEL_SHARE, 5, 60),
            ("cancel_unit", CANCEL_UNIT_SHARE, 5, 60),
            ("review", REVIEW_SHARE, 1, 5),
            ("later", LATER_SHARE, 5, 30),
        ):
            if low <= share < low + part:
                yield errand, self._after(order, errand, soonest, latest, at_ms)
            low += part

    def ask(self, order: SeenOrder, errand: str, at_ms: int, attempt: int) -> Ask | None:
        """Give what is asked now; nothing where it is settled meanwhile."""
        held = {hold.type for hold in order.holds}
        instants: dict[str, int] = {}
        body: dict[str, Any]
        match errand:
            case "cancel" | "cancel_unit" if not _is_untouched(order):
                return None
            case "cancel":
                action, body = "cancel", {"cause": "customer", "reason": "The customer changed their mind."}
            case "cancel_unit":
                units = [{"line_id": order.lines[-1].line_id, "quantity": 1}]
                action, body = "cancel", {"cause": "customer", "reason": "One less is wanted.", "units": units}
            case "review":
                action, body = "hold", {"hold": "fraud_review", "reason": "An unusual amount for this customer."}
            case "later":
                action, body = "hold", {"hold": "customer_request", "reason": "The customer is away."}
                instants = {"release_at": at_ms + int(self._draws.between(8, 20, order.order_id, "away") * HOUR_MS)}
            case "reviewed" if "fraud_review" in held:
                action, body = self._reviewed(order, attempt)
            case "clear/unmapped_sku" if "unmapped_sku" in held:
                action, body = "cancel", {"cause": "inventory", "reason": "The marketplace sold what is gone."}
            case "clear/unroutable" if "unroutable" in held:
                action, body = _cleared(order)
            case _:
                return None
        return Ask(
            who=DESK,
            path=f"/orders/{order.order_id}/{action}",
            key=f"{order.order_id}/{errand}/{attempt}",
            at_ms=at_ms,
            body=body,
            instants=instants,
            order_id=order.order_id,
            subject=errand,
            step="desk",
            attempt=attempt,
        )

    def gives_up(self, ask: Ask) -> bool:
        """Tell whether it is left at a refusal: the order went on meanwhile, and only a hold must be cleared."""
        return ask.step == "desk" and ask.subject in {"cancel", "cancel_unit", "review", "later"}

    def _reviewed(self, order: SeenOrder, attempt: int) -> tuple[str, dict[str, Any]]:
        # What was picked before the hold cannot be cancelled any more; then the order goes on.
        if attempt == 0 and self._draws.happens(FRAUD_SHARE, order.order_id, "fraud"):
            return "cancel", {"cause": "fraud", "reason": "The review found fraud."}
        return "release", {"hold": "fraud_review", "reason": "The review found nothing."}

    def _after(self, order: SeenOrder, errand: str, soonest: int, latest: int, at_ms: int) -> int:
        return at_ms + int(self._draws.between(soonest, latest, order.order_id, errand) * MINUTE_MS)


def _is_untouched(order: SeenOrder) -> bool:
    return not order.parcels and all(
        fulfillment.status in {"allocated", "accepted"} for fulfillment in order.fulfillments
    )


def _cleared(order: SeenOrder) -> tuple[str, dict[str, Any]]:
    """Cancel what no location would ship; once nothing waits, the rest of the order goes on."""
    waiting = [{"line_id": line.line_id, "quantity": line.waiting} for line in order.lines if line.waiting]
    if not waiting:
        return "release", {"hold": "unroutable", "reason": "What could not be shipped is cancelled."}
    return "cancel", {"cause": "inventory", "reason": "No location could ship these.", "units": waiting}
