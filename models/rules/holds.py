"""What each type of hold means, as data."""

from typing import NamedTuple

from models.records.order import HoldType, Order


class HoldRule(NamedTuple):
    """Whether claimed stock stays claimed, whether waiting units may claim more, and what it is for."""

    keeps_stock: bool
    may_route: bool
    meaning: str


HOLD_RULES: dict[HoldType, HoldRule] = {
    HoldType.FRAUD_REVIEW: HoldRule(
        keeps_stock=True, may_route=True, meaning="a person decides whether the buyer is genuine"
    ),
    HoldType.PAYMENT: HoldRule(keeps_stock=True, may_route=True, meaning="the money is not there yet"),
    HoldType.ADDRESS: HoldRule(keeps_stock=True, may_route=True, meaning="the address cannot be delivered to"),
    HoldType.CUSTOMER_REQUEST: HoldRule(keeps_stock=True, may_route=True, meaning="the customer asked to wait"),
    HoldType.UNMAPPED_SKU: HoldRule(keeps_stock=False, may_route=False, meaning="the catalogue lacks a SKU of it"),
    HoldType.UNEXPECTED_CURRENCY: HoldRule(keeps_stock=False, may_route=False, meaning="not in the pool's currency"),
    HoldType.UNROUTABLE: HoldRule(keeps_stock=True, may_route=False, meaning="too many locations have refused it"),
    HoldType.OTHER: HoldRule(keeps_stock=True, may_route=True, meaning="see the note"),
}


def may_claim_stock(order: Order) -> bool:
    """Tell whether waiting units of an order may be given stock."""
    return not order.expired and all(HOLD_RULES[hold.type].may_route for hold in order.holds)
