"""A worker's figures on a local port: /metrics for Prometheus, /status as JSON, /live for whoever restarts it."""

from collections.abc import Iterator

import msgspec
from aiohttp import web

from streams.agent import PoolAgent
from streams.commit.stats import Phase, Step

_HOST = "127.0.0.1"
# A partition that has something to decide and does not move for so long needs a new worker.
_STALLED_SECONDS_MAX = 60.0


class PartitionStatus(msgspec.Struct, kw_only=True, frozen=True):
    """One partition as /status shows it."""

    partition: int
    phase: Phase
    offset: int
    index: int
    lag: int
    stalled_seconds: float
    rows_held: int
    items: int
    batches: int
    rows: int
    bytes: int
    claims: int
    restores: int
    gaps: int
    skipped: int
    last_batch_ms: float
    seconds: dict[Step, float]


class MetricsServer:
    """Serves what the owners count."""

    def __init__(self, agent: PoolAgent, port: int) -> None:
        self._agent = agent
        self._port = port
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/status", self._status)
        app.router.add_get("/live", self._live)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, self._port).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    def statuses(self) -> list[PartitionStatus]:
        found = []
        for number, partition in sorted(self._agent.partitions.items()):
            stats = partition.owner.stats
            found.append(
                PartitionStatus(
                    partition=number,
                    phase=stats.phase,
                    offset=stats.position.offset,
                    index=stats.position.index,
                    lag=max(0, partition.log_end() - stats.position.offset),
                    stalled_seconds=round(partition.stalled_seconds(), 3),
                    rows_held=stats.rows_held,
                    items=stats.items,
                    batches=stats.batches,
                    rows=stats.rows,
                    bytes=stats.bytes,
                    claims=stats.claims,
                    restores=stats.restores,
                    gaps=stats.gaps,
                    skipped=stats.skipped,
                    last_batch_ms=round(stats.last_batch_seconds * 1000, 3),
                    seconds={step: round(value, 6) for step, value in stats.seconds.items()},
                )
            )
        return found

    async def _status(self, _: web.Request) -> web.Response:
        body = msgspec.json.encode({"partitions": self.statuses()})
        return web.Response(body=body, content_type="application/json")

    async def _live(self, _: web.Request) -> web.Response:
        """503 if a partition is stuck or stopped: the text says which."""
        stuck = [
            f"partition {status.partition} is {status.phase}, stalled for {status.stalled_seconds:.0f} s"
            for status in self.statuses()
            if status.phase is Phase.STOPPED or status.stalled_seconds > _STALLED_SECONDS_MAX
        ]
        return web.Response(status=503 if stuck else 200, text="\n".join(stuck) or "live")

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(text="\n".join(_prometheus(self.statuses())) + "\n")


_GAUGES = ("offset", "lag", "stalled_seconds", "rows_held", "last_batch_ms")
_COUNTERS = ("items", "batches", "rows", "bytes", "claims", "restores", "gaps", "skipped")


def _prometheus(statuses: list[PartitionStatus]) -> Iterator[str]:
    for kind, names in (("gauge", _GAUGES), ("counter", _COUNTERS)):
        for name in names:
            metric = f"headrace_partition_{name}" + ("_total" if kind == "counter" else "")
            yield f"# TYPE {metric} {kind}"
            for status in statuses:
                yield f'{metric}{{partition="{status.partition}"}} {getattr(status, name)}'
    yield "# TYPE headrace_partition_phase gauge"
    for status in statuses:
        yield f'headrace_partition_phase{{partition="{status.partition}",phase="{status.phase}"}} 1'
    yield "# TYPE headrace_partition_step_seconds_total counter"
    for status in statuses:
        for step, seconds in status.seconds.items():
            yield (f'headrace_partition_step_seconds_total{{partition="{status.partition}",step="{step}"}} {seconds}')
