"""The roles of people, and what each may do: this table is the whole of it (docs/access.md shows it)."""

from collections.abc import Mapping
from enum import StrEnum

from api.security import Scope


class Role(StrEnum):
    """What somebody is here."""

    ADMIN = "admin"
    OPS = "ops"
    FLOOR = "floor"
    SERVICE = "service"
    FINANCE = "finance"
    INTEGRATOR = "integrator"
    VIEWER = "viewer"

    @property
    def is_bound_to_locations(self) -> bool:
        """Tell whether people of this role see only what is of their own locations."""
        return self is Role.FLOOR


PURPOSES: Mapping[Role, str] = {
    Role.ADMIN: "everything, users and roles included",
    Role.OPS: "runs the network: orders, stock, fulfillment, set-up",
    Role.FLOOR: "accepts, picks, packs, ships and counts at their own locations, and sees nothing else",
    Role.SERVICE: "helps customers: reads orders with personal data, changes and cancels them",
    Role.FINANCE: "reads orders, stock and the audit log, and approves",
    Role.INTEGRATOR: "connects shops, marketplaces and warehouses: set-up, keys for machines, dead letters",
    Role.VIEWER: "looks, without personal data",
}

SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.ADMIN: frozenset({Scope.ADMIN}),
    Role.OPS: frozenset(
        {
            Scope.ORDERS_READ,
            Scope.ORDERS_WRITE,
            Scope.HOLDS_RELEASE,
            Scope.STOCK_READ,
            Scope.STOCK_WRITE,
            Scope.STOCK_COUNT,
            Scope.FULFILLMENT_WRITE,
            Scope.POOLS_WRITE,
            Scope.CUSTOMERS_READ,
            Scope.DEAD_LETTERS,
            Scope.AUDIT_READ,
        }
    ),
    # Whoever packs a parcel writes its label, so the address is shown; which orders are shown is bound to locations.
    Role.FLOOR: frozenset(
        {
            Scope.ORDERS_READ,
            Scope.STOCK_READ,
            Scope.STOCK_COUNT,
            Scope.FULFILLMENT_WRITE,
            Scope.CUSTOMERS_READ,
        }
    ),
    Role.SERVICE: frozenset(
        {Scope.ORDERS_READ, Scope.ORDERS_WRITE, Scope.HOLDS_RELEASE, Scope.STOCK_READ, Scope.CUSTOMERS_READ}
    ),
    # Which types of hold a role may take off stands with the type (`models.rules.holds`).
    Role.FINANCE: frozenset({Scope.ORDERS_READ, Scope.HOLDS_RELEASE, Scope.STOCK_READ, Scope.AUDIT_READ}),
    # A key may hold no more than its maker, so whoever connects shops and warehouses holds what those need.
    Role.INTEGRATOR: frozenset(
        {
            Scope.ORDERS_READ,
            Scope.ORDERS_WRITE,
            Scope.STOCK_READ,
            Scope.STOCK_WRITE,
            Scope.STOCK_COUNT,
            Scope.FULFILLMENT_WRITE,
            Scope.POOLS_WRITE,
            Scope.CONNECTIONS_WRITE,
            Scope.DEAD_LETTERS,
            Scope.KEYS_WRITE,
        }
    ),
    Role.VIEWER: frozenset({Scope.ORDERS_READ, Scope.STOCK_READ}),
}
