"""Bodies and answers about accounts of connectors."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import Body, Currency, LocationId, Quantity, Reasoned, ShortText, Sku, SourceId
from api.schemas.out import Out
from connectors.frame.accounts import SetUpAccount
from connectors.frame.message import Alias

_EXAMPLE: dict[str, Any] = {
    "connector": "shopify",
    "channel": "web",
    "currency": "USD",
    "locations": {"655441491": "brooklyn"},
    "settings": {"shop": "example.myshopify.com"},
    "live": False,
}
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class AliasIn(Body):
    """What a SKU of the other side, or `SKU unit`, is with us."""

    their_sku: _Name
    sku: Sku
    quantity: Quantity = 1


class AccountIn(Reasoned):
    """An account as it is to be, whole. Without `live` it is in shadow: translated, counted, and nothing is sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    connector: SourceId
    channel: SourceId | None = None
    location: LocationId | None = None
    currency: Currency | None = None
    time_zone: ShortText = "UTC"
    locations: Annotated[dict[_Name, LocationId], Field(max_length=2_000)] = {}  # noqa: RUF012 # Pydantic copies it.
    settings: Annotated[dict[_Name, ShortText], Field(max_length=50)] = {}  # noqa: RUF012 # As above.
    aliases: Annotated[tuple[AliasIn, ...], Field(max_length=10_000)] = ()
    live: bool = False

    def account(self, pool: str, name: str) -> SetUpAccount:
        """Give the record."""
        return SetUpAccount(
            name=name,
            pool=pool,
            connector=self.connector,
            channel=self.channel or "",
            location=self.location or "",
            currency=self.currency or "",
            time_zone=self.time_zone,
            locations=self.locations,
            settings=self.settings,
            aliases={one.their_sku: Alias(sku=one.sku, quantity=one.quantity) for one in self.aliases},
            live=self.live,
        )


class GoLiveIn(Reasoned):
    """How an account is to go live."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"open_orders": "hold", "dry_run": True}]})

    open_orders: Annotated[
        str,
        Field(
            max_length=60,
            description="Of open orders of which nothing says where they are: `hold` them for a person, `route` them"
            " since no partner has them, or the location that has them all",
        ),
    ] = "hold"
    dry_run: Annotated[bool, Field(description="Only say what would become of each order")] = False


class GoBackIn(Reasoned):
    """Why an account goes back into shadow."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the 3PL is not ready"}]})


class CutOrderOut(Out):
    external_id: str
    number: str
    become: str
    location: str
    note: str


class CutOverOut(Out):
    account: str
    live: bool
    counts: dict[str, int]
    orders: list[CutOrderOut]


class AccountOut(Out):
    name: str
    connector: str
    pool: str
    channel: str
    location: str
    currency: str
    time_zone: str
    locations: dict[str, str]
    settings: dict[str, str]
    aliases: dict[str, tuple[str, int]]
    live: bool
    paused_at: str | None
    secrets: dict[str, list[str]]
    messages: dict[str, int]
    parked: int


class RemovedOut(Out):
    """`dropped_deliveries` waited, and are not sent."""

    account: str
    dropped_deliveries: int


class AccountsOut(Out):
    accounts: list[AccountOut]


class OneAccountOut(Out):
    account: AccountOut
