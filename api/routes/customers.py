"""Customers: erasing one destroys the key of the personal data, wherever copies of it lie."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.problems import Problem
from api.route import router
from api.schemas import out, responses
from api.schemas.orders import EraseIn
from api.security import Scope, needs

routes = router(tag="customers", prefix="/v1/pools/{pool}/customers")


@routes.post("/{customer_id}/erase", response_model=out.ErasedOut, responses=responses.READS)
@needs(Scope.ADMIN)
async def erase_customer(
    pool: PoolId,
    customer_id: Annotated[str, Path(min_length=1, max_length=200)],
    body: EraseIn,
    services: Use,
    who: Who,
) -> Response:
    """Destroy the key of a customer's personal data; orders stay, the person is gone from them. Cannot be undone."""

    def erase() -> bool:
        return services.vault.erase(pool, customer_id, actor=who.actor, reason=body.reason, now_ms=services.now_ms())

    if not await services.in_control(erase):
        raise Problem(
            404, "customer_unknown", "There is no personal data of this customer: it was erased, or never sent."
        )
    return answer({"customer_id": customer_id, "personal": "erased"})
