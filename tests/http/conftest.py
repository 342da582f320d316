"""The broker of all HTTP tests, and one running system, of which each test has a pool of its own."""

import inspect
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from streams.brokers.embedded import EmbeddedBroker
from tests.support.system import System, new_pool, open_pool, running_system


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all, since the system lives on it."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def bootstrap() -> Iterator[str]:
    with EmbeddedBroker() as broker:
        yield broker.bootstrap


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    async with running_system(bootstrap, tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def system(running: System) -> System:
    """The system with an empty pool."""
    return replace(running, pool=new_pool())


@pytest_asyncio.fixture(loop_scope="session")
async def stocked(system: System) -> System:
    """The system with a pool that has stock of one SKU in Berlin."""
    await open_pool(system)
    return system
