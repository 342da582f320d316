"""Accounts as they are set up: what of the other side's the shells need, and which settings and secrets it has."""

from collections.abc import Iterator

from connectors.frame.declaration import Connector, Direction, Setting, Transport
from connectors.frame.message import Account

INBOX, OUTBOX, HOST_KEY, FOLDER_SECRET = "inbox", "outbox", "host_key", "folder_secret"

_SIGNS = "what signs webhooks, or stands at the end of their address"
_INBOX = Setting(name=INBOX, what="the folder that is watched, such as sftp://user@host/in", required=False)
_OUTBOX = Setting(name=OUTBOX, what="the folder that files are put into", required=False)
_HOST_KEY = Setting(name=HOST_KEY, what="what an SFTP server shows, such as SHA256:...", required=False)
_FOLDER_SECRET = Setting(
    name=FOLDER_SECRET, what="password of the folders, where they are elsewhere", secret=True, required=False
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
        brought += [_INBOX, _OUTBOX, _HOST_KEY, _FOLDER_SECRET]
    own = {setting.name for setting in connector.settings}
    return (*connector.settings, *(setting for setting in brought if setting.name not in own))


def wrong_settings(connector: Connector, settings: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Give what is wrong with an account's settings: the name, and what to do."""
    declared = {setting.name: setting for setting in settings_of(connector)}
    plain = sorted(name for name, setting in declared.items() if not setting.secret)
    for name in settings:
        setting = declared.get(name)
        if setting is None:
            known = f"known are {', '.join(plain)}" if plain else "it has none"
            yield name, f"{connector.name} has no setting '{name}': {known}"
        elif setting.secret:
            yield name, f"'{name}' is a secret: keep it out of files and run `headrace connectors secret`"
    for setting in declared.values():
        if setting.required and not setting.secret and not settings.get(setting.name):
            yield setting.name, f"{connector.name} needs the setting '{setting.name}': {setting.what}"


def secrets_of(connector: Connector) -> tuple[Setting, ...]:
    """Give the secrets of a connector's accounts."""
    return tuple(setting for setting in settings_of(connector) if setting.secret)
