"""Webhooks of other systems, by the account they are for. What is answered 2xx is on record."""

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from api.answers import answer
from api.context import Use
from api.exchange import hooks
from api.exchange.intake import Intake
from api.ports import SendError
from api.problems import Problem
from api.route import StrictRequest, public, router
from api.schemas import out_exchange, responses
from api.services import Services
from connectors.frame.message import Message

routes = router(tag="webhooks", prefix="/v1/hooks")
_RETRY_AFTER = {"Retry-After": "10"}


@routes.post("/{account}", response_model=out_exchange.TakenOut, responses=responses.HOOKS)
@public
async def take_webhook(account: str, request: Request, services: Use) -> Response:
    """Take a message that its system has signed; sent again it is the same message."""
    return await _take(services, request, account, "")


@routes.post("/{account}/{secret}", response_model=out_exchange.TakenOut, responses=responses.HOOKS)
@public
async def take_unsigned_webhook(account: str, secret: str, request: Request, services: Use) -> Response:
    """Take a message of a system that signs nothing, by the secret at the end of its address."""
    return await _take(services, request, account, secret)


async def _take(services: Services, request: Request, account: str, secret: str) -> Response:
    stored = services.exchange.accounts.find(account)
    assert isinstance(request, StrictRequest)
    request.bytes_max = hooks.bytes_max(services.exchange, stored)
    body = await request.body()
    message = Message(
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        url=_url(services, request, account),
        received_at_ms=services.now_ms(),
    )
    # One answer for both: nobody learns by asking which accounts there are.
    if not hooks.is_genuine(services.exchange, stored, message, secret) or stored is None:
        raise Problem(404, "not_found", "There is no such account, or this is not signed by it.")
    if stored.setup.live and not services.settings.live_connectors:
        raise Problem(
            503,
            "live_connectors_refused",
            "Nothing of a live account is taken while the broker forgets: start with --broker kafka, or set"
            " HEADRACE_LIVE_CONNECTORS=true.",
            headers=_RETRY_AFTER,
        )
    topic = hooks.topic_of(services.exchange, stored, message)
    try:
        taken = await Intake(services).take(stored, replace(message, topic=topic))
    except SendError as error:
        raise Problem(
            503, "broker_unavailable", f"It is not on record, because {error}: send it again.", headers=_RETRY_AFTER
        ) from None
    return answer({"status": "taken", "commands": taken.commands, "refused": len(taken.refused)})


def _url(services: Services, request: Request, account: str) -> str:
    """Give the address as the sender knows it, which some signatures cover, without a secret at its end."""
    base = services.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base}/v1/hooks/{account}"
