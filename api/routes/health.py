"""Health and figures: they need no key and tell nothing of anybody."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from api.answers import answer
from api.context import Use
from api.route import public, router
from api.schemas import out
from api.views.consumer import State

routes = router(tag="health")


@routes.get("/health/live", response_model=out.LiveOut)
@public
async def live() -> Response:
    """The process answers."""
    return answer({"status": "live"})


@routes.get("/health/ready", response_model=out.ReadyOut, responses={503: {"model": out.ReadyOut}})
@public
async def ready(services: Use) -> Response:
    """200 once the views have reached the ends of the topics and the broker takes commands; `lag` in records."""
    progress = services.consumer.progress
    connected = services.sender.is_connected()
    is_ready = connected and progress.state is State.LIVE
    content = {
        "status": "ready" if is_ready else "not_ready",
        "views": progress.state.value,
        "lag": progress.lag,
        "broker": "connected" if connected else "unreachable",
        "pending_commands": services.sender.pending(),
    }
    return answer(content, 200 if is_ready else 503, {} if is_ready else {"Retry-After": "1"})


@routes.get("/metrics", response_class=Response)
@public
async def metrics(services: Use) -> Response:
    """Prometheus text."""
    # Some figures are read from files.
    text = await asyncio.to_thread(services.metrics.text)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})
