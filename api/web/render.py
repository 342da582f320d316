"""From a template and what a route found to an answer. Everything is escaped; a name that is not there is an error."""

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.context import principal_of, services_of
from api.control.demo import SPEEDS
from api.security import Principal, Scope
from api.web.assets import asset_url
from api.web.filters import FILTERS, instant

_FALLBACK_ZONE = "UTC"
_THEMES = ("light", "dark")

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
templates.filters |= FILTERS
templates.globals |= {"asset": asset_url, "Scope": Scope}


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Give a whole page: a template that extends `base.html`. Pages of a pool pass `pool=` its id."""
    services = services_of(request)
    who: Principal | None = request.scope.get("principal")
    seen = [one for one in services.views.pool_names() if who is not None and who.sees(one[0])]
    shell = {
        "pools": seen,
        "pool": request.path_params.get("pool", seen[0][0] if seen else ""),
        "who": who,
        "theme": _theme_of(request),
        "csrf": request.scope.get("csrf", ""),
        "progress": services.consumer.progress,
        "stopped": _stopped(request, who),
        "demo_pace": services.demo_pace.now() if services.settings.demo else None,
        "demo_speeds": SPEEDS,
    }
    return HTMLResponse(_rendered(request, template, shell | context), status)


def _stopped(request: Request, who: Principal | None) -> int:
    """Count the connections of the page's pool to which nothing goes out, for those who can do something about it."""
    pool = request.path_params.get("pool", "")
    if not pool or who is None or not who.may(Scope.CONNECTIONS_WRITE):
        return 0
    services = services_of(request)
    return services.outbox.stopped(pool, services.now_ms())


def fragment(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Give part of a page, for HTMX to put in its place."""
    shell = {"who": principal_of(request), "csrf": request.scope.get("csrf", "")}
    return HTMLResponse(_rendered(request, template, shell | context), status)


def zone_of(request: Request) -> str:
    """Give the reader's time zone: the browser told it in a cookie, or it is UTC."""
    name = unquote(request.cookies.get("zone", _FALLBACK_ZONE))
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return _FALLBACK_ZONE
    return name


def prepare_templates() -> None:
    """Compile all templates, so that no first visitor waits for it."""
    for name in templates.list_templates():
        templates.get_template(name)


def _rendered(request: Request, template: str, context: dict[str, Any]) -> str:
    zone = zone_of(request)
    # `at(instant_ms)` is in the reader's zone; `at(instant_ms, zone=location.time_zone)` in another.
    given = {
        "zone": zone,
        "at": partial(_at, zone),
        "now_ms": services_of(request).now_ms(),
        "path": request.url.path,
    }
    return templates.get_template(template).render(given | context)


def _at(reader_zone: str, at_ms: int | None, *, zone: str = "", seconds: bool = False) -> str:
    return instant(at_ms, zone or reader_zone, seconds=seconds)


def _theme_of(request: Request) -> str:
    theme = request.cookies.get("theme", "")
    return theme if theme in _THEMES else ""
