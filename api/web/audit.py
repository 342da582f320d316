"""The audit log to read: who did what, filtered by actor, target and day, and as CSV."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.context import Use, Who
from api.control.audit import AuditLog, StoredLine, Wanted
from api.pages import Cursor, cursor_of, decode_cursor
from api.present import iso
from api.problems import Problem
from api.route import router
from api.security import Scope, needs
from api.web.render import page, zone_of
from api.web.spreadsheet import csv_lines
from api.web.users import every_pool

routes = router(tag="pages", prefix="/audit")
_LINES = 100
_EXPORT_LINES = 1_000
_HEADER = [
    *("line", "at", "actor", "action", "pool", "target", "reason", "before", "after", "refusal", "command_id"),
    "correlation_id",
]
Filter = Annotated[str, Query(max_length=200)]


@routes.get("", include_in_schema=False)
@needs(Scope.AUDIT_READ)
async def audit_page(  # noqa: PLR0917 # Each filter is a query parameter.
    request: Request,
    services: Use,
    who: Who,
    actor: Filter = "",
    target: Filter = "",
    day: Filter = "",
    cursor: Cursor = None,
) -> Response:
    """The newest lines first."""
    every_pool(who)
    wanted = _wanted(request, actor, target, day)
    before = decode_cursor(cursor, int)
    lines = await services.in_control(lambda: services.audit.lines(wanted, before_number=before, limit=_LINES + 1))
    more = cursor_of(lines[_LINES - 1].number) if len(lines) > _LINES else None
    asked = {"actor": actor, "target": target, "day": day}
    return page(request, "people/audit.html", lines=[_shown(one) for one in lines[:_LINES]], more=more, asked=asked)


@routes.get("/lines.csv", include_in_schema=False)
@needs(Scope.AUDIT_READ)
async def export_audit(
    request: Request, services: Use, who: Who, actor: Filter = "", target: Filter = "", day: Filter = ""
) -> Response:
    """The same lines as CSV, all of them."""
    every_pool(who)
    wanted = _wanted(request, actor, target, day)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_csv(services.audit, wanted), media_type="text/csv; charset=utf-8", headers=headers)


@routes.get("/check", include_in_schema=False)
@needs(Scope.AUDIT_READ)
async def check_chain(request: Request, services: Use, who: Who) -> Response:
    """Walk the chain and say whether every line is as it was written."""
    every_pool(who)
    damage, (number, digest) = await services.in_identity(lambda: (services.audit.damage(), services.audit.head()))
    return page(request, "people/audit_check.html", damage=damage, number=number, digest=digest)


def _wanted(request: Request, actor: str, target: str, day: str) -> Wanted:
    """Read the filter; a day is one of the reader's time zone."""
    wanted = Wanted(actor=actor.strip() or None, target=target.strip() or None)
    if not day:
        return wanted
    try:
        first = date.fromisoformat(day)
    except ValueError:
        raise Problem(422, "day_invalid", "Give the day as 2026-11-23.", field="day") from None
    zone = ZoneInfo(zone_of(request))
    return Wanted(
        actor=wanted.actor,
        target=wanted.target,
        from_ms=_midnight_ms(first, zone),
        before_ms=_midnight_ms(first + timedelta(days=1), zone),
    )


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp() * 1000)


def _shown(stored: StoredLine) -> dict[str, object]:
    kind, _, name = stored.line.target.partition(":")
    is_linked = kind in {"order", "sku", "location"} and bool(stored.line.pool)
    folder = {"order": "orders", "sku": "stock", "location": "locations"}.get(kind, "")
    href = f"/p/{stored.line.pool}/{folder}/{name}" if is_linked else ""
    return {"number": stored.number, "line": stored.line, "href": href}


def _csv(log: AuditLog, wanted: Wanted) -> Iterator[str]:
    yield csv_lines([_HEADER])
    before: int | None = None
    while lines := log.lines(wanted, before_number=before, limit=_EXPORT_LINES):
        yield csv_lines([_cells(one) for one in lines])
        before = lines[-1].number


def _cells(stored: StoredLine) -> list[object]:
    at_ms, *texts = stored.line.values()
    return [stored.number, iso(int(at_ms)), *texts]
