"""All connectors there are: whatever module of `connectors.systems` has a `CONNECTOR`."""

import importlib
import pkgutil
from functools import cache

from connectors import systems
from connectors.frame.declaration import Connector


@cache
def connectors() -> dict[str, Connector]:
    """Give every connector by its name, in the order of the names."""
    names = sorted(module.name for module in pkgutil.iter_modules(systems.__path__))
    modules = [importlib.import_module(f"{systems.__name__}.{name}") for name in names]
    found: list[Connector] = [module.CONNECTOR for module in modules]
    return {connector.name: connector for connector in sorted(found, key=lambda connector: connector.name)}
