"""Why an order stands, or what happens to it next: one sentence, the same that its page begins with."""

from starlette.responses import Response

from api.answers import answer
from api.context import OrderId, PoolId, Use, Who
from api.explain import explained
from api.present import iso
from api.route import router
from api.routes.orders import visible_order
from api.schemas import out, responses
from api.security import Scope, needs

routes = router(tag="orders", prefix="/v1/pools/{pool}/orders/{order_id}")


@routes.get("/why", response_model=out.WhyOut, responses=responses.READS)
@needs(Scope.ORDERS_READ, located=True)
async def read_why(pool: PoolId, order_id: OrderId, services: Use, who: Who) -> Response:
    """One sentence for whoever is asked: why the order does not move, or what happens next."""
    why = explained(services, who, visible_order(services, who, pool, order_id), iso)
    return answer({"order_id": order_id, "tone": why.tone.value, "is_late": why.is_late, "text": why.text})
