"""Accounts of connectors: what is set up, and how each fares."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Path, Query
from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.exchange.accounts import AccountTakenError, StoredAccount
from api.exchange.addresses import looks_public, private_hosts_of
from api.exchange.removing import PendingError
from api.present import iso
from api.problems import Problem
from api.route import router
from api.schemas import accounts as schemas
from api.schemas import responses
from api.schemas.base import ShortText
from api.security import Scope, needs
from api.services import Services
from connectors.frame.accounts import ENDPOINT, INBOX, OUTBOX, SetUpAccount, wrong_settings

routes = router(tag="accounts", prefix="/v1/pools/{pool}/accounts")
AccountName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$", examples=["shop-us"])]


@routes.get("", response_model=schemas.AccountsOut, responses=responses.READS)
@needs(Scope.POOLS_WRITE, Scope.STOCK_READ)
async def list_accounts(pool: PoolId, services: Use) -> Response:
    """The accounts of a pool, how many messages came to what, and what waits; no secret is ever shown."""
    messages, parked = services.exchange.counts.all(), services.exchange.parking.counts()
    found = [_shown(services, one, messages, parked) for one in services.exchange.accounts.all(pool)]
    return answer({"accounts": found})


@routes.delete("/{account}", response_model=schemas.RemovedOut, responses=responses.WRITES)
@needs(Scope.CONNECTIONS_WRITE)
async def remove_account(
    pool: PoolId,
    account: AccountName,
    services: Use,
    who: Who,
    *,
    drop_pending: Annotated[bool, Query(description="Though it is live and deliveries wait for it")] = False,
    reason: Annotated[ShortText, Query()] = "",
) -> Response:
    """Remove an account with its secrets and how far it was read; its log stays for as long as others."""
    dropped = await end_account(services, pool, account, drop_pending=drop_pending, actor=who.actor, reason=reason)
    return answer({"account": account, "dropped_deliveries": dropped})


@routes.put("/{account}", response_model=schemas.OneAccountOut, responses=responses.WRITES)
@needs(Scope.POOLS_WRITE)
async def put_account(pool: PoolId, account: AccountName, body: schemas.AccountIn, services: Use, who: Who) -> Response:
    """Set an account up, or change it; the same again changes nothing."""
    setup = body.account(pool, account)
    check_account(services, setup)
    actor, now_ms = who.actor, services.now_ms()
    accounts = services.exchange.accounts
    try:
        await services.in_control(lambda: accounts.put(setup, actor=actor, reason=body.reason, now_ms=now_ms))
    except AccountTakenError as error:
        raise Problem(409, "account_taken", f"{error}: choose another name.", field="account") from None
    stored = accounts.find(account)
    assert stored is not None
    messages, parked = services.exchange.counts.all(), services.exchange.parking.counts()
    return answer({"account": _shown(services, stored, messages, parked)})


async def end_account(
    services: Services, pool: str, account: str, *, drop_pending: bool, actor: str, reason: str
) -> int:
    """Remove an account, and give how many deliveries it leaves unsent.

    Raises:
        Problem: 404 or 409.
    """

    def remove() -> int | None:
        now_ms = services.now_ms()
        return services.exchange.removing.remove(
            pool, account, drop_pending=drop_pending, actor=actor, reason=reason, now_ms=now_ms
        )

    try:
        dropped = await services.in_control(remove)
    except PendingError as error:
        raise Problem(
            409,
            "deliveries_pending",
            f"{account} is live and {error}: wait until they are sent, or give drop_pending=true to leave them unsent.",
            field="drop_pending",
        ) from None
    if dropped is None:
        raise Problem(
            404, "account_unknown", f"There is no account {account} in {pool}: GET the list to see which are."
        )
    return dropped


def check_account(services: Services, setup: SetUpAccount) -> None:
    """Refuse what could not work.

    Raises:
        Problem: 409 or 422.
    """
    connector = services.exchange.connectors.get(setup.connector)
    if connector is None:
        known = ", ".join(services.exchange.connectors)
        raise Problem(422, "connector_unknown", f"There is no {setup.connector}: known are {known}.", field="connector")
    for name, reason in wrong_settings(connector, setup.settings, live=setup.live):
        raise Problem(422, "setting_invalid", f"{reason}.", field=f"settings.{name}")
    _check_hosts(services, setup)
    if setup.live and not services.settings.live_connectors:
        raise Problem(
            409,
            "live_connectors_refused",
            "The broker forgets what it has when it ends, so no account may be live: start with --broker kafka, or set"
            " HEADRACE_LIVE_CONNECTORS=true.",
            field="live",
        )


def _check_hosts(services: Services, setup: SetUpAccount) -> None:
    """Refuse hosts that are private by what they are called; the others are looked at when they are called."""
    named = private_hosts_of(services.settings.private_hosts)
    for name in (INBOX, OUTBOX, ENDPOINT):
        parts = urlsplit(setup.settings.get(name, ""))
        host = parts.hostname or ""
        if parts.scheme in {"sftp", "http", "https"} and host not in named and not looks_public(host):
            raise Problem(
                422,
                "setting_private",
                f"{host} is of a private network: name it in HEADRACE_PRIVATE_HOSTS if that is meant.",
                field=f"settings.{name}",
            )


def _shown(
    services: Services, stored: StoredAccount, messages: dict[str, dict[str, int]], parked: dict[str, int]
) -> dict[str, Any]:
    fields = {name: getattr(stored.setup, name) for name in stored.setup.__struct_fields__}
    fields["aliases"] = {theirs: (alias.sku, alias.quantity) for theirs, alias in stored.setup.aliases.items()}
    return fields | {
        "paused_at": None if stored.paused_at_ms is None else iso(stored.paused_at_ms),
        "secrets": services.exchange.secrets.names(stored.name),
        "messages": messages.get(stored.name, {}),
        "parked": parked.get(stored.name, 0),
    }
