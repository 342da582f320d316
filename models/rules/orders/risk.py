"""What providers say of the risk of an order: a person decides, or the pool's policy cancels by itself.

That a review ends is a word of its own: it neither approves nor cancels (see `HoldType.FRAUD_REVIEW`).
"""

from msgspec.structs import replace

from models.commands import AssessRisk
from models.events import RiskAssessed
from models.records.hold import Hold, HoldKey, HoldType
from models.records.order import Order
from models.records.risk import Recommendation, Risk
from models.rules.draft import Draft
from models.rules.orders.cancel import give_up, is_kept
from models.rules.orders.hold import FINAL, apply_hold

MOST_PROVIDERS = 10


def assess(draft: Draft, order: Order, command: AssessRisk) -> Order:
    """Take a provider's word in; an older one than is on record says nothing."""
    before = next((risk for risk in order.risks if risk.provider == command.risk.provider), None)
    if before is not None and (before == command.risk or before.assessed_at_ms > command.risk.assessed_at_ms):
        return order
    others = tuple(risk for risk in order.risks if risk is not before)
    order = replace(order, risks=(*others, command.risk)[-MOST_PROVIDERS:])
    draft.emit(
        RiskAssessed(
            order_id=order.order_id,
            provider=command.risk.provider,
            level=command.risk.level,
            recommendation=command.risk.recommendation,
        )
    )
    if order.status in FINAL or command.risk.recommendation is Recommendation.ACCEPT:
        return order
    order = apply_hold(draft, order, HoldType.FRAUD_REVIEW, _note(command.risk))
    return _cancelled(draft, order) if _cancels(draft, command.risk) else order


def _cancels(draft: Draft, risk: Risk) -> bool:
    return risk.recommendation is Recommendation.CANCEL and draft.view.pool.policy.cancels_on_risk


def _cancelled(draft: Draft, order: Order) -> Order:
    """Cancel what can be taken back; what cannot stays held, for a person."""
    hold = next(hold for hold in order.holds if hold.key == HoldKey(HoldType.FRAUD_REVIEW))
    order = give_up(draft, order, hold, cause="fraud")
    return order if is_kept(order, hold) else _without(order, hold)


def _without(order: Order, hold: Hold) -> Order:
    return replace(order, holds=tuple(standing for standing in order.holds if standing != hold))


def _note(risk: Risk) -> str:
    said = f"{risk.provider} says: {risk.level} risk, {risk.recommendation}"
    against = "; ".join(fact.text for fact in risk.facts if fact.says == "negative")
    return f"{said} ({against})"[:2_000] if against else said
