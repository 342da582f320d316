"""What commands share that look after the control store of a Headrace on this machine."""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail

if TYPE_CHECKING:
    from api.control.database import ControlDatabase
    from api.exchange.stores import ExchangeStores

DataDir = Annotated[Path, typer.Option("--data", envvar="HEADRACE_DATA_DIR", help="Where the API keeps its data.")]
DATA = Path("var")


@contextmanager
def opened_control(data: Path) -> Iterator["ControlDatabase"]:
    """Open the store of a data directory until the end of the block."""
    from api.control.database import ControlDatabase
    from api.settings import ApiSettings

    database = ControlDatabase(ApiSettings(data_dir=data).control_path)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_stores(data: Path) -> Iterator["ExchangeStores"]:
    """Open what the exchange keeps, secrets included, until the end of the block."""
    from api.control.personal import MasterKeyError, load_master_key
    from api.control.secret_box import SecretBox
    from api.exchange.stores import ExchangeStores
    from api.settings import ApiSettings
    from connectors.frame.registry import connectors

    settings = ApiSettings(data_dir=data)
    given = settings.master_key.get_secret_value() if settings.master_key is not None else None
    with opened_control(data) as database:
        try:
            box = SecretBox(load_master_key(settings.master_key_path, given))
            yield ExchangeStores(database, box, connectors())
        except MasterKeyError as error:
            fail(str(error))


def actor() -> str:
    """Name who types, for the audit log."""
    return f"cli:{getpass.getuser()}"


def now_ms() -> int:
    """Give the time."""
    return time.time_ns() // 1_000_000
