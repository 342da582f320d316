"""What every endpoint takes from its request, as annotated parameters."""

import re
from typing import Annotated

from fastapi import Depends, Header, Path
from starlette.requests import Request

from api.problems import Problem
from api.security import Principal
from api.services import Services

_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*(\d{1,6})\s*(?:$|[,;])", re.IGNORECASE)
WAIT_MAX_SECONDS = 30.0
_KEY_CHARACTERS_MAX = 255


def services_of(request: Request) -> Services:
    """Give what the application was made from."""
    services: Services = request.app.state.services
    return services


def principal_of(request: Request) -> Principal:
    """Give whose key it came with; the route has found that out."""
    principal: Principal = request.scope["principal"]
    return principal


def correlation_of(request: Request) -> str:
    """Give the id that its log lines and events share."""
    return str(request.scope.get("correlation_id", ""))


def wait_seconds_of(prefer: str | None, default: float) -> float:
    """Read `Prefer: wait=SECONDS`; by RFC 7240 a preference that is not understood is ignored."""
    found = _WAIT.search(prefer or "")
    return default if found is None else min(float(found[1]), WAIT_MAX_SECONDS)


def checked_key(key: str | None) -> str | None:
    """Give an Idempotency-Key of a length that can be kept.

    Raises:
        Problem: 400.
    """
    if key is not None and not 1 <= len(key) <= _KEY_CHARACTERS_MAX:
        raise Problem(
            400,
            "idempotency_key_invalid",
            f"Idempotency-Key must have 1 to {_KEY_CHARACTERS_MAX} characters: a UUID for each request is enough.",
            field="Idempotency-Key",
        )
    return key


# Coroutines, since plain functions would be called on another thread.
async def _services(request: Request) -> Services:
    return services_of(request)


async def _principal(request: Request) -> Principal:
    return principal_of(request)


Use = Annotated[Services, Depends(_services)]
Who = Annotated[Principal, Depends(_principal)]
Prefer = Annotated[
    str | None,
    Header(description="`wait=SECONDS`: how long to wait for the result before 202, 0 to 30", examples=["wait=5"]),
]
IdempotencyKey = Annotated[
    str | None,
    Header(description="1 to 255 characters; the same key with the same content is one request, for 8 days"),
]
PoolId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["europe"])]
OrderId = Annotated[str, Path(min_length=1, max_length=60)]
FulfillmentId = Annotated[str, Path(min_length=1, max_length=80)]
ParcelId = Annotated[str, Path(min_length=1, max_length=200)]
SkuPath = Annotated[str, Path(min_length=1, max_length=100, examples=["TSHIRT-BLUE-M"])]
