"""Who asks, and what a key allows. A route without a scope cannot be made (see `api.route`)."""

from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, TypeVar

from starlette.requests import HTTPConnection

from api.problems import Problem

ALL_POOLS = "*"
SCOPES_ATTRIBUTE = "__headrace_scopes__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Scope(StrEnum):
    """What a key may do; `admin` may do everything."""

    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    STOCK_READ = "stock:read"
    STOCK_WRITE = "stock:write"
    FULFILLMENT_WRITE = "fulfillment:write"
    POOLS_WRITE = "pools:write"
    CUSTOMERS_READ = "customers:read"
    ADMIN = "admin"


class Principal(NamedTuple):
    """The key that a request came with."""

    key_id: str
    name: str
    scopes: frozenset[Scope]
    pools: frozenset[str]

    @property
    def actor(self) -> str:
        """How commands and audits name it."""
        return f"key:{self.name}"

    def may(self, *scopes: Scope) -> bool:
        """Tell whether one of the scopes is there."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)

    def sees(self, pool: str) -> bool:
        """Tell whether the pool is one of this key's."""
        return ALL_POOLS in self.pools or pool in self.pools


class Keyring(Protocol):
    """Where keys are looked up."""

    def find(self, digest: bytes, now_ms: int) -> Principal | None:
        """Give whom the key of this digest stands for, unless it is revoked or expired."""


def digest_of(key: str) -> bytes:
    """Keys are 32 random bytes, so one round of SHA-256 keeps them as well as a slow hash would."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def needs(*scopes: Scope) -> Callable[[Endpoint], Endpoint]:
    """Mark an endpoint with the scopes of which a key must have one; none means any valid key."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, SCOPES_ATTRIBUTE, scopes)
        return endpoint

    return mark


def authenticate(request: HTTPConnection, keyring: Keyring, now_ms: int) -> Principal:
    """Give whose key the request carries.

    Raises:
        Problem: 401 without a key or with one that does not hold.
    """
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise _unknown("key_missing", "Send your API key as `Authorization: Bearer KEY` (headrace keys create).")
    principal = keyring.find(digest_of(key.strip()), now_ms)
    if principal is None:
        raise _unknown("key_invalid", "This API key is unknown, revoked or expired: ask for a new one.")
    return principal


def authorize(principal: Principal, scopes: tuple[Scope, ...], pool: str | None) -> None:
    """Check scope and pool; a pool that the key may not see looks like one that is not there (I12).

    Raises:
        Problem: 403 or 404.
    """
    if scopes and not principal.may(*scopes):
        wanted = " or ".join(scopes)
        raise Problem(403, "scope_missing", f"This needs a key with the scope {wanted}.")
    if pool is not None and not principal.sees(pool):
        raise pool_unknown(pool)


def pool_unknown(pool: str) -> Problem:
    """The answer for a pool that is not there or not theirs."""
    return Problem(404, "pool_unknown", f"There is no pool {pool!r}: check its id, or PUT /v1/pools/{{pool}} first.")


def _unknown(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": "Bearer"})
