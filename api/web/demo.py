"""The control of the demo's speed in the head of every page; only where the demo runs."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.context import Use, Who
from api.control.demo import SPEEDS
from api.forms import form_of
from api.problems import Problem
from api.route import router
from api.security import Scope, needs
from api.web.render import fragment

routes = router(tag="pages")


@routes.post("/demo/speed", include_in_schema=False)
@needs(Scope.POOLS_WRITE)
async def change_speed(request: Request, services: Use, who: Who) -> Response:
    """Set one of the speeds, and give the control as it is then."""
    given = (await form_of(request)).get("speed", "")
    speed = next((speed for speed in SPEEDS if f"{speed:g}" == given), None)
    if speed is None:
        raise Problem(422, "speed_unknown", f"Choose one of {', '.join(f'{speed:g}' for speed in SPEEDS)}.")
    actor, now_ms = who.actor, services.now_ms()
    pace = await services.in_control(lambda: services.demo_pace.change(speed, None, actor=actor, now_ms=now_ms))
    if "hx-request" not in request.headers:
        return RedirectResponse("/", 303)
    return fragment(request, "demo_speed.html", demo_pace=pace, demo_speeds=SPEEDS)
