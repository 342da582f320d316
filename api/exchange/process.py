"""The process that talks to other systems by itself: it asks, watches folders, and takes up again what waits.

Of several, one works: who holds the lease. Whatever it was in the middle of is begun again by the next one, which is
why every step may be repeated.
"""

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Self

import structlog
import uvloop

from api.control.leases import Leases
from api.exchange.addresses import private_hosts_of
from api.exchange.calling import Caller
from api.exchange.files import watch_folders
from api.exchange.intake import Intake
from api.exchange.outbox.deliver import deliver
from api.exchange.paces import Paces
from api.exchange.parked import take_up_parked
from api.exchange.polling import ask_systems
from api.server import configure_log
from api.services import Services
from api.settings import ApiSettings
from api.views.consumer import State

LEASE = "exchange"
_NICENESS = 10
_LEASE_MS = 15_000
_RENEW_SECONDS = 5.0
_ASK_AGAIN_SECONDS = 1.0
_VIEWS_SECONDS = 0.2

log = structlog.get_logger(__name__)


class Exchange(NamedTuple):
    """What every task works with."""

    services: Services
    intake: Intake
    caller: Caller
    paces: Paces

    @classmethod
    def of(cls, services: Services, caller: Caller) -> Self:
        """Give one that has asked nobody yet."""
        return cls(services, Intake(services), caller, Paces())


Work = Callable[[Exchange], Awaitable[None]]
TASKS: tuple[Work, ...] = (take_up_parked, ask_systems, watch_folders, deliver)
"""Each goes on until it is cancelled. One that fails ends the process, which is started again."""


def run(settings: ApiSettings) -> None:
    """Work until SIGTERM or SIGINT."""
    # Whoever decides orders and answers requests on this machine goes first.
    os.nice(_NICENESS)
    configure_log()
    uvloop.run(_until_stopped(settings))


async def _until_stopped(settings: ApiSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.create_task(work(Services(settings)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


async def work(services: Services, tasks: tuple[Work, ...] = TASKS) -> None:
    """Run the tasks whenever the lease is ours, until cancelled."""
    caller = Caller(private_hosts=private_hosts_of(services.settings.private_hosts))
    await services.start()
    try:
        await _views_are_live(services)
        exchange = Exchange.of(services, caller)
        while True:
            await _with_lease(exchange, tasks)
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
    finally:
        await caller.close()
        await services.stop()


async def _with_lease(exchange: Exchange, tasks: tuple[Work, ...]) -> None:
    services, holder = exchange.services, secrets.token_hex(8)
    leases = Leases(services.control)
    if not await _hold(services, leases, holder):
        return
    log.info("this process talks to other systems now")
    running = [asyncio.ensure_future(task(exchange)) for task in tasks]
    try:
        while await _hold(services, leases, holder):
            done, _ = await asyncio.wait(running, timeout=_RENEW_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        log.warning("another process talks to other systems now")
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        leases.give_back(LEASE, holder)


async def _hold(services: Services, leases: Leases, holder: str) -> bool:
    return await services.in_control(lambda: leases.hold(LEASE, holder, now_ms=services.now_ms(), for_ms=_LEASE_MS))


async def _views_are_live(services: Services) -> None:
    while services.consumer.progress.state is not State.LIVE:  # noqa: ASYNC110 # It tells no event.
        await asyncio.sleep(_VIEWS_SECONDS)
