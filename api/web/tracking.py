"""The page of an order for its customer: by a sealed link, without a key, a script or anything of others.

What a link does not open, and what is not there any more, look alike.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.context import Use
from api.customers.languages import Language, accepted_language, day_of, language_of
from api.customers.picture import Picture, picture_of
from api.exchange.outbox.glance import Glance
from api.present import order_of
from api.route import public, router
from api.services import Services
from api.web.often import Often
from api.web.render import templates

routes = router(tag="pages", prefix="/t")
_HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
_TOO_MANY = 429
_GONE = 404
_WAIT_SECONDS = "60"


@routes.get("/{token}", include_in_schema=False)
@public
async def read_tracking(request: Request, token: str, services: Use) -> HTMLResponse:
    """An order as its customer may see it, in the language of the link."""
    spoken = accepted_language(request.headers.get("accept-language", ""), services.settings.mail_language)
    often: Often = request.app.state.tracking_often
    if not often.allows(request.client.host if request.client is not None else ""):
        return _sorry(spoken, "too_often", _TOO_MANY, {"Retry-After": _WAIT_SECONDS})
    linked = services.tracking.read(token, services.now_ms())
    if linked is None:
        return _sorry(spoken, "link_over", _GONE)
    language = language_of(linked.locale, services.settings.mail_language) if linked.locale else spoken
    picture = _picture(services, linked.pool, linked.order_id)
    if picture is None:
        return _sorry(language, "not_yet", _GONE)
    return _page(language, "tracking.html", picture=picture, promise=_promise(language, picture, services.now_ms()))


def _picture(services: Services, pool: str, order_id: str) -> Picture | None:
    row = services.views.order(pool, order_id)
    if row is None:
        return None
    order = order_of(row[1])
    titles = Glance(services.store).titles(pool, [line.sku for line in order.lines])
    return picture_of(order, services.set_ups.of(pool), titles)


def _promise(language: Language, picture: Picture, now_ms: int) -> str:
    if picture.promise_ms is None:
        return ""
    is_past = day_of(picture.promise_ms, picture.zone) < day_of(now_ms, picture.zone)
    return language.word("promise_past" if is_past else "promise", day=language.day(picture.promise_ms, picture.zone))


def _sorry(language: Language, key: str, status: int, headers: dict[str, str] | None = None) -> HTMLResponse:
    return _page(language, "tracking_sorry.html", status=status, headers=headers, key=key)


def _page(
    language: Language,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: object,
) -> HTMLResponse:
    html = templates.get_template(template).render(language=language, word=language.word, **context)
    return HTMLResponse(html, status, _HEADERS | (headers or {}))
