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


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _principal(request: Request) -> Principal:
    principal: Principal = request.scope["principal"]
    return principal


async def _correlation(request: Request) -> str:
    return str(request.scope.get("correlation_id", ""))


async def _wait_seconds(
    request: Request,
    prefer: Annotated[
        str | None,
        Header(description="`wait=SECONDS`: how long to wait for the result before 202, 0 to 30", examples=["wait=5"]),
    ] = None,
) -> float:
    """RFC 7240: a preference that is not understood is ignored."""
    found = _WAIT.search(prefer or "")
    if found is None:
        return (await _services(request)).settings.wait_default_seconds
    return min(float(found[1]), WAIT_MAX_SECONDS)


async def _idempotency_key(
    idempotency_key: Annotated[
        str | None,
        Header(description="1 to 255 characters; the same key with the same content is one request, for 8 days"),
    ] = None,
) -> str | None:
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= _KEY_CHARACTERS_MAX:
        raise Problem(
            400,
            "idempotency_key_invalid",
            f"Idempotency-Key must have 1 to {_KEY_CHARACTERS_MAX} characters: a UUID for each request is enough.",
            field="Idempotency-Key",
        )
    return idempotency_key


Use = Annotated[Services, Depends(_services)]
Who = Annotated[Principal, Depends(_principal)]
Correlation = Annotated[str, Depends(_correlation)]
WaitSeconds = Annotated[float, Depends(_wait_seconds)]
IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
PoolId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["europe"])]
OrderId = Annotated[str, Path(min_length=1, max_length=60)]
FulfillmentId = Annotated[str, Path(min_length=1, max_length=80)]
ParcelId = Annotated[str, Path(min_length=1, max_length=200)]
SkuPath = Annotated[str, Path(min_length=1, max_length=100, examples=["TSHIRT-BLUE-M"])]
