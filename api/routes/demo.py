"""The pace of the demo. These routes are there only where the demo runs."""

from starlette.responses import Response

from api.answers import answer
from api.context import Use, Who
from api.present import present
from api.route import router
from api.schemas import responses
from api.schemas.demo import PaceIn, PaceOut
from api.security import Scope, needs

routes = router(tag="demo", prefix="/v1/demo")


@routes.get("", response_model=PaceOut, responses=responses.READS)
@needs()
async def read_pace(services: Use) -> Response:
    """How fast the demo is to run."""
    return answer(present(services.demo_pace.now()))


@routes.patch("", response_model=PaceOut, responses=responses.WRITES)
@needs(Scope.POOLS_WRITE)
async def change_pace(body: PaceIn, services: Use, who: Who) -> Response:
    """Change its speed, its orders a second, or both."""

    def change() -> object:
        pace = services.demo_pace
        return pace.change(body.speed, body.orders_per_second, actor=who.actor, now_ms=services.now_ms())

    return answer(present(await services.in_control(change)))
