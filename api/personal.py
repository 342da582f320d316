"""Personal data on its way through a request: sealed before anything is sent, opened for those who may."""

from typing import Any

import msgspec

from api.control.blind import PersonalData
from api.schemas.content import ContentIn, CustomerIn
from api.security import Principal, Scope
from api.services import Services
from api.submit import Ask
from models.records.order import Customer, Order


async def sealed_customer(ask: Ask, pool: str, body: ContentIn) -> Customer | None:
    """Give the customer of an order with all but the id sealed."""
    return None if body.customer is None else await sealed(ask, pool, body.order_id(pool), body.customer)


async def sealed(ask: Ask, pool: str, order_id: str, given: CustomerIn) -> Customer:
    """Give a customer with all but the id sealed. Who has no id is known by the order's."""
    customer_id = given.customer_id or order_id
    data = PersonalData(
        name=given.name,
        email=given.email,
        phone=given.phone,
        address_lines=given.address_lines,
        locale=given.locale,
    )
    if data == PersonalData():
        return Customer(customer_id=customer_id)
    services = ask.services

    known = services.vault.seal_known(pool, customer_id, data)
    if known is not None:
        return Customer(customer_id=customer_id, sealed=known)

    def seal() -> str:
        return services.vault.seal(pool, customer_id, data, now_ms=services.now_ms())

    return Customer(customer_id=customer_id, sealed=await services.in_control(seal))


def open_personal(services: Services, who: Principal, order: Order) -> dict[str, Any] | None:
    """Give what this key may see of an order's customer; None leaves it sealed."""
    customer = order.customer
    if customer is None or not customer.sealed or not who.may(Scope.CUSTOMERS_READ):
        return None
    data = services.vault.open(order.pool, customer.customer_id, customer.sealed)
    if data is None:
        return {"personal": "erased"}
    opened = dict.fromkeys(("name", "email", "phone"), "") | msgspec.to_builtins(data)
    return {"personal": "open", "address_lines": [], **opened}
