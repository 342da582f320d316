"""One broker, one running system served over HTTP and one headless Chromium for all browser tests."""

import inspect
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from api.security import Scope
from streams.brokers.embedded import EmbeddedBroker
from tests.support.browser import Surfer, Windows, chromium, chromium_path, surfing
from tests.support.served import Site, served
from tests.support.system import new_pool, open_pool, running_system


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all, since system and browser live on it; without Chromium nothing can be shown."""
    here = Path(__file__).parent
    without_chromium = pytest.mark.skip(reason="browser tests take Chromium: run scripts/ensure_chromium")
    for item in items:
        if not item.path.is_relative_to(here):
            continue
        if chromium_path() is None:
            item.add_marker(without_chromium)
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def bootstrap() -> Iterator[str]:
    with EmbeddedBroker() as broker:
        yield broker.bootstrap


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    async with running_system(bootstrap, folder, demo=True) as made, served(made.app) as base:
        yield Site(**vars(made), base=base)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows() -> AsyncIterator[Windows]:
    async with chromium() as browser:
        yield Windows(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def site(running: Site) -> Site:
    """The system with an empty pool."""
    return replace(running, pool=new_pool())


@pytest_asyncio.fixture(loop_scope="session")
async def stocked(site: Site) -> Site:
    """The system with a pool that has stock of one SKU in Berlin."""
    await open_pool(site)
    return site


@pytest_asyncio.fixture(loop_scope="session")
async def surfer(windows: Windows, site: Site) -> AsyncIterator[Surfer]:
    """A browser that may do everything; ends without a fault of any script, or of the content policy."""
    async with surfing(windows, site.base, key=site.key(Scope.ADMIN)) as made:
        yield made
