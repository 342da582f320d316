"""Accounts as they are set up: what of the other side's the shells need, and which settings and secrets it has."""

from collections.abc import Iterator, Mapping

from connectors.frame.declaration import Connector, Direction, Setting, Transport
from connectors.frame.documents import OccasionKind
from connectors.frame.folders import wrong_endpoint, wrong_folder
from connectors.frame.message import Account

INBOX, OUTBOX, HOST_KEY, FOLDER_SECRET = "inbox", "outbox", "host_key", "folder_secret"
ENDPOINT = "endpoint"

STOCK_THRESHOLDS = "stock_thresholds"
_DIGITS_MAX = 9

_SIGNS = "what signs webhooks, or stands at the end of their address"
_INBOX = Setting(name=INBOX, what="the folder that is watched, such as sftp://user@host/in", required=False)
_OUTBOX = Setting(name=OUTBOX, what="the folder that files are put into", required=False)
_HOST_KEY = Setting(name=HOST_KEY, what="what an SFTP server shows, such as SHA256:...", required=False)
_ENDPOINT = Setting(name=ENDPOINT, what="where object storage answers, if not at Amazon: https://...", required=False)
_FOLDER_SECRET = Setting(
    name=FOLDER_SECRET,
    what="password or private key of an SFTP server, or KEY:SECRET of object storage",
    secret=True,
    required=False,
)

_STOCK_THRESHOLDS = Setting(
    name=STOCK_THRESHOLDS, what="quantities such as 5, 20: stock is told only when it crosses one, or 0", required=False
)


class SetUpAccount(Account, kw_only=True):
    """An account with what the shells need to know of it."""

    live: bool = False
    """False: in shadow, where messages are translated and counted, and nothing is sent."""


def settings_of(connector: Connector) -> tuple[Setting, ...]:
    """Give all settings and secrets of a connector's accounts: its own, and those that its transports bring."""
    brought: list[Setting] = []
    if Transport.WEBHOOK in connector.transports and connector.direction is not Direction.OUT:
        required = connector.signature is None
        brought.append(Setting(name=connector.signed_with, what=_SIGNS, secret=True, required=required))
    if Transport.FILE in connector.transports:
        brought += [_INBOX, _OUTBOX, _HOST_KEY, _ENDPOINT, _FOLDER_SECRET]
    if OccasionKind.AVAILABILITY in connector.wants:
        brought.append(_STOCK_THRESHOLDS)
    own = {setting.name for setting in connector.settings}
    return (*connector.settings, *(setting for setting in brought if setting.name not in own))


def wrong_settings(connector: Connector, settings: dict[str, str], *, live: bool = False) -> Iterator[tuple[str, str]]:
    """Give what is wrong with an account's settings: the name, and what to do. A live one needs what it is told by."""
    declared = {setting.name: setting for setting in settings_of(connector)}
    plain = sorted(name for name, setting in declared.items() if not setting.secret)
    for name in settings:
        setting = declared.get(name)
        if setting is None:
            known = f"known are {', '.join(plain)}" if plain else "it has none"
            yield name, f"{connector.name} has no setting '{name}': {known}"
        elif setting.secret:
            yield name, f"'{name}' is a secret: keep it out of files and run `headrace connectors secret`"
    if STOCK_THRESHOLDS in declared and stock_thresholds(settings) is None:
        yield STOCK_THRESHOLDS, "give whole quantities from 0 on with commas between, such as 5, 20"
    if Transport.FILE in connector.transports:
        yield from _wrong_folders(connector, settings, live=live)
    for setting in declared.values():
        if setting.required and not setting.secret and not settings.get(setting.name):
            yield setting.name, f"{connector.name} needs the setting '{setting.name}': {setting.what}"


def _wrong_folders(connector: Connector, settings: Mapping[str, str], *, live: bool) -> Iterator[tuple[str, str]]:
    for name, wrong_in in ((INBOX, wrong_folder), (OUTBOX, wrong_folder), (ENDPOINT, wrong_endpoint)):
        wrong = wrong_in(settings[name]) if name in settings else ""
        if wrong:
            yield name, f"'{name}' cannot be used: {wrong}"
    tells_by_files = bool(connector.wants) and connector.document is not None and connector.send is None
    if live and tells_by_files and OUTBOX not in settings:
        yield OUTBOX, f"{connector.name} is told by files, so a live account needs the setting 'outbox': {_OUTBOX.what}"


def stock_thresholds(settings: Mapping[str, str]) -> tuple[int, ...] | None:
    """Give the quantities between which a channel is told nothing, rising; empty where it is told of each change.

    0 is always one of them, since what is sold out must be known. None where they cannot be read.
    """
    text = settings.get(STOCK_THRESHOLDS, "").strip()
    if not text:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= _DIGITS_MAX for part in parts):
        return None
    return tuple(sorted({0, *map(int, parts)}))


def secrets_of(connector: Connector) -> tuple[Setting, ...]:
    """Give the secrets of a connector's accounts."""
    return tuple(setting for setting in settings_of(connector) if setting.secret)
