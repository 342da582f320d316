"""Figures for monitoring that are read from the views."""

from models.commands import Tick, encode
from tests.support.system import System, answered, place

AT_RISK = "headrace_orders_at_risk"
PAST = "2024-01-02T00:00:00Z"


def at_risk(text: str) -> float:
    [line] = [line for line in text.splitlines() if line.startswith(f"{AT_RISK} ")]
    return float(line.split()[1])


async def test_orders_at_risk_of_all_pools_are_told_and_leave_when_they_are_cancelled(stocked: System) -> None:
    before = at_risk((await stocked.client.get("/metrics")).text)
    late = await place(stocked, "late", promise_by=PAST)
    await place(stocked, "in-time")
    time_passes = Tick(command_id="tick", pool=stocked.pool, issued_at_ms=stocked.services.now_ms(), actor="worker")
    await stocked.services.sender.submit(stocked.pool, encode(time_passes))

    await answered(stocked.client, "/metrics", lambda answer: at_risk(answer.text) == before + 1)
    answer = await stocked.client.post(f"{stocked.path}/orders/{late['order_id']}/cancel", json={"reason": "too late"})
    assert answer.status_code == 200, answer.text
    await answered(stocked.client, "/metrics", lambda answer: at_risk(answer.text) == before)
