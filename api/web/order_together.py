"""What may leave in one parcel with a part of an order, among the newest orders of its customer."""

from collections.abc import Collection

from api.located import part_of
from api.present import order_of
from api.security import Principal
from api.services import Services
from api.views.listing import OrderFilter
from api.views.terms import customer_term, key_of
from api.web.filters import words
from api.web.words import units_of_skus
from models.records.fulfillment import Fulfillment
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.rules.orders.together import go_together

_LOOKED_THROUGH = 50


async def companions(
    services: Services, who: Principal, order: Order, fulfillment_ids: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """Give with what each of these fulfillments may leave, as choices of a form, among what whoever asks may see."""
    if not fulfillment_ids:
        return {}
    others = [order, *await _others(services, who, order)]
    return {
        one.fulfillment_id: [
            _choice(other, second)
            for other in others
            for second in other.fulfillments
            if go_together(order, one, other, second) and second.fulfillment_id not in _with(one)
        ]
        for one in order.fulfillments
        if one.fulfillment_id in fulfillment_ids
    }


async def _others(services: Services, who: Principal, order: Order) -> list[Order]:
    key_id = "" if order.customer is None else key_of(order.customer.sealed)
    if not key_id:
        return []
    wanted = OrderFilter(terms=(customer_term(order.pool, key_id),))
    rows = await services.views.orders(order.pool, wanted, after=None, limit=_LOOKED_THROUGH)
    found = (part_of(who, order_of(row.body)) for row in rows)
    return [other for other in found if other is not None and other.order_id != order.order_id]


def _with(one: Fulfillment) -> set[str]:
    return {ref.fulfillment_id for ref in one.parcel_with}


def _choice(order: Order, one: Fulfillment) -> tuple[str, str]:
    parts = (UnitsOfLine(line_id=part.line_id, quantity=part.allocated) for part in one.lines if part.allocated)
    text = f"{order.external_id}: {units_of_skus(order, parts)}, {words(one.status)}"
    return f"{order.order_id} {one.fulfillment_id}", text
