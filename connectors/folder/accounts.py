"""connectors.yaml and aliases.csv: the accounts of other systems, and what their SKUs are with us."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from connectors.folder import kinds
from connectors.folder.faults import Faults, did_you_mean
from connectors.folder.shapes import Field, Shape
from connectors.folder.sheets import Row, rows_of, sheet
from connectors.frame.accounts import SetUpAccount, wrong_settings
from connectors.frame.declaration import Connector
from connectors.frame.message import Alias
from models.ids import is_sku
from models.types import MAX_QUANTITY

ALIAS_COLUMNS = ("account", "their_sku", "unit", "sku", "quantity")
_NEEDED = ("account", "their_sku", "sku")
MOST_ALIASES = 10_000
_TEXT_MAX = 200
_NOT_KEYS = frozenset({"pool", "aliases"})
_NOBODY = SetUpAccount(name="", connector="", pool="")

_NAMES = kinds.mapping(kinds.text(_TEXT_MAX))


def _build(values: dict[str, Any]) -> SetUpAccount:
    return SetUpAccount(pool="", **values)


def _take(account: SetUpAccount) -> dict[str, Any]:
    return {name: getattr(account, name) for name in account.__struct_fields__ if name not in _NOT_KEYS}


ACCOUNT = Shape(
    what="account",
    fields=(
        Field("id", kinds.ID, "name", required=True),
        Field("connector", kinds.ID, required=True),
        Field("channel", kinds.ID),
        Field("location", kinds.ID),
        Field("currency", kinds.CURRENCY),
        Field("time_zone", kinds.ZONE),
        Field("locations", kinds.mapping(kinds.ID)),
        Field("settings", _NAMES),
        Field("live", kinds.YES_NO),
    ),
    build=_build,
    take=_take,
    default=_NOBODY,
)
"""The pool is the folder's, and aliases stand in a file of their own."""


def checked(
    known: Mapping[str, Connector], channels: Collection[str] | None, locations: Collection[str] | None
) -> Callable[[SetUpAccount], Iterable[str]]:
    """Give what finds the mistakes of an account that is right by itself."""

    def check(account: SetUpAccount) -> Iterable[str]:
        connector = known.get(account.connector)
        if connector is None:
            yield f"there is no connector '{account.connector}': {did_you_mean(account.connector, tuple(known))}"
            return
        if channels is not None and account.channel and account.channel not in channels:
            yield f"there is no channel '{account.channel}' in channels.yaml: add it there"
        for location in sorted({account.location, *account.locations.values()} - {""}):
            if locations is not None and location not in locations:
                yield f"there is no location '{location}' in locations.yaml: add it there"
        for _, reason in wrong_settings(connector, account.settings, live=account.live):
            yield reason

    return check


def read_aliases(text: str, faults: Faults, accounts: tuple[SetUpAccount, ...]) -> tuple[SetUpAccount, ...]:
    """Give the accounts with what aliases.csv says of each; one that is not named in it has none."""
    found: dict[str, dict[str, Alias]] = {account.name: {} for account in accounts}
    lines: dict[tuple[str, str], int] = {}
    for row in rows_of(text, ALIAS_COLUMNS, _NEEDED, faults):
        read = _alias(row, faults, found)
        if read is None:
            continue
        account, theirs, alias = read
        if (account, theirs) in lines:
            earlier = lines[account, theirs]
            faults.add(row.line, row.places["their_sku"], f"{theirs} stands in line {earlier} already: keep one")
            continue
        lines[account, theirs] = row.line
        found[account][theirs] = alias
        if len(found[account]) == MOST_ALIASES + 1:
            faults.add(row.line, 1, f"{account} has more than {MOST_ALIASES} aliases")
    return tuple(replace(account, aliases=found[account.name]) for account in accounts)


def aliases_sheet(accounts: Iterable[SetUpAccount]) -> str:
    """Write aliases.csv."""
    rows = []
    for account in accounts:
        for theirs, alias in sorted(account.aliases.items()):
            # A unit follows the last space; a SKU that has one itself is written with an empty unit, which means it.
            rows.append((account.name, theirs, "", alias.sku, str(alias.quantity)))
    return sheet((), ALIAS_COLUMNS, rows)


def _alias(row: Row, faults: Faults, known: Mapping[str, object]) -> tuple[str, str, Alias] | None:
    account, sku = row.fields["account"].strip(), row.fields["sku"].strip()
    theirs, unit = row.fields["their_sku"].strip(), row.fields.get("unit", "").strip()
    quantity = row.fields.get("quantity", "").strip() or "1"
    fault = None
    if account not in known:
        fault = ("account", f"there is no account '{account}' in connectors.yaml: add it there")
    elif not theirs or len(theirs) + len(unit) > _TEXT_MAX:
        fault = ("their_sku", f"give the SKU of the other side, up to {_TEXT_MAX} characters with its unit")
    elif not is_sku(sku):
        fault = ("sku", f"{sku!r} cannot be a SKU")
    elif not (quantity.isascii() and quantity.isdecimal() and 1 <= int(quantity) <= MAX_QUANTITY):
        fault = ("quantity", f"'{quantity}' is no whole number of units from 1 on")
    if fault is not None:
        faults.add(row.line, row.places.get(fault[0], 1), fault[1])
        return None
    return account, f"{theirs} {unit}" if unit else theirs, Alias(sku=sku, quantity=int(quantity))
