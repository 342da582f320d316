"""`headrace connectors`: which systems there are, trying messages, and the accounts of a Headrace on this machine."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import cut_over
from cli.connectors_check import check_folder
from cli.console import fail, print_json
from cli.control import DATA, DataDir, actor, now_ms, opened_stores

if TYPE_CHECKING:
    from api.exchange.accounts import StoredAccount
    from api.exchange.stores import ExchangeStores
    from connectors.frame.declaration import Connector

app = typer.Typer()
app.command("live")(cut_over.live)
app.command("shadow")(cut_over.shadow)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The account, as connectors.yaml names it.")]


@app.callback(invoke_without_command=True)
def connectors(context: typer.Context, *, json: AsJson = False) -> None:
    """List the systems that Headrace talks to, and how; try messages; look after accounts.

    Without a command it prints each connector: which way it goes and by what (webhook, poll, file), how it was tried,
    by what a repeat is known, and the settings and secrets that an account of it needs. An account is one shop, till,
    partner or carrier of yours; it is written into connectors.yaml and set up by `headrace apply`. New ones are in
    shadow: asked and listened to, and told nothing.

    From the first message to live:

    \b
    headrace connectors check samples/                      what would its messages do
    headrace apply my-shop                                  set the account up, in shadow
    headrace connectors secret shop-us webhook_secret       what it signs or opens with
    headrace connectors accounts                            does anything come, is anything missing
    headrace shadow my-shop --account shop-us               what would have been done otherwise
    headrace connectors live shop-us --dry-run              what becomes of its open orders
    """
    if context.invoked_subcommand is not None:
        return
    from connectors.frame.registry import connectors as all_connectors

    found = [_declared(one) for one in all_connectors().values()]
    if json:
        print_json(found)
        return
    for one in found:
        print(
            f"{one['name']:<16} {one['title']}: {one['party']}, {one['direction']}, by {', '.join(one['transports'])}"
        )
        print(f"{'':<16} tried on: {one['tried']}")
        print(f"{'':<16} a repeat is known by: {one['dedup']}")
        print(f"{'':<16} versions: {one['versions']}")
        print(f"{'':<16} moves stock: {one['moves_stock']}")
        settings = ", ".join(
            name + ("" if needed else " (may be left out)") for name, needed in one["settings"].items()
        )
        secrets = ", ".join(one["secrets"])
        print(f"{'':<16} settings: {settings or 'none'}; secrets: {secrets or 'none'}\n")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="A folder of messages, or one message.", show_default=False)],
    *,
    json: AsJson = False,
) -> None:
    """Run every file of a folder through the connectors, and print what each would do. Nothing is sent anywhere.

    A file is translated (with the commands it asks for), ignored (with why), or rejected (with the field). The last
    line is JSON: files by system and outcome.

    \b
    headrace connectors check samples/shopify
    headrace connectors check samples --json > samples.jsonl
    """
    check_folder(folder, json=json)


@app.command()
def accounts(*, data: DataDir = DATA, json: AsJson = False) -> None:
    """List the accounts: live or in shadow, what came of their messages, what waits, how far polls have come.

    A message that was rejected is kept whole among the dead letters, with the field and the reason: GET
    /v1/dead-letters. What is parked waits for an order that is not known yet, for a fetch, or for a pause to end.

    \b
    headrace connectors accounts
    headrace connectors accounts --json
    """
    with opened_stores(data) as stores:
        found = [_account(stores, one) for one in stores.accounts.all()]
    if json:
        print_json(found)
        return
    for one in found:
        state = "paused" if one["paused"] else "live" if one["live"] else "shadow"
        messages = ", ".join(f"{count} {outcome}" for outcome, count in one["messages"].items()) or "no messages yet"
        print(f"{one['account']:<20} {one['connector']:<16} pool {one['pool']:<12} {state:<7} {messages}")
        print(f"{'':<20} waiting {one['parked']}, secrets: {', '.join(one['secrets']) or 'none'}")
        for missing in one["missing_secrets"]:
            print(f"{'':<20} missing: headrace connectors secret {one['account']} {missing}")
        for poll in one["read"]:
            trouble = f", {poll['trouble']}" if poll["trouble"] else ""
            print(f"{'':<20} {poll['topic']}: {poll['age_seconds']:,} s old{trouble}")
    if not found:
        print("There are no accounts: write connectors.yaml into your folder and run `headrace apply`.")


@app.command()
def pause(
    account: Name, *, reason: Annotated[str, typer.Option(help="Stands in the audit log.")] = "", data: DataDir = DATA
) -> None:
    """Let an account rest: nothing is asked or sent, and messages that come wait until it goes on.

    \b
    headrace connectors pause wms-leeds --reason "they count their stock"
    headrace connectors resume wms-leeds
    """
    _set_paused(data, account, reason, paused=True)
    print(f"{account} is paused: what comes for it waits.")


@app.command()
def resume(
    account: Name, *, reason: Annotated[str, typer.Option(help="Stands in the audit log.")] = "", data: DataDir = DATA
) -> None:
    """Let an account go on, with all that has waited.

    \b
    headrace connectors resume wms-leeds
    """
    _set_paused(data, account, reason, paused=False)
    print(f"{account} goes on.")


@app.command()
def remove(
    account: Name,
    *,
    reason: Annotated[str, typer.Option(help="Stands in the audit log.")],
    drop_pending: Annotated[
        bool, typer.Option("--drop-pending", help="Though it is live and deliveries wait: leave them unsent.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before removing.")] = False,
    data: DataDir = DATA,
) -> None:
    """Remove an account for good, with its secrets, how far it was read, and what waits of it.

    Its webhooks are refused at once, and whatever runs stops asking it, without a restart. Orders stay as they are, and
    the log of what was sent to it is kept as long as others. Take it out of connectors.yaml too, or the next
    `headrace apply` sets it up anew.

    \b
    headrace connectors remove shop-us --reason "moved to shop-eu"
    headrace connectors remove wms-old --reason "contract ended" --drop-pending --yes
    """
    from api.exchange.removing import PendingError

    with opened_stores(data) as stores:
        pool = _known(stores, account).setup.pool
        if not yes and not typer.confirm(f"Remove {account} and destroy its secrets?"):
            fail("nothing was changed")
        try:
            dropped = stores.removing.remove(
                pool, account, drop_pending=drop_pending, actor=actor(), reason=reason, now_ms=now_ms()
            )
        except PendingError as error:
            fail(
                f"{account} is live and {error}: wait until they are sent, or give --drop-pending to leave them unsent"
            )
    print(f"{account} is removed" + (f"; {dropped:,} deliveries were left unsent." if dropped else "."))
    print("Take it out of connectors.yaml too, or the next `headrace apply` sets it up anew.")


@app.command()
def secret(
    account: Name,
    name: Annotated[str, typer.Argument(help="Which secret, as `headrace connectors` lists them.")],
    *,
    as_next: Annotated[bool, typer.Option("--next", help="Good as well from now on, beside the present one.")] = False,
    retire: Annotated[
        bool, typer.Option("--retire", help="End the present one; the next one takes its place.")
    ] = False,
    data: DataDir = DATA,
) -> None:
    """Keep a secret of an account, read from standard input or asked for; it is sealed and never shown again.

    To replace one without losing a message: give the new one with --next, set it in the other system, then --retire.

    \b
    headrace connectors secret shop-us webhook_secret
    printf %s "$NEW" | headrace connectors secret shop-us webhook_secret --next
    headrace connectors secret shop-us webhook_secret --retire
    """
    with opened_stores(data) as stores:
        stored = _known(stores, account)
        _check_name(stores, stored, name)
        if retire:
            if not stores.secrets.retire(account, name, actor=actor(), now_ms=now_ms()):
                fail(f"there is no next {name} of {account}: give it first, with --next")
            print(f"{name} of {account} is the next one now; the former one holds no more.")
            return
        value = _asked_for(name)
        place: Any = "next" if as_next else "current"
        stores.secrets.put(account, name, value, place, actor=actor(), now_ms=now_ms())
    print(f"{name} of {account} is kept" + (", beside the present one." if as_next else "."))


def _declared(connector: "Connector") -> dict[str, Any]:
    from connectors.frame.accounts import settings_of

    settings = settings_of(connector)
    return {
        "name": connector.name,
        "title": connector.title,
        "party": connector.party,
        "direction": connector.direction,
        "transports": list(connector.transports),
        "tried": connector.tried,
        "dedup": connector.dedup,
        "versions": connector.versions,
        "moves_stock": connector.moves_stock,
        "wants": sorted(connector.wants),
        "settings": {one.name: one.required for one in settings if not one.secret},
        "secrets": {one.name: one.required for one in settings if one.secret},
    }


def _account(stores: "ExchangeStores", stored: "StoredAccount") -> dict[str, Any]:
    from connectors.frame.accounts import secrets_of

    setup, kept = stored.setup, stores.secrets.names(stored.name)
    connector = stores.connectors.get(setup.connector)
    needed = [] if connector is None else [one.name for one in secrets_of(connector) if one.required]
    return {
        "account": stored.name,
        "connector": setup.connector,
        "pool": setup.pool,
        "live": setup.live,
        "paused": stored.paused_at_ms is not None,
        "messages": stores.counts.all().get(stored.name, {}),
        "parked": stores.parking.counts().get(stored.name, 0),
        "secrets": kept,
        "missing_secrets": [name for name in needed if name not in kept],
        "read": [
            {"topic": one.topic, "age_seconds": (now_ms() - one.at_ms) // 1000, "trouble": one.trouble}
            for one in stores.cursors.all()
            if one.account == stored.name
        ],
    }


def _asked_for(name: str) -> str:
    value = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    if not value:
        fail(f"nothing was given for {name}: type it, or pipe it in")
    return value


def _check_name(stores: "ExchangeStores", stored: "StoredAccount", name: str) -> None:
    from connectors.frame.accounts import secrets_of

    connector = stores.connectors.get(stored.setup.connector)
    names = [] if connector is None else [one.name for one in secrets_of(connector)]
    if name not in names:
        fail(f"{stored.setup.connector} has no secret {name}: it has {', '.join(names) or 'none'}")


def _set_paused(data: Path, account: str, reason: str, *, paused: bool) -> None:
    with opened_stores(data) as stores:
        _known(stores, account)
        if not stores.accounts.pause(account, paused=paused, actor=actor(), reason=reason, now_ms=now_ms()):
            fail(f"{account} {'is paused already' if paused else 'is not paused'}")


def _known(stores: "ExchangeStores", account: str) -> "StoredAccount":
    stored = stores.accounts.find(account)
    if stored is None:
        fail(f"there is no account {account}: see `headrace connectors accounts`")
    return stored
