"""Who asks, and what they may do. A route without a scope cannot be made (see `api.route`)."""

from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, TypeVar

from api.problems import Problem

ALL_POOLS = "*"
SCOPES_ATTRIBUTE = "__headrace_scopes__"
LOCATED_ATTRIBUTE = "__headrace_located__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Scope(StrEnum):
    """What a key or a role may do; `admin` may do everything."""

    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    HOLDS_RELEASE = "holds:release"
    STOCK_READ = "stock:read"
    STOCK_WRITE = "stock:write"
    STOCK_COUNT = "stock:count"
    FULFILLMENT_WRITE = "fulfillment:write"
    POOLS_WRITE = "pools:write"
    CUSTOMERS_READ = "customers:read"
    CONNECTIONS_WRITE = "connections:write"
    DEAD_LETTERS = "dead-letters:write"
    AUDIT_READ = "audit:read"
    KEYS_WRITE = "keys:write"
    USERS_WRITE = "users:write"
    ADMIN = "admin"


class Principal(NamedTuple):
    """Who a request comes from: the key it carries, or the person who is signed in."""

    key_id: str
    name: str
    scopes: frozenset[Scope]
    pools: frozenset[str]
    is_person: bool = False
    locations: frozenset[str] | None = None
    """The locations to which this person is bound; None is all of them."""
    role: str = ""
    """What a person is here; a key has none."""

    @property
    def actor(self) -> str:
        """How commands and audits name it."""
        return f"user:{self.name}" if self.is_person else f"key:{self.name}"

    @property
    def owner(self) -> str:
        """Whose idempotency keys a request uses: a person's are never those of a key of the same name."""
        return self.actor if self.is_person else self.name

    def may(self, *scopes: Scope) -> bool:
        """Tell whether one of the scopes is there."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)

    def may_give(self, scopes: frozenset[Scope], pools: frozenset[str]) -> bool:
        """Tell whether it may hand these to somebody: nobody gives more than they have."""
        return (Scope.ADMIN in self.scopes or scopes <= self.scopes) and (
            ALL_POOLS in self.pools or (pools <= self.pools and ALL_POOLS not in pools)
        )

    def sees(self, pool: str) -> bool:
        """Tell whether the pool is one of theirs."""
        return ALL_POOLS in self.pools or pool in self.pools

    def works_at(self, location_id: str) -> bool:
        """Tell whether the location is one of theirs."""
        return self.locations is None or location_id in self.locations


class Keyring(Protocol):
    """Where keys are looked up, and sessions."""

    def find(self, digest: bytes, now_ms: int) -> Principal | None:
        """Give whom the key or session of this digest stands for, unless it has ended."""


def digest_of(key: str) -> bytes:
    """Keys are 32 random bytes, so one round of SHA-256 keeps them as well as a slow hash would."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def needs(*scopes: Scope, located: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Mark an endpoint with the scopes of which one is needed; none means anybody who is known.

    `located` says that the endpoint itself keeps those who are bound to locations to what is theirs (`api.located`);
    for them every other endpoint is not there.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, SCOPES_ATTRIBUTE, scopes)
        setattr(endpoint, LOCATED_ATTRIBUTE, located)
        return endpoint

    return mark


def authorize(principal: Principal, scopes: tuple[Scope, ...], pool: str | None, *, located: bool = False) -> None:
    """Check scope, pool and place; what one may not see looks like it is not there (I12).

    Raises:
        Problem: 403 or 404.
    """
    if scopes and not principal.may(*scopes):
        wanted = " or ".join(scopes)
        whom = "a role" if principal.is_person else "a key"
        raise Problem(403, "scope_missing", f"This needs {whom} with the scope {wanted}.")
    if pool is not None and not principal.sees(pool):
        raise pool_unknown(pool)
    if principal.locations is not None and not located:
        raise not_here()


def pool_unknown(pool: str) -> Problem:
    """The answer for a pool that is not there or not theirs."""
    return Problem(404, "pool_unknown", f"There is no pool {pool!r}: check its id, or PUT /v1/pools/{{pool}} first.")


def not_here() -> Problem:
    """The answer for a page or route that is not for them."""
    return Problem(404, "not_found", "Not Found: see /openapi.json for what there is.")


def unknown(code: str, detail: str) -> Problem:
    """The answer when it is not known who asks."""
    return Problem(401, code, detail, headers={"WWW-Authenticate": "Bearer"})
