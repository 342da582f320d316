"""A stream worker as one process: producer, readers, Faust app, ticks and metrics, from settings to a clean end."""

import asyncio
import gc
import logging
import signal
import time
from collections.abc import Awaitable
from contextlib import suppress

import uvloop

from models.topics import catalogue
from streams.admin import cluster_id, ensure_topics, topic_id
from streams.agent import CoreClass, Outside, PoolAgent, Ticker, exit_now
from streams.app import WorkerApp
from streams.lease import GroupLease
from streams.metrics import MetricsServer
from streams.notes import pauses_from
from streams.producer import start_producer
from streams.restore import BulkReader
from streams.settings import WorkerSettings
from streams.store import Stores

logger = logging.getLogger(__name__)

# They tell each step of starting and of every join.
_TALKATIVE = ("aiokafka", "faust", "mode")
# Decisions make no cycles, and most of what a worker keeps is not tracked: looking for garbage less often is safe,
# and gives it a few per cent of its core back.
_COLLECT_AFTER_ALLOCATIONS = 50_000
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def run_worker(settings: WorkerSettings, core_class: CoreClass) -> None:
    """Run until told to end by SIGTERM or SIGINT. Ends with code 70 when it must be started again."""
    logging.basicConfig(level=settings.log_level, format=_LOG_FORMAT)
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
    gc.set_threshold(_COLLECT_AFTER_ALLOCATIONS)
    # Faust's consumer makes its own loop in its own thread.
    uvloop.install()
    asyncio.run(serve(settings, core_class))


async def serve(settings: WorkerSettings, core_class: CoreClass) -> None:
    topics = catalogue(settings.topic_prefix)
    outside = await _outside(settings)
    agent = PoolAgent(outside, core_class)
    app = WorkerApp(settings, topics, outside.lease, agent)
    metrics = MetricsServer(agent, settings.metrics_port)
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await metrics.start()
    tasks = [
        _guard("the watch over partitions", agent.watch()),
        _guard("the ticks", Ticker(outside, agent).run()),
        _guard("the app", _run_app(app)),
    ]
    await told.wait()
    logger.info("ending: commits on their way are finished first")
    await agent.close()
    with suppress(Exception):
        await app.stop()
    for task in tasks:
        task.cancel()
    await outside.reader.stop()
    await outside.producer.stop()
    await metrics.stop()


async def _run_app(app: WorkerApp) -> None:
    await app.start()
    await app.wait_until_stopped()
    if not app.should_stop or app.crashed:
        exit_now("Faust crashed", app.crash_reason)


async def _outside(settings: WorkerSettings) -> Outside:
    topics = catalogue(settings.topic_prefix)
    report = await asyncio.to_thread(ensure_topics, settings.broker, topics)
    for drift in report.drift:
        logger.warning("topic %s: %s is %s, not %s", drift.topic, drift.setting, drift.found, drift.expected)
    stores = Stores(
        settings.store,
        settings.state_dir,
        cluster_id=await asyncio.to_thread(cluster_id, settings.broker),
        topic_id=await asyncio.to_thread(topic_id, settings.broker, topics.pool_changelog.name),
    )
    producer = await start_producer(
        settings.broker,
        request_timeout_seconds=settings.produce_timeout_seconds,
        client_id=settings.worker_id,
    )
    return Outside(
        settings,
        topics,
        producer,
        BulkReader(settings.broker, client_id=settings.worker_id),
        stores,
        GroupLease(settings.lease_seconds),
        pauses_from(settings.pause_at),
        writer=f"{settings.worker_id}/{time.time_ns():x}",
    )


def _guard(name: str, work: Awaitable[None]) -> asyncio.Task[None]:
    """Nothing of a worker may end or fail alone."""

    async def run() -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 # As said above.
            exit_now(f"{name} failed", error)

    return asyncio.create_task(run(), name=name)
